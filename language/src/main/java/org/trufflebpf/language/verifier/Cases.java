package org.trufflebpf.language.verifier;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * The analysis again, with several states for a block: paths are told apart by the edge that led into the last block where paths meet, and by the
 * constants and pointers in what later comparisons look at ({@link Deciders}). So it proves what the kernel finds path by path, as "the header is
 * 40 bytes long where the version is 6". Number and work are bounded; what is above the bounds is joined.
 */
final class Cases {
    /** States of a block that are told apart. */
    private static final int MAX_CASES = 24;
    /** Joins at a state after which bounds jump to the next threshold, and after which they give up. */
    private static final int WIDEN_AFTER = 3;
    private static final int GIVE_UP_AFTER = 40;
    /** Steps gone over, in all states and rounds, before nothing more is told: about a second. */
    private static final long MAX_WORK = 1_000_000;
    /** Copying and joining states at the end of a block takes as long as so many steps, for each frame that they have. */
    private static final int BLOCK_WORK = 15;
    private static final NavigableSet<Long> NOTHING = new TreeSet<>();
    private static final int NO_EDGE = -1;
    /** Registers that calls keep: which of several places on the stack one points to is told apart, too. */
    private static final int FIRST_KEPT = 6;
    private static final int LAST_KEPT = 9;

    /**
     * What tells a state of a block from its others.
     *
     * @param edge the block before the last one where paths meet
     * @param facts of what decides comparisons: the number of a constant, else a code of the kinds that it can be
     */
    private record Key(int edge, List<Long> facts) {
        static final Key REST = new Key(NO_EDGE, List.of());

        Key withoutEdge() {
            return new Key(NO_EDGE, facts);
        }
    }

    private static final class Case {
        final int block;
        final Key key;
        final int number;
        State entry;
        int visits;

        Case(int block, Key key, int number, State entry) {
            this.block = block;
            this.key = key;
            this.number = number;
            this.entry = entry;
        }
    }

    private final Graph graph;
    private final Transfer transfer;
    private final MapTable maps;
    private final BiPredicate<Integer, Integer> mayMissStack;
    private final NavigableSet<Long> thresholds;
    private final Deciders deciders;
    private final boolean[] meets;
    private final List<Map<Key, Case>> cases = new ArrayList<>();
    private final TreeSet<Case> work = new TreeSet<>(Comparator.comparingInt((Case state) -> state.block).thenComparingInt(state -> state.number));
    private int count;
    private long done;

    private Cases(Graph graph, Transfer transfer, MapTable maps, BiPredicate<Integer, Integer> mayMissStack, NavigableSet<Long> thresholds) {
        this.graph = graph;
        this.transfer = transfer;
        this.maps = maps;
        this.mayMissStack = mayMissStack;
        this.thresholds = thresholds;
        this.deciders = Deciders.of(graph);
        int[][] predecessors = graph.predecessors();
        this.meets = new boolean[predecessors.length];
        for (int block = 0; block < meets.length; block++) {
            meets[block] = predecessors[block].length > 1;
            cases.add(new HashMap<>());
        }
    }

    /**
     * @param mayMissStack whether a step of a block can write to the stack with a check of more of it than one of the states here knows of
     * @return null if that takes too long
     */
    static Cases of(Graph graph, Transfer transfer, MapTable maps, State start, BiPredicate<Integer, Integer> mayMissStack,
                    NavigableSet<Long> thresholds) {
        Cases cases = new Cases(graph, transfer, maps, mayMissStack, thresholds);
        cases.flow(NO_EDGE, Key.REST, 0, start);
        return cases.run() ? cases : null;
    }

    private boolean run() {
        while (!work.isEmpty() && done < MAX_WORK) {
            Case next = work.pollFirst();
            next.visits++;
            Block block = graph.blocks().get(next.block);
            done += block.steps().size() + (long) BLOCK_WORK * graph.depths();
            State end = replay(next, (step, state) -> {
            });
            Edges.forEach(block.terminator(), end, (to, state) -> flow(next.block, next.key, to, state));
        }
        return work.isEmpty();
    }

    private void flow(int from, Key before, int to, State state) {
        if (state == null) {
            return;
        }
        Map<Key, Case> known = cases.get(to);
        Key key = key(from, before, to, state);
        if (!known.containsKey(key) && known.size() >= MAX_CASES) {
            key = known.size() < 2 * MAX_CASES ? key.withoutEdge() : Key.REST;
        }
        Case there = known.get(key);
        if (there == null) {
            there = new Case(to, key, count++, state.copy());
            known.put(key, there);
            work.add(there);
            return;
        }
        NavigableSet<Long> widening = to > from || there.visits < WIDEN_AFTER ? null : there.visits < GIVE_UP_AFTER ? thresholds : NOTHING;
        if (there.entry.join(state, widening)) {
            work.add(there);
        }
    }

    private Key key(int from, Key before, int to, State state) {
        int edge = deciders.isHeader(to) ? NO_EDGE : meets[to] ? from : before.edge;
        List<Long> facts = new ArrayList<>();
        deciders.at(to).stream().filter(variable -> variable < Liveness.FIRST_WORD + graph.depths() * State.WORDS_PER_FRAME)
                        .forEach(variable -> facts.add(fact(Progress.value(state, variable))));
        for (int depth = 0; depth < graph.depths(); depth++) {
            for (int register = FIRST_KEPT; register <= LAST_KEPT; register++) {
                Value value = state.register(Registers.of(register, depth));
                facts.add(value.isAt(Kind.STACK) ? value.min() : 0);
            }
        }
        return new Key(edge, facts);
    }

    private static long fact(Value value) {
        return value.isConstant() ? value.min() : Long.MIN_VALUE + (value.mayBePointer() ? value.kinds() : 1);
    }

    private State replay(Case of, BiConsumer<Step, State> visitor) {
        State state = of.entry.copy();
        int number = 0;
        for (Step step : graph.blocks().get(of.block).steps()) {
            visitor.accept(step, state);
            boolean misses = mayMissStack.test(of.block, number++) && !isProved(step, state);
            transfer.apply(step, state);
            if (misses) {
                state.forgetStack();
            }
        }
        return state;
    }

    private boolean isProved(Step step, State state) {
        MemoryAccess access = Operands.access(step.instruction());
        if (access == null) {
            return Prototype.of(step.instruction()).stream().flatMap(helper -> MemoryArgument.of(helper, state, maps).stream())
                            .allMatch(argument -> !argument.written() ||
                                            Proof.holds(state, maps, state.register(argument.register()), 0, argument.maxSize(), false, true));
        }
        return Proof.holds(state, maps, state.register(access.base()), access.offset(), access.bytes(), access.reads(), access.writes());
    }

    /** How many states a block has; 0 if it is not reached. */
    int count(int block) {
        return cases.get(block).size();
    }

    /**
     * Calls {@code visitor} with each step of a block and the state before it, for one state of the block after the other; gives the states at the
     * end.
     *
     * @param begin is called before each first step
     */
    List<State> replay(int block, BiConsumer<Step, State> visitor, Runnable begin) {
        List<State> ends = new ArrayList<>();
        cases.get(block).values().stream().sorted(Comparator.comparingInt(state -> state.number)).forEach(state -> {
            begin.run();
            ends.add(replay(state, visitor));
        });
        return ends;
    }
}
