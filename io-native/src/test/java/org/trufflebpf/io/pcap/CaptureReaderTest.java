package org.trufflebpf.io.pcap;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

final class CaptureReaderTest {
    private static final byte[] NONE = {};
    private static final byte[] SHORT = CaptureBytes.packet(1, 14);
    private static final byte[] ODD = CaptureBytes.packet(2, 61);
    private static final byte[] LONG = CaptureBytes.packet(3, 1500);
    private static final long SECOND = 1_000_000_000;

    private record Packet(long timestamp, long originalLength, String bytes) {
        Packet(long timestamp, long originalLength, byte[] bytes) {
            this(timestamp, originalLength, HexFormat.of().formatHex(bytes));
        }
    }

    /** What a capture gave, and how it ended: with null or with the message. */
    private record Reading(List<Packet> packets, String failure) {
    }

    private static Reading read(byte[] capture) throws IOException {
        return read(Channels.newChannel(new ByteArrayInputStream(capture)));
    }

    private static Reading read(ReadableByteChannel channel) throws IOException {
        List<Packet> packets = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open("test", channel); NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET)) {
            while (reader.next()) {
                reader.copyTo(block.address());
                packets.add(new Packet(reader.timestamp(), reader.originalLength(), Memory.bytes(block.address(), reader.length())));
            }
            assertFalse(reader.next());
            return new Reading(packets, null);
        } catch (BrokenCaptureException e) {
            return new Reading(packets, e.getMessage());
        }
    }

    private static CaptureBytes of(ByteOrder order) {
        return new CaptureBytes(order);
    }

    private static byte[] classic(ByteOrder order, boolean nanoseconds) {
        return of(order).pcapHeader(nanoseconds, 1).pcapPacket(1_700_000_000, 5, SHORT, 14).pcapPacket(0xffffffffL, 999_999, ODD, 61)
                .pcapPacket(0, 0, NONE, 0).pcapPacket(2, 1, LONG, 9000).toBytes();
    }

    private static List<Packet> classicPackets(long unit) {
        return List.of(new Packet(1_700_000_000 * SECOND + 5 * unit, 14, SHORT), new Packet(0xffffffffL * SECOND + 999_999 * unit, 61, ODD),
                new Packet(0, 0, NONE), new Packet(2 * SECOND + unit, 9000, LONG));
    }

    private static byte[] blocks(ByteOrder order) {
        return of(order).section(order)
                .describeInterface(1, 0, of(order).option(2, (byte) 'e', (byte) 't', (byte) 'h').option(9, (byte) 9).option(0).toBytes())
                .unknown(0x0bad, CaptureBytes.packet(9, 10))
                .describeInterface(1, 0, NONE)
                .describeInterface(1, 0, of(order).timeOffset(1000).option(9, (byte) (0x80 | 10)).toBytes())
                .enhanced(0, 1_700_000_000 * SECOND + 5, SHORT, 14, of(order).option(1, (byte) 'x').option(0).toBytes())
                .enhanced(2, 1536, ODD, 61, NONE)
                .unknown(5, new byte[8])
                .obsolete(0, 77, LONG, 9000)
                .simple(ODD, 61)
                .toBytes();
    }

    private static List<Packet> blocksPackets() {
        return List.of(new Packet(1_700_000_000 * SECOND + 5, 14, SHORT), new Packet(1001 * SECOND + SECOND / 2, 61, ODD),
                new Packet(77, 9000, LONG), new Packet(0, 61, ODD));
    }

    private static Map<String, byte[]> captures() {
        Map<String, byte[]> captures = new LinkedHashMap<>();
        captures.put("microseconds-le.pcap", classic(LITTLE_ENDIAN, false));
        captures.put("microseconds-be.pcap", classic(BIG_ENDIAN, false));
        captures.put("nanoseconds-le.pcap", classic(LITTLE_ENDIAN, true));
        captures.put("nanoseconds-be.pcap", classic(BIG_ENDIAN, true));
        captures.put("blocks-le.pcapng", blocks(LITTLE_ENDIAN));
        captures.put("blocks-be.pcapng", blocks(BIG_ENDIAN));
        captures.put("sections.pcapng", of(LITTLE_ENDIAN).raw(blocks(BIG_ENDIAN)).raw(blocks(LITTLE_ENDIAN)).toBytes());
        return captures;
    }

    private static List<Packet> expected(String name) {
        if (name.equals("sections.pcapng")) {
            return Stream.concat(blocksPackets().stream(), blocksPackets().stream()).toList();
        }
        return name.startsWith("blocks") ? blocksPackets() : classicPackets(name.startsWith("micro") ? 1000 : 1);
    }

    /** Writes the committed files into the folder that the argument names. */
    public static void main(String[] arguments) throws IOException {
        for (Map.Entry<String, byte[]> capture : captures().entrySet()) {
            Files.write(Path.of(arguments[0], capture.getKey()), capture.getValue());
        }
    }

    static Stream<String> names() {
        return captures().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsEveryFormat(String name) throws IOException {
        assertEquals(new Reading(expected(name), null), read(captures().get(name)));
    }

    /**
     * The committed files were checked with tcpdump 4.99, so the encoder, and with it the reader, agrees with the world. (Only the change of
     * byte order between sections is more than tcpdump knows.)
     */
    @ParameterizedTest
    @MethodSource("names")
    void committedFilesAreWhatTheEncoderWrites(String name) throws IOException {
        try (InputStream file = CaptureReaderTest.class.getResourceAsStream(name)) {
            assertNotNull(file, name);
            assertEquals(HexFormat.of().formatHex(captures().get(name)), HexFormat.of().formatHex(file.readAllBytes()));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void opensFilesAndKnowsTheirSize(String name, @TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve(name), captures().get(name));
        try (CaptureReader reader = CaptureReader.open(file)) {
            int count = 0;
            long last = reader.position();
            while (reader.next()) {
                assertTrue(reader.position() > last);
                last = reader.position();
                count++;
            }
            assertEquals(expected(name).size(), count);
            assertEquals(Files.size(file), reader.size());
            assertEquals(Files.size(file), reader.position());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsFromAChannelThatGivesOneByteAtATime(String name) throws IOException {
        byte[] capture = captures().get(name);
        ReadableByteChannel slow = new ReadableByteChannel() {
            private int at;

            @Override
            public int read(ByteBuffer target) {
                if (at == capture.length) {
                    return -1;
                }
                target.put(capture[at++]);
                return 1;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {
            }
        };
        assertEquals(new Reading(expected(name), null), read(slow));
    }

    /** A cut file gives a prefix of the packets, then the declared exception, unless it is cut exactly between two packets or blocks. */
    @ParameterizedTest
    @MethodSource("names")
    void cutAtEveryByte(String name) throws IOException {
        byte[] capture = captures().get(name);
        List<Packet> all = expected(name);
        int whole = 0;
        int previous = 0;
        for (int length = 0; length < capture.length; length++) {
            Reading reading = read(Arrays.copyOf(capture, length));
            int count = reading.packets().size();
            assertEquals(all.subList(0, count), reading.packets());
            assertTrue(count >= previous, "fewer packets at length " + length);
            previous = count;
            if (reading.failure() == null) {
                whole++;
            } else {
                assertTrue(reading.failure().matches("test: at byte \\d+: (the file (is empty|ends inside [^\n]+)|too short for a capture)"),
                        reading.failure());
            }
        }
        // Boundaries: after the file header and each packet but the last; after each block but the last.
        int blocks = name.equals("sections.pcapng") ? 20 : 10;
        assertEquals(name.endsWith(".pcap") ? all.size() : blocks - 1, whole);
    }

    @ParameterizedTest
    @MethodSource("names")
    void damagedFilesGiveNothingButTheDeclaredException(String name) throws IOException {
        byte[] capture = captures().get(name);
        Random random = new Random(name.hashCode());
        int broken = 0;
        for (int run = 0; run < 5000; run++) {
            byte[] damaged = capture.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(3) == 0 ? random.nextInt(Math.min(damaged.length, 160)) : random.nextInt(damaged.length);
                damaged[at] = (byte) switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> 0xff;
                    case 2 -> damaged[at] ^ 1 << random.nextInt(8);
                    default -> random.nextInt();
                };
            }
            Reading reading = read(damaged);
            if (reading.failure() != null) {
                broken++;
                assertTrue(reading.failure().startsWith("test: at byte ") && !reading.failure().contains("\n"), reading.failure());
            }
        }
        assertTrue(broken > 500, "only " + broken + " were noticed");
    }

    static Stream<Arguments> faults() {
        byte[] section = of(LITTLE_ENDIAN).section(LITTLE_ENDIAN).toBytes();
        byte[] ethernet = of(LITTLE_ENDIAN).raw(section).describeInterface(1, 0, NONE).toBytes();
        return Stream.of(
                Arguments.of("at byte 0: the file is empty", NONE),
                Arguments.of("at byte 0: too short for a capture", new byte[3]),
                Arguments.of("at byte 0: not a capture: expected pcap or pcapng, got the magic number 7f454c46",
                        new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}),
                Arguments.of("at byte 0: compressed by gzip: decompress it first", new byte[] {0x1f, (byte) 0x8b, 8, 0}),
                Arguments.of("at byte 4: pcap version 3.4 instead of 2.4", of(BIG_ENDIAN).u32(0xa1b2c3d4).u16(3, 4).u32(0, 0, 0, 1).toBytes()),
                Arguments.of("at byte 20: link type 113 (LINUX_SLL): XDP programs need Ethernet (1) packets, capture on an Ethernet interface",
                        of(BIG_ENDIAN).pcapHeader(false, 113).toBytes()),
                Arguments.of("at byte 20: link type 147: XDP programs need Ethernet (1) packets, capture on an Ethernet interface",
                        of(LITTLE_ENDIAN).pcapHeader(true, 147).toBytes()),
                Arguments.of("at byte 24: a packet of 262145 bytes, more than 262144: the file is damaged",
                        of(LITTLE_ENDIAN).pcapHeader(true, 1).u32(0, 0, 262145, 60).raw(new byte[262145]).toBytes()),
                Arguments.of("at byte 24: a packet of 4294967295 bytes, more than 262144: the file is damaged",
                        of(LITTLE_ENDIAN).pcapHeader(true, 1).u32(0, 0, -1, 60).toBytes()),
                Arguments.of("at byte 0: a section header without a byte-order magic", of(LITTLE_ENDIAN).u32(0x0a0d0d0a, 28, 0x1a2b3c4e).toBytes()),
                Arguments.of("at byte 0: pcapng version 2.0 instead of 1.0",
                        of(LITTLE_ENDIAN).u32(0x0a0d0d0a, 28, 0x1a2b3c4d).u16(2, 0).s64(-1).u32(28).toBytes()),
                Arguments.of("at byte 0: a block of 20 bytes, too short for what it holds",
                        of(LITTLE_ENDIAN).u32(0x0a0d0d0a, 20, 0x1a2b3c4d).u16(1, 0).u32(20).toBytes()),
                Arguments.of("at byte 28: a block of 8 bytes", of(LITTLE_ENDIAN).raw(section).u32(9, 8, 8).toBytes()),
                Arguments.of("at byte 28: a block of 11 bytes", of(LITTLE_ENDIAN).raw(section).u32(9, 11, 11).toBytes()),
                Arguments.of("at byte 28: a block of 14 bytes", of(LITTLE_ENDIAN).raw(section).u32(9, 14).u16(0).u32(14).toBytes()),
                Arguments.of("at byte 28: a block of 16 bytes that says 12 at its end", of(LITTLE_ENDIAN).raw(section).u32(9, 16, 0, 12).toBytes()),
                Arguments.of("at byte 28: a packet of interface 0, but the section describes 0",
                        of(LITTLE_ENDIAN).raw(section).simple(SHORT, 14).toBytes()),
                Arguments.of("at byte 48: a packet of interface 1, but the section describes 1",
                        of(LITTLE_ENDIAN).raw(ethernet).enhanced(1, 0, SHORT, 14, NONE).toBytes()),
                Arguments.of("at byte 48: a packet of 17 bytes in a block of 48: the file is damaged",
                        of(LITTLE_ENDIAN).raw(ethernet).u32(6, 48, 0, 0, 0, 17, 17).raw(new byte[16]).u32(48).toBytes()),
                Arguments.of("at byte 48: a packet of 4294967295 bytes in a block of 32: the file is damaged",
                        of(LITTLE_ENDIAN).raw(ethernet).u32(6, 32, 0, 0, 0, -1, 17).u32(32).toBytes()),
                Arguments.of("at byte 48: a block of 28 bytes, too short for what it holds",
                        of(LITTLE_ENDIAN).raw(ethernet).u32(6, 28, 0, 0, 0, 0).u32(28).toBytes()),
                Arguments.of("at byte 28: a block of 24 bytes, too short for what it holds",
                        of(LITTLE_ENDIAN).raw(section).u32(1, 24).u16(1, 0).u32(0).u16(9, 400).u32(24).toBytes()),
                Arguments.of("at byte 48: link type 276 (LINUX_SLL2): XDP programs need Ethernet (1) packets, capture on an Ethernet interface",
                        of(LITTLE_ENDIAN).raw(section).describeInterface(276, 0, NONE).enhanced(0, 0, SHORT, 14, NONE).toBytes()));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void namesTheFault(String message, byte[] capture) throws IOException {
        assertEquals(new Reading(List.of(), "test: " + message), read(capture));
    }

    @Test
    void aBrokenReaderStaysBroken() throws IOException {
        byte[] capture = of(LITTLE_ENDIAN).pcapHeader(true, 1).pcapPacket(1, 0, SHORT, 14).u32(1, 2, 3).toBytes();
        try (CaptureReader reader = CaptureReader.open("test", Channels.newChannel(new ByteArrayInputStream(capture)))) {
            assertTrue(reader.next());
            BrokenCaptureException first = assertThrows(BrokenCaptureException.class, reader::next);
            assertEquals(54, first.offset());
            assertSame(first, assertThrows(BrokenCaptureException.class, reader::next));
        }
    }

    @Test
    void anInterfaceOfAnotherLinkTypeMattersOnlyOnceItHasPackets() throws IOException {
        byte[] capture = of(BIG_ENDIAN).section(BIG_ENDIAN).describeInterface(113, 0, NONE).describeInterface(1, 0, NONE)
                .enhanced(1, 5, ODD, 61, NONE).enhanced(0, 6, SHORT, 14, NONE).toBytes();
        assertEquals(new Reading(List.of(new Packet(5000, 61, ODD)), "test: at byte 164: link type 113 (LINUX_SLL): "
                + "XDP programs need Ethernet (1) packets, capture on an Ethernet interface"), read(capture));
    }

    @Test
    void aSimplePacketIsAsLongAsTheInterfaceSnaps() throws IOException {
        byte[] capture = of(BIG_ENDIAN).section(BIG_ENDIAN).describeInterface(1, 14, NONE).simple(SHORT, 1000).toBytes();
        assertEquals(new Reading(List.of(new Packet(0, 1000, SHORT)), null), read(capture));
    }

    @Test
    void blocksMayBeLongerThanTheWindow() throws IOException {
        byte[] capture = of(LITTLE_ENDIAN).section(LITTLE_ENDIAN).unknown(77, new byte[3 << 20]).describeInterface(1, 0, NONE)
                .enhanced(0, 1, ODD, 61, new byte[2 << 20]).enhanced(0, 2, SHORT, 14, NONE).toBytes();
        assertEquals(new Reading(List.of(new Packet(1000, 61, ODD), new Packet(2000, 14, SHORT)), null), read(capture));
    }

    @Test
    void interfacesAreBounded() throws IOException {
        CaptureBytes capture = of(LITTLE_ENDIAN).section(LITTLE_ENDIAN);
        byte[] description = of(LITTLE_ENDIAN).describeInterface(1, 0, NONE).toBytes();
        for (int i = 0; i <= 65536; i++) {
            capture.raw(description);
        }
        assertEquals(new Reading(List.of(), "test: at byte 1310748: more than 65536 interfaces in a section"), read(capture.toBytes()));
    }

    /** Packets of all lengths up to the limit meet the window's end in every way. */
    @Test
    void packetsAcrossTheWindow() throws IOException {
        Random random = new Random(5);
        CaptureBytes classic = of(BIG_ENDIAN).pcapHeader(true, 1);
        CaptureBytes blocks = of(BIG_ENDIAN).section(BIG_ENDIAN).describeInterface(1, 0, of(BIG_ENDIAN).option(9, (byte) 9).toBytes());
        List<Packet> expected = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] packet = CaptureBytes.packet(i, i % 20 == 0 ? CaptureReader.MAX_PACKET : random.nextInt(CaptureReader.MAX_PACKET));
            classic.pcapPacket(0, i, packet, packet.length);
            blocks.enhanced(0, i, packet, packet.length, NONE);
            expected.add(new Packet(i, packet.length, packet));
        }
        assertEquals(new Reading(expected, null), read(classic.toBytes()));
        assertEquals(new Reading(expected, null), read(blocks.toBytes()));
    }

    @Test
    void aMillionPacketsAllocateNothing() throws IOException {
        byte[] record = of(LITTLE_ENDIAN).pcapPacket(1, 2, CaptureBytes.packet(1, 64), 64).toBytes();
        CaptureBytes capture = of(LITTLE_ENDIAN).pcapHeader(true, 1);
        for (int i = 0; i < 100_000; i++) {
            capture.raw(record);
        }
        byte[] bytes = capture.toBytes();
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        WeakReference<Object> collection = new WeakReference<>(new Object());
        long before = runtime.totalMemory() - runtime.freeMemory();
        long packets = 0;
        for (int run = 0; run < 10; run++) {
            try (CaptureReader reader = CaptureReader.open("test", Channels.newChannel(new ByteArrayInputStream(bytes)));
                    NativeBlock block = new NativeBlock(64)) {
                while (reader.next()) {
                    reader.copyTo(block.address());
                    packets++;
                }
            }
        }
        long used = runtime.totalMemory() - runtime.freeMemory() - before;
        assertEquals(1_000_000, packets);
        assertNotNull(collection.get(), "the garbage collector ran, which proves that something allocates");
        assertTrue(used < 12_000_000, used + " bytes, where one object per packet would be 16,000,000 or more");
    }

    static Stream<Arguments> times() {
        long max = Long.MAX_VALUE;
        return Stream.of(
                Arguments.of(6, 0, 1_700_000_000_123_456L, 1_700_000_000_123_456_000L),
                Arguments.of(9, 0, max, max),
                Arguments.of(9, 0, -1, max),
                Arguments.of(0, 0, 12, 12 * SECOND),
                Arguments.of(0, 0, -1, max),
                Arguments.of(12, 0, 12_345, 12),
                Arguments.of(27, 0, -1, 18),
                Arguments.of(28, 0, -1, 0),
                Arguments.of(127, 0, -1, 0),
                Arguments.of(0x80, 0, 12, 12 * SECOND),
                Arguments.of(0x80, 0, max, max),
                Arguments.of(0x80 | 1, 0, 3, 1_500_000_000),
                Arguments.of(0x80 | 63, 0, -1, 1_999_999_999),
                Arguments.of(0x80 | 64, 0, -1, 999_999_999),
                Arguments.of(0x80 | 65, 0, -1, 499_999_999),
                Arguments.of(0x80 | 127, 0, -1, 0),
                Arguments.of(6, 10, 5, 10_000_005_000L),
                Arguments.of(6, -10, 5, 0),
                Arguments.of(6, -10, 10_000_001, 1000),
                Arguments.of(6, max, 5, max),
                Arguments.of(6, Long.MIN_VALUE, 5, 0),
                Arguments.of(9, 9_000_000_000L, max, max));
    }

    @ParameterizedTest
    @MethodSource("times")
    void convertsTimes(int resolution, long offset, long units, long nanoseconds) {
        assertEquals(nanoseconds, new CaptureInterface(1, 0, resolution, offset).nanoseconds(units));
    }
}
