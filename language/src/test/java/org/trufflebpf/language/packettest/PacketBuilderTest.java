package org.trufflebpf.language.packettest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketBuilderTest {
    /** The packet of a test file that holds only that. */
    static byte[] build(String packet) throws PacketTestException, IOException {
        List<PacketTest> tests = PacketTestParser.parse(("object x\ntest \"\"\npacket " + packet).getBytes(StandardCharsets.ISO_8859_1));
        Step.Send send = (Step.Send) tests.getFirst().steps().getFirst();
        return PacketBuilder.build(send.packet(), (capture, number) -> SampleFrames.frame(number));
    }

    private static String hex(String packet) throws PacketTestException, IOException {
        return HexFormat.of().formatHex(build(packet));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 | eth / ipv4 id=0x1000 / tcp sport=40000 seq=1000 flags=S options=020405b40402080a000003e80000000001030307
            10 | eth / ipv4 id=0x1009 / tcp sport=40000 seq=1065 ack=7965 flags=R
            """)
    void headersBecomeTheFramesThatTheScriptBuilt(int number, String packet) throws PacketTestException, IOException {
        assertArrayEquals(SampleFrames.frame(number), build(packet));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            eth                                  | 020000000002 020000000001 88b5
            eth type=0x0800                      | 020000000002 020000000001 0800
            eth / vlan / payload hex aa          | 020000000002 020000000001 8100 0001 88b5 aa
            eth / qinq vid=10 / vlan pcp=7 dei=1 vid=4095 | 020000000002 020000000001 88a8 000a 8100 ffff 88b5
            eth / arp op=2                       | 020000000002 020000000001 0806 0001 0800 06 04 0002 020000000001 0a000001 000000000000 0a000002
            eth / ipv4 / payload hex 01          | 020000000002 020000000001 0800 45 00 0015 0000 0000 40 fd 65ea 0a000001 0a000002 01
            eth / ipv4 ihl=4 proto=6 length=1    | 020000000002 020000000001 0800 44 00 0001 0000 0000 40 06 67f5 0a000001 0a000002
            eth / ipv4 df=1 mf=1 fragment=3 checksum=0 | 020000000002 020000000001 0800 45 00 0014 0000 6003 40 fd 0000 0a000001 0a000002
            eth / ipv6 src=:: dst=::1 cut to 40  | 020000000002 020000000001 86dd 60000000 0000 3b 40 00000000000000000000000000000000 0000
            payload "a\\x00\\n\\"" pad to 6      | 61000a220000
            payload 3 bytes                      | 000102
            hex 01 02 0304 cut to 3              | 010203
            hex 0102 with bytes 1=ff             | 01ff
            """)
    void bytes(String packet, String wanted) throws PacketTestException, IOException {
        assertEquals(wanted.replace(" ", ""), hex(packet));
    }

    @ParameterizedTest
    @ValueSource(strings = {"eth / ipv4 / udp / payload \"ab\"", "eth / ipv6 / udp / payload \"abc\"", "eth / ipv4 / icmp / payload hex 01",
        "eth / ipv6 / icmpv6 / payload 9 bytes", "eth / ipv4 options=01010101 / tcp options=01010101 / payload 1 bytes", "eth / ipv6 / tcp"})
    void theSumOverAllThatAChecksumCoversIsAllOnes(String packet) throws PacketTestException, IOException {
        byte[] bytes = build(packet);
        List<DecodedLayer> layers = PacketDecoder.decode(bytes);
        DecodedLayer ip = layers.get(1);
        DecodedLayer transport = layers.get(2);
        int end = bytes.length;
        long sum = transport.header() == Header.ICMP ? 0 : transport.header().protocol() + (end - transport.offset());
        int from = ip.offset() + (ip.header() == Header.IPV4 ? 12 : 8);
        int to = ip.offset() + (ip.header() == Header.IPV4 ? 20 : 40);
        for (int i = from; transport.header() != Header.ICMP && i < to; i += 2) {
            sum += word(bytes, i);
        }
        for (int i = transport.offset(); i < end; i += 2) {
            sum += word(bytes, i);
        }
        assertEquals(0xffff, sum % 0xffff == 0 ? 0xffff : sum % 0xffff);
    }

    private static int word(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (at + 1 < bytes.length ? bytes[at + 1] & 0xff : 0);
    }

    @Test
    void changesOfHeadersMoveChecksumsAlongAndChangesOfBytesDoNot() throws PacketTestException, IOException {
        assertEquals(hex("eth / ipv4 ttl=1 / tcp flags=F"), hex("eth / ipv4 / tcp with ipv4 ttl=1 ; tcp flags=F"));
        assertEquals(hex("eth / ipv4 ttl=1 checksum=0x66ce / tcp"), hex("eth / ipv4 / tcp cut to 54 with ipv4 ttl=1"));
        assertEquals(hex("eth / ipv4 / ipv4 ttl=1 / tcp"), hex("eth / ipv4 / ipv4 / tcp with ipv4.2 ttl=1"));
    }

    @Test
    void aZeroUdpChecksumIsWrittenAsAllOnes() throws PacketTestException, IOException {
        // The sum over all but the payload is 0x1428; with these two bytes it is 0xffff, whose complement is zero.
        byte[] packet = build("eth / ipv4 / udp sport=0 dport=0 / payload hex ebd7");
        assertEquals("ffff", HexFormat.of().formatHex(packet, 40, 42));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hex 00 cut to 2              | 3:15 | cannot cut to 2 bytes: the packet has 1
            hex 0000 pad to 1            | 3:17 | cannot pad to 1 bytes: the packet has 2
            hex 0000 with ipv4 ttl=1     | 3:27 | the packet has no ipv4 header
            eth / ipv4 with ipv4.2 ttl=1 | 3:31 | the packet has no 2nd ipv4 header
            hex 00 with bytes 1=00       | 3:26 | 1 bytes do not fit here: there are 0
            frame 1000 of x              | 3:8  | x has no frame 1000
            hex 00 pad to 65535 with bytes 65535=00 | 3:39 | 1 bytes do not fit here: there are 0
            """)
    void whatCannotBeBuilt(String packet, String place, String message) {
        PacketTestException thrown = assertThrows(PacketTestException.class, () -> build(packet));
        assertEquals(message, thrown.getMessage());
        assertEquals(place, thrown.position().toString());
    }

    @Test
    void packetsHaveAtMost65535Bytes() throws PacketTestException, IOException {
        assertEquals(65535, build("eth / payload 65521 bytes").length);
        assertThrows(PacketTestException.class, () -> build("eth / payload 65522 bytes"));
    }
}
