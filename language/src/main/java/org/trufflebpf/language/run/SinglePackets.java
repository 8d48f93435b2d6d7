package org.trufflebpf.language.run;

import java.util.Arrays;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Gives a program one packet after the other, each alone in a fresh frame of zeros, as the kernel's test runs do. One thread at a time. */
public final class SinglePackets implements AutoCloseable {
    static final int IFINDEX = 1;

    private final BurstProcessor processor;
    private final Burst burst = new Burst(1);
    private final NativeBlock frame;

    /**
     * @param result the whole 32 bits that the program returned
     * @param bytes the packet afterwards, metadata first
     * @param metadata how many of the bytes are metadata
     * @param verdict ABORTED also where the program trapped
     */
    public record Outcome(int result, byte[] bytes, int metadata, Verdict verdict) {
        /** Without the metadata. */
        public byte[] packet() {
            return Arrays.copyOfRange(bytes, metadata, bytes.length);
        }
    }

    /** For packets of one buffer. @param processor one for CPU 0 */
    public SinglePackets(BurstProcessor processor) {
        this(processor, false);
    }

    /**
     * @param processor one for CPU 0
     * @param fragments whether its program is made for packets of several buffers
     */
    public SinglePackets(BurstProcessor processor, boolean fragments) {
        this(processor, fragments, IFINDEX, 0, 0);
    }

    /**
     * @param fragments whether its program is made for packets of several buffers
     * @param ifindex of the interface that packets come from
     * @param queue of that interface
     * @param cpu that the processor is for
     */
    SinglePackets(BurstProcessor processor, boolean fragments, int ifindex, int queue, int cpu) {
        this.processor = processor;
        this.frame = new NativeBlock(fragments ? Burst.JUMBO_FRAME_SIZE : Burst.DEFAULT_FRAME_SIZE);
        burst.setOrigin(ifindex, queue, cpu);
    }

    /** @param packet at most as many bytes as {@link Burst#longest} says */
    public Outcome run(byte[] packet) {
        return run(packet, new byte[0]);
    }

    /**
     * @param packet at most as many bytes as {@link Burst#longest} says
     * @param before metadata in front of it, a multiple of 4 bytes, at most 216 so that it fits into the headroom
     */
    public Outcome run(byte[] packet, byte[] before) {
        return run(packet, before, 0);
    }

    /** @param timestamp of its receipt, in nanoseconds since 1970 */
    Outcome run(byte[] packet, byte[] before, long timestamp) {
        Memory.fill(frame.address(), frame.size(), (byte) 0);
        Memory.copyFrom(before, 0, frame.address() + Burst.HEADROOM - before.length, before.length);
        Memory.copyFrom(packet, 0, frame.address() + Burst.HEADROOM, packet.length);
        burst.setPacket(0, frame.address(), packet.length, timestamp);
        burst.setCount(1);
        long descriptor = burst.descriptor(0);
        Memory.putInt(descriptor + Burst.META_LENGTH, before.length);
        processor.process(burst);
        int metadata = Memory.getInt(descriptor + Burst.META_LENGTH);
        int length = Memory.getInt(descriptor + Burst.LENGTH);
        byte[] bytes = Memory.bytes(Memory.getLong(descriptor + Burst.DATA) - metadata, metadata + length);
        return new Outcome(Memory.getInt(descriptor + Burst.RESULT), bytes, metadata, Verdict.of(Memory.getInt(descriptor + Burst.VERDICT)));
    }

    @Override
    public void close() {
        burst.close();
        frame.close();
    }
}
