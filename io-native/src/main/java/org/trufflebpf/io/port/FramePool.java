package org.trufflebpf.io.port;

import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * Frames of one size, usual ones or such for packets of several buffers. Fresh packets have zeros before them, as in the kernel's test runs; only
 * what a program reached is cleared, which for most packets is nothing (always clearing the headroom would cost 6 ns per packet). Behind a packet may
 * be anything: clearing there too would cost 24 ns per packet of mixed lengths, and bpf_xdp_adjust_tail clears what it adds anyway.
 *
 * <p>The frame given back last is taken first, while it is still in the cache. One thread at a time uses a pool.
 */
public final class FramePool implements AutoCloseable {
    private final NativeBlock block;
    private final boolean fragments;
    private final long[] free;
    private int freeCount;

    /**
     * @param frames that can be lent at the same time
     * @param fragments whether they are to hold packets of several buffers, too; what of them is not touched costs no memory
     */
    public FramePool(int frames, boolean fragments) {
        int size = fragments ? Burst.JUMBO_FRAME_SIZE : Burst.DEFAULT_FRAME_SIZE;
        this.fragments = fragments;
        this.block = new NativeBlock((long) frames * size);
        this.free = new long[frames];
        for (int i = 0; i < frames; i++) {
            free[i] = block.address() + (long) (frames - 1 - i) * size;
        }
        this.freeCount = frames;
    }

    /** Frames that are not lent. */
    public int available() {
        return freeCount;
    }

    /** Whether they hold packets of several buffers, too. */
    public boolean handlesFragments() {
        return fragments;
    }

    /** Bytes of the longest packet that a frame holds. */
    public int longest() {
        return Burst.longest(fragments);
    }

    /** Whether an address lies in one of the frames. */
    public boolean holds(long address) {
        return Long.compareUnsigned(address - block.address(), block.size()) < 0;
    }

    /** Takes a frame for a packet of at most {@link #longest} bytes at {@link Burst#HEADROOM}. There must be one {@link #available}. */
    public long take() {
        return free[--freeCount];
    }

    /** Takes the frame back that was taken last and got no packet. */
    public void untake() {
        freeCount++;
    }

    /** Takes the frame of a packet back, as the processor left it. */
    public void giveBack(long descriptor) {
        if (freeCount == free.length) {
            throw new IllegalStateException("a frame was given back twice");
        }
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        int lowest = Memory.getInt(descriptor + Burst.LOWEST);
        if (lowest < Burst.HEADROOM) {
            Memory.fill(frame + lowest, Burst.HEADROOM - lowest, (byte) 0);
        }
        free[freeCount++] = frame;
    }

    /** {@link #giveBack(long)} for the packets of a burst from number {@code start} to the one before {@code end}. */
    public void giveBack(Burst burst, int start, int end) {
        for (int i = start; i < end; i++) {
            giveBack(burst.descriptor(i));
        }
    }

    @Override
    public void close() {
        block.close();
    }
}
