package org.trufflebpf.language.optimizer;

import java.util.List;
import java.util.Set;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.language.verifier.TimerCallback;
import org.trufflebpf.language.verifier.VerifiedProgram;

/**
 * Makes of a verified program one that does the same faster, before it is turned into nodes. The verifier has had its say by then: what it rejects
 * and how it says it does not depend on this. Each pass works with what the analysis knows of the graph that the one before left.
 */
public final class Optimizer {
    private Optimizer() {
    }

    /** A program that nothing is to be proved of stays as it is. */
    public static VerifiedProgram optimize(VerifiedProgram program, Set<Pass> passes) {
        if (program.safety() == Safety.OFF) {
            return program;
        }
        List<TimerCallback> callbacks = program.callbacks().stream() //
                        .map(callback -> new TimerCallback(callback.function(), callback.map(), optimize(callback.program(), passes))).toList();
        return program.with(optimize(program.analysis(), passes), callbacks);
    }

    static Analysis optimize(Analysis analysis, Set<Pass> passes) {
        Analysis current = analysis;
        for (Pass pass : Pass.values()) {
            if (passes.contains(pass)) {
                Graph graph = pass.run(current);
                current = graph == current.graph() ? current : current.of(graph);
            }
        }
        return current;
    }
}
