package org.trufflebpf.io.loop;

import java.util.concurrent.TimeUnit;

/**
 * How long a worker polls, and when it sleeps. Where ports know when packets come it sleeps until then. Otherwise it polls on for a while after the
 * last packet, as the next one is probably near, and then sleeps longer and longer, up to a millisecond.
 */
final class Idleness {
    /** Linux wakes sleepers up some 50 microseconds late. */
    private static final long LEAST_SLEEP = TimeUnit.MICROSECONDS.toNanos(60);
    /** So that stopping and limits of time are noticed. */
    private static final long LONGEST_SLEEP = TimeUnit.MILLISECONDS.toNanos(1);
    /** Some 50 microseconds. */
    private static final int ROUNDS = 1000;

    private final Waiter waiter;
    private int rounds;
    private long sleep = LEAST_SLEEP;

    Idleness(Waiter waiter) {
        this.waiter = waiter;
    }

    void end() {
        rounds = 0;
        sleep = LEAST_SLEEP;
    }

    /** @param quiet nanoseconds in which surely no packet comes, 0 if that is not known */
    void pass(long quiet) {
        if (quiet > LEAST_SLEEP) {
            waiter.pass(Math.min(quiet, LONGEST_SLEEP));
        } else if (quiet > 0 || ++rounds < ROUNDS) {
            Thread.onSpinWait();
        } else {
            waiter.pass(sleep);
            sleep = Math.min(2 * sleep, LONGEST_SLEEP);
        }
    }
}
