package org.trufflebpf.language.packettest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.generator.FlowChoice;
import org.trufflebpf.io.generator.Traffic;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.GeneratorPort;
import org.trufflebpf.io.port.Port;

class GeneratorTemplateTest {
    private static final PacketBuilder.Captures CAPTURES = (capture, number) -> switch (capture) {
        case "three" -> number <= 3 ? SampleFrames.frame(number) : null;
        default -> null;
    };

    private static List<byte[]> packets(String text, FlowChoice choice, long count) throws PacketTestException, IOException {
        GeneratorTemplate.Packets made = GeneratorTemplate.parse(text).build(CAPTURES);
        Traffic traffic = new Traffic(made.templates(), made.inOrder(), made.sizes(), choice, 0, count, 1);
        List<byte[]> packets = new ArrayList<>();
        try (GeneratorPort port = new GeneratorPort(1, 0, 1, traffic, new CaptureSink(null), 64); Burst burst = new Burst(64)) {
            for (int received = port.receive(burst, 64); received != Port.END; received = port.receive(burst, 64)) {
                for (int i = 0; i < received; i++) {
                    long descriptor = burst.descriptor(i);
                    packets.add(Memory.bytes(Memory.getLong(descriptor + Burst.DATA), Memory.getInt(descriptor + Burst.LENGTH)));
                    port.release(descriptor);
                }
            }
        }
        return packets;
    }

