package org.trufflebpf.language.verifier;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.GraphBuilder;
import org.trufflebpf.language.cfg.GraphMachine;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.object.MapSpec;

/** Whatever a program does, it is covered by what the analysis says: over programs and numbers at random. */
class SoundnessTest {
    private static final int RUNS = 6;
    private static final int MAX_STEPS = 300;
    private static final int PACKET_BYTES = 30;
    private static final MapSpec MAP = new MapSpec(RandomCode.MAP, 2, 4, RandomCode.VALUE_SIZE, 1, 0, 0, MapSpec.Pinning.NONE, 0, 0, null,
                    Map.of(), null,
                    MapSpec.Origin.GIVEN);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runsStayWithinTheFacts(boolean pointers) throws RejectedException {
        int accesses = 0;
        int casesTold = 0;
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            Code code = RandomCode.make(random, random.nextInt(5, 60), pointers);
            Graph graph = GraphBuilder.build(code).orElseThrow();
            MapTable maps = MapTable.of(code, name -> MAP);
            Analysis analysis = Analysis.of(graph, maps, Entry.XDP);
            State[][] states = states(analysis);
            State[][][] cases = cases(analysis);
            casesTold += analysis.cases() == null ? 0 : 1;
            for (int run = 0; run < RUNS; run++) {
                Checker checker = new Checker(analysis, states, cases,
                        new GraphMachine(graph, random, random.nextInt(PACKET_BYTES), RandomCode.VALUE_SIZE),
                                "seed " + seed + ", run " + run + "\n" + code.slots());
                checker.run();
                accesses += checker.proved;
            }
        }
        assertTrue(accesses > 5_000, accesses + " proved accesses ran");
        assertTrue(!pointers || casesTold > 500, casesTold + " programs had their cases told apart");
    }

    /** By block and step; the last of a block is that at its end. */
    private static State[][] states(Analysis analysis) {
        List<Block> blocks = analysis.graph().blocks();
        State[][] states = new State[blocks.size()][];
        for (int number = 0; number < states.length; number++) {
            if (analysis.isReached(number)) {
                List<State> before = new ArrayList<>();
                State end = analysis.replay(number, (step, state) -> before.add(state.copy()));
                before.add(end);
                states[number] = before.toArray(State[]::new);
            }
        }
        return states;
    }

    /** By block, state of it and step. */
    private static State[][][] cases(Analysis analysis) {
        State[][][] cases = new State[analysis.graph().blocks().size()][][];
        for (int number = 0; analysis.cases() != null && number < cases.length; number++) {
            List<List<State>> before = new ArrayList<>();
            List<State> ends = analysis.cases().replay(number, (step, state) -> before.getLast().add(state.copy()),
                    () -> before.add(new ArrayList<>()));
            for (int i = 0; i < ends.size(); i++) {
                before.get(i).add(ends.get(i));
            }
            cases[number] = before.stream().map(list -> list.toArray(State[]::new)).toArray(State[][]::new);
        }
        return cases;
    }

    private static final class Checker {
        private final Analysis analysis;
        private final State[][] states;
        private final State[][][] cases;
        private final GraphMachine machine;
        private final String what;
        private int proved;

        Checker(Analysis analysis, State[][] states, State[][][] cases, GraphMachine machine, String what) {
            this.analysis = analysis;
            this.cases = cases;
            this.states = states;
            this.machine = machine;
            this.what = what;
        }

        void run() {
            GraphMachine.End[] end = new GraphMachine.End[1];
            boolean[] wasProved = new boolean[1];
            end[0] = machine.run(MAX_STEPS, (block, step) -> {
                if (states[block] == null) {
                    fail(what + "\nblock " + block + " is said not to be reached");
                }
                check(block, step, states[block][step]);
                List<Step> steps = analysis.graph().blocks().get(block).steps();
                wasProved[0] = false;
                return step == steps.size() || access(steps.get(step), states[block][step], wasProved);
            });
            if (end[0] == GraphMachine.End.FAULT && wasProved[0]) {
                fail(what + "\na proved access leaves memory");
            }
        }

        private void check(int block, int step, State state) {
            for (int register = 0; register < Registers.of(6, Registers.MAX_DEPTH); register++) {
                if (!covers(state.register(register), machine.register(register))) {
                    fail(what + "\nblock " + block + ", step " + step + ": " + Registers.name(register) + " is " + machine.register(register) +
                                    ", not " +
                                    state.register(register));
                }
            }
            checkIds(block, step, state);
            if (cases[block] != null && Arrays.stream(cases[block]).noneMatch(states -> covers(states[step]))) {
                fail(what + "\nblock " + block + ", step " + step + ": none of the " + cases[block].length + " states covers what is there");
            }
            for (int word = 0; word < analysis.graph().depths() * State.WORDS_PER_FRAME; word++) {
                if (!covers(state.stackWord(word), machine.stackWord(word))) {
                    fail(what + "\nblock " + block + ", step " + step + ": stack word " + word + " is " + machine.stackWord(word) + ", not " +
                                    state.stackWord(word));
                }
            }
        }

        /** Whether the access is in memory that its base can point to: the check at run time stops all others. */
        private boolean access(Step step, State state, boolean[] wasProved) {
            Operands.MemoryAccess access = Operands.access(step.instruction());
            if (access == null) {
                return true;
            }
            Value base = state.register(access.base());
            long address = machine.register(access.base()) + access.offset();
            boolean isFixed = StackUse.isFixed(base, access.offset(), access.bytes());
            wasProved[0] = isFixed || Proof.holds(state, analysis.maps(), base, access.offset(), access.bytes(), access.reads(), access.writes());
            if (wasProved[0]) {
                proved++;
                boolean inside = base.may(Value.Kind.PACKET) && inside(address, access.bytes(), machine.data(), machine.dataEnd()) ||
                                base.may(Value.Kind.STACK) && inside(address, access.bytes(), GraphMachine.STACK, GraphMachine.STACK +
                                                512 * Registers.MAX_DEPTH) ||
                                base.may(Value.Kind.MAP_VALUE) && inside(address, access.bytes(), GraphMachine.MAP_VALUE, GraphMachine.MAP_VALUE +
                                                RandomCode.VALUE_SIZE);
                if (!inside) {
                    fail(what + "\nslot " + step.slot() + ": a proved access leaves its region: " + base + " in " + step);
                }
                return true;
            }
            return base.may(Value.Kind.CONTEXT) && address >= GraphMachine.CONTEXT && address < GraphMachine.CONTEXT + 24 ||
                            base.may(Value.Kind.PACKET) && inside(address, access.bytes(), machine.data(), machine.dataEnd()) ||
                            base.may(Value.Kind.MAP_VALUE) && inside(address, access.bytes(), GraphMachine.MAP_VALUE, GraphMachine.MAP_VALUE +
                                            RandomCode.VALUE_SIZE) ||
                            inWindow(StackWindow.of(base, access.offset(), access.bytes()), address, access.bytes());
        }

        private static boolean inside(long address, int size, long low, long high) {
            return address >= low && address <= high - size;
        }

        private static boolean inWindow(StackWindow window, long address, int size) {
            for (int depth = 0; depth < Registers.MAX_DEPTH; depth++) {
                long top = GraphMachine.STACK + GraphMachine.FRAME * (depth + 1L);
                if ((window.frames() & 1 << depth) != 0 && inside(address, size, top + window.first(), top + window.last() + 1)) {
                    return true;
                }
            }
            return false;
        }

        /** Values with the same id are the same distance from one number. */
        private void checkIds(int block, int step, State state) {
            Map<Integer, Long> numbers = new HashMap<>();
            for (int register = 0; register < Registers.of(6, Registers.MAX_DEPTH); register++) {
                checkId(numbers, state.register(register), machine.register(register), () -> "block " + block + ", step " + step);
            }
            for (int word = 0; word < analysis.graph().depths() * State.WORDS_PER_FRAME; word++) {
                checkId(numbers, state.stackWord(word), machine.stackWord(word), () -> "block " + block + ", step " + step);
            }
        }

        private void checkId(Map<Integer, Long> numbers, Value value, long number, Supplier<String> where) {
            if (value.id() != 0) {
                Long known = numbers.putIfAbsent(value.id(), number - value.delta());
                if (known != null && known != number - value.delta()) {
                    fail(what + "\n" + where.get() + ": " + value + " is " + number + ", not " + value.delta() + " above " + known);
                }
            }
        }

        private boolean covers(State state) {
            return IntStream.range(0, Registers.of(6, Registers.MAX_DEPTH))
                    .allMatch(register -> covers(state.register(register), machine.register(register))) &&
                            IntStream.range(0, analysis.graph().depths() * State.WORDS_PER_FRAME)
                                            .allMatch(word -> covers(state.stackWord(word), machine.stackWord(word)));
        }

        private boolean covers(Value value, long number) {
            return value.isUnwritten() || value.may(Value.Kind.SCALAR) && value.range().contains(number) ||
                            value.may(Value.Kind.NULL) && number == 0 ||
                            value.may(Value.Kind.CONTEXT) && isAt(value, number - GraphMachine.CONTEXT) ||
                            value.may(Value.Kind.PACKET) && isAt(value, number - machine.data()) ||
                            value.may(Value.Kind.PACKET_END) && isAt(value, number - machine.dataEnd()) ||
                            value.may(Value.Kind.MAP) && isAt(value, number - GraphMachine.MAP_HANDLE) ||
                            value.may(Value.Kind.MAP_VALUE) && isAt(value, number - GraphMachine.MAP_VALUE) ||
                            value.may(Value.Kind.STACK) && isInFrames(value, number);
        }

        private static boolean isInFrames(Value value, long number) {
            for (int depth = 0; depth < Registers.MAX_DEPTH; depth++) {
                if ((value.frames() & 1 << depth) != 0 && isAt(value, number - GraphMachine.STACK - GraphMachine.FRAME * (depth + 1L))) {
                    return true;
                }
            }
            return false;
        }

        private static boolean isAt(Value value, long distance) {
            return value.range().contains(distance);
        }
    }
}
