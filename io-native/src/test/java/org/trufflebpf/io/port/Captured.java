package org.trufflebpf.io.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureOutput;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.io.pcap.CaptureWriter;

/** An output in memory, and readers over bytes. */
public final class Captured implements CaptureOutput {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean committed;
    private boolean closed;

    public static CaptureReader reader(byte[] capture) throws IOException {
        return CaptureReader.open("in", Channels.newChannel(new ByteArrayInputStream(capture)));
    }

    public CaptureWriter writer() {
        return new CaptureWriter(this);
    }

    public boolean committed() {
        return committed;
    }

    /** The packets as "nanoseconds:hex". */
    public List<String> packets() throws IOException {
        assertTrue(committed);
        List<String> packets = new ArrayList<>();
        try (CaptureReader reader = reader(bytes.toByteArray()); NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET)) {
            while (reader.next()) {
                reader.copyTo(block.address());
                assertEquals(reader.length(), reader.originalLength());
                packets.add(reader.timestamp() + ":" + HexFormat.of().formatHex(Memory.bytes(block.address(), reader.length())));
            }
        }
        return packets;
    }

    @Override
    public String name() {
        return "out";
    }

    @Override
    public WritableByteChannel channel() {
        return Channels.newChannel(bytes);
    }

    @Override
    public void commit() {
        assertTrue(!committed && !closed);
        committed = true;
    }

    @Override
    public void close() {
        closed = true;
    }
}
