package org.trufflebpf.io.loop;

import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * Packets on their way from one worker to the CPUs that another one stands for: a ring that one thread fills and one empties, of copies, as frames
 * belong to the port of the worker that received them. What came first leaves first. A packet takes as many slots, one behind the other, as its frame
 * has pages.
 */
final class CpuQueue implements AutoCloseable {
    /** Packets of one buffer; with their frames some 2 MiB. */
    static final int SLOTS = 512;
    /** Behind the last slot: a packet that begins there takes the first ones as well, but does not lie in them. */
    private static final int OVERHANG = Burst.JUMBO_FRAME_SIZE / Burst.DEFAULT_FRAME_SIZE - 1;

    /** A slot: a burst descriptor, then these, then the frame. */
    private static final int CPU = Burst.DESCRIPTOR_SIZE;
    private static final int PROGRAM = CPU + 4;
    private static final int FROM = CPU + 8;
    private static final int HOPS = CPU + 12;
    private static final int TAKES = CPU + 16;
    private static final int FRAME = 2 * Burst.DESCRIPTOR_SIZE;
    private static final int SLOT = FRAME + Burst.DEFAULT_FRAME_SIZE;
    /** Before the slots, away from each other: slots that were ever filled, and emptied. */
    private static final int PUT = 0;
    private static final int TAKEN = 2 * NativeBlock.CACHE_LINE;
    private static final int FIRST = 4 * NativeBlock.CACHE_LINE;

    private final NativeBlock block = new NativeBlock(FIRST + (long) (SLOTS + OVERHANG) * SLOT, NativeBlock.CACHE_LINE);
    private final long address = block.address();
    /** The first of the packets that were last polled, */
    private long polled;
    /** and how many slots they take. */
    private int polledSlots;

    private long slot(long number) {
        return address + FIRST + (number & SLOTS - 1) * SLOT;
    }

    /** Puts in a copy of a packet; false if there is no room. Only the one who fills calls this. */
    boolean offer(int cpu, int program, int from, int hops, long descriptor) {
        long put = Memory.getLong(address + PUT);
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        long data = Memory.getLong(descriptor + Burst.DATA);
        long used = data + Memory.getInt(descriptor + Burst.LENGTH) - frame;
        // Of slots that are so much longer than a page each there are enough.
        int slots = (Memory.getInt(descriptor + Burst.FRAME_SIZE) + Burst.DEFAULT_FRAME_SIZE - 1) / Burst.DEFAULT_FRAME_SIZE;
        if (put + slots - Memory.getLongAcquire(address + TAKEN) > SLOTS) {
            return false;
        }
        long slot = slot(put);
        Memory.copy(descriptor, slot, Burst.DESCRIPTOR_SIZE);
        Memory.putLong(slot + Burst.FRAME, slot + FRAME);
        Memory.putLong(slot + Burst.DATA, slot + FRAME + data - frame);
        Memory.putInt(slot + CPU, cpu);
        Memory.putInt(slot + PROGRAM, program);
        Memory.putInt(slot + FROM, from);
        Memory.putInt(slot + HOPS, hops);
        Memory.putInt(slot + TAKES, slots);
        Memory.copy(frame, slot + FRAME, used);
        Memory.putLongRelease(address + PUT, put + slots);
        return true;
    }

    /**
     * Describes the next packets that have all of CPU, program, port and hops in common; false if there are none. Their frames are in use until
     * {@link #release}, which comes next.
     */
    boolean poll(Burst burst) {
        long taken = Memory.getLong(address + TAKEN);
        long put = Memory.getLongAcquire(address + PUT);
        polled = slot(taken);
        int count = 0;
        polledSlots = 0;
        while (taken + polledSlots < put && count < burst.capacity() && isAlike(slot(taken + polledSlots))) {
            long slot = slot(taken + polledSlots);
            Memory.copy(slot, burst.descriptor(count++), Burst.DESCRIPTOR_SIZE);
            polledSlots += Memory.getInt(slot + TAKES);
        }
        burst.setCount(count);
        return count > 0;
    }

    private boolean isAlike(long slot) {
        return Memory.getLong(slot + CPU) == Memory.getLong(polled + CPU) && Memory.getLong(slot + FROM) == Memory.getLong(polled + FROM);
    }

    /** The packets polled last are done with. */
    void release() {
        Memory.putLongRelease(address + TAKEN, Memory.getLong(address + TAKEN) + polledSlots);
    }

    /** Of the packets polled last: the CPU that they were redirected to. */
    int cpu() {
        return Memory.getInt(polled + CPU);
    }

    /** The program that they run through there, or 0. */
    int program() {
        return Memory.getInt(polled + PROGRAM);
    }

    /** The number of the port that they came from. */
    int from() {
        return Memory.getInt(polled + FROM);
    }

    /** How many CPUs they were redirected to until now. */
    int hops() {
        return Memory.getInt(polled + HOPS);
    }

    @Override
    public void close() {
        block.close();
    }
}
