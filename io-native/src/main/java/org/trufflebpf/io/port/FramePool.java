package org.trufflebpf.io.port;

import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * Frames of {@link Burst#DEFAULT_FRAME_SIZE} bytes in which fresh packets have zeros around them, as in the kernel's test runs. Whatever a
 * packet or a program left in a frame is cleared, and only that: most packets clear nothing (always clearing the headroom would cost 6 ns
 * per packet).
 *
 * <p>The frame given back last is taken first, while it is still in the cache.
 */
final class FramePool implements AutoCloseable {
    /** Bytes of the longest packet that fits with the usual headroom. */
    static final int ROOM = Burst.DEFAULT_FRAME_SIZE - Burst.HEADROOM - Burst.TAIL_RESERVE;

    private final NativeBlock block;
    private final int[] free;
    /** By frame: offset of the first byte after those that may be other than zero. */
    private final int[] dirtyEnd;
    private int freeCount;

    FramePool(int frames) {
        this.block = new NativeBlock((long) frames * Burst.DEFAULT_FRAME_SIZE);
        this.free = new int[frames];
        this.dirtyEnd = new int[frames];
        for (int i = 0; i < frames; i++) {
            free[i] = frames - 1 - i;
        }
        this.freeCount = frames;
    }

    /** Frames that are not lent. */
    int available() {
        return freeCount;
    }

    /**
     * Takes a frame for a packet of {@code length} bytes, at most {@link #ROOM}, which the caller writes at {@link Burst#HEADROOM}.
     * There must be one {@link #available}.
     */
    long take(int length) {
        int index = free[--freeCount];
        long frame = block.address() + (long) index * Burst.DEFAULT_FRAME_SIZE;
        int end = Burst.HEADROOM + length;
        if (dirtyEnd[index] > end) {
            Memory.fill(frame + end, dirtyEnd[index] - end, (byte) 0);
        }
        dirtyEnd[index] = end;
        return frame;
    }

    /** Takes the frame of a packet back, as the processor left it. */
    void giveBack(long descriptor) {
        if (freeCount == free.length) {
            throw new IllegalStateException("a frame was given back twice");
        }
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        int start = (int) (Memory.getLong(descriptor + Burst.DATA) - frame);
        int lowest = Math.min(Memory.getInt(descriptor + Burst.LOWEST), start - Memory.getInt(descriptor + Burst.META_LENGTH));
        int highest = Math.max(Memory.getInt(descriptor + Burst.HIGHEST), start + Memory.getInt(descriptor + Burst.LENGTH));
        int index = (int) ((frame - block.address()) / Burst.DEFAULT_FRAME_SIZE);
        if (lowest < Burst.HEADROOM) {
            Memory.fill(frame + lowest, Burst.HEADROOM - lowest, (byte) 0);
        }
        if (highest > dirtyEnd[index]) {
            dirtyEnd[index] = highest;
        }
        free[freeCount++] = index;
    }

    @Override
    public void close() {
        block.close();
    }
}
