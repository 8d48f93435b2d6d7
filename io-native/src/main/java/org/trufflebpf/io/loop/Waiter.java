package org.trufflebpf.io.loop;

import java.util.concurrent.locks.LockSupport;

/** What a worker does while no packet comes. Called on its thread; who runs workers gives one that can be interrupted as its threads need. */
@FunctionalInterface
public interface Waiter {
    /** Sleeps. */
    Waiter SLEEP = LockSupport::parkNanos;

    /** Keeps the processor busy, so that no packet waits for it to wake up. */
    Waiter SPIN = nanoseconds -> Thread.onSpinWait();

    /** Lets about that much time pass, or less. */
    void pass(long nanoseconds);
}
