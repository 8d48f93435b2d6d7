package org.trufflebpf.io.port;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

class PartialChecksumTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    /** Bytes around the packet that nobody may change. */
    private static final int MARGIN = 64;

    /** What stands before the segment. */
    private enum Headers {
        IPV4, IPV6, VLAN_IPV4, QINQ_IPV6, IPV4_OPTIONS, IPV6_OPTIONS, IPV4_IN_IPV4, IPV4_IN_IPV6
    }

    /** @param place of the checksum, from the packet's start */
    private record Packet(byte[] bytes, int place, int segment, int pseudo) {
    }

    private static Packet packet(Headers headers, int protocol, int payload, Random random) {
        int length = (protocol == TCP ? 20 : 8) + payload;
        ByteBuffer buffer = ByteBuffer.allocate(2048);
        buffer.position(12);
        switch (headers) {
            case VLAN_IPV4 -> buffer.putInt(0x8100_0005);
            case QINQ_IPV6 -> buffer.putInt(0x88a8_0005).putInt(0x8100_0006);
            default -> {
            }
        }
        int pseudo = switch (headers) {
            case IPV4, VLAN_IPV4 -> ipv4(buffer.putShort((short) 0x0800), protocol, length, 0, random);
            case IPV4_OPTIONS -> ipv4(buffer.putShort((short) 0x0800), protocol, length, 8, random);
            case IPV6, QINQ_IPV6 -> ipv6(buffer.putShort((short) 0x86dd), protocol, length, 0, random);
            case IPV6_OPTIONS -> ipv6(buffer.putShort((short) 0x86dd), protocol, length, 24, random);
            case IPV4_IN_IPV4 -> {
                ipv4(buffer.putShort((short) 0x0800), 4, length + 20, 0, random);
                yield ipv4(buffer, protocol, length, 0, random);
            }
            case IPV4_IN_IPV6 -> {
                ipv6(buffer.putShort((short) 0x86dd), 4, length + 20, 0, random);
                yield ipv4(buffer, protocol, length, 0, random);
            }
        };
        int segment = buffer.position();
        byte[] content = new byte[length];
        random.nextBytes(content);
        buffer.put(content);
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return new Packet(bytes, segment + (protocol == TCP ? 16 : 6), segment, pseudo);
    }

    private static int ipv4(ByteBuffer buffer, int protocol, int content, int options, Random random) {
        int start = buffer.position();
        int from = random.nextInt();
        int to = random.nextInt();
        buffer.put((byte) (0x45 + options / 4)).put((byte) 0).putShort((short) (20 + options + content)).putInt(0x12344000).put((byte) 64)
                .put((byte) protocol).putShort((short) 0).putInt(from).putInt(to).position(start + 20 + options);
        return (from >>> 16) + (from & 0xffff) + (to >>> 16) + (to & 0xffff) + protocol + content;
    }

    private static int ipv6(ByteBuffer buffer, int protocol, int content, int options, Random random) {
        byte[] addresses = new byte[32];
        random.nextBytes(addresses);
        buffer.putInt(0x60000000).putShort((short) (content + options)).put((byte) (options == 0 ? protocol : 0)).put((byte) 64).put(addresses);
        if (options > 0) {
            // Hop-by-hop options of 8 bytes, then destination options.
            buffer.put((byte) 60).put((byte) 0).putShort((short) 0).putInt(0);
            int start = buffer.position();
            buffer.put((byte) protocol).put((byte) (options / 8 - 2)).position(start + options - 8);
        }
        ByteBuffer words = ByteBuffer.wrap(addresses);
        return IntStream.range(0, 16).map(i -> words.getShort(2 * i) & 0xffff).sum() + protocol + content;
    }

    private static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return folded;
    }

    /** RFC 1071 as it stands there, over the pseudo header and the segment with a checksum of 0. */
    private static int checksum(Packet packet, int protocol) {
        byte[] bytes = packet.bytes.clone();
        bytes[packet.place] = 0;
        bytes[packet.place + 1] = 0;
        int sum = packet.pseudo;
        for (int i = packet.segment; i < bytes.length; i++) {
            sum += (i - packet.segment) % 2 == 0 ? (bytes[i] & 0xff) << 8 : bytes[i] & 0xff;
        }
        int checksum = ~fold(sum) & 0xffff;
        return protocol == UDP && checksum == 0 ? 0xffff : checksum;
    }

    /** Puts bytes somewhere with a margin, finishes them there, and gives back what they became. */
    private static byte[] finished(byte[] bytes, boolean expected) {
        try (NativeBlock block = new NativeBlock(bytes.length + 2L * MARGIN)) {
            Memory.fill(block.address(), block.size(), (byte) 0x5a);
            Memory.copyFrom(bytes, 0, block.address() + MARGIN, bytes.length);
            assertEquals(expected, PartialChecksum.finish(block.address() + MARGIN, bytes.length));
            byte[] all = Memory.bytes(block.address(), (int) block.size());
            for (int i = 0; i < MARGIN; i++) {
                assertEquals(0x5a, all[i]);
                assertEquals(0x5a, all[all.length - 1 - i]);
            }
            return Memory.bytes(block.address() + MARGIN, bytes.length);
        }
    }

    static Stream<Arguments> packets() {
        return Stream.of(Headers.values()).flatMap(headers -> Stream.of(Arguments.of(headers, TCP), Arguments.of(headers, UDP)));
    }

    @ParameterizedTest
    @MethodSource("packets")
    void anUnfinishedOneIsFinishedAndAFinishedOneStays(Headers headers, int protocol) {
        Random random = new Random(1);
        for (int payload = 0; payload < 200; payload++) {
            Packet packet = packet(headers, protocol, payload, random);
            ByteBuffer bytes = ByteBuffer.wrap(packet.bytes);
            bytes.putShort(packet.place, (short) fold(packet.pseudo));
            byte[] finished = finished(packet.bytes, true);
            assertEquals(checksum(packet, protocol), ByteBuffer.wrap(finished).getShort(packet.place) & 0xffff, "payload of " + payload);
            bytes.putShort(packet.place, (short) checksum(packet, protocol));
            assertArrayEquals(packet.bytes, finished);
            if (checksum(packet, protocol) != fold(packet.pseudo)) {
                assertArrayEquals(packet.bytes, finished(packet.bytes, false));
            }
        }
    }

    @Test
    void cutPacketsAreLeftAlone() {
        for (Headers headers : Headers.values()) {
            Packet packet = packet(headers, TCP, 100, new Random(2));
            ByteBuffer.wrap(packet.bytes).putShort(packet.place, (short) fold(packet.pseudo));
            for (int length = 0; length < packet.bytes.length; length++) {
                finished(Arrays.copyOf(packet.bytes, length), false);
            }
            // Ethernet pads short frames: what is behind the IP packet does not count.
            finished(Arrays.copyOf(packet.bytes, packet.bytes.length + 7), true);
        }
    }

    @Test
    void fragmentsHaveNoChecksumOfTheirOwn() {
        Packet packet = packet(Headers.IPV4, UDP, 100, new Random(3));
        ByteBuffer.wrap(packet.bytes).putShort(packet.place, (short) fold(packet.pseudo));
        packet.bytes[20] = 0x20;
        finished(packet.bytes, false);
    }

    @Test
    void noChecksumAtAllStaysSo() {
        Packet packet = packet(Headers.IPV4, UDP, 100, new Random(4));
        ByteBuffer.wrap(packet.bytes).putShort(packet.place, (short) 0);
        finished(packet.bytes, false);
    }

    @Test
    void anythingMayCome() {
        Random random = new Random(5);
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            Packet packet = packet(Headers.values()[random.nextInt(Headers.values().length)], random.nextBoolean() ? TCP : UDP, random.nextInt(64),
                    random);
            ByteBuffer.wrap(packet.bytes).putShort(packet.place, (short) fold(packet.pseudo));
            for (int change = random.nextInt(4); change > 0; change--) {
                packet.bytes[12 + random.nextInt(packet.bytes.length - 12)] = (byte) random.nextInt();
            }
            try (NativeBlock block = new NativeBlock(packet.bytes.length)) {
                Memory.copyFrom(packet.bytes, 0, block.address(), packet.bytes.length);
                found += PartialChecksum.finish(block.address(), packet.bytes.length) ? 1 : 0;
            }
        }
        assertTrue(found > 1000 && found < 20_000, found + " were unfinished");
        assertFalse(PartialChecksum.finish(0, 0));
    }
}
