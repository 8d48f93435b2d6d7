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
    /**
     * Bytes from frame to frame: room for headroom, a packet of 64 bytes and tail, and an odd number of cache lines, so that the packets do not
     * compete for the same lines of the cache as they would at multiples of 4096.
     */
    private static final int FRAME_SIZE = 11 * NativeBlock.CACHE_LINE;
    private static final int IFINDEX = 1;

    private final Burst burst = new Burst(SIZE);
    private final NativeBlock frames = new NativeBlock((long) SIZE * FRAME_SIZE);
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
        burst.setOrigin(IFINDEX, 0, cpu);
        fill();
        differ();
    }

    int cpu() {
        return cpu;
    }

    private void differ() {
        for (int i = 0; i < SIZE; i++) {
            difference.make(Memory.getLong(burst.descriptor(i) + Burst.DATA), i);
        }
    }

    private void fill() {
        for (int i = 0; i < SIZE; i++) {
            long frame = frames.address() + (long) i * FRAME_SIZE;
            Memory.copyFrom(packet, 0, frame + Burst.HEADROOM, packet.length);
            burst.setPacket(i, frame, FRAME_SIZE, Burst.HEADROOM, packet.length, 0);
        }
        burst.setCount(SIZE);
    }

    /** Runs the same burst again and again; no descriptor is set up in between, which only programs that leave the packet's bounds alone allow. */
    void run(BurstProcessor processor, long bursts) {
        for (long i = 0; i < bursts; i++) {
            processor.process(burst);
        }
    }

    /** What the program makes of fresh packets, all alike. */
    Contestant.Outcome judge(BurstProcessor processor) {
        fill();
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
        byte[] bytes = Memory.bytes(Memory.getLong(descriptor + Burst.DATA), Memory.getInt(descriptor + Burst.LENGTH));
        return new Contestant.Outcome(Verdict.of(Memory.getInt(descriptor + Burst.VERDICT)), HexFormat.of().formatHex(bytes));
    }

    @Override
    public void close() {
        burst.close();
        frames.close();
    }
}
