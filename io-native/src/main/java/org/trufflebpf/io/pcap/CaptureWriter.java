package org.trufflebpf.io.pcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * Writes Ethernet packets as a classic pcap file with nanoseconds, little-endian. The file appears with {@link #commit}; without it
 * {@link #close} throws everything away, so a failed run leaves nothing behind. One thread at a time may use a writer; nothing is allocated
 * per packet.
 */
public final class CaptureWriter implements AutoCloseable {
    private static final int BUFFER = 1 << 20;
    private static final int FILE_HEADER = 24;
    private static final int PACKET_HEADER = 16;
    private static final int NANOSECONDS = 0xa1b23c4d;
    private static final long LAST_SECOND = 0xffffffffL;

    private final CaptureOutput output;
    private final WritableByteChannel channel;
    private final NativeBlock block = new NativeBlock(BUFFER);
    private final ByteBuffer buffer = block.asByteBuffer();
    private final long address = block.address();
    private int filled;

    /** The writer owns {@code output} from now on. */
    public CaptureWriter(CaptureOutput output) {
        this.output = output;
        this.channel = output.channel();
        Memory.putInt(address, NANOSECONDS);
        Memory.putShort(address + 4, (short) 2);
        Memory.putShort(address + 6, (short) 4);
        Memory.putInt(address + 16, CaptureReader.MAX_PACKET);
        Memory.putInt(address + 20, LinkType.ETHERNET);
        filled = FILE_HEADER;
    }

    /** Writes to a file, as {@link AtomicFile} does. */
    public static CaptureWriter create(Path file) throws IOException {
        return new CaptureWriter(new AtomicFile(file));
    }

    /** What messages call the file. */
    public String name() {
        return output.name();
    }

    /**
     * Appends a packet.
     *
     * @param timestamp nanoseconds since 1970; the format ends in 2106, later times are written as its last second
     * @param packet address of the first byte
     * @param length bytes, 0 to {@link CaptureReader#MAX_PACKET}
     * @throws IOException if the file cannot be written; the message names it
     */
    public void write(long timestamp, long packet, int length) throws IOException {
        write(timestamp, packet, length, length);
    }

    /**
     * Appends the beginning of a packet.
     *
     * @param captured bytes that are there, 0 to {@link CaptureReader#MAX_PACKET}
     * @param length bytes that the packet had
     */
    public void write(long timestamp, long packet, int captured, int length) throws IOException {
        if (filled + PACKET_HEADER + captured > BUFFER) {
            flush();
        }
        long record = address + filled;
        long seconds = timestamp / 1_000_000_000;
        Memory.putInt(record, (int) Math.min(seconds, LAST_SECOND));
        Memory.putInt(record + 4, (int) (timestamp - seconds * 1_000_000_000));
        Memory.putInt(record + 8, captured);
        Memory.putInt(record + 12, length);
        Memory.copy(packet, record + PACKET_HEADER, captured);
        filled += PACKET_HEADER + captured;
    }

    private void flush() throws IOException {
        buffer.limit(filled).position(0);
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw new IOException(output.name() + ": cannot be written: " + e.getMessage(), e);
        }
        filled = 0;
    }

    /** Writes what is left and makes the file appear. Nothing can be written afterwards. */
    public void commit() throws IOException {
        flush();
        output.commit();
    }

    @Override
    public void close() throws IOException {
        block.close();
        output.close();
    }
}
