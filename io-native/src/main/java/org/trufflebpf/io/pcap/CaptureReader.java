package org.trufflebpf.io.pcap;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.trufflebpf.io.memory.Memory;

/**
 * Reads the Ethernet packets of a capture one after the other: classic pcap with microseconds or nanoseconds, and pcapng with any number
 * of sections and interfaces, each in both byte orders. The reader stands on one packet at a time, which {@link #next} moves on; nothing is
 * allocated per packet. Memory is one window of 512 KiB, whatever the file holds.
 *
 * <p>The input is hostile: every fault ends in {@link BrokenCaptureException}, after all packets before it were delivered. Failures of the
 * channel are other IOExceptions. One thread at a time may use a reader.
 */
public abstract sealed class CaptureReader implements AutoCloseable permits PcapReader, PcapngReader {
    /** Bytes of the longest packet that a capture may hold, the limit of the usual tools; a longer one means damage. */
    public static final int MAX_PACKET = 262144;

    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int NANOSECONDS = 0xa1b23c4d;
    private static final int GZIP = 0x8b1f;

    final CaptureInput input;
    private BrokenCaptureException failure;
    private long packet;
    private int length;
    private long originalLength;
    private long timestamp;

    CaptureReader(CaptureInput input) {
        this.input = input;
    }

    /**
     * Opens a file.
     *
     * @throws BrokenCaptureException if it does not start as a capture does
     * @throws IOException if it cannot be read, as {@link Files#newByteChannel} says
     */
    public static CaptureReader open(Path file) throws IOException {
        return open(file.toString(), Files.newByteChannel(file));
    }

    /**
     * Reads from a channel in blocking mode, which the reader owns from now on, also when this method throws an IOException.
     *
     * @param name what messages call the capture
     * @throws BrokenCaptureException if the channel's bytes do not start as a capture does
     */
    public static CaptureReader open(String name, ReadableByteChannel channel) throws IOException {
        CaptureInput input = new CaptureInput(name, channel);
        try {
            return open(input);
        } catch (IOException | RuntimeException | Error e) {
            input.close();
            throw e;
        }
    }

    private static CaptureReader open(CaptureInput input) throws IOException {
        if (!input.has(4)) {
            throw input.broken(0, input.isAtEnd() ? "the file is empty" : "too short for a capture");
        }
        int magic = (int) input.u32(0);
        if (magic == SECTION_HEADER) {
            return new PcapngReader(input);
        }
        input.setBigEndian(magic == Integer.reverseBytes(MICROSECONDS) || magic == Integer.reverseBytes(NANOSECONDS));
        return switch ((int) input.u32(0)) {
            case MICROSECONDS -> new PcapReader(input, 1000);
            case NANOSECONDS -> new PcapReader(input, 1);
            default -> throw input.broken(0, (magic & 0xffff) == GZIP ? "compressed by gzip: decompress it first"
                    : "not a capture: expected pcap or pcapng, got the magic number " + Integer.toHexString(Integer.reverseBytes(magic)));
        };
    }

    /**
     * Moves to the next packet.
     *
     * @return false at the end of the capture
     * @throws BrokenCaptureException if the capture cannot be read on; further calls throw the same
     */
    public final boolean next() throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            return advance();
        } catch (BrokenCaptureException e) {
            failure = e;
            throw e;
        }
    }

    abstract boolean advance() throws IOException;

    final void setPacket(long address, int capturedLength, long wireLength, long nanoseconds) {
        packet = address;
        length = capturedLength;
        originalLength = wireLength;
        timestamp = nanoseconds;
    }

    /** Nanoseconds since 1970 (0 or more) at which the packet was captured, 0 if the capture does not say. */
    public final long timestamp() {
        return timestamp;
    }

    /** Bytes of the packet that the capture holds, 0 to {@link #MAX_PACKET}. */
    public final int length() {
        return length;
    }

    /** Bytes that the packet had on the wire, as the capture says: usually at least {@link #length}. */
    public final long originalLength() {
        return originalLength;
    }

    /** Copies the packet's {@link #length} bytes to {@code target}. */
    public final void copyTo(long target) {
        Memory.copy(packet, target, length);
    }

    /** Bytes of the capture that were read so far. */
    public final long position() {
        return input.offset();
    }

    /** Bytes of the whole capture, -1 if the channel cannot say. */
    public final long size() {
        return input.size();
    }

    @Override
    public final void close() throws IOException {
        input.close();
    }
}
