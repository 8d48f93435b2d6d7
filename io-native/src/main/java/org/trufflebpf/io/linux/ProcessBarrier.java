package org.trufflebpf.io.linux;

import org.trufflebpf.io.libc.Libc;

/**
 * A full memory fence that one thread makes all threads of the process execute (membarrier(2), some microseconds). Two threads that each store a word
 * and then look at the other's need a fence each, or they may both miss what the other stored; with this the one that does it seldom pays for both.
 */
public final class ProcessBarrier {
    private static final boolean AVAILABLE = Libc.available() && Libc.membarrier(Libc.MEMBARRIER_REGISTER_PRIVATE_EXPEDITED) == 0;

    private ProcessBarrier() {
    }

    /** Whether the system has it and lets this process use it. */
    public static boolean available() {
        return AVAILABLE;
    }

    /**
     * Each other thread of the process executes a full fence between the call and the return.
     *
     * @throws IllegalStateException where it is not {@link #available}
     */
    public static void run() {
        if (!AVAILABLE || Libc.membarrier(Libc.MEMBARRIER_PRIVATE_EXPEDITED) != 0) {
            throw new IllegalStateException("membarrier(2) is not available");
        }
    }
}
