package org.trufflebpf.io.port;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.pcap.BrokenCaptureException;
import org.trufflebpf.io.pcap.CaptureBytes;

final class PcapPortTest {
    private final Burst burst = new Burst(8);

    @AfterEach
    void close() {
        burst.close();
    }

    private static PcapPort port(int frames, byte[]... packets) throws IOException {
        return new PcapPort(3, Captured.reader(CaptureBytes.pcap(packets)), new CaptureSink(null), frames);
    }

    private static byte[][] packets(int... lengths) {
        byte[][] packets = new byte[lengths.length][];
        for (int i = 0; i < lengths.length; i++) {
            packets[i] = CaptureBytes.packet(i, lengths[i]);
        }
        return packets;
    }

    private int length(int index) {
        return Memory.getInt(burst.descriptor(index) + Burst.LENGTH);
    }

    private long data(int index) {
        return Memory.getLong(burst.descriptor(index) + Burst.DATA);
    }

    private void move(int index, int start, int end, int meta) {
        long descriptor = burst.descriptor(index);
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        Memory.putLong(descriptor + Burst.DATA, frame + start);
        Memory.putInt(descriptor + Burst.LENGTH, end - start);
        Memory.putInt(descriptor + Burst.META_LENGTH, meta);
        Memory.putInt(descriptor + Burst.LOWEST, Math.min(start - meta, Memory.getInt(descriptor + Burst.LOWEST)));
    }

    /** The packet is whole, described, and behind zeros. */
    private void assertFresh(int index, byte[] packet) {
        long descriptor = burst.descriptor(index);
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        assertEquals(frame + 256, data(index));
        assertEquals(packet.length, length(index));
        assertEquals(4096, Memory.getInt(descriptor + Burst.FRAME_SIZE));
        assertEquals(0, Memory.getInt(descriptor + Burst.META_LENGTH));
        assertEquals(256, Memory.getInt(descriptor + Burst.LOWEST));
        byte[] expected = new byte[256 + packet.length];
        System.arraycopy(packet, 0, expected, 256, packet.length);
        assertArrayEquals(expected, Memory.bytes(frame, expected.length));
    }

    @Test
    void lendsFramesUntilTheyAreGivenBack() throws IOException {
        byte[][] packets = packets(60, 0, 1514, Burst.LONGEST_PACKET, 61);
        try (PcapPort port = port(3, packets)) {
            assertEquals(3, port.ifindex());
            assertEquals(3, port.receive(burst, 8));
            for (int i = 0; i < 3; i++) {
                assertFresh(i, packets[i]);
                assertEquals(1_000_000_000 + i * 1000, Memory.getLong(burst.descriptor(i) + Burst.TIMESTAMP));
            }
            assertEquals(0, port.receive(burst, 8), "no frame is free");
            port.release(burst.descriptor(1));
            assertTrue(port.transmit(burst.descriptor(2)));
            assertEquals(2, port.freeFrames());
            assertEquals(2, port.receive(burst, 8));
            assertFresh(0, packets[3]);
            assertFresh(1, packets[4]);
            assertEquals(Port.END, port.receive(burst, 8));
            assertEquals(0, port.missed());
        }
    }

    @Test
    void aFrameGivenBackTwiceIsNoticed() throws IOException {
        try (PcapPort port = port(1, packets(60))) {
            assertEquals(1, port.receive(burst, 8));
            port.release(burst.descriptor(0));
            assertThrows(IllegalStateException.class, () -> port.release(burst.descriptor(0)));
        }
    }

    @Test
    void packetsThatDoNotFitAreMissed() throws IOException {
        byte[][] packets = packets(3521, 60, 9000, 262144, 61);
        try (PcapPort port = port(8, packets)) {
            assertEquals(2, port.receive(burst, 8));
            assertFresh(0, packets[1]);
            assertFresh(1, packets[4]);
            assertEquals(3, port.missed());
        }
    }

    /** However long a capture of useless packets is, the caller gets control back. */
    @Test
    void aBurstOfMissedPacketsEndsReceive() throws IOException {
        byte[][] packets = new byte[20][];
        Arrays.fill(packets, new byte[4000]);
        try (PcapPort port = port(8, packets)) {
            assertEquals(0, port.receive(burst, 8));
            assertEquals(8, port.missed());
            assertEquals(0, port.receive(burst, 8));
            assertEquals(0, port.receive(burst, 8));
            assertEquals(Port.END, port.receive(burst, 8));
            assertEquals(20, port.missed());
        }
    }

