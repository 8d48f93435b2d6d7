package org.trufflebpf.io.loop;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How packets get from the workers that redirect them to CPUs to those that stand for these CPUs: CPU n is worker n's, and beyond the last worker's
 * number it starts again from worker 0. So what runs on one CPU never runs twice at a time, and with one worker all runs after its burst, always in
 * the same order.
 */
final class CpuQueues implements AutoCloseable {
    /** Packets that run through a CPU map's program together. */
    static final int BURST = 64;
    /** Redirects from CPU to CPU before a packet is dropped, so that none goes round for ever. The kernel lets it. */
    static final int MOST_HOPS = 8;

    private final int workers;
    private final AtomicReferenceArray<CpuQueue> queues;
    /** Packets in the queues and in work there. */
    private final AtomicLong waiting = new AtomicLong();
    private final Doorbell[] bells;

    /** @param bells wake the workers */
    CpuQueues(int workers, Doorbell[] bells) {
        this.workers = workers;
        this.bells = bells;
        this.queues = new AtomicReferenceArray<>(workers * workers);
    }

    int workers() {
        return workers;
    }

    /** The queue from one worker to another, null while nothing ever went that way. */
    CpuQueue queue(int producer, int consumer) {
        return queues.get(producer * workers + consumer);
    }

    /** Puts in a copy of a packet; false if there is no room. Called by the producer's thread. */
    boolean offer(int producer, int cpu, int program, int from, int hops, long descriptor) {
        int index = producer * workers + cpu % workers;
        CpuQueue queue = queues.get(index);
        if (queue == null) {
            queue = new CpuQueue();
            queues.set(index, queue);
        }
        waiting.incrementAndGet();
        boolean offered = queue.offer(cpu, program, from, hops, descriptor);
        if (offered) {
            // Waiting was counted before: whoever listens from now on sees it.
            bells[cpu % workers].ring();
        } else {
            waiting.decrementAndGet();
        }
        return offered;
    }

    /** Packets were taken out and dealt with. */
    void settled(int count) {
        waiting.addAndGet(-count);
    }

    long waiting() {
        return waiting.get();
    }

    /** No worker may run any more. */
    @Override
    public void close() {
        for (int i = 0; i < queues.length(); i++) {
            CpuQueue queue = queues.getAndSet(i, null);
            if (queue != null) {
                queue.close();
            }
        }
    }
}
