package org.trufflebpf.language.verifier;

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
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
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

    private final Graph graph;
    private final State start;
    private final MapTable maps;
    private final Transfer transfer;
    private final State[] entries;
    private final NavigableSet<Long> thresholds;

    private Analysis(Graph graph, MapTable maps, State start) {
        this.graph = graph;
        this.start = start;
        this.maps = maps;
        this.transfer = new Transfer(maps);
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
        return of(graph, maps, start);
    }

    /** Of a function that the timers of a map call. */
    static Analysis ofTimer(Graph graph, MapTable maps, int map) {
        State start = State.empty(graph.depths());
        start.setRegister(1, Value.map(map));
        start.setRegister(2, Value.mapKey(1L << map));
        start.setRegister(3, Value.mapValue(1L << map, false, 0));
        return of(graph, maps, start);
    }

    private static Analysis of(Graph graph, MapTable maps, State start) {
        Analysis analysis = new Analysis(graph, maps, start.copy());
        analysis.run(start);
        return analysis;
    }

    /** Of another graph that does the same, from the same start. */
    public Analysis of(Graph equivalent) {
        return of(equivalent, maps, start.copy());
    }

    public Graph graph() {
        return graph;
    }

    public MapTable maps() {
        return maps;
    }

    /** Whether control can get to a block as far as is known. */
    public boolean isReached(int block) {
        return entries[block] != null;
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
        NavigableSet<Long> nothing = new TreeSet<>();
        // Lowest number first: reverse post-order, so most predecessors are done before a block is.
        for (int block = work.nextSetBit(0); block >= 0; block = work.nextSetBit(0)) {
            work.clear(block);
            visits[block]++;
            State end = replay(block, (step, state) -> {
            });
            Terminator terminator = graph.blocks().get(block).terminator();
            if (terminator instanceof Terminator.Branch branch) {
                State taken = refined(end, branch, branch.condition());
                State fallThrough = branch.condition() == Condition.SET ? refinedUnset(end, branch) : refined(end, branch, Bounds.negate(branch.condition()));
                flow(block, branch.taken(), taken, work, visits, nothing);
                flow(block, branch.fallThrough(), fallThrough, work, visits, nothing);
            } else {
                for (int successor : terminator.successors()) {
                    flow(block, successor, end, work, visits, nothing);
                }
            }
        }
    }

    private void flow(int from, int to, State state, BitSet work, int[] visits, NavigableSet<Long> nothing) {
        if (state == null) {
            return;
        }
        if (entries[to] == null) {
            entries[to] = state.copy();
            work.set(to);
            return;
        }
        NavigableSet<Long> widening = to > from || visits[to] < WIDEN_AFTER ? null : visits[to] < GIVE_UP_AFTER ? thresholds : nothing;
        if (entries[to].join(state, visits[to] >= GIVE_UP_AFTER ? nothing : widening)) {
            work.set(to);
        }
    }

    /** The state where the condition holds, or null when it cannot. */
    private static State refined(State state, Terminator.Branch branch, Condition condition) {
        State result = state.copy();
        Value left = state.register(branch.left());
        Value right = Transfer.operand(state, branch.right());
        Value newLeft = refine(condition, branch.wide(), left, right);
        Value newRight = refine(Bounds.mirror(condition), branch.wide(), right, left);
        if (newLeft == null || newRight == null) {
            return null;
        }
        result.setRegister(branch.left(), newLeft);
        if (branch.right() instanceof Register register && register.number() != branch.left()) {
            result.setRegister(register.number(), newRight);
        }
        if (branch.wide()) {
            refinePacket(result, condition, left, right);
            refinePacket(result, Bounds.mirror(condition), right, left);
        }
        return result;
    }

    /** A packet pointer that is not beyond the packet's end shows how long the packet is. */
    private static void refinePacket(State state, Condition condition, Value pointer, Value end) {
        if (pointer.isOnly(Kind.PACKET) && end.isAt(Kind.PACKET_END) && end.min() == 0) {
            switch (condition) {
                case LE -> state.packetHas(pointer.min());
                case LT -> state.packetHas(pointer.min() == Long.MAX_VALUE ? pointer.min() : pointer.min() + 1);
                default -> {
                }
            }
        }
    }

    private static State refinedUnset(State state, Terminator.Branch branch) {
        Operand right = branch.right();
        Value left = state.register(branch.left());
        Value mask = Transfer.operand(state, right);
        boolean alwaysSet = left.isConstant() && mask.isConstant() && (left.min() & mask.min() & (branch.wide() ? -1L : 0xffff_ffffL)) != 0;
        return alwaysSet ? null : state;
    }

    private static Value refine(Condition condition, boolean wide, Value left, Value right) {
        if (wide && right.isConstant() && right.min() == 0) {
            if (left.may(Kind.NULL) && (condition == Condition.NE || condition == Condition.GT)) {
                return left.withoutNull();
            }
            if (condition == Condition.EQ && left.may(Kind.NULL)) {
                return Value.constant(0);
            }
            if (condition == Condition.EQ && left.isNotZero()) {
                return null;
            }
        }
        return Bounds.refine(condition, wide, left, right);
    }
}
