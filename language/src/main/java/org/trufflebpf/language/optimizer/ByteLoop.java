package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.Value;

/**
 * A loop that goes over bytes, or numbers of two or four bytes, one by one up to a limit, and copies them, adds them up or compares them.
 *
 * @param header where it is entered
 * @param blocks it and, in a loop that compares, the one that goes on with the next number
 * @param index the register that goes from number to number
 * @param limit where it ends
 * @param unit bytes of a number
 * @param last the largest index that is known to occur
 * @param first what is loaded
 * @param second what is loaded and compared with it, or stored; null in a sum
 */
record ByteLoop(int header, int[] blocks, int index, Operand limit, int unit, long last, Place first, Place second, Work work) {
    /** What is done with each number. */
    sealed interface Work {
    }

    record Copy() implements Work {
    }

    record Compare() implements Work {
    }

    /** @param wide whether the sum has 64 bits */
    record Sum(int register, boolean wide) implements Work {
    }

    /**
     * @param base a register that the loop leaves alone; the address is it, the index and the offset together
     * @param proved whether a comparison before the loop proves that all of its range can be accessed
     */
    record Place(int base, int offset, boolean proved) {
    }

    /** Null where a loop that begins with {@code header} is of another kind. */
    static ByteLoop at(int header, Analysis analysis, Liveness liveness, int[][] predecessors) {
        return new Matcher(header, analysis, liveness, predecessors).match();
    }

    /** What holds where a condition does not; SET for those that no loop goes on by. */
    static Condition opposite(Condition condition) {
        return switch (condition) {
            case EQ -> Condition.NE;
            case GE -> Condition.LT;
            case SGE -> Condition.SLT;
            case LE -> Condition.GT;
            case SLE -> Condition.SGT;
            default -> Condition.SET;
        };
    }

    /** What a register holds in one round, as far as it matters. */
    private sealed interface Held {
    }

    /** What {@code register} held when the round began, maybe with the index, and a constant. */
    private record Moved(int register, boolean indexed, long delta) implements Held {
    }

    private record Loaded(Place place) implements Held {
    }

    private record Added(int register, boolean wide) implements Held {
    }

    private record Other() implements Held {
    }

    private static final class Matcher {
        private static final Held OTHER = new Other();

        private final int header;
        private final Analysis analysis;
        private final Graph graph;
        private final Liveness liveness;
        private final int[][] predecessors;
        private final Map<Integer, Held> registers = new HashMap<>();
        private final List<Place> loads = new ArrayList<>();
        private Place stored;
        private Added added;
        private int unit;
        private int index;
        private Operand limit;

        Matcher(int header, Analysis analysis, Liveness liveness, int[][] predecessors) {
            this.header = header;
            this.analysis = analysis;
            this.graph = analysis.graph();
            this.liveness = liveness;
            this.predecessors = predecessors;
        }

        ByteLoop match() {
            Block first = graph.blocks().get(header);
            if (!(first.terminator() instanceof Terminator.Branch branch)) {
                return null;
            }
            if (branch.taken() == header || branch.fallThrough() == header) {
                return findLimit(branch) && run(first) ? whole(new int[]{header}) : null;
            }
            for (int next : new int[]{branch.taken(), branch.fallThrough()}) {
                boolean goesOnIfEqual = branch.condition() == (next == branch.taken() ? Condition.EQ : Condition.NE);
                if (goesOnIfEqual && predecessors[next].length == 1 && graph.blocks().get(next).terminator() instanceof Terminator.Branch back &&
                                (back.taken() == header || back.fallThrough() == header) && findLimit(back)) {
                    return run(first) && compares(branch) && run(graph.blocks().get(next)) ? whole(new int[]{header, next}) : null;
                }
            }
            return null;
        }

        /** Finds index and limit in the branch that leads back: a register that the loop adds to, and what it does not change. */
        private boolean findLimit(Terminator.Branch branch) {
            Condition stays = branch.taken() == header ? branch.condition() : opposite(branch.condition());
            boolean rises = stays == Condition.NE || stays == Condition.LT || stays == Condition.SLT;
            boolean swapped = stays == Condition.GT || stays == Condition.SGT;
            if (branch.taken() == branch.fallThrough() || !rises && !swapped) {
                return false;
            }
            if (swapped) {
                index = branch.right() instanceof Register register ? register.number() : -1;
                limit = new Register(branch.left());
            } else {
                index = branch.left();
                limit = branch.right();
            }
            return index >= 0;
        }

        private boolean compares(Terminator.Branch branch) {
            return branch.right() instanceof Register right && held(branch.left()) instanceof Loaded a && held(right.number()) instanceof Loaded b &&
                            loads.size() == 2 && a.place != b.place;
        }

        private Held held(int register) {
            return registers.getOrDefault(register, new Moved(register, false, 0));
        }

        private boolean run(Block block) {
            for (Step step : block.steps()) {
                Held result = result(step);
                if (result == null) {
                    return false;
                }
                if (Operands.writes(step.instruction()) >= 0) {
                    registers.put(Operands.writes(step.instruction()), result);
                }
            }
            return true;
        }

