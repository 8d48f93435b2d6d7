package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.Truffle;
import com.oracle.truffle.runtime.OptimizedCallTarget;

/** Compiling before the first packet: background tiering takes seconds to notice a hot data path (measured). */
public final class Compilation {
    private Compilation() {
    }

    /** Whether programs can become machine code; without it they are interpreted, some hundred times slower. */
    public static boolean isAvailable() {
        return !Truffle.getRuntime().getName().equals("Interpreted");
    }

    /** Compiles in the last tier and returns when the code is there, or compiling failed. Without a compiler it does nothing. */
    public static void compile(RootCallTarget target) {
        if (target instanceof OptimizedCallTarget optimized) {
            optimized.compile(true);
            optimized.waitForCompilation();
        }
    }

    /** Whether calls of {@code target} run machine code of the last tier. */
    public static boolean isCompiled(RootCallTarget target) {
        return target instanceof OptimizedCallTarget optimized && optimized.isValidLastTier();
    }
}
