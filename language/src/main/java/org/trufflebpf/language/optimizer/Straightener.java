package org.trufflebpf.language.optimizer;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;

/**
 * Makes of blocks that always follow each other one: branches that can go one way only become none, and a block whose only predecessor goes nowhere
 * else joins it. Inlined calls and unrolled loops leave such blocks, and what works on blocks sees more in larger ones.
 */
final class Straightener {
    private final Analysis analysis;
    private final List<Block> blocks;

    private Straightener(Analysis analysis) {
        this.analysis = analysis;
        this.blocks = new ArrayList<>(analysis.graph().blocks());
    }

    static Graph straighten(Analysis analysis) {
        return new Straightener(analysis).run();
    }

    private Graph run() {
        boolean decided = false;
        for (int number = 0; number < blocks.size(); number++) {
            Terminator terminator = analysis.isReached(number) ? decided(number) : null;
            if (terminator != null) {
                blocks.set(number, new Block(withTrace(blocks.get(number)), terminator, blocks.get(number).end()));
                decided = true;
            }
        }
        Graph graph = analysis.graph();
        return joined(decided ? Graph.ordered(blocks, graph.depths()) : graph);
    }

    /** Where a block always goes on, as far as is known; null when it can go more ways than one, or has always gone one way. */
    private Terminator decided(int number) {
        if (!(blocks.get(number).terminator() instanceof Terminator.Branch branch)) {
            return null;
        }
        if (!analysis.isReached(branch.taken())) {
            return new Terminator.Goto(branch.fallThrough());
        }
        if (!analysis.isReached(branch.fallThrough())) {
            return new Terminator.Goto(branch.taken());
        }
        State end = analysis.replay(number, (step, state) -> {
        });
        Value left = end.register(branch.left());
        Value right = switch (branch.right()) {
            case Instruction.Register register -> end.register(register.number());
            case Instruction.Immediate _ -> null;
        };
        if (!left.isConstant() || right != null && !right.isConstant()) {
            return null;
        }
        long other = right != null ? right.min() : ((Instruction.Immediate) branch.right()).value();
        return new Terminator.Goto(Arithmetic.test(branch.condition(), branch.wide(), left.min(), other) ? branch.taken() : branch.fallThrough());
    }

    private static Graph joined(Graph graph) {
        int[][] predecessors = graph.predecessors();
        List<Block> blocks = new ArrayList<>(graph.blocks());
        boolean[] gone = new boolean[blocks.size()];
        boolean changed = false;
        for (int first = 0; first < blocks.size(); first++) {
            if (gone[first]) {
                continue;
            }
            List<Step> steps = null;
            Block last = blocks.get(first);
            while (last.terminator() instanceof Terminator.Goto(int next) && next > first && predecessors[next].length == 1) {
                List<Step> following = blocks.get(next).steps();
                int length = (steps == null ? 0 : steps.size()) + last.steps().size() + following.size();
                if (length > Block.MAX_STEPS) {
                    break;
                }
                steps = steps == null ? new ArrayList<>() : steps;
                boolean fallsThrough = !following.isEmpty() && following.getFirst().slot() == last.end();
                steps.addAll(fallsThrough ? last.steps() : withTrace(last));
                last = blocks.get(next);
                gone[next] = true;
            }
            if (steps != null) {
                steps.addAll(last.steps());
                blocks.set(first, new Block(steps, last.terminator(), last.end()));
                changed = true;
            }
        }
        return changed ? Graph.ordered(blocks, graph.depths()) : graph;
    }

    /** A jump that goes leaves a step, so that tools still come past its line; machine code has nothing of it. */
    private static List<Step> withTrace(Block block) {
        if (!block.steps().isEmpty() && block.steps().getLast().slot() == block.end()) {
            return block.steps();
        }
        List<Step> steps = new ArrayList<>(block.steps());
        steps.add(new Step(block.end(), new Instruction.LoadConstant(Edits.local(0), 0)));
        return steps;
    }
}
