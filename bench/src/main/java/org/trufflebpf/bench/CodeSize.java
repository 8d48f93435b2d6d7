package org.trufflebpf.bench;

import com.oracle.truffle.api.Truffle;
import com.oracle.truffle.compiler.TruffleCompilerListener.CompilationResultInfo;
import com.oracle.truffle.compiler.TruffleCompilerListener.GraphInfo;
import com.oracle.truffle.runtime.AbstractCompilationTask;
import com.oracle.truffle.runtime.OptimizedCallTarget;
import com.oracle.truffle.runtime.OptimizedTruffleRuntime;
import com.oracle.truffle.runtime.OptimizedTruffleRuntimeListener;

/** Watches how large the machine code is that is made. */
final class CodeSize implements OptimizedTruffleRuntimeListener {
    private volatile int bytes;

    private CodeSize() {
    }

    static CodeSize watch() {
        CodeSize size = new CodeSize();
        ((OptimizedTruffleRuntime) Truffle.getRuntime()).addListener(size);
        return size;
    }

    /** @return bytes of the largest piece since then */
    int stop() {
        ((OptimizedTruffleRuntime) Truffle.getRuntime()).removeListener(this);
        return bytes;
    }

    @Override
    public void onCompilationSuccess(OptimizedCallTarget target, AbstractCompilationTask task, GraphInfo graph, CompilationResultInfo result) {
        bytes = Math.max(bytes, result.getTargetCodeSize());
    }
}
