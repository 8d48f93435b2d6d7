package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.Truffle;
import com.oracle.truffle.runtime.OptimizedCallTarget;
import org.trufflebpf.language.nodes.NodeBuilder;
import org.trufflebpf.language.runtime.EbpfException.Failure;

/** Compiling before the first packet: background tiering takes seconds to notice a hot data path (measured). */
public final class Compilation {
    /** A package of Graal's that is not for everybody. */
    private static final String RUNTIME = "com.oracle.truffle.runtime";

    private Compilation() {
    }

    /** Whether programs can become machine code; without it they are interpreted, some hundred times slower. */
    public static boolean isAvailable() {
        return !Truffle.getRuntime().getName().equals("Interpreted");
    }

    /**
     * Compiles in the last tier and returns when the code is there, or compiling failed. Without a compiler it does nothing.
     *
     * @return whether calls of {@code target} run machine code now
     * @throws EbpfException if Java was started without what lets this class ask for it
     */
    public static boolean compile(RootCallTarget target) {
        if (!isAvailable()) {
            return false;
        }
        NodeBuilder.parts(target).forEach(Compilation::compileOne);
        compileOne(target);
        return isCompiled(target);
    }

    private static void compileOne(RootCallTarget target) {
        prepare(target);
        if (target instanceof OptimizedCallTarget optimized) {
            optimized.compile(true);
            optimized.waitForCompilation();
        }
    }

    /**
     * Makes {@code target} ready to be compiled, or to become part of another one's machine code, before its first call. Without a compiler it does
     * nothing.
     *
     * @throws EbpfException if Java was started without what lets this class ask for it
     */
    public static void prepare(RootCallTarget target) {
        if (!isAvailable()) {
            return;
        }
        Module language = Compilation.class.getModule();
        if (!Truffle.getRuntime().getClass().getModule().isExported(RUNTIME, language)) {
            throw new EbpfException(Failure.USAGE, "programs cannot be compiled: start Java with --add-exports=org.graalvm.truffle.runtime/" + RUNTIME
                    + "=" + (language.isNamed() ? language.getName() : "ALL-UNNAMED"));
        }
        if (target instanceof OptimizedCallTarget optimized && !optimized.isInitialized()) {
            // Else compiling would do so, which asks for a context that this thread need not have entered.
            optimized.prepareForAOT();
        }
    }

    /** Ends a compilation that is under way, if there is one: its result is not wanted any more. Any thread may call. */
    static void cancel(RootCallTarget target) {
        if (isAvailable() && target instanceof OptimizedCallTarget optimized) {
            optimized.cancelCompilation("the program is closed");
        }
    }

    /** Whether calls of {@code target} run machine code of the last tier. */
    public static boolean isCompiled(RootCallTarget target) {
        return isAvailable() && isOneCompiled(target) && NodeBuilder.parts(target).stream().allMatch(Compilation::isOneCompiled);
    }

    private static boolean isOneCompiled(RootCallTarget target) {
        return target instanceof OptimizedCallTarget optimized && optimized.isValidLastTier();
    }
}
