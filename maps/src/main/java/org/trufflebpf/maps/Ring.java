package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * Records between two positions, as kernel/bpf/ringbuf.c lays them out: each is 8-byte aligned and has a header of u32 length with {@link #BUSY}
 * and {@link #DISCARD}, and u32 of its own use. Positions are u64, count bytes and never wrap. Several producers, one consumer at a time.
 *
 * <p>A record that would wrap goes on past the end: behind the ring there is as much address space again, which nothing else uses, so it needs no
 * second mapping of the same pages. Physical memory is taken there only for the longest such record.
 *
 * <p>Layout: line pair of the consumer (u64 position), line pair of the producers (u32 lock, u64 position at 8), ring, room for wrapping.
 */
final class Ring {
    static final int HEADER = 8;
    static final int BUSY = 1 << 31;
    static final int DISCARD = 1 << 30;
    /** RINGBUF_MAX_RECORD_SZ, in bytes. */
    private static final long MAX_RECORD = 0xFFFF_FFFFL / 4;

    /** Bytes from which on a call of copyMemory is faster than a loop over words. */
    private static final int SHORT = 128;

    private static final int LOCK = Words.SHARING;
    private static final int PRODUCER = LOCK + 8;
    private static final int DATA = 2 * Words.SHARING;
    private static final int EXTRA = 4;

    private final long state;
    private final long data;
    private final long mask;
    private final long room;

    /**
     * @param state {@link #memoryNeeded} zero bytes, aligned to 128
     * @param size bytes, a power of two from 8
     * @param room bytes that records may take at once, headers included
     */
    Ring(long state, long size, long room) {
        this.state = state;
        this.data = state + DATA;
        this.mask = size - 1;
        this.room = room;
    }

    static long memoryNeeded(long size) {
        return DATA + 2 * size;
    }

    long size() {
        return mask + 1;
    }

    long consumerPosition() {
        return Memory.getLongVolatile(state);
    }

    long producerPosition() {
        return Memory.getLongVolatile(state + PRODUCER);
    }

    private static long total(long size) {
        return size + HEADER + 7 & -8;
    }

    // Producers.

    /**
     * Behind a boundary: it locks. The consumer waits at the record until {@link #commit}.
     *
     * @param size bytes
     * @return the address of the record's bytes, or 0 when there is no room
     */
    long reserve(long size) {
        if (Long.compareUnsigned(size, MAX_RECORD) > 0 || total(size) > room) {
            return 0;
        }
        long lock = state + LOCK;
        SpinLock.lock(lock);
        long producer = Memory.getLong(state + PRODUCER);
        long end = producer + total(size);
        long record = 0;
        if (end - Memory.getLongAcquire(state) <= room) {
            long header = data + (producer & mask);
            Memory.putInt(header, (int) size | BUSY);
            Memory.putLongRelease(state + PRODUCER, end);
            record = header + HEADER;
        }
        SpinLock.unlock(lock);
        return record;
    }

    /** Copies bytes into a reserved record. */
    static void fill(long record, long source, int size) {
        if (size > SHORT) {
            Memory.copy(source, record, size);
        } else if (size > 0) {
            Words.copyShort(source, record, size);
        }
    }

    /** A number that goes with a reserved record; otherwise it is whatever the one before had. */
    void setExtra(long record, int extra) {
        Memory.putInt(record - HEADER + EXTRA, extra);
    }

    /**
     * Hands a reserved record over.
     *
     * @param header its length, with {@link #DISCARD} if nobody shall see it
     * @return whether the consumer was waiting for this very record
     */
    boolean commit(long record, int header) {
        // The exchange is a full fence. The consumer has one between moving on and looking at the next header, so one of both sees the other.
        Memory.getAndSetInt(record - HEADER, header);
        return (Memory.getLongAcquire(state) & mask) == record - HEADER - data;
    }

    // The consumer.

    /** The address of the oldest record's bytes, or 0 when there is none or it is still being written. Discarded ones are passed over. */
    long next() {
        while (true) {
            long consumer = Memory.getLong(state);
            long left = Memory.getLongAcquire(state + PRODUCER) - consumer;
            if (left == 0) {
                return 0;
            }
            long record = data + (consumer & mask) + HEADER;
            int header = Memory.getIntVolatile(record - HEADER);
            if ((header & BUSY) != 0) {
                return 0;
            }
            if (total(header & ~DISCARD) > left) {
                // No program can reach a header. If something else has, what follows cannot be found any more.
                Memory.putLongVolatile(state, consumer + left);
            } else if ((header & DISCARD) == 0) {
                return record;
            } else {
                release(record);
            }
        }
    }

    /** Bytes of the record that {@link #next} gave. */
    int length(long record) {
        return Memory.getInt(record - HEADER) & ~DISCARD;
    }

    int extra(long record) {
        return Memory.getInt(record - HEADER + EXTRA);
    }

    /** Gives the room of the record that {@link #next} gave back to the producers. */
    void release(long record) {
        Memory.putLongVolatile(state, Memory.getLong(state) + total(length(record)));
    }
}