    /** Whatever packets and programs did to a frame, the next packet finds zeros before it. */
    @Test
    void dirtIsCleared() throws IOException {
        Random random = new Random(11);
        byte[][] packets = new byte[2000][];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = CaptureBytes.packet(i, random.nextInt(random.nextBoolean() ? 100 : Burst.LONGEST_PACKET + 1));
        }
        try (PcapPort port = port(2, packets)) {
            for (byte[] packet : packets) {
                assertEquals(1, port.receive(burst, 1));
                assertFresh(0, packet);
                int start = 40 + random.nextInt(300);
                int end = Math.max(start, 256 + random.nextInt(3521));
                long frame = data(0) - 256;
                switch (random.nextInt(4)) {
                    case 0 -> { // encapsulated, with metadata
                        move(0, start, end, Math.min(32, start - 40));
                        Memory.fill(frame + start - Math.min(32, start - 40), end - start + Math.min(32, start - 40), (byte) 0xee);
                    }
                    case 1 -> { // moved there, written, and moved back
                        move(0, start, end, 0);
                        Memory.fill(frame + start, end - start, (byte) 0xdd);
                        move(0, 256, 256 + packet.length, 0);
                    }
                    case 2 -> move(0, 256 + packet.length / 2, 256 + packet.length, 0);
                    default -> {
                    }
                }
                port.release(burst.descriptor(0));
            }
            assertEquals(2, port.freeFrames());
        }
    }

    @Test
    void whatIsSentGoesToTheOutput() throws IOException {
        Captured output = new Captured();
        byte[][] packets = packets(60, 14);
        try (PcapPort port = new PcapPort(1, Captured.reader(CaptureBytes.pcap(packets)), new CaptureSink(output.writer()), 4);
                PcapPort other = port(4, packets(20))) {
            assertEquals(2, port.receive(burst, 8));
            long longer = burst.descriptor(0);
            Memory.putLong(longer + Burst.DATA, data(0) - 4);
            Memory.putInt(longer + Burst.LENGTH, 64);
            Memory.putInt(longer + Burst.META_LENGTH, 8);
            Memory.putInt(data(0), 0x04030201);
            assertTrue(port.copy(longer));
            assertTrue(port.transmit(longer));
            port.release(burst.descriptor(1));
            assertEquals(1, other.receive(burst, 8));
            assertTrue(port.copy(burst.descriptor(0)));
            other.release(burst.descriptor(0));
            assertEquals(4, other.freeFrames());
            assertEquals(4, port.freeFrames());
            assertFalse(output.committed());
            port.finish();
            String first = "1000000000:01020304" + HexFormat.of().formatHex(packets[0]);
            assertEquals(List.of(first, first, "1000000000:" + HexFormat.of().formatHex(packets(20)[0])), output.packets());
        }
    }

    @Test
    void receivesUntilATime() throws IOException {
        try (PcapPort port = port(8, packets(60, 60, 60, 60))) {
            assertEquals(1_000_000_000, port.nextTimestamp());
            assertEquals(2, port.receive(burst, 8, 1_000_001_999));
            assertEquals(1_000_002_000, port.nextTimestamp());
            assertEquals(1, port.receive(burst, 8, 0), "the next packet comes whatever its time");
            assertEquals(1, port.receive(burst, 8, Long.MAX_VALUE));
            assertEquals(-1, port.nextTimestamp());
            assertEquals(Port.END, port.receive(burst, 8, Long.MAX_VALUE));
        }
    }

    @Test
    void whatIsReadableComesBeforeTheException() throws IOException {
        byte[] capture = CaptureBytes.pcap(packets(60, 60, 60));
        try (PcapPort port = new PcapPort(1, Captured.reader(Arrays.copyOf(capture, capture.length - 1)), new CaptureSink(null), 8)) {
            assertEquals(2, port.receive(burst, 8));
            BrokenCaptureException broken = assertThrows(BrokenCaptureException.class, () -> port.receive(burst, 8));
            assertEquals("in: at byte 176: the file ends inside a packet of 60 bytes", broken.getMessage());
            assertEquals(Port.END, port.receive(burst, 8));
        }
    }
}
