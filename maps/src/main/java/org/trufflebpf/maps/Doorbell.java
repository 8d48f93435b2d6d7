package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Wakes who waits for something to read. Ringing never blocks, and costs a system call only when a thread sleeps. */
final class Doorbell {
    private final CopyOnWriteArrayList<Thread> waiting = new CopyOnWriteArrayList<>();
    private volatile Runnable listener;

    /** @param listener called by the thread that rings: short, and never blocking; null for none */
    void listen(Runnable newListener) {
        listener = newListener;
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
        waiting.add(thread);
        try {
            while (!ready.getAsBoolean()) {
                long left = nanos - (System.nanoTime() - start);
                if (left <= 0) {
                    return false;
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.parkNanos(this, left);
            }
            return true;
        } finally {
            waiting.remove(thread);
        }
    }
}
