package org.trufflebpf.io.loop;

import java.util.concurrent.locks.LockSupport;

/** What a worker does while no packet comes. Called on its thread; who runs workers gives one that can be interrupted as its threads need. */
@FunctionalInterface
public interface Waiter {
    /** Sleeps. */
    Waiter SLEEP = LockSupport::parkNanos;

    /** Keeps the processor busy, so that no packet waits for it to wake up. */
    Waiter SPIN = spinning(Thread::onSpinWait);

    /** Does something short, again and again, instead of sleeping. */
    static Waiter spinning(Runnable pastime) {
        return new Waiter() {
            @Override
            public void pass(long nanoseconds) {
                pastime.run();
            }

            @Override
            public void await(Readiness ports, long nanoseconds) {
                pastime.run();
            }
        };
    }

    /** Lets about that much time pass, or less. */
    void pass(long nanoseconds);

    /** The same, but no longer than until there is something to do. The system call that waits is ended by the readiness' bell only. */
    default void await(Readiness ports, long nanoseconds) {
        ports.await(nanoseconds);
    }
}
