package org.trufflebpf.language.nodes;

import java.util.ArrayDeque;
import java.util.BitSet;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.HelperPrototype;

/** How many ring buffer records a program can hold at a time. */
final class HeldRecords {
    private HeldRecords() {
    }

    /** Whether it is one at most: on no path does it reserve twice. Those behind dynptrs are kept elsewhere, and count as many. */
    static boolean isOneAtMost(Analysis analysis) {
        BitSet reserving = new BitSet();
        for (int block = 0; block < analysis.graph().blocks().size(); block++) {
            if (analysis.isReached(block)) {
                long calls = analysis.graph().blocks().get(block).steps().stream().filter(step -> calls(step, HelperPrototype.RINGBUF_RESERVE)).count();
                boolean others = analysis.graph().blocks().get(block).steps().stream().anyMatch(step -> calls(step, HelperPrototype.RINGBUF_RESERVE_DYNPTR));
                if (calls > 1 || others) {
                    return false;
                }
                reserving.set(block, calls == 1);
            }
        }
        return !after(analysis, reserving).intersects(reserving);
    }

    /** The blocks that control can get to from some others. */
    private static BitSet after(Analysis analysis, BitSet starts) {
        BitSet after = new BitSet();
        ArrayDeque<Integer> pending = new ArrayDeque<>(starts.stream().boxed().toList());
        while (!pending.isEmpty()) {
            Block block = analysis.graph().blocks().get(pending.remove());
            for (int successor : block.terminator().successors()) {
                if (analysis.isReached(successor) && !after.get(successor)) {
                    after.set(successor);
                    pending.add(successor);
                }
            }
        }
        return after;
    }

    private static boolean calls(Step step, HelperPrototype helper) {
        return step.instruction() instanceof Instruction.CallHelper call && HelperPrototype.of(call.helper()).filter(helper::equals).isPresent();
    }
}
