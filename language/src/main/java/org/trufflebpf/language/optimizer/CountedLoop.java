package org.trufflebpf.language.optimizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * An innermost loop that is entered at one block and jumps back from one, whose rounds are bounded by a register that each of them moves on by the same
 * number, and by a limit that stays.
 *
 * @param header where it is entered
 * @param blocks all of them
 * @param strides by register that moves on in the last block of each round: by how much
 * @param stays registers that the loop does not write
 * @param counter what is compared with the limit
 */
record CountedLoop(int header, int[] blocks, Map<Integer, Stride> strides, BitSet stays, Counter counter) {
    /** Distances per round are below this, so that no product with the rounds overflows. */
    private static final int MAX_STRIDE = 1 << 16;

    /**
     * A register that moves on by a constant.
     *
     * @param wide whether it does in 64 bits; else the register has no more than 32
     */
    record Stride(int by, boolean wide) {
    }

    /**
     * The loop goes on as long as {@code register + delta}, as {@code register} was when the round began, compares with the limit.
     *
     * @param condition NE, LT or SLT, or for numbers that fall NE, GT or SGT
     * @param last whether that is found at the end of a round, not at its beginning
     */
    record Counter(int register, long delta, Condition condition, boolean wide, Operand limit, boolean last) {
    }

    /**
     * What a register holds, by what registers held when the round began: their sum and a constant.
     *
     * @param second -1 for none
     */
    record Sum(int first, int second, long delta) {
        Sum plus(Sum other) {
            return second < 0 && other.second < 0 ? new Sum(first, other.first, delta + other.delta) : null;
        }

        Sum plus(long distance) {
            return new Sum(first, second, delta + distance);
        }
    }

    /** Null where a loop is of another kind. */
    static CountedLoop of(int[] loop, Analysis analysis, int[][] predecessors) {
        return new Matcher(loop, analysis, predecessors).match();
    }

    boolean contains(int block) {
        return Arrays.stream(blocks).anyMatch(member -> member == block);
    }

    /** How far an address moves in each round. */
    long stride(Sum address) {
        return by(address.first) + (address.second < 0 ? 0 : by(address.second));
    }

    private long by(int register) {
        return strides.containsKey(register) ? strides.get(register).by : 0;
    }

    /** What registers hold, for one time through a block. */
    Sums sums() {
        return new Sums(strides.keySet(), stays);
    }

    /** Goes through a block; a register that is no such sum has none. */
    static final class Sums {
        private final Map<Integer, Sum> written = new HashMap<>();
        private final Set<Integer> moving;
        private final BitSet stays;

        private Sums(Set<Integer> moving, BitSet stays) {
            this.moving = moving;
            this.stays = stays;
        }

        /** Null where it is none. */
        Sum of(int register) {
            if (written.containsKey(register)) {
                return written.get(register);
            }
            return stays.get(register) || moving.contains(register) ? new Sum(register, -1, 0) : null;
        }

        /** After an instruction; {@code state} is what is known before it. */
        void apply(Instruction instruction, State state) {
            int target = Operands.writes(instruction);
            if (target >= 0) {
                written.put(target, instruction instanceof Instruction.Alu alu ? result(alu, state) : null);
            }
        }

        private Sum result(Instruction.Alu alu, State state) {
            return switch (alu.operation()) {
                case MOV -> alu.source() instanceof Register(int source) && (alu.wide() || isNarrow(state.register(source))) ? of(source) : null;
                case ADD -> {
                    Sum target = of(alu.target());
                    if (target == null) {
                        yield null;
                    }
                    yield switch (alu.source()) {
                        case Immediate(int distance) -> alu.wide() || isOwnStride(alu.target(), target) ? target.plus(distance) : null;
                        case Register(int source) -> alu.wide() && of(source) != null ? target.plus(of(source)) : null;
                    };
                }
                default -> null;
            };
        }

        /** A register that moves on in 32 bits is kept from overflowing. */
        private boolean isOwnStride(int register, Sum sum) {
            return moving.contains(register) && sum.equals(new Sum(register, -1, 0));
        }

        private static boolean isNarrow(Value value) {
            return value.isOnly(Kind.SCALAR) && value.min() >= 0 && value.max() <= 0xffff_ffffL;
        }
    }

