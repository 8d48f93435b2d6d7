package org.trufflebpf.io.linux;

/** Waiting for threads that must have ended before memory of theirs is freed. */
public final class Threads {
    private Threads() {
    }

    /** Returns when {@code thread} has ended, whatever interrupts the caller meanwhile; who was interrupted is so afterwards. */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
