package org.trufflebpf.language.verifier;

import java.util.Arrays;
import java.util.BitSet;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Register;
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

    /** No packet is longer, in bytes. */
    static final int MAX_PACKET = 0xffff;
    private static final NavigableSet<Long> NOTHING = new TreeSet<>();

    private final Graph graph;
    private final State start;
    private final MapTable maps;
    private final KnownMaps contents;
    private final Transfer transfer;
    private final State[] entries;
    private final NavigableSet<Long> thresholds;
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
            case XDP -> start.setRegister(Registers.CONTEXT_ARGUMENT, Value.CONTEXT);
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
    State entry(int block) {
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

    /** Calls {@code visitor} with each step of a reached block and the state before it, which is valid only during the call; returns the state at the end. */
    public State replay(int block, BiConsumer<Step, State> visitor) {
        State state = entries[block].copy();
        for (Step step : graph.blocks().get(block).steps()) {
            visitor.accept(step, state);
            transfer.apply(step, state);
        }
        return state;
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
        // Lowest number first: reverse post-order, so most predecessors are done before a block is.
        for (int block = work.nextSetBit(0); block >= 0; block = work.nextSetBit(0)) {
            work.clear(block);
            visits[block]++;
            int from = block;
            forEachEdge(block, (to, state) -> flow(from, to, state, work, visits));
        }
        narrow(start);
    }

    /** Calls {@code visitor} with each block that can follow and the state there, null where that cannot be. */
    private void forEachEdge(int block, BiConsumer<Integer, State> visitor) {
        State end = replay(block, (step, state) -> {
        });
        Terminator terminator = graph.blocks().get(block).terminator();
        if (terminator instanceof Terminator.Branch branch) {
            visitor.accept(branch.taken(), refined(end, branch, branch.condition()));
            visitor.accept(branch.fallThrough(), branch.condition() == Condition.SET ? refinedUnset(end, branch)
                            : refined(end, branch, Refinement.negate(branch.condition())));
        } else {
            for (int successor : terminator.successors()) {
                visitor.accept(successor, end);
            }
        }
    }

    private void flow(int from, int to, State state, BitSet work, int[] visits) {
        if (state == null) {
            return;
        }
        if (entries[to] == null) {
            entries[to] = state.copy();
            work.set(to);
            return;
        }
        // Every cycle has an edge back, so widening there alone makes an end.
        NavigableSet<Long> widening = to > from || visits[to] < WIDEN_AFTER ? null : visits[to] < GIVE_UP_AFTER ? thresholds : NOTHING;
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

    /** The state where the condition holds, or null when it cannot. */
    private static State refined(State state, Terminator.Branch branch, Condition condition) {
        State result = state.copy();
        result.identify(branch.left());
        Value left = result.register(branch.left());
        Value right = Transfer.operand(result, branch.right());
        if (branch.right() instanceof Register register) {
            result.identify(register.number());
            right = result.register(register.number());
        }
        Value newLeft = refine(condition, branch.wide(), left, right);
        Value newRight = refine(Refinement.mirror(condition), branch.wide(), right, left);
        if (newLeft == null || newRight == null || !result.refine(branch.left(), newLeft)) {
            return null;
        }
        if (branch.right() instanceof Register register && register.number() != branch.left() && !result.refine(register.number(), newRight)) {
            return null;
        }
        if (branch.wide()) {
            refinePacket(result, condition, left, right);
            refinePacket(result, Refinement.mirror(condition), right, left);
        }
        return result;
    }

    /** A packet pointer that is not beyond the packet's end shows how long the packet is; one to metadata ends at the packet's first byte. */
    private static void refinePacket(State state, Condition condition, Value pointer, Value end) {
        boolean isEnd = end.isAt(Kind.PACKET_END) && end.min() == 0;
        boolean isStart = pointer.id() == Value.META_ID && end.isAt(Kind.PACKET) && end.min() == 0;
        int more = condition == Condition.LT ? 1 : 0;
        if (!pointer.isOnly(Kind.PACKET) || condition != Condition.LT && condition != Condition.LE || !isEnd && !isStart) {
            return;
        }
        if (pointer.id() == Value.META_ID) {
            state.reaches(pointer, more);
        } else if (pointer.min() >= 0) {
            state.packetHas(pointer.min() == Long.MAX_VALUE ? pointer.min() : pointer.min() + more);
            state.reaches(pointer, more);
        }
    }

    private static State refinedUnset(State state, Terminator.Branch branch) {
        Value left = state.register(branch.left());
        Value mask = Transfer.operand(state, branch.right());
        if (!left.isOnly(Kind.SCALAR) || !mask.isOnly(Kind.SCALAR)) {
            return state;
        }
        State result = state.copy();
        result.identify(branch.left());
        Range unset = Refinement.unset(branch.wide(), left.range(), mask.range());
        return unset != null && result.refine(branch.left(), result.register(branch.left()).refined(unset)) ? result : null;
    }

    /** What is left of {@code left} where the condition holds; null for nothing. */
    private static Value refine(Condition condition, boolean wide, Value left, Value right) {
        if (wide && right.isConstant() && right.min() == 0) {
            if (left.may(Kind.NULL) && (condition == Condition.NE || condition == Condition.GT)) {
                return left.withoutNull();
            }
            if (condition == Condition.EQ && left.may(Kind.NULL)) {
                return Value.constant(0).withId(left.id(), left.delta());
            }
            if (condition == Condition.EQ && left.isNotZero()) {
                return null;
            }
        }
        if (wide && left.isOnly(Kind.PACKET) && right.isAt(Kind.PACKET_END) && right.min() == 0 && (condition == Condition.LE || condition == Condition.LT)) {
            Range inside = left.range().meet(Interval.signed(true, Long.MIN_VALUE, MAX_PACKET));
            return inside == null ? null : left.refined(inside);
        }
        if (!left.isOnly(Kind.SCALAR) || !right.isOnly(Kind.SCALAR)) {
            return left;
        }
        Range range = Refinement.holds(condition, wide, left.range(), right.range());
        return range == null ? null : left.refined(range);
    }
}
