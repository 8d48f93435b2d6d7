package org.trufflebpf.io.xsk;

import org.trufflebpf.io.memory.Memory;

/**
 * A ring between the kernel and us, as include/uapi/linux/if_xdp.h lays it out: entries, and free-running u32 numbers of those that were ever put in
 * and taken out. One side is ours. What the other side did is looked up only when what is known of it does not suffice, as its cache line is dear.
 */
final class Ring {
    /** Bytes of a struct xdp_desc, an entry of the rx and tx rings: u64 address in the memory, u32 length, u32 options. */
    static final int PACKET = 16;
    static final int LENGTH = 8;
    static final int OPTIONS = 12;
    /** XDP_PKT_CONTD: the next entry goes on with the packet. */
    static final int CONTINUED = 1;
    /** Bytes of an entry of the fill and completion rings: u64 address in the memory. */
    static final int FRAME = 8;

    /** XDP_RING_NEED_WAKEUP. */
    private static final int NEED_WAKEUP = 1;

    private final long producer;
    private final long consumer;
    private final long flags;
    private final long entries;
    private final int entrySize;
    private final int size;
    /** Entries that our side has put in or taken out, told the other side or not. */
    private int own;
    /** What the other side was last seen to have put in or taken out. */
    private int other;

    /**
     * @param producer address of the number of entries put in
     * @param consumer address of the number of entries taken out
     * @param flags address of the kernel's wishes
     * @param entries address of the first of {@code size}, a power of two
     */
    Ring(long producer, long consumer, long flags, long entries, int entrySize, int size) {
        this.producer = producer;
        this.consumer = consumer;
        this.flags = flags;
        this.entries = entries;
        this.entrySize = entrySize;
        this.size = size;
    }

    int size() {
        return size;
    }

    /** Where we take out: entries that are there, at most {@code most}; the next of them is {@link #entry} 0. */
    int filled(int most) {
        int count = other - own;
        if (count < most) {
            other = Memory.getIntAcquire(producer);
            count = other - own;
        }
        return Math.min(count, most);
    }

    /** Where we put in: entries that there is room for, at most {@code most}; the next of them is {@link #entry} 0. */
    int room(int most) {
        int count = size - (own - other);
        if (count < most) {
            other = Memory.getIntAcquire(consumer);
            count = size - (own - other);
        }
        return Math.min(count, most);
    }

    /** Address of the entry that comes {@code offset} after those that we are done with. */
    long entry(int offset) {
        return entries + (long) (own + offset & size - 1) * entrySize;
    }

    /** We are done with entries; the other side learns it by {@link #giveBack} or {@link #publish}. */
    void advance(int count) {
        own += count;
    }

    /** Where we take out: the room of entries that we are done with is the kernel's again. */
    void giveBack() {
        Memory.putIntRelease(consumer, own);
    }

    /** Where we put in: entries that we are done with are the kernel's. */
    void publish() {
        Memory.putIntRelease(producer, own);
    }

    /** Entries that were put in and not taken out, as far as both sides have told. Any thread may ask. */
    int waiting() {
        int taken = Memory.getIntVolatile(consumer);
        return Memory.getIntVolatile(producer) - taken;
    }

    /** Whether the kernel goes on only after a system call. */
    boolean needsWakeup() {
        return (Memory.getIntVolatile(flags) & NEED_WAKEUP) != 0;
    }
}
