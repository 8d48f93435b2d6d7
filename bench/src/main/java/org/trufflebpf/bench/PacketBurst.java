package org.trufflebpf.bench;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** A burst of copies of one packet, or of several in turns, in frames that stay in the first-level cache. */
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
    private final List<byte[]> packets;
    /** Of the packets as they come, in {@link #original}. */
    private final long[] sources = new long[SIZE];
    private final int[] lengths = new int[SIZE];
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
        this(List.of(packet));
    }

    /** @param packets at least one, at most {@link #SIZE} */
    PacketBurst(List<byte[]> packets) {
        this(packets, 0, (_, _) -> {
        });
    }

    /** @param cpu that processes the burst */
    PacketBurst(byte[] packet, int cpu, Difference difference) {
        this(List.of(packet), cpu, difference);
    }

    private PacketBurst(List<byte[]> packets, int cpu, Difference difference) {
        this.packets = packets;
        this.cpu = cpu;
        this.difference = difference;
        this.frameSize = frameSize(packets.stream().mapToInt(packet -> packet.length).max().orElseThrow());
        this.frames = new NativeBlock((long) SIZE * frameSize);
        this.original = new NativeBlock(1L + packets.stream().mapToInt(packet -> packet.length).sum());
        long end = original.address();
        for (int i = 0; i < SIZE; i++) {
            byte[] packet = packets.get(i % packets.size());
            lengths[i] = packet.length;
            if (i < packets.size()) {
                sources[i] = end;
                Memory.copyFrom(packet, 0, end, packet.length);
                end += packet.length;
            } else {
                sources[i] = sources[i - packets.size()];
            }
        }
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
            Memory.copy(sources[i], frame + Burst.HEADROOM, lengths[i]);
            burst.setPacket(i, frame, frameSize, Burst.HEADROOM, lengths[i], 0);
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

    /** What the program makes of fresh packets, of the same the same each time. */
    List<Contestant.Outcome> judge(BurstProcessor processor) {
        restore();
        processor.process(burst);
        List<Contestant.Outcome> first = outcomes();
        for (int i = packets.size(); i < SIZE; i++) {
            Contestant.Outcome before = first.get(i % packets.size());
            if (!outcome(i).equals(before)) {
                throw new IllegalStateException("packet " + i + " of a burst was treated otherwise than packet " + i % packets.size() + ", the same: " + outcome(i)
                                + ", not " + before);
            }
        }
        differ();
        return first;
    }

    /** What it makes of each fresh packet once. */
    List<Contestant.Outcome> judgeOnce(BurstProcessor processor) {
        restore();
        burst.setCount(packets.size());
        processor.process(burst);
        List<Contestant.Outcome> once = outcomes();
        restore();
        differ();
        return once;
    }

    private List<Contestant.Outcome> outcomes() {
        return IntStream.range(0, packets.size()).mapToObj(this::outcome).toList();
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
        List<Contestant.Outcome> first = judge(processor);
        boolean steady = isInPlace();
        for (int i = 0; i < 2; i++) {
            processor.process(burst);
            for (int packet = 0; packet < packets.size(); packet++) {
                steady &= outcome(packet).verdict() == first.get(packet).verdict();
            }
            steady &= isInPlace();
        }
        return steady;
    }

    /** Whether all packets begin and end where they did when they were fresh. */
    private boolean isInPlace() {
        return IntStream.range(0, SIZE).allMatch(i -> Memory.getInt(burst.descriptor(i) + Burst.LENGTH) == lengths[i]
                        && Memory.getLong(burst.descriptor(i) + Burst.DATA) == frames.address() + (long) i * frameSize + Burst.HEADROOM);
    }

    @Override
    public void close() {
        burst.close();
        frames.close();
        original.close();
    }
}
