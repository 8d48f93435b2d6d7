package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import org.trufflebpf.io.memory.Memory;

/**
 * Records between two positions, as kernel/bpf/ringbuf.c lays them out: each is 8-byte aligned and follows a header of 8 bytes. Positions are u64,
 * count bytes and never wrap. Several producers, one consumer at a time; neither waits for the other.
 *
 * <p>Unlike the kernel, which marks a record busy under a lock, the consumer leaves zeros behind and a header of zero is a record that is not handed
 * over: reserving is one compare-and-set (9 ns with the commit, under a lock 17; AMD EPYC), and two plain loads and a store where only one thread
 * produces ({@link WriterBias}). A header is u32 length with {@link #DISCARD}, and 31 bits of the producer's below {@link #READY}.
 *
 * <p>A record that would wrap goes on past the end: behind the ring there is as much address space again, which nothing else uses, so it needs no
 * second mapping of the same pages. Physical memory is taken there only for the longest such record.
 *
 * <p>Layout: line pair of the consumer (u64 position), line pair of the producers (u64 position), ring, room for wrapping.
 */
final class Ring {
    static final int HEADER = 8;
    static final int DISCARD = 1 << 30;
    private static final long LENGTH = DISCARD - 1;
    private static final long READY = 1L << 63;
    /** RINGBUF_MAX_RECORD_SZ, in bytes. */
    private static final long MAX_RECORD = 0xFFFF_FFFFL / 4;
    /** Bytes from which on a call of copyMemory is faster than a loop over words. */
    private static final int SHORT = 128;

    private static final int PRODUCER = Words.SHARING;
    private static final int DATA = 2 * Words.SHARING;

    private final long state;
    private final long data;
    private final long mask;
    private final long room;
    private final WriterBias bias = new WriterBias();

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

    /** As {@link #reserve(long, long)} where nobody knows the thread's number. */
    long reserve(long size) {
        return reserve(size, Thread.currentThread().threadId());
    }

    /**
     * The consumer waits at the record until {@link #commit}.
     *
     * @param size bytes
     * @param thread the calling thread's {@link Thread#threadId}
     * @return the address of the record's bytes, which are zero, or 0 when there is no room
     */
    long reserve(long size, long thread) {
        if (Long.compareUnsigned(size, MAX_RECORD) > 0) {
            return 0;
        }
        long needed = total(size);
        if (!bias.isShared()) {
            boolean alone = bias.enter(thread);
            if (CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY, alone)) {
                long producer = Memory.getLong(state + PRODUCER);
                boolean fits = fits(producer, needed);
                if (fits) {
                    Memory.putLongRelease(state + PRODUCER, producer + needed);
                }
                bias.leave();
                return CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY, fits) ? record(producer) : 0;
            }
            bias.claim();
        }
        long producer = Memory.getLongVolatile(state + PRODUCER);
        if (!CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY, fits(producer, needed))) {
            return 0;
        }
        boolean reserved = Memory.compareAndSetLong(state + PRODUCER, producer, producer + needed);
        return CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY, reserved) ? record(producer) : reserveAgain(needed);
    }

    /** Behind a boundary because of the loop: a burst's loop that has one inside polls for every packet whether it is to stop, 0.8 ns. */
    @TruffleBoundary
    private long reserveAgain(long needed) {
        while (true) {
            long producer = Memory.getLongVolatile(state + PRODUCER);
            if (!fits(producer, needed)) {
                return 0;
            }
            if (Memory.compareAndSetLong(state + PRODUCER, producer, producer + needed)) {
                return record(producer);
            }
        }
    }

    private boolean fits(long producer, long needed) {
        return producer + needed - Memory.getLongAcquire(state) <= room;
    }

    private long record(long producer) {
        return data + (producer & mask) + HEADER;
    }

    /** Copies bytes into a reserved record; in straight-line code where their number is a constant of the compilation, and small. */
    static void fill(long record, long source, int size) {
        if (CompilerDirectives.inCompiledCode() && CompilerDirectives.isPartialEvaluationConstant(size)) {
            Words.copy(source, record, size);
        } else {
            fillAny(record, source, size);
        }
    }

    @TruffleBoundary
    private static void fillAny(long record, long source, int size) {
        if (size > SHORT) {
            Memory.copy(source, record, size);
        } else if (size > 0) {
            Words.copyShort(source, record, size);
        }
    }

    /**
     * Hands a reserved record over.
     *
     * @param length of the record, with {@link #DISCARD} if nobody shall see it
     * @param extra goes with it; 31 bits
     */
    static void commit(long record, int length, int extra) {
        Memory.putLongRelease(record - HEADER, READY | (long) extra << 32 | length);
    }

    /** Whether the consumer has taken everything before this record. */
    boolean isNext(long record) {
        return (Memory.getLongAcquire(state) & mask) == record - HEADER - data;
    }

    // The consumer.

    /** The address of the oldest record's bytes, or 0 when there is none or it is not handed over. Discarded ones are passed over. */
    long next() {
        while (true) {
            long consumer = Memory.getLong(state);
            long left = Memory.getLongAcquire(state + PRODUCER) - consumer;
            if (left == 0) {
                return 0;
            }
            long record = data + (consumer & mask) + HEADER;
            long header = Memory.getLongVolatile(record - HEADER);
            if ((header & READY) == 0) {
                return 0;
            }
            if (total(header & LENGTH) > left) {
                // No program can reach a header. If something else has, what follows cannot be found any more.
                Memory.fill(data, 2 * size(), (byte) 0);
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
        return (int) (Memory.getLong(record - HEADER) & LENGTH);
    }

    int extra(long record) {
        return Memory.getInt(record - HEADER + 4) & Integer.MAX_VALUE;
    }

    /** Gives the room of the record that {@link #next} gave back to the producers. */
    void release(long record) {
        long total = total(length(record));
        Memory.fill(record - HEADER, total, (byte) 0);
        Memory.putLongVolatile(state, Memory.getLong(state) + total);
    }
}
