package org.trufflebpf.language.run;

import org.trufflebpf.io.burst.BurstProcessor;

/** A verified program of a {@link LoadedObject}. */
public interface RunnableProgram {
    /**
     * A processor for one worker.
     *
     * @param cpu the worker's CPU number, the same as in its bursts
     */
    BurstProcessor newProcessor(int cpu);

    /**
     * Compiles the program and returns when that is done.
     *
     * @return whether there is machine code now; there is none without a compiler, or when the program is too large for it
     */
    boolean compile();

    /** Packets until now whose run ended in a trap; they are among those with the verdict ABORTED. Any thread may ask. */
    long traps();
}