    private static final class Matcher {
        private final int[] loop;
        private final Analysis analysis;
        private final List<Block> blocks;
        private final int[][] predecessors;
        private final BitSet body = new BitSet();
        private final BitSet stays = new BitSet();
        private final Map<Integer, Stride> strides = new HashMap<>();

        Matcher(int[] loop, Analysis analysis, int[][] predecessors) {
            this.loop = loop;
            this.analysis = analysis;
            this.blocks = analysis.graph().blocks();
            this.predecessors = predecessors;
            Arrays.stream(loop).forEach(body::set);
        }

        CountedLoop match() {
            int header = body.nextSetBit(0);
            int[] back = Arrays.stream(predecessors[header]).filter(body::get).distinct().toArray();
            boolean oneEntry = body.stream().allMatch(block -> block == header || Arrays.stream(predecessors[block]).allMatch(body::get));
            if (header == 0 || back.length != 1 || !oneEntry || !findStrides(back[0])) {
                return null;
            }
            Counter counter = counter(back[0], true, header);
            counter = counter == null && back[0] != header ? counter(header, false, header) : counter;
            return counter == null ? null : new CountedLoop(header, loop, strides, stays, counter);
        }

        /** False where the loop has steps of which it is not known what they write. */
        private boolean findStrides(int last) {
            Map<Integer, Integer> writes = new HashMap<>();
            for (int block : loop) {
                for (Step step : blocks.get(block).steps()) {
                    if (step.instruction() instanceof Instruction.CallHelper || step.instruction() instanceof Instruction.CallKfunc) {
                        return false;
                    }
                    writes.merge(Operands.writes(step.instruction()), 1, Integer::sum);
                }
            }
            stays.set(0, Registers.NAMED);
            writes.keySet().stream().filter(register -> register >= 0).forEach(stays::clear);
            for (Step step : blocks.get(last).steps()) {
                if (step.instruction() instanceof Instruction.Alu(AluOperation operation, boolean wide, int target, Immediate(int by)) &&
                                operation == AluOperation.ADD && writes.get(target) == 1 && by != 0 && Math.abs((long) by) <= MAX_STRIDE) {
                    strides.put(target, new Stride(by, wide));
                }
            }
            return true;
        }

        /** The comparison at the end of a block, if it leaves the loop after a number of rounds; null if not. */
        private Counter counter(int block, boolean last, int header) {
            if (!(blocks.get(block).terminator() instanceof Terminator.Branch branch) || body.get(branch.taken()) == body.get(branch.fallThrough())) {
                return null;
            }
            if (last && branch.taken() != header && branch.fallThrough() != header) {
                return null;
            }
            Sums sums = new Sums(strides.keySet(), stays);
            analysis.replay(block, (step, state) -> sums.apply(step.instruction(), state));
            Condition stay = body.get(branch.taken()) ? branch.condition() : ByteLoop.opposite(branch.condition());
            Counter counter = counter(sums, branch.left(), stay, branch.wide(), branch.right(), last);
            return counter == null && branch.right() instanceof Register(int right)
                            ? counter(sums, right, mirror(stay), branch.wide(), new Register(branch.left()), last)
                            : counter;
        }

        private Counter counter(Sums sums, int tested, Condition stay, boolean wide, Operand limit, boolean last) {
            Sum sum = sums.of(tested);
            boolean fixed = limit instanceof Immediate || limit instanceof Register(int register) && stays.get(register);
            if (sum == null || sum.second >= 0 || !strides.containsKey(sum.first) || !fixed || sum.delta != (int) sum.delta) {
                return null;
            }
            int by = strides.get(sum.first).by;
            boolean known = Integer.bitCount(Math.abs(by)) == 1 && switch (stay) {
                case NE -> true;
                case LT, SLT -> by > 0;
                case GT, SGT -> by == -1;
                default -> false;
            };
            return known ? new Counter(sum.first, sum.delta, stay, wide, limit, last) : null;
        }

        private static Condition mirror(Condition condition) {
            return switch (condition) {
                case LT -> Condition.GT;
                case SLT -> Condition.SGT;
                case GT -> Condition.LT;
                case SGT -> Condition.SLT;
                default -> condition;
            };
        }
    }
}
