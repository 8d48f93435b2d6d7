package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.trufflebpf.io.memory.Memory;

/** Wakes who waits for something to read. Ringing never blocks, and costs a system call only when a thread sleeps. */
final class Doorbell {
    /**
     * Nobody sleeps longer without looking again: a producer that commits at the very moment somebody starts to wait may not see him. It would with
     * a fence, but that costs every event 5 ns.
     */
    private static final long LONGEST_SLEEP = TimeUnit.MILLISECONDS.toNanos(10);

    private final CopyOnWriteArrayList<Thread> waiting = new CopyOnWriteArrayList<>();
    private volatile Runnable listener;
    private volatile boolean heard;

    /** @param newListener called by the thread that rings: short, and never blocking; null for none */
    synchronized void listen(Runnable newListener) {
        listener = newListener;
        heard = newListener != null || !waiting.isEmpty();
    }

    private synchronized void stand(Thread thread, boolean here) {
        if (here) {
            waiting.add(thread);
        } else {
            waiting.remove(thread);
        }
        heard = listener != null || !waiting.isEmpty();
    }

    /** Whether ringing would reach anyone; after a change that a woken thread shall see. */
    boolean isHeard() {
        if (CompilerDirectives.injectBranchProbability(CompilerDirectives.LIKELY_PROBABILITY, !heard)) {
            return false;
        }
        // Between that change and a look at what the consumer has taken: it has one between taking and looking.
        Memory.fullFence();
        return true;
    }

    @TruffleBoundary
    void ring() {
        for (Thread thread : waiting) {
            LockSupport.unpark(thread);
        }
        Runnable called = listener;
        if (called != null) {
            called.run();
        }
    }

    /**
     * @param ready looked at before every sleep
     * @param nanos how long at most
     * @return whether it became ready
     */
    boolean await(BooleanSupplier ready, long nanos) throws InterruptedException {
        long start = System.nanoTime();
        Thread thread = Thread.currentThread();
        stand(thread, true);
        try {
            while (!ready.getAsBoolean()) {
                long left = nanos - (System.nanoTime() - start);
                if (left <= 0) {
                    return false;
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.parkNanos(this, Math.min(left, LONGEST_SLEEP));
            }
            return true;
        } finally {
            stand(thread, false);
        }
    }
}
