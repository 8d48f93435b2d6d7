package org.trufflebpf.io.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

final class CaptureWriterTest {
    @TempDir
    Path folder;

    private static void write(CaptureWriter writer, long timestamp, byte[] packet) throws IOException {
        try (NativeBlock block = new NativeBlock(packet.length)) {
            Memory.copyFrom(packet, 0, block.address(), packet.length);
            writer.write(timestamp, block.address(), packet.length);
        }
    }

    private long files() throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.count();
        }
    }

    @Test
    void writesNanosecondPcap() throws IOException {
        Path file = folder.resolve("out.pcap");
        byte[] first = CaptureBytes.packet(1, 60);
        byte[] empty = {};
        try (CaptureWriter writer = CaptureWriter.create(file)) {
            write(writer, 1_700_000_000_123_456_789L, first);
            write(writer, Long.MAX_VALUE, empty);
            assertFalse(Files.exists(file), "nothing may be seen before commit");
            writer.commit();
        }
        byte[] expected = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).u32(0xa1b23c4d).u16(2, 4).u32(0, 0, 262144, 1)
                .pcapPacket(1_700_000_000, 123_456_789, first, 60).pcapPacket(0xffffffffL, 854_775_807, empty, 0).toBytes();
        assertArrayEquals(expected, Files.readAllBytes(file));
        assertEquals(1, files());
    }

    @Test
    void writesMoreThanItsBuffer() throws IOException {
        Path file = folder.resolve("out.pcap");
        Random random = new Random(1);
        byte[][] packets = new byte[40][];
        try (CaptureWriter writer = CaptureWriter.create(file)) {
            for (int i = 0; i < packets.length; i++) {
                packets[i] = CaptureBytes.packet(i, i == 7 ? CaptureReader.MAX_PACKET : random.nextInt(CaptureReader.MAX_PACKET));
                write(writer, i, packets[i]);
            }
            writer.commit();
        }
        try (CaptureReader reader = CaptureReader.open(file); NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET)) {
            for (int i = 0; i < packets.length; i++) {
                assertTrue(reader.next());
                assertEquals(i, reader.timestamp());
                reader.copyTo(block.address());
                assertArrayEquals(packets[i], Memory.bytes(block.address(), reader.length()));
            }
            assertFalse(reader.next());
        }
    }

    @Test
    void withoutCommitAnOldFileStays() throws IOException {
        Path file = Files.writeString(folder.resolve("out.pcap"), "old");
        try (CaptureWriter writer = CaptureWriter.create(file)) {
            write(writer, 0, CaptureBytes.packet(1, 60));
        }
        assertEquals("old", Files.readString(file));
        assertEquals(1, files());
    }

    @Test
    void replacesWhatALinkPointsTo() throws IOException {
        Path file = Files.writeString(folder.resolve("real.pcap"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link.pcap"), file);
        try (CaptureWriter writer = CaptureWriter.create(link)) {
            writer.commit();
        }
        assertTrue(Files.isSymbolicLink(link));
        assertEquals(24, Files.size(file));
    }

    @Test
    void devicesAreWrittenDirectly() throws IOException {
        try (CaptureWriter writer = CaptureWriter.create(Path.of("/dev/null"))) {
            write(writer, 0, CaptureBytes.packet(1, 60));
            writer.commit();
        }
        assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    }

    @Test
    void saysWhyAFileCannotBeWritten() throws IOException {
        Path file = folder.resolve("none/out.pcap");
        assertEquals(file + ": cannot be written: the folder does not exist",
                assertThrows(IOException.class, () -> CaptureWriter.create(file)).getMessage());
        assertEquals(folder + ": cannot be written: is a folder",
                assertThrows(IOException.class, () -> CaptureWriter.create(folder)).getMessage());
        try (CaptureWriter full = CaptureWriter.create(Path.of("/dev/full"))) {
            assertEquals("/dev/full: cannot be written: No space left on device", assertThrows(IOException.class, full::commit).getMessage());
        }
    }
}
