package org.trufflebpf.io.burst;

import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * The unit of work between a port, the poll loop and a program: up to {@link #capacity()} packets, described off the heap so that nothing
 * is allocated or boxed per packet. One worker owns a burst; no other thread touches it.
 *
 * <p>Layout: a header of one cache line, then one cache line per packet. All fields are native-endian. The header is written by the poll
 * loop before each call; of a packet the port writes {@link #DATA}, {@link #LENGTH}, {@link #META_LENGTH}, {@link #FRAME},
 * {@link #FRAME_SIZE}, {@link #TIMESTAMP} and {@link #LOWEST}, the processor updates all but FRAME and TIMESTAMP and writes {@link #VERDICT},
 * {@link #RESULT} and, for {@link Verdict#REDIRECT}, {@link #REDIRECT_KIND}, {@link #REDIRECT_TARGET} and {@link #REDIRECT_PROGRAM}.
 *
 * <p>A frame is the buffer [FRAME, FRAME + FRAME_SIZE) that the packet lies in. Its first {@link #FRAME_HEADER} bytes and last
 * {@link #TAIL_RESERVE} bytes are not for programs, as in the kernel (struct xdp_frame and struct skb_shared_info).
 *
 * <p>A packet longer than {@link #LONGEST_PACKET} is one of several buffers to programs, which must be made for that: those in sections
 * {@code xdp.frags}. The port gathers it in a larger frame, where it lies in one piece: the first buffer ends at FRAME + {@link #LINEAR_END}, which
 * is data_end, and its fragments of a page follow at once. FRAME_SIZE is that of the pages in use ({@link #frameSize}), so that the last fragment
 * ends where those of shorter packets do, at the reserve; a program that takes fragments off changes it.
 *
 * Ports over captures give frames whose headroom is zero; live ports do not. Bytes behind the packet may be anything: as in the kernel, who
 * lengthens a packet clears what is new.
 */
public final class Burst implements AutoCloseable {
    public static final int HEADER_SIZE = 64;
    public static final int DESCRIPTOR_SIZE = 64;

    /** u32: packets in this burst. */
    public static final int COUNT = 0;
    /** u32: interface number that all packets of the burst came from. */
    public static final int INGRESS_IFINDEX = 4;
    /** u32: receive queue that all packets of the burst came from. */
    public static final int RX_QUEUE = 8;
    /** u32: CPU number of the worker, the index into per-CPU maps. */
    public static final int CPU = 12;
    /** u32: interface number that all packets of the burst are about to leave by, 0 before that is known. */
    public static final int EGRESS_IFINDEX = 16;

    /** u64: address of the first packet byte. */
    public static final int DATA = 0;
    /** u32: packet bytes from DATA on. */
    public static final int LENGTH = 8;
    /** u32: {@link Verdict} ordinal. */
    public static final int VERDICT = 12;
    /** u64: first byte of the buffer that holds the packet. */
    public static final int FRAME = 16;
    /** u32: bytes of the buffer. */
    public static final int FRAME_SIZE = 24;
    /** u32: metadata bytes right before DATA. */
    public static final int META_LENGTH = 28;
    /** u64: receive time, nanoseconds since 1970, 0 when unknown. */
    public static final int TIMESTAMP = 32;
    /** u64: the whole register r0 at the program's end; the verdict is its low half. */
    public static final int RESULT = 56;
    /** u32: number of the program that a packet redirected to an interface or a CPU runs through there, or 0. */
    public static final int REDIRECT_PROGRAM = 40;
    /** u32: where a redirected packet goes, one of the REDIRECT_TO constants. */
    public static final int REDIRECT_KIND = 44;
    /** u32: interface number, CPU number, group handle or queue, by REDIRECT_KIND. */
    public static final int REDIRECT_TARGET = 48;
    /**
     * u32: offset within the frame of the lowest byte that was ever part of the packet or its metadata. The port clears from here on before the
     * frame's next packet, so a processor that moves the start down lowers it, also if the start moves up again.
     */
    public static final int LOWEST = 52;

    /** The target is an interface number. */
    public static final int REDIRECT_TO_INTERFACE = 1;
    /** The target is a handle for {@link BurstProcessor#redirectGroup}: a broadcast over a device map. */
    public static final int REDIRECT_TO_GROUP = 2;
    /** The same, but not to the interface that the packet came from. */
    public static final int REDIRECT_TO_OTHERS = 3;
    /** The target is a CPU number: the packet is passed there, after the program has run. */
    public static final int REDIRECT_TO_CPU = 4;
    /** The target is a receive queue, whose socket takes the packets of this queue only. */
    public static final int REDIRECT_TO_SOCKET = 5;
    /** No port takes it: dropped and counted. */
    public static final int REDIRECT_TO_NOWHERE = 0;

    /** Bytes before the packet in a fresh frame (XDP_PACKET_HEADROOM). */
    public static final int HEADROOM = 256;
    /** Bytes at the start of a frame that programs cannot have (sizeof struct xdp_frame on Linux 6.18). */
    public static final int FRAME_HEADER = 40;
    /** Bytes at the end of a frame that programs cannot have (struct skb_shared_info, cache-line aligned). */
    public static final int TAIL_RESERVE = 320;
    /** Bytes of a usual frame: one page. */
    public static final int DEFAULT_FRAME_SIZE = 4096;
    /** Bytes of the longest packet of a usual frame with the usual headroom. */
    public static final int LONGEST_PACKET = DEFAULT_FRAME_SIZE - HEADROOM - TAIL_RESERVE;
    /** Offset in a frame at which the first buffer of a packet with fragments ends. */
    public static final int LINEAR_END = DEFAULT_FRAME_SIZE - TAIL_RESERVE;
    /** Bytes of a whole fragment: a page. */
    public static final int FRAGMENT = 4096;
    /** The kernel allows 17 (MAX_SKB_FRAGS); these hold any packet of IP. */
    private static final int FRAGMENTS = 16;
    /** Bytes of a frame with all fragments. */
    public static final int JUMBO_FRAME_SIZE = DEFAULT_FRAME_SIZE + FRAGMENTS * FRAGMENT;
    /** Bytes of the longest packet with fragments. */
    public static final int LONGEST_JUMBO = LONGEST_PACKET + FRAGMENTS * FRAGMENT;

    private final NativeBlock block;
    /** The block's, here as every packet asks for it several times. */
    private final long address;
    private final int capacity;

    /** Bytes of the longest packet for a program. @param fragments whether it handles them */
    public static int longest(boolean fragments) {
        return fragments ? LONGEST_JUMBO : LONGEST_PACKET;
    }

    /** What FRAME_SIZE is of a fresh packet of {@code length} bytes, at most {@link #LONGEST_JUMBO}, with the usual headroom. */
    public static int frameSize(int length) {
        return length <= LONGEST_PACKET ? DEFAULT_FRAME_SIZE : DEFAULT_FRAME_SIZE + (length - LONGEST_PACKET + FRAGMENT - 1) / FRAGMENT * FRAGMENT;
    }

    /** @param capacity packets, at least 1 */
    public Burst(int capacity) {
        this.capacity = capacity;
        this.block = new NativeBlock(HEADER_SIZE + (long) capacity * DESCRIPTOR_SIZE);
        this.address = block.address();
    }

    public int capacity() {
        return capacity;
    }

    /** Address of the header. */
    public long address() {
        return address;
    }

    /** Address of the descriptor of packet {@code index}, 0 to capacity - 1. */
    public long descriptor(int index) {
        return address + HEADER_SIZE + (long) index * DESCRIPTOR_SIZE;
    }

    public int count() {
        return Memory.getInt(address + COUNT);
    }

    public void setCount(int count) {
        Memory.putInt(address + COUNT, count);
    }

    public int ingressIfindex() {
        return Memory.getInt(address + INGRESS_IFINDEX);
    }

    /** Says where the packets of the burst are about to leave. */
    public void setEgress(int egressIfindex) {
        Memory.putInt(address + EGRESS_IFINDEX, egressIfindex);
    }

    /** Writes the header fields that stay the same for all bursts of a queue. */
    public void setOrigin(int ingressIfindex, int rxQueue, int cpu) {
        Memory.putInt(address + INGRESS_IFINDEX, ingressIfindex);
        Memory.putInt(address + RX_QUEUE, rxQueue);
        Memory.putInt(address + CPU, cpu);
    }

    /**
     * Describes packet {@code index}, which is gathered in a frame of {@link #JUMBO_FRAME_SIZE}, or has a frame of its own size: with the usual
     * headroom.
     */
    public void setPacket(int index, long frame, int length, long timestamp) {
        setPacket(index, frame, frameSize(length), HEADROOM, length, timestamp);
    }

    /** Describes packet {@code index}: a packet of {@code length} bytes at {@code frame + headroom}. */
    public void setPacket(int index, long frame, int frameSize, int headroom, int length, long timestamp) {
        long descriptor = descriptor(index);
        Memory.putLong(descriptor + DATA, frame + headroom);
        Memory.putInt(descriptor + LENGTH, length);
        Memory.putLong(descriptor + FRAME, frame);
        Memory.putInt(descriptor + FRAME_SIZE, frameSize);
        Memory.putInt(descriptor + META_LENGTH, 0);
        Memory.putLong(descriptor + TIMESTAMP, timestamp);
        Memory.putInt(descriptor + LOWEST, headroom);
    }

    @Override
    public void close() {
        block.close();
    }
}
