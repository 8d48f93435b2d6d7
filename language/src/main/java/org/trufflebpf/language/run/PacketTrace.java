package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.nodes.StepListener;
import org.trufflebpf.language.nodes.StepView;

/** What one packet's run compared with what, and which packet bytes went into it. */
final class PacketTrace implements StepListener {
    /** Comparisons of one run that are worth trying the other way. */
    private static final int MAX_COMPARISONS = 200;
    /** Times that the same comparison counts, as in a loop. */
    private static final int MAX_REPEATS = 3;
    /** A number this near to the packet is a pointer into it, in bytes. */
    private static final long NEAR = 0x10000;
    private static final BitSet NOTHING = new BitSet();

    private final Set<Integer> wanted;
    private final BitSet[] sources = new BitSet[Registers.COUNT];
    private final Map<Long, BitSet> stackSources = new HashMap<>();
    private final List<Comparison> comparisons = new ArrayList<>();
    private final Map<Integer, Integer> repeats = new HashMap<>();
    private final Set<Long> edges = new HashSet<>();
    private final Set<Integer> lengths = new HashSet<>();
    private final List<BitSet> offsets = new ArrayList<>();
    private long steps;
    private int lastSlot;
    private int branched;

    /**
     * @param left what was compared
     * @param leftBytes the offsets of the packet bytes that it was made of, maybe none
     */
    record Comparison(Condition condition, long left, long right, BitSet leftBytes, BitSet rightBytes) {
    }

    /** @param wanted slots of accesses whose place matters, too */
    PacketTrace(Set<Integer> wanted) {
        this.wanted = wanted;
    }

    void begin() {
        Arrays.fill(sources, NOTHING);
        stackSources.clear();
        comparisons.clear();
        repeats.clear();
        edges.clear();
        lengths.clear();
        offsets.clear();
        lastSlot = -1;
        branched = -1;
    }

    /** Of all runs. */
    long steps() {
        return steps;
    }

    int lastSlot() {
        return lastSlot;
    }

    List<Comparison> comparisons() {
        return comparisons;
    }

    /** Ways that the run took from one branch to what came next. */
    Set<Long> edges() {
        return edges;
    }

    /** Of packets that come out differently somewhere. */
    Set<Integer> lengths() {
        return lengths;
    }

    /** The packet bytes that went into the addresses of wanted accesses. */
    List<BitSet> offsets() {
        return offsets;
    }

    private void arrive(int slot) {
        steps++;
        lastSlot = slot;
        if (branched >= 0) {
            edges.add((long) branched << 32 | slot);
            branched = -1;
        }
    }

    @Override
    public void step(Step step, StepView view) {
        arrive(step.slot());
        MemoryAccess access = Operands.access(step.instruction());
        if (access != null) {
            visit(step.slot(), access, view);
        }
        switch (step.instruction()) {
            case Instruction.Alu alu when alu.operation() == AluOperation.MOV -> sources[alu.target()] = sources(alu.source());
            case Instruction.Alu alu -> sources[alu.target()] = union(sources[alu.target()], sources(alu.source()));
            case Instruction.MoveSignExtended move -> sources[move.target()] = sources[move.source()];
            case Instruction.Negate _, Instruction.SwapBytes _ -> {
            }
            case Instruction.Load load -> sources[load.target()] = loaded(view.register(load.base()) + load.offset(), load.size().bytes(), view);
            case Instruction.Store store -> stored(view.register(store.base()) + store.offset(), sources(store.source()), view);
            case Instruction.CallHelper _, Instruction.CallKfunc _ -> Arrays.fill(sources, 0, 6, NOTHING);
            default -> {
                if (Operands.writes(step.instruction()) >= 0) {
                    sources[Operands.writes(step.instruction())] = NOTHING;
                }
            }
        }
    }

    private void visit(int slot, MemoryAccess access, StepView view) {
        long at = view.register(access.base()) + access.offset() - view.data();
        if (at > -NEAR && at < NEAR) {
            addLengths(at);
            addLengths(at + access.bytes() - 1);
        }
        if (wanted.contains(slot) && !sources[access.base()].isEmpty()) {
            offsets.add(sources[access.base()]);
        }
    }

    private BitSet sources(Operand operand) {
        return switch (operand) {
            case Register register -> sources[register.number()];
            case Immediate _ -> NOTHING;
        };
    }

    private static BitSet union(BitSet a, BitSet b) {
        if (b.isEmpty() || a == b) {
            return a;
        }
        BitSet both = (BitSet) a.clone();
        both.or(b);
        return both;
    }

    private BitSet loaded(long address, int size, StepView view) {
        if (address >= view.data() && address + size <= view.dataEnd()) {
            BitSet bytes = new BitSet();
            int first = (int) (address - view.data());
            bytes.set(first, first + size);
            return bytes;
        }
        return isStack(address, view) ? stackSources.getOrDefault(address >> 3, NOTHING) : NOTHING;
    }

    private void stored(long address, BitSet bytes, StepView view) {
        if (isStack(address, view)) {
            stackSources.put(address >> 3, bytes);
        }
    }

    private static boolean isStack(long address, StepView view) {
        return address >= view.stack() && address < view.stack() + StepView.stackBytes();
    }

    @Override
    public void end(int slot, Terminator end, StepView view) {
        arrive(slot);
        if (end instanceof Terminator.Branch branch) {
            branched = slot;
            if (repeats.merge(slot, 1, Integer::sum) <= MAX_REPEATS && comparisons.size() < MAX_COMPARISONS) {
                compare(branch, view);
            }
        }
    }

    private void compare(Terminator.Branch branch, StepView view) {
        long left = view.register(branch.left());
        long right = switch (branch.right()) {
            case Register register -> view.register(register.number());
            case Immediate immediate -> immediate.value();
        };
        long length = view.dataEnd() - view.data();
        if (right == view.dataEnd()) {
            addLengths(left - view.data());
        } else if (left == view.dataEnd()) {
            addLengths(right - view.data());
        } else if (left == length) {
            addLengths(right);
        } else if (right == length) {
            addLengths(left);
        }
        BitSet leftBytes = sources[branch.left()];
        BitSet rightBytes = sources(branch.right());
        if (!leftBytes.isEmpty() || !rightBytes.isEmpty()) {
            comparisons.add(branch.wide() ? new Comparison(branch.condition(), left, right, leftBytes, rightBytes)
                    : new Comparison(branch.condition(), left & 0xffff_ffffL, right & 0xffff_ffffL, leftBytes, rightBytes));
        }
    }

    private void addLengths(long middle) {
        for (long length = middle - 1; length <= middle + 1; length++) {
            if (length >= 0 && length <= Burst.LONGEST_PACKET) {
                lengths.add((int) length);
            }
        }
    }
}
