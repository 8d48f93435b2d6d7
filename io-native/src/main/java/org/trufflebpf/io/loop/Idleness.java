package org.trufflebpf.io.loop;

import java.util.concurrent.TimeUnit;

/**
 * How long a worker polls, and when it sleeps. Where ports know when packets come it sleeps until then. Otherwise it polls on for a while after the
 * last packet, as the next one is probably near. Then it sleeps until the system says that a packet is there, or where that cannot be known longer
 * and longer; but never for more than a millisecond.
 */
final class Idleness {
    /** Linux wakes sleepers up some 50 microseconds late. */
    private static final long LEAST_SLEEP = TimeUnit.MICROSECONDS.toNanos(60);
    /** So that stopping, limits of time, and packets and timers of other workers' programs are noticed. */
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

    /**
     * No packet came.
     *
     * @param quiet nanoseconds in which surely none comes from ports that cannot be waited for, 0 if that is not known
     * @param readiness of the other ports, null if there are none
     */
    void pass(long quiet, Readiness readiness) {
        if (readiness != null && quiet > LEAST_SLEEP) {
            if (++rounds < ROUNDS) {
                Thread.onSpinWait();
            } else {
                waiter.await(readiness, Math.min(quiet, LONGEST_SLEEP));
            }
        } else if (quiet > LEAST_SLEEP) {
            waiter.pass(Math.min(quiet, LONGEST_SLEEP));
        } else if (quiet > 0 || ++rounds < ROUNDS) {
            Thread.onSpinWait();
        } else {
            waiter.pass(sleep);
            sleep = Math.min(2 * sleep, LONGEST_SLEEP);
        }
    }
}
