package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.StrongComponents;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * Takes checks out of loops: where the address of a checked access moves by a constant from round to round, and the number of rounds is known when
 * the loop is entered, the whole range is compared with the packet or the map's value before the first round. If it lies inside, a copy of the loop runs whose
 * accesses are proved; if not, or if the loop is longer than others are, the loop as it was, which traps in the round in which it always did.
 */
final class Hoister {
    /** Rounds of the copy at most: {@link org.trufflebpf.language.verifier.Loops#MAX_UNCOUNTED}, below which other passes take it for short, too. */
    static final int MAX_ROUNDS = 4000;
    /** Steps of a loop that is written twice, and of a program above which it does not grow any more. */
    private static final int MAX_STEPS = 200;
    private static final int MAX_PROGRAM = 6_000;
    private static final int MAX_WORK = 100_000;

    private final Analysis analysis;
    private final List<Block> blocks;
    private final int[][] predecessors;
    private int size;

    private Hoister(Analysis analysis) {
        this.analysis = analysis;
        this.blocks = new ArrayList<>(analysis.graph().blocks());
        this.predecessors = analysis.graph().predecessors();
        this.size = analysis.graph().size();
    }

    static Graph hoist(Analysis analysis) {
        return analysis.loops().rounds().isEmpty() ? analysis.graph() : new Hoister(analysis).run();
    }

    /** The bytes that accesses touch whose addresses move together: from {@code first} up to {@code end} more than the registers' sum. */
    record Reach(long first, long end) {
        Reach join(Reach other) {
            return new Reach(Math.min(first, other.first), Math.max(end, other.end));
        }

        boolean fits() {
            return first == (int) first && end == (int) end;
        }
    }

    /** What the accesses are to stay inside. */
    sealed interface Region {
    }

    record Packet() implements Region {
    }

    /**
     * The value of a map that {@code register} points into before the loop.
     *
     * @param distance from the value's first byte, in bytes
     */
    record MapValue(int register, long distance, long bytes) implements Region {
    }

    /** Accesses that one comparison can make sure of: their addresses are the sum of two registers, the second one -1 for none. */
    record Family(Region region, int first, int second) {
    }

    private Graph run() {
        int count = blocks.size();
        for (int[] loop : new StrongComponents(analysis.graph().blocks()).innermost(MAX_WORK)) {
            if (isSuitable(loop)) {
                CountedLoop counted = CountedLoop.of(loop, analysis, predecessors);
                if (counted != null) {
                    new Version(counted).add();
                }
            }
        }
        return blocks.size() == count ? analysis.graph() : Graph.ordered(blocks, analysis.graph().depths());
    }

    private boolean isSuitable(int[] loop) {
        int steps = Arrays.stream(loop).map(block -> blocks.get(block).steps().size() + 1).sum();
        return steps <= MAX_STEPS && size + steps <= MAX_PROGRAM && Arrays.stream(loop).allMatch(analysis::isReached) &&
                        Arrays.stream(loop).noneMatch(block -> blocks.get(block).terminator() instanceof Terminator.Budget);
    }

    /** A loop with a copy whose accesses are proved. */
    private final class Version {
        private final CountedLoop loop;
        private final List<State> entries = new ArrayList<>();
        private final Map<Family, Reach> families = new LinkedHashMap<>();
        private final List<Block> copies = new ArrayList<>();

        Version(CountedLoop loop) {
            this.loop = loop;
            for (int before : predecessors[loop.header()]) {
                if (!loop.contains(before) && analysis.isReached(before)) {
                    entries.add(analysis.replay(before, (step, state) -> {
                    }));
                }
            }
        }

        void add() {
            if (entries.isEmpty() || !entries.getFirst().register(Registers.CONTEXT).isAt(Kind.CONTEXT)) {
                return;
            }
            for (int block : loop.blocks()) {
                copies.add(proved(block));
            }
            RangeTest test = families.isEmpty() ? null : RangeTest.of(loop, families, this::entry);
            if (test == null) {
                return;
            }
            Map<Integer, Integer> places = new HashMap<>();
            for (int i = 0; i < loop.blocks().length; i++) {
                places.put(loop.blocks()[i], blocks.size() + i);
            }
            for (Block copy : copies) {
                blocks.add(copy.retarget(target -> places.getOrDefault(target, target)));
                size += copy.steps().size() + 1;
            }
            int first = blocks.size();
            enter(first, first - copies.size());
            blocks.addAll(test.blocks(first, places.get(loop.header()), loop.header(), blocks.get(loop.header()).end()));
            size += blocks.subList(first, blocks.size()).stream().mapToInt(block -> block.steps().size() + 1).sum();
        }

        /** Has all blocks lead to {@code test} that led into the loop, copies of others among them. */
        private void enter(int test, int firstCopy) {
            for (int number = 0; number < firstCopy; number++) {
                Block block = blocks.get(number);
                if (Arrays.stream(block.terminator().successors()).anyMatch(target -> target == loop.header()) && !loop.contains(number)) {
                    blocks.set(number, block.retarget(target -> target == loop.header() ? test : target));
                }
            }
        }

        /** A block with those accesses proved that the comparison makes sure of. */
        private Block proved(int number) {
            Block block = blocks.get(number);
            List<Step> steps = new ArrayList<>();
            CountedLoop.Sums sums = loop.sums();
            // Where the loop is left at the beginning of a round, one more round begins than are counted.
            boolean counted = loop.counter().last() || number != loop.header();
            analysis.replay(number, (step, state) -> {
                steps.add(counted && isInFamily(step, state, sums) ? step.asProved() : step);
                sums.apply(step.instruction(), state);
            });
            return new Block(steps, block.terminator(), block.end());
        }

        private boolean isInFamily(Step step, State state, CountedLoop.Sums sums) {
            MemoryAccess access = Operands.access(step.instruction());
            if (access == null || Checks.isProved(analysis, access, state)) {
                return step.proved();
            }
            CountedLoop.Sum address = sums.of(access.base());
            Region region = address == null ? null : region(state.register(access.base()), address, access);
            if (region == null) {
                return false;
            }
            long first = address.delta() + access.offset();
            Reach reach = new Reach(first, first + access.bytes());
            if (!reach.fits()) {
                return false;
            }
            families.merge(new Family(region, address.first(), address.second()), reach, Reach::join);
            return true;
        }

        private Region region(Value base, CountedLoop.Sum address, MemoryAccess access) {
            if (base.isOnly(Kind.PACKET)) {
                return new Packet();
            }
            if (!base.isOnly(Kind.MAP_VALUE) || analysis.maps().allowing(base.maps(), access.reads(), access.writes()) != base.maps()) {
                return null;
            }
            for (int register : address.second() < 0 ? new int[]{address.first()} : new int[]{address.first(), address.second()}) {
                Value before = entry(register);
                if (before != null && before.isAt(Kind.MAP_VALUE) && before.min() == (int) before.min() && before.maps() == base.maps()) {
                    return new MapValue(register, before.min(), analysis.maps().smallestValue(base.maps()));
                }
            }
            return null;
        }

        /** What a register is before the first round; null where that depends on the way there. */
        private Value entry(int register) {
            Value value = entries.getFirst().register(register);
            return entries.stream().map(state -> state.register(register)).allMatch(other -> other.kinds() == value.kinds() && other.maps() == value.maps() &&
                            other.min() == value.min() && other.max() == value.max()) ? value : null;
        }
    }
}
