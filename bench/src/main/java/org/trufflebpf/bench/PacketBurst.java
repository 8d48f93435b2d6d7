package org.trufflebpf.bench;

import java.util.HexFormat;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** A burst of copies of one packet, in frames that stay in the first-level cache. */
final class PacketBurst implements AutoCloseable {
    /** Packets. */
    static final int SIZE = 64;
    /** Bytes that packets may grow by at their end. */
    private static final int ROOM = 64;
    private static final int IFINDEX = 1;

    private final Burst burst = new Burst(SIZE);
    private final int frameSize;
    private final NativeBlock frames;
    private final NativeBlock original;
    private final byte[] packet;
    private final int cpu;
    private final Difference difference;

    /** Makes the packets of a burst differ. */
    interface Difference {
        /**
         * @param packet address of its first byte
         * @param index in the burst, from 0
         */
        void make(long packet, int index);
    }

    PacketBurst(byte[] packet) {
        this(packet, 0, (_, _) -> {
        });
    }

    /** @param cpu that processes the burst */
    PacketBurst(byte[] packet, int cpu, Difference difference) {
        this.packet = packet.clone();
        this.cpu = cpu;
        this.difference = difference;
        this.frameSize = frameSize(packet.length);
        this.frames = new NativeBlock((long) SIZE * frameSize);
        this.original = new NativeBlock(Math.max(packet.length, 1));
        Memory.copyFrom(packet, 0, original.address(), packet.length);
        burst.setOrigin(IFINDEX, 0, cpu);
        restore();
        differ();
    }

    /**
     * Bytes from frame to frame: an odd number of cache lines, so that the packets do not compete for the same lines of the cache as they would
     * at multiples of 4096.
     */
    private static int frameSize(int length) {
        int lines = (Burst.HEADROOM + length + ROOM + Burst.TAIL_RESERVE + NativeBlock.CACHE_LINE - 1) / NativeBlock.CACHE_LINE;
        return (lines | 1) * NativeBlock.CACHE_LINE;
    }

    int cpu() {
        return cpu;
    }

    private void differ() {
        for (int i = 0; i < SIZE; i++) {
            difference.make(Memory.getLong(burst.descriptor(i) + Burst.DATA), i);
        }
    }

    /** Says that the packets came now, as live ports do for the bursts that they take. */
    void stamp() {
        long now = System.nanoTime();
        for (int i = 0; i < SIZE; i++) {
            Memory.putLong(burst.descriptor(i) + Burst.TIMESTAMP, now);
        }
    }

    /** Makes all packets what they were. */
    void restore() {
        for (int i = 0; i < SIZE; i++) {
            long frame = frames.address() + (long) i * frameSize;
            Memory.copy(original.address(), frame + Burst.HEADROOM, packet.length);
            burst.setPacket(i, frame, frameSize, Burst.HEADROOM, packet.length, 0);
        }
        burst.setCount(SIZE);
    }

    /** Runs the same burst again and again; no descriptor is set up in between, which only programs that leave the packet's bounds alone allow. */
    void run(BurstProcessor processor, long bursts) {
        for (long i = 0; i < bursts; i++) {
            processor.process(burst);
        }
    }

    /** As {@link #run}, with fresh packets for each burst. @return nanoseconds without what it took to restore them and to ask the clock */
    long runRestoring(BurstProcessor processor, long bursts) {
        long nanoseconds = 0;
        long clock = Long.MAX_VALUE;
        for (long i = 0; i < bursts; i++) {
            restore();
            long before = System.nanoTime();
            long start = System.nanoTime();
            processor.process(burst);
            nanoseconds += System.nanoTime() - start;
            clock = Math.min(clock, start - before);
        }
        return Math.max(nanoseconds - clock * bursts, 0);
    }

    /** What the program makes of fresh packets, all alike. */
    Contestant.Outcome judge(BurstProcessor processor) {
        restore();
        processor.process(burst);
        Contestant.Outcome first = outcome(0);
        for (int i = 1; i < SIZE; i++) {
            if (!outcome(i).equals(first)) {
                throw new IllegalStateException("packet " + i + " of a burst was treated otherwise than packet 0: " + outcome(i) + ", not " + first);
            }
        }
        differ();
        return first;
    }

    private Contestant.Outcome outcome(int index) {
        long descriptor = burst.descriptor(index);
        long data = Memory.getLong(descriptor + Burst.DATA);
        byte[] bytes = Memory.bytes(data, Memory.getInt(descriptor + Burst.LENGTH));
        return new Contestant.Outcome(Verdict.of(Memory.getInt(descriptor + Burst.VERDICT)), HexFormat.of().formatHex(bytes));
    }

    /** By how many bytes the program moved the first packet's start. */
    int moved() {
        return (int) (Memory.getLong(burst.descriptor(0) + Burst.DATA) - frames.address() - Burst.HEADROOM);
    }

    /** Whether the program, given what it made of the packets twice more, does the same again: then they need not be restored. */
    boolean isSteady(BurstProcessor processor) {
        Contestant.Outcome first = judge(processor);
        for (int i = 0; i < 2; i++) {
            processor.process(burst);
            Contestant.Outcome again = outcome(0);
            if (again.verdict() != first.verdict() || again.packet().length() != 2 * packet.length || moved() != 0) {
                return false;
            }
        }
        return first.packet().length() == 2 * packet.length;
    }

    @Override
    public void close() {
        burst.close();
        frames.close();
        original.close();
    }
}