    /** The packet with all its checksums worked out anew. */
    private static byte[] summed(byte[] packet) throws PacketTestException {
        List<Change> changes = new ArrayList<>();
        for (DecodedLayer layer : PacketDecoder.decode(packet)) {
            Field checksum = layer.header().field("checksum");
            if (checksum != null) {
                changes.add(new Change.OfField(new Position(1, 1), layer.header(), layer.occurrence(), checksum, new FieldValue.Computed()));
            }
        }
        return PacketBuilder.changed(packet, changes, new BitSet());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "eth / ipv4 src=10.0.0.0/8 dst=10.1.2.3|192.168.0.1 / udp sport=1024-65535 dport=53|80 / payload 0-9 bytes",
        "eth src=02:00:00:00:00:00-02:00:00:ff:ff:ff / vlan vid=1-4094 pcp=0-7 / ipv4 tos=0-255 ttl=1-255 / tcp flags=S|PA|FA seq=0-0xffffffff",
        "eth / qinq vid=0-1 / vlan / ipv6 src=2001:db8::/64 dst=2001:db8::1|2001:db8:1::2 flow=0-0xfffff / udp sport=1-9 / payload 7|8 bytes",
        "eth / ipv6 dst=2001:db8::/32 / icmpv6 id=0-65535 seq=0-65535 / payload \"ping, pong\"",
        "eth / ipv4 src=10.0.0.0/24 / icmp type=0|8 id=0-3 seq=0-3",
        "eth / ipv4 / icmp type=3 / ipv4 src=10.0.0.0/16 ttl=0-255 / udp sport=0-65535 / payload 3 bytes",
        "eth / ipv4 src=1.0.0.0/8 / ipv6 src=2001:db8::1-2001:db8::ffff / tcp sport=0-65535 window=0-65535 urgent=0-65535 / payload 31 bytes",
        "eth / ipv4 / udp with ipv4 src=10.0.0.0/8 ; udp dport=0-65535",
        "frame 1 of three with ipv4 src=10.0.0.0/8 checksum=ok ; tcp checksum=ok"
    })
    void checksumsAreRightInEveryPacket(String text) throws Exception {
        for (FlowChoice choice : List.of(new FlowChoice.Fresh(), new FlowChoice.InTurn())) {
            List<byte[]> packets = packets(text, choice, 3000);
            assertTrue(packets.stream().map(Arrays::hashCode).distinct().count() > 20);
            for (byte[] packet : packets) {
                assertArrayEquals(summed(packet), packet);
            }
        }
    }

    @Test
    void inTurnTheFirstFieldCountsFastest() throws Exception {
        List<String> seen = new ArrayList<>();
        for (byte[] packet : packets("eth / ipv4 src=10.0.0.9-10.0.0.10 / udp dport=53|80|443", new FlowChoice.InTurn(), 7)) {
            List<DecodedLayer> layers = PacketDecoder.decode(packet);
            seen.add((layers.get(1).read(packet, Header.IPV4.field("src"))[3] & 0xff) + ":" + Header.UDP.field("dport").readInt(packet, 34));
        }
        assertEquals(List.of("9:53", "10:53", "9:80", "10:80", "9:443", "10:443", "9:53"), seen);
    }

    @Test
    void aRangeHasBothItsEndsAndNothingElse() throws Exception {
        Set<Integer> ports = new HashSet<>();
        for (byte[] packet : packets("eth / ipv4 / udp dport=7-11", new FlowChoice.Fresh(), 500)) {
            ports.add(Header.UDP.field("dport").readInt(packet, 34));
        }
        assertEquals(Set.of(7, 8, 9, 10, 11), ports);
    }

    @Test
    void lengthsVaryWithTheFieldsThatSayThem() throws Exception {
        Set<Integer> lengths = new HashSet<>();
        for (byte[] packet : packets("eth / ipv4 / udp / payload 6|18|100 bytes", new FlowChoice.Fresh(), 100)) {
            lengths.add(packet.length);
            assertEquals(packet.length - 14, Header.IPV4.field("length").readInt(packet, 14));
            assertEquals(packet.length - 34, Header.UDP.field("length").readInt(packet, 34));
        }
        assertEquals(Set.of(48, 60, 142), lengths);
    }

    @Test
    void theFramesOfACaptureComeAsTheyAre() throws Exception {
        List<byte[]> packets = packets("frames of three", new FlowChoice.Fresh(), 4);
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(SampleFrames.frame(i % 3 + 1), packets.get(i));
        }
        for (byte[] packet : packets("frames of three with eth dst=02:00:00:00:00:09 cut to 20", new FlowChoice.Fresh(), 4)) {
            assertEquals(20, packet.length);
            assertEquals(9, packet[5]);
        }
    }

    @Test
    void aChecksumThatIsGivenStays() throws Exception {
        for (byte[] packet : packets("eth / ipv4 src=10.0.0.0/8 checksum=0x1234 / udp checksum=0", new FlowChoice.Fresh(), 50)) {
            assertEquals(0x1234, Header.IPV4.field("checksum").readInt(packet, 14));
            assertEquals(0, Header.UDP.field("checksum").readInt(packet, 34));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '#', quoteCharacter = '~', value = {
        "eth / ipv4 src=10.0.0.9-10.0.0.1 # 16 # expected an IPv4 address such as 10.0.0.1, found '10.0.0.9-10.0.0.1'",
        "eth / ipv4 src=10.0.0.0/33 # 16 # expected an IPv4 address such as 10.0.0.1, found '10.0.0.0/33'",
        "eth / udp sport=1-65536 # 17 # expected a number of at most 16 bits, found '1-65536'",
        "eth / udp sport=1|x # 17 # expected a number of at most 16 bits, found '1|x'",
        "eth / payload 0-65535 bytes # 15 # the payloads of one file take more than 16777216 bytes",
        "eth cut to 0 # 1 # a packet of 0 bytes; a port takes 1 to 69056",
        "eth / ipv4 length=20-30 # 1 # ipv4 length cannot vary: it says what the rest is; 'payload 6-1400 bytes' varies the length",
        "frame 1 of three with eth type=0-9 # 1 # eth type cannot vary: it says what the rest is; 'payload 6-1400 bytes' varies the length",
        "eth / ipv4 cut to 20 with ipv4 ttl=1-2 # 32 # the packet has no ipv4 header",
        "eth / ipv6 src=2001:db8::ffff:ffff:ffff:fff0-2001:db8:0:1::5 # 1 # a range of IPv6 addresses must lie within one /64 network",
        "frames of none # 1 # none has no packets",
        "eth / ipv4 / udp eth # 18 # expected the end of the statement, found 'eth'"
    })
    void mistakesAreToldWithTheirPlace(String text, int column, String message) {
        PacketTestException e = assertThrows(PacketTestException.class, () -> GeneratorTemplate.parse(text).build(CAPTURES));
        assertEquals(message, e.getMessage());
        assertEquals(column, e.position().column());
    }
}
