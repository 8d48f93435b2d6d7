package org.trufflebpf.io.xsk;

import java.io.IOException;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.port.FramePool;

/**
 * The memory that all AF_XDP ports of a worker share: chunks of one page, and the stack of those that are in no ring and not lent. Every socket
 * registers the whole of it with the kernel by itself, instead of binding to another's with XDP_SHARED_UMEM: so each may have zero copy or not, as
 * its driver can, and still a frame that came in at one leaves at another without its bytes being touched.
 *
 * <p>Packets of several chunks are gathered in frames beside it, which no socket knows: they leave as copies.
 *
 * <p>One thread at a time uses it. What is given back last is taken first, while it is in the cache.
 */
final class Umem implements AutoCloseable {
    /** Bytes of a chunk, the most that the kernel takes; a frame is a whole chunk, aligned to its size. */
    static final int CHUNK = Burst.DEFAULT_FRAME_SIZE;

    private static final long HUGE_PAGE = 1 << 21;
    /** Gathered packets that are lent at the same time: a burst. */
    private static final int GATHERED = 64;

    private final long address;
    private final long size;
    private final long length;
    private final boolean huge;
    private final long[] free;
    /** Null where no packets of several buffers are wanted. */
    private final FramePool gathered;
    private int freeCount;
    private boolean closed;

    /**
     * Takes the memory, all of it at once.
     *
     * @param huge whether to try pages of 2 MiB; {@link #isHuge} tells whether there were any
     * @param fragments whether the program gets packets of several buffers
     * @throws IOException if there is no room
     */
    Umem(int frames, boolean huge, boolean fragments) throws IOException {
        this.size = (long) frames * CHUNK;
        long rounded = size + HUGE_PAGE - 1 & -HUGE_PAGE;
        long mapped = huge ? map(rounded, Libc.MAP_HUGETLB) : -1;
        this.huge = mapped > 0;
        this.length = this.huge ? rounded : size;
        this.address = this.huge ? mapped : map(size, 0);
        if (address < 0) {
            throw new IOException("no room for " + (size >> 20) + " MiB of packet memory: use a smaller ring=");
        }
        this.free = new long[frames];
        for (int i = 0; i < frames; i++) {
            free[i] = address + (long) (frames - 1 - i) * CHUNK;
        }
        this.freeCount = frames;
        this.gathered = fragments ? new FramePool(GATHERED, true) : null;
    }

    private static long map(long length, int flags) {
        return Libc.mmap(0, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_POPULATE | flags, -1, 0);
    }

    long address() {
        return address;
    }

    /** In bytes. */
    long size() {
        return size;
    }

    boolean isHuge() {
        return huge;
    }

    /** All frames that there are. */
    int frames() {
        return free.length;
    }

    /** Frames on the stack. */
    int available() {
        return freeCount;
    }

    /** Takes a frame: the address of its chunk. There must be one {@link #available}. */
    long take() {
        return free[--freeCount];
    }

    /** Takes back the frame that holds {@code place}, an address in it. */
    void give(long place) {
        requireRoom(1);
        free[freeCount++] = place & -CHUNK;
    }

    /** Moves frames from the stack to a ring, {@code count} of those {@link #available}: what {@link #take} gives, less the memory's address. */
    void take(Ring ring, int count) {
        for (int i = 0; i < count; i++) {
            Memory.putLong(ring.entry(i), free[freeCount - 1 - i] - address);
        }
        freeCount -= count;
    }

    /** Moves the first {@code count} frames of a ring to the stack: as {@link #give}. */
    void give(Ring ring, int count) {
        requireRoom(count);
        for (int i = 0; i < count; i++) {
            free[freeCount + i] = address + Memory.getLong(ring.entry(i)) & -CHUNK;
        }
        freeCount += count;
    }

    private void requireRoom(int count) {
        if (freeCount + count > free.length) {
            throw new IllegalStateException("a frame was given back twice");
        }
    }

    /** For packets of several chunks; null where they are not wanted. */
    FramePool gathered() {
        return gathered;
    }

    /** Whether a packet is a gathered one, whose frame no socket can send. */
    boolean isGathered(long descriptor) {
        return gathered != null && gathered.holds(Memory.getLong(descriptor + Burst.FRAME));
    }

    /** Takes back the frame of a packet. */
    void giveBack(long descriptor) {
        if (isGathered(descriptor)) {
            gathered.giveBack(descriptor);
        } else {
            give(Memory.getLong(descriptor + Burst.FRAME));
        }
    }

    /** Takes back the frames of the packets of a burst from number {@code start} to the one before {@code end}. */
    void giveBack(Burst burst, int start, int end) {
        if (gathered != null) {
            for (int i = start; i < end; i++) {
                giveBack(burst.descriptor(i));
            }
            return;
        }
        requireRoom(end - start);
        for (int i = start; i < end; i++) {
            free[freeCount + i - start] = Memory.getLong(burst.descriptor(i) + Burst.FRAME) & -CHUNK;
        }
        freeCount += end - start;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.munmap(address, length);
            if (gathered != null) {
                gathered.close();
            }
        }
    }
}
