package org.trufflebpf.language.run;

import java.util.List;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.language.nodes.TrapListener;

/** A verified program of a {@link LoadedObject}. */
public interface RunnableProgram {
    /**
     * A processor for one worker.
     *
     * @param cpu the worker's CPU number, the same as in its bursts
     */
    BurstProcessor newProcessor(int cpu);

    /**
     * The same for somebody who wants to see traps; what only stands for another program tells of none.
     *
     * @param listener is told of each fault that ends the run of a packet, the first time that any worker meets it
     */
    default BurstProcessor newProcessor(int cpu, @SuppressWarnings("unused") TrapListener listener) {
        return newProcessor(cpu);
    }

    /**
     * Compiles the program and returns when that is done.
     *
     * @return whether there is machine code now; there is none without a compiler, or when the program is too large for it
     */
    boolean compile();

    /**
     * Compiles the program once more for what its maps hold now, returns when that is done, and from then on follows what they hold: when the control plane
     * writes one of them the next bursts run what {@link #compile} made, until the maps rest again. Compile first.
     *
     * @return whether there is anything about the maps' contents that packets gain by now
     */
    default boolean specialize() {
        return false;
    }

    /** What is made use of about the maps' contents, or was the last time that there was something: a line for each map, for people. */
    default List<String> specializedOn() {
        return List.of();
    }

    /** A processor that never runs what {@link #specialize} makes, to see what that gains. */
    default BurstProcessor newGenericProcessor(int cpu) {
        return newProcessor(cpu);
    }

    /** Whether it is made for packets of several buffers; all others have at most {@link Burst#LONGEST_PACKET} bytes. */
    boolean handlesFragments();

    /** Packets until now whose run ended in a trap; they are among those with the verdict ABORTED. Any thread may ask. */
    long traps();
}
