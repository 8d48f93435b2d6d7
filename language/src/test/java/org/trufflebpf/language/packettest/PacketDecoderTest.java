package org.trufflebpf.language.packettest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketDecoderTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            eth / ipv4 / tcp options=01010101 / payload "x" | eth ipv4 tcp payload
            eth / qinq / vlan / ipv6 / udp                  | eth qinq vlan ipv6 udp
            eth / ipv4 / ipv4 / ipv6 / icmpv6               | eth ipv4 ipv4.2 ipv6 icmpv6
            eth / arp pad to 60                             | eth arp payload
            eth / ipv4 fragment=1 / tcp                     | eth ipv4 payload
            eth / ipv4 / tcp cut to 53                      | eth ipv4 payload
            eth / ipv4 / tcp cut to 33                      | eth payload
            eth / ipv4 ihl=15 / tcp                         | eth ipv4
            eth / ipv4 ihl=0 / icmp                         | eth ipv4 icmp
            eth type=0x1234 / payload 4 bytes               | eth payload
            hex 00                                          | payload
            """)
    void layers(String packet, String wanted) throws Exception {
        List<DecodedLayer> layers = PacketDecoder.decode(PacketBuilderTest.build(packet));
        assertEquals(wanted, layers.stream().map(DecodedLayer::text).collect(Collectors.joining(" ")));
    }

    @Test
    void layersCoverEveryFrameWithoutGapOrOverlap() throws IOException {
        int number = 1;
        for (byte[] frame = SampleFrames.frame(number); frame != null; frame = SampleFrames.frame(++number)) {
            checkCover(frame);
        }
        assertTrue(number > 300, "the capture has " + (number - 1) + " frames");
    }

    @Test
    void anyBytesWillDo() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length > 14) {
                // Mostly into the deeper headers.
                byte[] types = {8, 0, (byte) 0x86, (byte) 0xdd, (byte) 0x81, 0, 8, 6};
                int type = random.nextInt(4) * 2;
                System.arraycopy(types, type, noise, 12, 2);
            }
            checkCover(noise);
        }
    }

    private static void checkCover(byte[] packet) {
        int at = 0;
        for (DecodedLayer layer : PacketDecoder.decode(packet)) {
            assertEquals(at, layer.offset());
            assertTrue(layer.length() > 0);
            for (Field field : layer.header().fields()) {
                byte[] value = layer.read(packet, field);
                if (!field.isVariable()) {
                    byte[] copy = packet.clone();
                    field.write(copy, layer.offset(), value);
                    assertArrayEquals(packet, copy);
                }
            }
            at += layer.length();
        }
        assertEquals(packet.length, at);
    }

    /** The script has its own idea of checksums; filling them in again must change nothing. */
    @Test
    void checksumsOfTheSampleFramesAreRight() throws Exception {
        int checked = 0;
        for (int number = 1; number < SampleFrames.FIRST_MALFORMED; number++) {
            byte[] frame = SampleFrames.frame(number);
            List<Change> changes = new ArrayList<>();
            List<DecodedLayer> layers = PacketDecoder.decode(frame);
            for (int i = 0; i < layers.size(); i++) {
                Header header = layers.get(i).header();
                Field checksum = header.field("checksum");
                boolean whole = header == Header.IPV4 || !isPartOfFragment(frame, layers, i);
                boolean absent = header == Header.UDP && checksum.readInt(frame, layers.get(i).offset()) == 0;
                if (checksum != null && whole && !absent) {
                    changes.add(new Change.OfField(new Position(1, 1), header, layers.get(i).occurrence(), checksum, new FieldValue.Computed()));
                }
            }
            assertArrayEquals(frame, PacketBuilder.changed(frame, changes, new BitSet()), "frame " + number);
            checked += changes.size();
        }
        assertTrue(checked > 400, checked + " checksums");
    }

    /** Then the checksum covers bytes of other fragments. */
    private static boolean isPartOfFragment(byte[] frame, List<DecodedLayer> layers, int index) {
        DecodedLayer before = layers.get(Math.max(0, index - 1));
        return before.header() == Header.IPV4 && before.header().field("mf").readInt(frame, before.offset()) == 1;
    }
}
