package org.trufflebpf.io.loop;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the workers of one run share: the packets that they may still receive, the way to each other's CPUs, and when it is over. */
final class Team implements AutoCloseable {
    private final CpuQueues queues;
    /** Of the workers. */
    private final Doorbell[] bells;
    private final boolean limited;
    /** Packets that no worker has asked for yet. */
    private final AtomicLong unclaimed;
    /** Packets that no worker has received yet. */
    private final AtomicLong missing;
    /** Workers that may still receive. */
    private final AtomicInteger receiving;
    private volatile boolean stopRequested;
    private final AtomicBoolean failed = new AtomicBoolean();

    /** @param count packets to receive before the run stops */
    Team(int workers, long count) {
        this.bells = new Doorbell[workers];
        Arrays.setAll(bells, worker -> new Doorbell());
        this.queues = new CpuQueues(workers, bells);
        this.limited = count < Long.MAX_VALUE;
        this.unclaimed = new AtomicLong(count);
        this.missing = new AtomicLong(count);
        this.receiving = new AtomicInteger(workers);
    }

    CpuQueues queues() {
        return queues;
    }

    /** What wakes a worker; the team's own. */
    Doorbell bell(int worker) {
        return bells[worker];
    }

    /** All workers stop receiving after the bursts that they are at. */
    void stop() {
        stopRequested = true;
        wakeAll();
    }

    private void wakeAll() {
        for (Doorbell bell : bells) {
            bell.ring();
        }
    }

    /** Whether no worker is to sleep. */
    boolean isStopping() {
        return stopRequested || countReached();
    }

    boolean stopRequested() {
        return stopRequested;
    }

    boolean countReached() {
        return limited && missing.get() <= 0;
    }

    /** For a worker. */
    Share share() {
        return new Share();
    }

    /**
     * What a worker may receive without asking again; only its thread uses it. Asking for every burst cost two workers 8 % of 40 million packets per
     * second, as they met at the counters.
     */
    final class Share {
        /** Bursts. */
        private static final int SIZE = 32;

        private int left;
        private int received;

        /** How many packets the worker may receive now, up to {@code most}; 0 while others have asked for the last ones. */
        int take(int most) {
            if (!limited) {
                return most;
            }
            if (left < most) {
                int wanted = SIZE * most - left;
                left += (int) Math.min(wanted, unclaimed.getAndUpdate(packets -> packets - Math.min(packets, wanted)));
            }
            return Math.min(left, most);
        }

        /** So many packets came. When there were none the worker gives its share back, as others may have some. */
        void received(int count) {
            if (limited) {
                left -= count;
                received += count;
                if (left == 0 || count == 0) {
                    if (missing.addAndGet(-received) <= 0) {
                        wakeAll();
                    }
                    unclaimed.addAndGet(left);
                    received = 0;
                    left = 0;
                }
            }
        }
    }

    /** A worker receives no more; it goes on with what others redirect to its CPUs until {@link #isDone}. */
    void leave() {
        receiving.decrementAndGet();
    }

    /** A worker broke: nobody waits for it, and what is on its way to it is lost. */
    void fail() {
        failed.set(true);
        stop();
    }

    boolean isDone() {
        return failed.get() || receiving.get() == 0 && queues.waiting() == 0;
    }

    @Override
    public void close() {
        queues.close();
        for (Doorbell bell : bells) {
            bell.close();
        }
    }
}