        /** What an instruction gives; null for one that such a loop has not. */
        private Held result(Step step) {
            return switch (step.instruction()) {
                case Instruction.LoadConstant _ -> OTHER;
                case Instruction.Alu(AluOperation operation, boolean wide, int target, Operand source) -> switch (operation) {
                    case MOV -> source instanceof Register register && wide ? held(register.number()) : OTHER;
                    case ADD -> sum(target, wide, source);
                    default -> OTHER;
                };
                case Instruction.Load load when !load.signed() -> load(load, step.proved());
                case Instruction.Store store -> store(store, step.proved()) ? OTHER : null;
                default -> null;
            };
        }

        private Held sum(int target, boolean wide, Operand source) {
            Held left = held(target);
            if (source instanceof Immediate(int distance)) {
                // The index stays below the limits of either width, see whole().
                return left instanceof Moved moved && (wide || target == index) ? new Moved(moved.register, moved.indexed, moved.delta + distance) : OTHER;
            }
            Held right = held(((Register) source).number());
            if (right instanceof Loaded && left instanceof Moved(int register, boolean indexed, long delta) && register == target && !indexed && delta == 0) {
                added = added == null ? new Added(target, wide) : null;
                return added == null ? OTHER : added;
            }
            if (wide && left instanceof Moved a && right instanceof Moved b && !a.indexed && !b.indexed) {
                return isIndex(b) ? new Moved(a.register, true, a.delta + b.delta) : isIndex(a) ? new Moved(b.register, true, a.delta + b.delta) : OTHER;
            }
            return OTHER;
        }

        private boolean isIndex(Moved moved) {
            return moved.register == index && !moved.indexed;
        }

        private Place place(int base, int offset, boolean proved) {
            return held(base) instanceof Moved(int register, boolean indexed, long delta) && indexed && delta + offset == (int) (delta + offset)
                            ? new Place(register, (int) (delta + offset), proved) : null;
        }

        private Held load(Instruction.Load load, boolean proved) {
            Place place = place(load.base(), load.offset(), proved);
            if (place == null || stored != null || unit != 0 && unit != load.size().bytes()) {
                return null;
            }
            unit = load.size().bytes();
            loads.add(place);
            return new Loaded(place);
        }

        private boolean store(Instruction.Store store, boolean proved) {
            Place place = place(store.base(), store.offset(), proved);
            boolean copies = place != null && stored == null && store.size().bytes() == unit && loads.size() == 1 &&
                            store.source() instanceof Register source && held(source.number()) instanceof Loaded;
            stored = copies ? place : null;
            return copies;
        }

        /** The loop, if all that it does has been found. */
        private ByteLoop whole(int[] blocks) {
            boolean moves = held(index) instanceof Moved(int register, boolean indexed, long delta) && register == index && !indexed && delta == unit;
            if (!moves || unit == 0 || unit == 8 || !limitsFit() || registers.keySet().stream().anyMatch(this::carriesOver)) {
                return null;
            }
            Value start = start(index);
            if (blocks.length == 2) {
                return stored == null && added == null ? loop(blocks, start, loads.get(0), loads.get(1), new Compare()) : null;
            }
            if (loads.size() != 1 || (stored == null) == (added == null)) {
                return null;
            }
            return stored != null ? loop(blocks, start, loads.getFirst(), stored, new Copy())
                            : unit <= 2 ? loop(blocks, start, loads.getFirst(), null, new Sum(added.register, added.wide)) : null;
        }

        private ByteLoop loop(int[] blocks, Value start, Place first, Place second, Work work) {
            return new ByteLoop(header, blocks, index, limit, unit, start.max(), first, second, work);
        }

        private Value start(int register) {
            Value[] value = new Value[1];
            analysis.replay(header, (step, state) -> value[0] = value[0] == null ? state.register(register) : value[0]);
            return value[0];
        }

        /** Whether index and limit are small positive numbers, for which all comparisons of the loop mean the same, and the loop leaves the limit alone. */
        private boolean limitsFit() {
            boolean fixed = switch (limit) {
                case Register register -> !registers.containsKey(register.number()) && isSmall(start(register.number()));
                case Immediate immediate -> immediate.value() >= 0;
            };
            return fixed && isSmall(start(index));
        }

        private static boolean isSmall(Value value) {
            return value != null && value.isOnly(Value.Kind.SCALAR) && value.min() >= 0 && value.max() < Integer.MAX_VALUE - Long.BYTES;
        }

        /** Whether a round leaves something to the next one that is neither the index nor the sum, or moves what addresses begin with. */
        private boolean carriesOver(int register) {
            boolean known = register == index || added != null && register == added.register;
            boolean isBase = loads.stream().anyMatch(place -> place.base == register) || stored != null && stored.base == register;
            return isBase || !known && liveness.liveIn(header).get(register);
        }
    }
}
