package org.trufflebpf.language.optimizer;

import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Loops;
import org.trufflebpf.language.verifier.Proof;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;

/** What is left to be checked or counted when a program runs, which a pass over loops must not add to: it would cost time, and trap elsewhere. */
final class Checks {
    private Checks() {
    }

    static boolean areNoMore(Analysis after, Analysis before) {
        return countedLoops(after) <= countedLoops(before) && unprovedAccesses(after) <= unprovedAccesses(before);
    }

    private static long countedLoops(Analysis analysis) {
        return analysis.loops().rounds().values().stream().filter(rounds -> rounds > Loops.MAX_UNCOUNTED).count();
    }

    private static int unprovedAccesses(Analysis analysis) {
        int[] count = new int[1];
        for (int block = 0; block < analysis.graph().blocks().size(); block++) {
            if (analysis.isReached(block)) {
                analysis.replay(block, (step, state) -> count[0] += isProved(analysis, Operands.access(step.instruction()), state) ? 0 : 1);
            }
        }
        return count[0];
    }

    /** Whether an access runs without a check. */
    static boolean isProved(Analysis analysis, MemoryAccess access, State state) {
        return access == null || StackUse.isFixed(state.register(access.base()), access.offset(), access.bytes()) ||
                        Proof.holds(state, analysis.maps(), state.register(access.base()), access.offset(), access.bytes(), access.reads(), access.writes());
    }
}
