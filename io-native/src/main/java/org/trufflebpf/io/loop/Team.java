package org.trufflebpf.io.loop;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the workers of one run share: the packets that they may still receive, the way to each other's CPUs, and when it is over. */
final class Team implements AutoCloseable {
    private final CpuQueues queues;
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
        this.queues = new CpuQueues(workers);
        this.limited = count < Long.MAX_VALUE;
        this.unclaimed = new AtomicLong(count);
        this.missing = new AtomicLong(count);
        this.receiving = new AtomicInteger(workers);
    }

    CpuQueues queues() {
        return queues;
    }

    /** All workers stop receiving after the bursts that they are at. */
    void stop() {
        stopRequested = true;
    }

    boolean stopRequested() {
        return stopRequested;
    }

    boolean countReached() {
        return limited && missing.get() <= 0;
    }

    /** How many packets a worker may receive now, up to {@code most}; 0 while others have asked for the last ones. */
    int claim(int most) {
        if (!limited) {
            return most;
        }
        long left = unclaimed.getAndUpdate(packets -> packets - Math.min(packets, most));
        return (int) Math.min(left, most);
    }

    /** What came of a claim. */
    void received(int claimed, int count) {
        if (limited) {
            unclaimed.addAndGet(claimed - count);
            missing.addAndGet(-count);
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
    }
}
