package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.Collections;
import java.util.Iterator;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * BPF_MAP_TYPE_RINGBUF. A record that a program has reserved is written down, here for its CPU or by the caller, until it is submitted or discarded:
 * a program may use the bytes of its own live records and no others, and nothing in the ring's memory is believed that a program could have written.
 */
public final class RingMap extends KeylessMap implements EventStream {
    private static final long NO_WAKEUP = 1;
    private static final long FORCE_WAKEUP = 2;

    /** Of bpf_ringbuf_query. */
    private static final int AVAILABLE_DATA = 0;
    private static final int RING_SIZE = 1;
    private static final int CONSUMER_POSITION = 2;
    private static final int PRODUCER_POSITION = 3;

    private final Ring ring;
    private final Reservations reservations;
    private final Doorbell doorbell = new Doorbell();

    RingMap(Blueprint blueprint) {
        this(blueprint, new NativeBlock(memoryNeeded(blueprint.definition(), blueprint.cpus()), Words.SHARING));
    }

    private RingMap(Blueprint blueprint, NativeBlock block) {
        super(blueprint, new Storage(block, block.address(), 0, 8, 0));
        long tables = Reservations.memoryNeeded(blueprint.cpus());
        this.reservations = new Reservations(block.address());
        // One byte is never used: producers that are a whole ring ahead would look as if they were level.
        this.ring = new Ring(block.address() + tables, maxEntries(), maxEntries() - 1);
    }

    static long memoryNeeded(MapDefinition definition, int cpus) {
        return Reservations.memoryNeeded(cpus) + Ring.memoryNeeded(definition.maxEntries());
    }

    /**
     * bpf_ringbuf_reserve.
     *
     * @param size bytes
     * @param cpu below {@link #cpus()}, of the calling thread alone
     * @return the address of the record's bytes, 8-byte aligned and zero, or 0 when the ring is full, {@code size} is larger than it, flags
     *         are not 0, or the CPU has {@link Reservations#MAX} live records
     */
    public long reserve(long size, long flags, int cpu) {
        if (flags != 0 || reservations.full(cpu)) {
            return 0;
        }
        long record = ring.reserve(size);
        if (record != 0) {
            reservations.add(cpu, record, (int) size);
        }
        return record;
    }

    /**
     * As {@link #reserve}, but nothing is written down: the caller must remember record and size, and {@link #release} the record whatever the program
     * does.
     *
     * @param thread the calling thread's {@link Thread#threadId}
     */
    public long hold(long size, long flags, long thread) {
        return flags != 0 ? 0 : ring.reserve(size, thread);
    }

    /**
     * Hands over a record that {@link #hold} gave.
     *
     * @param size that it was asked for with
     * @param flags as in {@link #submit}
     * @param submits whether the consumer shall see it
     */
    public void release(long record, long size, long flags, boolean submits) {
        commit(record, (int) size | (submits ? 0 : Ring.DISCARD), flags);
    }

    /**
     * bpf_ringbuf_submit.
     *
     * @param record any number
     * @param flags BPF_RB_NO_WAKEUP 1 and BPF_RB_FORCE_WAKEUP 2; other bits have no meaning
     * @return false when it is no live record of this CPU; nothing has happened then
     */
    public boolean submit(long record, long flags, int cpu) {
        return finish(record, flags, 0, cpu);
    }

    /** bpf_ringbuf_discard; otherwise as {@link #submit}. */
    public boolean discard(long record, long flags, int cpu) {
        return finish(record, flags, Ring.DISCARD, cpu);
    }

    private boolean finish(long record, long flags, int discarded, int cpu) {
        int size = reservations.remove(cpu, record);
        if (size < 0) {
            return false;
        }
        commit(record, size | discarded, flags);
        return true;
    }

    private void commit(long record, int header, long flags) {
        Ring.commit(record, header, 0);
        if (doorbell.isHeard() && ((flags & FORCE_WAKEUP) != 0 || (flags & NO_WAKEUP) == 0 && ring.isNext(record))) {
            doorbell.ring();
        }
    }

    /**
     * bpf_ringbuf_output: 0, -EAGAIN when it does not fit now, or -EINVAL for unknown flags.
     *
     * <p>In the program's own code, which nothing can interrupt between reserving and handing over: a record that is never handed over would stop
     * the consumer for ever.
     *
     * @param size bytes at {@code data}
     */
    public long output(long data, long size, long flags) {
        if ((flags & ~(NO_WAKEUP | FORCE_WAKEUP)) != 0) {
            return -Errno.EINVAL;
        }
        long record = ring.reserve(size);
        if (record == 0) {
            return -Errno.EAGAIN;
        }
        Ring.fill(record, data, (int) size);
        commit(record, (int) size, flags);
        return 0;
    }

    /** bpf_ringbuf_query: bytes, or 0 for flags that it does not know. */
    public long query(long flags) {
        if (flags == AVAILABLE_DATA) {
            long consumer = ring.consumerPosition();
            return ring.producerPosition() - consumer;
        }
        return flags == RING_SIZE ? ring.size() : flags == CONSUMER_POSITION ? ring.consumerPosition()
                : flags == PRODUCER_POSITION ? ring.producerPosition() : 0;
    }

    /** Whether {@code size} bytes from an address lie in one live record of this CPU; for addresses of which nothing is known. */
    public boolean ownsLive(long address, long size, int cpu) {
        return reservations.contain(cpu, address, size);
    }

    /** Discards what this CPU's program reserved and left, so that the consumer does not wait for it for ever; for the end of every run. */
    public void discardLive(int cpu) {
        if (!reservations.empty(cpu)) {
            discardAll(cpu);
        }
    }

    @TruffleBoundary
    private void discardAll(int cpu) {
        while (!reservations.empty(cpu)) {
            discard(reservations.last(cpu), 0, cpu);
        }
    }

    @Override
    public synchronized Event take() {
        checkReadable();
        long record = ring.next();
        if (record == 0) {
            return null;
        }
        byte[] bytes = Memory.bytes(record, ring.length(record));
        ring.release(record);
        return new Event(-1, 0, bytes);
    }

    @Override
    public long lost() {
        return 0;
    }

    private synchronized boolean ready() {
        checkReadable();
        return ring.next() != 0;
    }

    @Override
    public boolean await(long nanos) throws InterruptedException {
        return doorbell.await(this::ready, nanos);
    }

    @Override
    public void onEvent(Runnable listener) {
        doorbell.listen(listener);
    }

    /** None: what is in the ring goes by {@link #take}. */
    @Override
    public Iterator<Entry> entries() {
        return Collections.emptyIterator();
    }

    /** Bytes that are not consumed yet, headers included. */
    @Override
    public synchronized long size() {
        checkOpen();
        return query(AVAILABLE_DATA);
    }

    @Override
    void onClose() {
        doorbell.ring();
    }
}
