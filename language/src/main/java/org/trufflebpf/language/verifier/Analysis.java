package org.trufflebpf.language.verifier;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * The region analysis: an abstract interpretation of the whole graph to a fixed point. Only the state at the start of each block is kept;
 * {@link #replay} gives the states between.
 */
public final class Analysis {
    /** Visits of a block after which bounds jump to the next threshold instead of creeping. */
    private static final int WIDEN_AFTER = 3;
    /** Visits after which bounds give up, so that hostile programs end soon. */
    private static final int GIVE_UP_AFTER = 40;

    /** Visits of all blocks together after which bounds give up everywhere: loops that nest by the hundred are hostile. */
    private static final int VISITS_PER_BLOCK = 3;
    private static final int VISITS_IN_ANY_CASE = 10_000;
    /** Instructions, calls unfolded, above which the first answer is good enough: each more takes gigabytes for a moment. */
    private static final int MAX_REFINED = 30_000;
    private static final NavigableSet<Long> NOTHING = new TreeSet<>();

    private final Graph graph;
    private final State start;
    private final MapTable maps;
    private final KnownMaps contents;
    private final Transfer transfer;
    private final State[] entries;
    private final NavigableSet<Long> thresholds;
    private Set<Place> provedByCases = Set.of();
    private Cases cases;
    private volatile Loops loops;

    private Analysis(Graph graph, MapTable maps, KnownMaps contents, State start) {
        this.graph = graph;
        this.start = start;
        this.maps = maps;
        this.contents = contents;
        this.transfer = new Transfer(maps, contents);
        this.entries = new State[graph.blocks().size()];
        this.thresholds = thresholds(graph);
    }

    static Analysis of(Graph graph, MapTable maps, Entry entry) {
        State start = State.empty(graph.depths());
        switch (entry) {
            case XDP -> {
                start.setRegister(Registers.CONTEXT_ARGUMENT, Value.CONTEXT);
                start.setRegister(Registers.CONTEXT, Value.CONTEXT);
            }
            case MEMORY -> {
                start.setRegister(1, Value.PACKET);
                start.setRegister(2, Value.unsigned(32));
            }
            case TIMER -> throw new IllegalArgumentException("the map is not known");
        }
        return of(graph, maps, KnownMaps.NONE, start);
    }

    /** Of a function that the timers of a map call. */
    static Analysis ofTimer(Graph graph, MapTable maps, int map) {
        State start = State.empty(graph.depths());
        start.setRegister(1, Value.map(map));
        start.setRegister(2, Value.mapKey(1L << map));
        start.setRegister(3, Value.mapValue(1L << map, false, 0));
        return of(graph, maps, KnownMaps.NONE, start);
    }

    private static Analysis of(Graph graph, MapTable maps, KnownMaps contents, State start) {
        Analysis analysis = new Analysis(graph, maps, contents, start.copy());
        analysis.run(start);
        if (graph.size() <= MAX_REFINED) {
            analysis.narrow(start);
            analysis.tellCasesApart();
        }
        return analysis;
    }

    /** Of another graph that does the same, from the same start. */
    public Analysis of(Graph equivalent) {
        return of(equivalent, maps, contents, start.copy());
    }

    /** Of the same graph where maps hold {@code known}. */
    Analysis where(KnownMaps known) {
        return of(graph, maps, known, start.copy());
    }

    public Graph graph() {
        return graph;
    }

    public MapTable maps() {
        return maps;
    }

    /** What a lookup gives in {@code state} as the contents say it, the number 0 or the address of an element; null where they do not. */
    public Value lookup(State state) {
        return transfer.knownLookup(state);
    }

    /** What a load without fault gives as the contents say it, or null where they do not. */
    public Value load(State state, Size size, boolean signed, int base, int offset) {
        return transfer.knownLoad(state.register(base), size, signed, offset);
    }

    /** Whether control can get to a block as far as is known. */
    public boolean isReached(int block) {
        return entries[block] != null;
    }

    /** What is known where a reached block begins; not to be changed. */
    public State entry(int block) {
        return entries[block];
    }

    /** The loops, and how many rounds they take at most. */
    public Loops loops() {
        if (loops == null) {
            // Two threads may both do it.
            loops = Loops.of(this);
        }
        return loops;
    }

    /**
     * Calls {@code visitor} with each step of a reached block and the state before it, which is valid only during the call; returns the state at the
     * end.
     */
    public State replay(int block, BiConsumer<Step, State> visitor) {
        State state = entries[block].copy();
        int number = 0;
        for (Step step : graph.blocks().get(block).steps()) {
            MemoryAccess access = Operands.access(step.instruction());
            boolean proved = access != null && (step.proved() || provedByCases.contains(new Place(block, number)));
            state.setProved(proved ? state.register(access.base()) : null);
            number++;
            visitor.accept(step, state);
            transfer.apply(step, state);
        }
        state.setProved(null);
        return state;
    }

    /**
     * Where something is proved of several states of a block, each for itself; null where one state of each block proves all, or that takes too long.
     */
    Cases cases() {
        return cases;
    }

    /** An instruction in the graph. */
    private record Place(int block, int step) {
    }

    /** What is not proved of the joined states may be proved of more of them. */
    private void tellCasesApart() {
        Set<Place> open = new HashSet<>();
        Set<Place> openWrites = new HashSet<>();
        boolean[] others = new boolean[1];
        for (int block = 0; block < entries.length; block++) {
            if (entries[block] != null) {
                int from = block;
                int[] number = new int[1];
                State end = replay(block, (step, state) -> {
                    Place place = new Place(from, number[0]++);
                    MemoryAccess access = Operands.access(step.instruction());
                    if (access != null && isOpen(state, access)) {
                        open.add(place);
                        if (access.writes() && state.register(access.base()).may(Kind.STACK)) {
                            openWrites.add(place);
                        }
                    }
                    Prototype.of(step.instruction()).ifPresent(helper -> {
                        if (mayMiss(helper, state, true)) {
                            openWrites.add(place);
                        }
                        others[0] |= mayMiss(helper, state, false) || DynptrArgument.of(helper, state).stream().anyMatch(dynptr -> !dynptr.certain());
                    });
                });
                others[0] |= graph.blocks().get(block).terminator() instanceof Terminator.Exit && (!end.held().isEmpty() || end.lock() != null);
            }
        }
        if (open.isEmpty() && !others[0]) {
            return;
        }
        cases = Cases.of(graph, transfer, maps, start, (block, step) -> openWrites.contains(new Place(block, step)), thresholds);
        if (cases != null) {
            open.removeIf(place -> !isProvedByCases(place));
            provedByCases = open;
        }
    }

    private boolean isOpen(State state, MemoryAccess access) {
        Value base = state.register(access.base());
        return !base.may(Kind.CONTEXT) && !Proof.holds(state, maps, base, access.offset(), access.bytes(), access.reads(), access.writes());
    }

    /** Whether a call may get memory outside its region, or only such as it writes and as may be on the stack. */
    private boolean mayMiss(Prototype helper, State state, boolean onStack) {
        return MemoryArgument.of(helper, state, maps).stream().anyMatch(argument -> {
            Value given = state.register(argument.register());
            if (!onStack && argument.minSize() == 0 && argument.maxSize() > 0) {
                // Many helpers take no size of 0.
                return true;
            }
            boolean concerned = !onStack || argument.written() && given.may(Kind.STACK);
            return concerned && !Proof.holds(state, maps, given, 0, argument.maxSize(), !argument.written(), argument.written());
        });
    }

    private boolean isProvedByCases(Place place) {
        boolean[] proved = {cases.count(place.block) > 0};
        int[] number = new int[1];
        cases.replay(place.block, (step, state) -> {
            if (number[0]++ == place.step) {
                proved[0] &= !isOpen(state, Operands.access(step.instruction())) &&
                                !state.register(Operands.access(step.instruction()).base()).may(Kind.CONTEXT);
            }
        }, () -> number[0] = 0);
        return proved[0];
    }

    /** Comparisons say where loops end, so their constants and neighbours are the bounds worth stopping at. */
    private static NavigableSet<Long> thresholds(Graph graph) {
        NavigableSet<Long> thresholds = new TreeSet<>();
        thresholds.add(0L);
        for (Block block : graph.blocks()) {
            if (block.terminator() instanceof Terminator.Branch branch && branch.right() instanceof Immediate immediate) {
                thresholds.add(immediate.value() - 1L);
                thresholds.add((long) immediate.value());
                thresholds.add(immediate.value() + 1L);
            }
        }
        return thresholds;
    }

    private void run(State start) {
        entries[0] = start;
        BitSet work = new BitSet();
        work.set(0);
        int[] visits = new int[entries.length];
        long patience = VISITS_IN_ANY_CASE + (long) VISITS_PER_BLOCK * entries.length;
        // Lowest number first: reverse post-order, so most predecessors are done before a block is.
        for (int block = work.nextSetBit(0); block >= 0; block = work.nextSetBit(0)) {
            work.clear(block);
            visits[block]++;
            patience--;
            int from = block;
            NavigableSet<Long> bounds = patience < 0 ? NOTHING : thresholds;
            forEachEdge(block, (to, state) -> flow(from, to, state, work, visits, bounds));
        }
    }

    private void forEachEdge(int block, BiConsumer<Integer, State> visitor) {
        State end = replay(block, (step, state) -> {
        });
        Edges.forEach(graph.blocks().get(block).terminator(), end, visitor);
    }

    private void flow(int from, int to, State state, BitSet work, int[] visits, NavigableSet<Long> bounds) {
        if (state == null) {
            return;
        }
        if (entries[to] == null) {
            entries[to] = state.copy();
            work.set(to);
            return;
        }
        // Every cycle has an edge back, so widening there alone makes an end.
        boolean creeps = to <= from && visits[to] >= WIDEN_AFTER;
        NavigableSet<Long> widening = bounds == NOTHING || creeps && visits[to] >= GIVE_UP_AFTER ? NOTHING : creeps ? bounds : null;
        if (entries[to].join(state, widening)) {
            work.set(to);
        }
    }

    /**
     * What was joined on the way, and widened too far, is left behind by one more round: each state is made anew of those before it. All states
     * cover all that can be, before and after.
     */
    private void narrow(State start) {
        State[] fresh = new State[entries.length];
        fresh[0] = start;
        for (int block = 0; block < entries.length; block++) {
            int from = block;
            if (entries[block] != null && Arrays.stream(graph.blocks().get(block).terminator().successors()).anyMatch(to -> to <= from)) {
                forEachEdge(block, (to, state) -> add(fresh, to, to <= from ? state : null));
            }
        }
        for (int block = 0; block < entries.length; block++) {
            int from = block;
            entries[block] = fresh[block];
            if (fresh[block] != null) {
                forEachEdge(block, (to, state) -> add(fresh, to, to > from ? state : null));
            }
        }
    }

    private static void add(State[] states, int to, State state) {
        if (state != null && states[to] == null) {
            states[to] = state.copy();
        } else if (state != null) {
            states[to].join(state, null);
        }
    }
}
