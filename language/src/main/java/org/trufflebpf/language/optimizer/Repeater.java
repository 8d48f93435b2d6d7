package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.StrongComponents;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Loops;

/**
 * Writes the body of short inner loops several times, each round going on to the next copy, so that only every fourth round jumps back: there machine
 * code polls twice whether it is to stop, which takes as long as a round of such a loop.
 */
final class Repeater {
    private static final int COPIES = 4;
    private static final int MAX_STEPS = 40;
    /** Above this many instructions a program does not grow any more. */
    private static final int MAX_PROGRAM = 4000;
    private static final int MAX_WORK = 100_000;

    private final Analysis analysis;
    private final List<Block> blocks;
    private int size;

    private Repeater(Analysis analysis) {
        this.analysis = analysis;
        this.blocks = new ArrayList<>(analysis.graph().blocks());
        this.size = analysis.graph().size();
    }

    static Graph repeat(Analysis analysis) {
        if (analysis.loops().rounds().isEmpty()) {
            return analysis.graph();
        }
        Graph repeated = new Repeater(analysis).run();
        return repeated == analysis.graph() || Checks.areNoMore(analysis.of(repeated), analysis) ? repeated : analysis.graph();
    }

    private Graph run() {
        int count = blocks.size();
        for (int[] loop : new StrongComponents(analysis.graph().blocks()).innermost(MAX_WORK)) {
            int header = Arrays.stream(loop).min().orElseThrow();
            if (isSuitable(loop, header)) {
                copy(loop, header);
            }
        }
        return blocks.size() == count ? analysis.graph() : Graph.ordered(blocks, analysis.graph().depths());
    }

    private boolean isSuitable(int[] loop, int header) {
        int steps = 0;
        for (int block : loop) {
            steps += blocks.get(block).steps().size() + 1;
            boolean calls = blocks.get(block).steps().stream().map(Step::instruction)
                            .anyMatch(instruction -> instruction instanceof Instruction.CallHelper || instruction instanceof Instruction.CallKfunc);
            if (calls || !analysis.isReached(block) || blocks.get(block).terminator() instanceof Terminator.Budget) {
                return false;
            }
        }
        return header > 0 && steps <= MAX_STEPS && size + (COPIES - 1) * steps <= MAX_PROGRAM && analysis.loops().rounds(header) <= Loops.MAX_UNCOUNTED;
    }

    private void copy(int[] loop, int header) {
        int first = blocks.size();
        Map<Integer, Integer> places = new HashMap<>();
        for (int i = 0; i < loop.length; i++) {
            places.put(loop[i], i);
        }
        for (int copy = 1; copy < COPIES; copy++) {
            int start = first + (copy - 1) * loop.length;
            int next = copy + 1 < COPIES ? start + loop.length + places.get(header) : header;
            for (int original : loop) {
                blocks.add(with(blocks.get(original), places, start, header, next));
            }
        }
        int next = first + places.get(header);
        for (int original : loop) {
            blocks.set(original, blocks.get(original).retarget(target -> target == header ? next : target));
        }
        size += (COPIES - 1) * Arrays.stream(loop).map(block -> blocks.get(block).steps().size() + 1).sum();
    }

    /** A block of a copy that begins at {@code start}. */
    private static Block with(Block block, Map<Integer, Integer> places, int start, int header, int next) {
        return block.retarget(target -> target == header ? next : places.containsKey(target) ? start + places.get(target) : target);
    }
}
