package org.trufflebpf.language.optimizer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.StrongComponents;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.language.verifier.State;

/**
 * Unrolls loops whose number of iterations is known: a block gets a copy for each set of constants that the registers can have that the loop
 * changes. If these copies are few, and none leads back to another, they take the loop's place. Loops inside come along, whatever their form.
 */
final class Unroller {
    /** Instructions that a loop may become, calls counted as many. */
    private static final int MAX_STEPS = 1000;
    private static final int CALL_STEPS = 40;
    private static final int MAX_COPIES = 400;
    /** Above this many instructions a program does not grow any more. */
    private static final int MAX_PROGRAM = 8_000;
    /** Loops nest by the thousand only in hostile code, for which this bounds the blocks looked at. */
    private static final int MAX_WORK = 300_000;

    private final Analysis analysis;
    private final Liveness liveness;
    private final List<Block> blocks;
    private final int[][] predecessors;
    private int size;

    private Unroller(Analysis analysis) {
        this.analysis = analysis;
        this.liveness = Liveness.of(analysis);
        this.blocks = new ArrayList<>(analysis.graph().blocks());
        this.predecessors = analysis.graph().predecessors();
        this.size = analysis.graph().size();
    }

    static Graph unroll(Analysis analysis) {
        int count = analysis.graph().blocks().size();
        int[] all = new int[count];
        Arrays.setAll(all, block -> block);
        boolean loops = Arrays.stream(all).anyMatch(block -> Arrays.stream(analysis.graph().blocks().get(block).terminator().successors())
                        .anyMatch(successor -> successor <= block));
        return loops ? new Unroller(analysis).run(all) : analysis.graph();
    }

    private Graph run(int[] all) {
        StrongComponents components = new StrongComponents(analysis.graph().blocks());
        ArrayDeque<int[]> parts = new ArrayDeque<>();
        parts.add(all);
        for (long work = 0; !parts.isEmpty() && work < MAX_WORK;) {
            int[] part = parts.remove();
            work += part.length;
            for (int[] loop : components.loops(part)) {
                work += MAX_COPIES;
                if (!new Loop(loop).unroll() && loop.length > 1) {
                    int header = Arrays.stream(loop).min().orElseThrow();
                    parts.add(Arrays.stream(loop).filter(block -> block != header).toArray());
                }
            }
        }
        return blocks.size() == all.length ? analysis.graph() : Graph.ordered(blocks, analysis.graph().depths());
    }

    /** A block on one way through the loop. */
    private record Way(int block, Map<Integer, Long> constants) {
    }

    /** One loop, and what it becomes. */
    private final class Loop {
        private final BitSet body = new BitSet();
        /** Registers that it writes. */
        private final BitSet written = new BitSet();
        private final Map<Way, Integer> numbers = new HashMap<>();
        private final List<Block> copies = new ArrayList<>();
        private final ArrayDeque<Way> pending = new ArrayDeque<>();
        private int steps;

        Loop(int[] loop) {
            for (int block : loop) {
                body.set(block);
                blocks.get(block).steps().forEach(step -> addWritten(step.instruction()));
            }
        }

        private void addWritten(Instruction instruction) {
            if (instruction instanceof Instruction.CallHelper || instruction instanceof Instruction.CallKfunc) {
                written.set(0, 6);
            } else if (Operands.writes(instruction) >= 0) {
                written.set(Operands.writes(instruction));
            }
        }

        /** Whether it was. */
        boolean unroll() {
            boolean asksForBudget = body.stream().anyMatch(block -> blocks.get(block).terminator() instanceof Terminator.Budget);
            if (asksForBudget || body.get(0) || body.stream().anyMatch(block -> !analysis.isReached(block))) {
                return false;
            }
            Map<Integer, Map<Integer, Integer>> entries = entries();
            while (!pending.isEmpty()) {
                if (copies.size() > MAX_COPIES || steps > MAX_STEPS || size + steps > MAX_PROGRAM) {
                    return false;
                }
                Way way = pending.remove();
                copies.set(numbers.get(way) - blocks.size(), copy(way));
            }
            if (hasLoop()) {
                return false;
            }
            size += steps;
            blocks.addAll(copies);
            entries.forEach((from, targets) -> {
                blocks.set(from, blocks.get(from).retarget(target -> targets.getOrDefault(target, target)));
            });
            return true;
        }

        /** For each block that leads into the loop: the copies of the blocks that it leads to. */
        private Map<Integer, Map<Integer, Integer>> entries() {
            Map<Integer, Map<Integer, Integer>> entries = new HashMap<>();
            body.stream().forEach(block -> {
                for (int from : predecessors[block]) {
                    if (!body.get(from) && analysis.isReached(from)) {
                        State end = analysis.replay(from, (step, state) -> {
                        });
                        entries.computeIfAbsent(from, key -> new HashMap<>()).put(block, number(block, Constants.of(end, written)));
                    }
                }
            });
            return entries;
        }

        /** Of the copy of {@code block} for some constants. */
        private int number(int block, Constants constants) {
            BitSet relevant = liveness.liveIn(block);
            relevant.and(written);
            return numbers.computeIfAbsent(new Way(block, constants.key(relevant)), way -> {
                pending.add(way);
                copies.add(null);
                return blocks.size() + copies.size() - 1;
            });
        }

        private Block copy(Way way) {
            Block block = blocks.get(way.block);
            Constants constants = Constants.of(way.constants);
            State end = analysis.replay(way.block, (step, state) -> {
                constants.apply(step.instruction(), state);
                steps += cost(step);
            });
            steps++;
            Terminator terminator = block.terminator();
            if (terminator instanceof Terminator.Branch branch) {
                Long left = constants.value(branch.left(), end);
                Long right = constants.value(branch.right(), end);
                if (left != null && right != null) {
                    terminator = new Terminator.Goto(Arithmetic.test(branch.condition(), branch.wide(), left, right) ? branch.taken() : branch.fallThrough());
                }
            }
            return new Block(block.steps(), terminator.retarget(target -> body.get(target) ? number(target, constants) : target), block.end());
        }

        private static int cost(Step step) {
            return step.instruction() instanceof Instruction.CallHelper || step.instruction() instanceof Instruction.CallKfunc ? CALL_STEPS : 1;
        }

        private boolean hasLoop() {
            List<Block> alone = new ArrayList<>();
            for (Block copy : copies) {
                int[] inside = Arrays.stream(copy.terminator().successors()).filter(target -> target >= blocks.size())
                                .map(target -> target - blocks.size()).toArray();
                Terminator terminator = switch (inside.length) {
                    case 0 -> new Terminator.Exit();
                    case 1 -> new Terminator.Goto(inside[0]);
                    default -> new Terminator.Budget(inside[0], inside[1]);
                };
                alone.add(new Block(List.of(), terminator, copy.end()));
            }
            int[] all = new int[alone.size()];
            Arrays.setAll(all, copy -> copy);
            return !new StrongComponents(alone).loops(all).isEmpty();
        }
    }
}
