package org.trufflebpf.io.loop;

import java.util.concurrent.TimeUnit;

/**
 * How long a worker polls, and when it sleeps. Where ports know when packets come it sleeps until then. Otherwise it polls on for a while after the
 * last packet, as the next one is probably near. Then it sleeps until the system says that a packet is there, or where that cannot be known longer
 * and longer, but for no more than a millisecond.
 */
final class Idleness {
    /** Linux wakes sleepers up some 50 microseconds late. */
    private static final long LEAST_SLEEP = TimeUnit.MICROSECONDS.toNanos(60);
    /** Where nobody wakes the worker: so that packets and whatever else others have for it are noticed. */
    static final long LONGEST_BLIND_SLEEP = TimeUnit.MILLISECONDS.toNanos(1);
    /** Where everybody does: so that links that go down, and timers that others set, are noticed. */
    private static final long LONGEST_SLEEP = TimeUnit.MILLISECONDS.toNanos(150);
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

    /** No packet came, and nobody tells when one does. */
    void pass() {
        pass(0, null, null);
    }

    /**
     * No packet came.
     *
     * @param quiet nanoseconds in which surely none comes from ports that cannot be waited for, 0 if that is not known
     * @param readiness of the worker, null if nothing wakes it
     * @param team asked whether there is something for the worker, null if there is no readiness
     */
    void pass(long quiet, Readiness readiness, Team team) {
        if (quiet > LEAST_SLEEP && readiness != null) {
            if (readiness.hasPorts() && ++rounds < ROUNDS) {
                Thread.onSpinWait();
            } else {
                sleep(Math.min(quiet, LONGEST_SLEEP), readiness, team);
            }
        } else if (quiet > LEAST_SLEEP) {
            waiter.pass(Math.min(quiet, LONGEST_BLIND_SLEEP));
        } else if (quiet > 0 || ++rounds < ROUNDS) {
            Thread.onSpinWait();
        } else {
            waiter.pass(sleep);
            sleep = Math.min(2 * sleep, LONGEST_BLIND_SLEEP);
        }
    }

    private void sleep(long nanoseconds, Readiness readiness, Team team) {
        readiness.bell().listen();
        try {
            if (!team.isStopping()) {
                waiter.await(readiness, team.queues().waiting() > 0 ? Math.min(nanoseconds, LONGEST_BLIND_SLEEP) : nanoseconds);
            }
        } finally {
            readiness.bell().answer();
        }
    }
}
