package org.trufflebpf.language.verifier.report;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Register;

/** Reaching definitions: which instructions can have written what a register holds. */
final class Origins {
    /** Blocks that one question may visit: enough for people's programs, and a bound for those that are made to take long. */
    private static final int MAX_BLOCKS = 2_000;
    /** More writers than these tell a reader nothing. */
    private static final int MAX_WRITERS = 4;
    /** Copies and additions that are followed back. */
    private static final int MAX_CHAIN = 4;
    private static final int LAST_CLOBBERED = 5;

    private final Graph graph;
    private final int[][] predecessors;

    Origins(Graph graph) {
        this.graph = graph;
        this.predecessors = graph.predecessors();
    }

    private record Place(int block, int step) {
    }

    /**
     * The slots that wrote {@code register} as it is before a step: while it is one instruction that copies or moves another value by a constant,
     * that one and where its operand comes from; else all.
     */
    List<Integer> of(int block, int step, int register) {
        List<Integer> chain = new ArrayList<>();
        Place at = new Place(block, step);
        int wanted = register;
        while (true) {
            List<Place> writers = writers(at, wanted);
            if (writers.size() != 1) {
                new TreeSet<>(writers.stream().map(this::slot).toList()).stream().filter(slot -> !chain.contains(slot)).limit(MAX_WRITERS)
                                .forEach(chain::add);
                return chain;
            }
            at = writers.getFirst();
            Step writer = step(at);
            if (chain.contains(writer.slot())) {
                return chain;
            }
            chain.add(writer.slot());
            int source = source(writer.instruction());
            if (source < 0 || chain.size() == MAX_CHAIN) {
                return chain;
            }
            wanted = source;
        }
    }

    /** The register whose value an instruction only copies or moves by a constant, or -1. */
    private static int source(Instruction instruction) {
        return switch (instruction) {
            case Instruction.Alu(AluOperation operation, boolean _, int _, Register(int source)) when operation == AluOperation.MOV -> source;
            case Instruction.Alu(AluOperation operation, boolean _, int target, Immediate _) when operation == AluOperation.ADD -> target;
            default -> -1;
        };
    }

    private Step step(Place place) {
        return graph.blocks().get(place.block).steps().get(place.step);
    }

    private int slot(Place place) {
        return step(place).slot();
    }

    /** Empty where there is none, or where there are so many blocks in between that nobody would want to know. */
    private List<Place> writers(Place before, int register) {
        List<Place> found = new ArrayList<>();
        BitSet seen = new BitSet();
        Deque<Integer> pending = new ArrayDeque<>();
        Place inBlock = lastWriter(before.block, before.step, register);
        if (inBlock != null) {
            return List.of(inBlock);
        }
        push(before.block, seen, pending);
        while (!pending.isEmpty()) {
            int block = pending.remove();
            Place writer = lastWriter(block, graph.blocks().get(block).steps().size(), register);
            if (writer != null) {
                found.add(writer);
            } else {
                push(block, seen, pending);
            }
            if (seen.cardinality() > MAX_BLOCKS) {
                return List.of();
            }
        }
        return found;
    }

    private void push(int block, BitSet seen, Deque<Integer> pending) {
        for (int predecessor : predecessors[block]) {
            if (!seen.get(predecessor)) {
                seen.set(predecessor);
                pending.add(predecessor);
            }
        }
    }

    private Place lastWriter(int block, int end, int register) {
        List<Step> steps = graph.blocks().get(block).steps();
        for (int step = Math.min(end, steps.size()) - 1; step >= 0; step--) {
            if (writes(steps.get(step).instruction(), register)) {
                return new Place(block, step);
            }
        }
        return null;
    }

    private static boolean writes(Instruction instruction, int register) {
        return switch (instruction) {
            case Instruction.CallHelper _, Instruction.CallKfunc _ -> register <= LAST_CLOBBERED;
            default -> Operands.writes(instruction) == register;
        };
    }
}
