package org.trufflebpf.language.packettest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.io.burst.Verdict;

class PacketTestParserTest {
    private static final String HEADERS = "a header (eth, vlan, qinq, arp, ipv4, ipv6, tcp, udp, icmp, icmpv6, payload";
    private static final String PACKET_EXPECTED = "expected hex, frame, a packet named by let, or " + HEADERS;
    private static final String CHANGE_EXPECTED = "expected bytes, or " + HEADERS;

    private static List<PacketTest> parse(String text) throws PacketTestException {
        return PacketTestParser.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aFileBecomesTestsAndSteps() throws PacketTestException {
        List<PacketTest> tests = parse("""
                # What comes first.
                object "a b.o"
                let base = eth / ipv4
                    / tcp   # over several lines

                test "first é"
                    map m[1] = 2
                    packet base with ipv4 ttl=1 meta hex 01 02 03 04
                    expect TX eth src=02:00:00:00:00:02 ; ipv4 checksum=ok ttl=any meta none
                    packet base
                    expect map m[1] = 3
                    expect map m[{u16 1, zero 2}] absent
                    expect map m entries = 7
                    map m[1] delete
                object other.o
                program second
                test "second"
                    packet hex 00
                    01
                    expect DROP unchanged
                    packet base
                    expect PASS packet frame 3 of ../c.pcap cut to 20
                """);
        assertEquals(2, tests.size());
        PacketTest first = tests.getFirst();
        assertEquals(List.of("first é", "a b.o", "6:6"), List.of(first.name(), first.object(), first.position().toString()));
        assertNull(first.program());
        assertEquals(List.of(Step.SetEntry.class, Step.Send.class, Step.Send.class, Step.ExpectEntry.class, Step.ExpectNoEntry.class,
                Step.ExpectEntries.class, Step.DeleteEntry.class), first.steps().stream().map(Object::getClass).toList());
        Step.Send send = (Step.Send) first.steps().get(1);
        assertEquals(4, send.metadata().length);
        assertEquals(Verdict.TX, send.expectation().verdict());
        assertEquals(0, send.expectation().metadata().length);
        assertEquals(3, assertInstanceOf(Expectation.Bytes.Differs.class, send.expectation().packet()).changes().size());
        Step.Send second = (Step.Send) first.steps().get(2);
        assertNull(second.expectation(), "a packet before 'expect map' has no verdict to get");

        PacketTest other = tests.get(1);
        assertEquals(List.of("other.o", "second"), List.of(other.object(), other.program()));
        Expectation.Bytes unchanged = ((Step.Send) other.steps().getFirst()).expectation().packet();
        assertEquals(0, assertInstanceOf(Expectation.Bytes.Differs.class, unchanged).changes().size());
        PacketTemplate whole = assertInstanceOf(Expectation.Bytes.Whole.class, ((Step.Send) other.steps().get(1)).expectation().packet()).packet();
        assertEquals(new PacketTemplate.Base.Frame(3, "../c.pcap"), whole.base());
        assertEquals(1, whole.edits().size());
    }

    static Stream<Arguments> mistakes() {
        String start = "object x\ntest \"t\"\n";
        return Stream.of(
                Arguments.of("", "1:1", "expected a test, found the end"),
                Arguments.of("objekt x", "1:1", "expected one of object, program, let, test, map, packet or expect, found 'objekt'"),
                Arguments.of("test \"t\"", "1:1", "expected 'object FILE' before the first test"),
                Arguments.of("object x\npacket eth", "2:1", "expected 'test \"NAME\"' before this"),
                Arguments.of("object\ntest \"t\"", "2:1", "expected an object file, found 'test'"),
                Arguments.of("object x y", "1:10", "expected the end of the statement, found 'y'"),
                Arguments.of("object x\ntest t", "2:6", "expected the name of the test in quotes, found 't'"),
                Arguments.of("object x\ntest \"t", "2:6", "this text lacks its closing quote"),
                Arguments.of("object x\ntest \"\\q\"", "2:7", "unknown escape: there are \\n, \\r, \\t, \\\", \\\\ and \\x00"),
                Arguments.of("object x\ntest \"\\x0\"", "2:7", "expected two hexadecimal digits after \\x"),
                Arguments.of("object x\n\u0001", "2:1", "a character that only comments and texts in quotes may have"),
                Arguments.of("let eth = hex 00", "1:5", "'eth' has a meaning of its own: take another name"),
                Arguments.of("let a hex 00", "1:7", "expected '=', found 'hex'"),
                Arguments.of(start + "packet eth/ipv4", "3:8", PACKET_EXPECTED + "), found 'eth/ipv4'"),
                Arguments.of(start + "packet eth / ", "3:14", PACKET_EXPECTED + "), found the end"),
                Arguments.of(start + "packet hex", "3:11", "expected pairs of hexadecimal digits, found the end"),
                Arguments.of(start + "packet hex 0", "3:12", "expected pairs of hexadecimal digits, found '0'"),
                Arguments.of(start + "packet frame 0 of x", "3:14", "expected the number of a frame from 1 to 2147483647, found '0'"),
                Arguments.of(start + "packet frame 1 x", "3:16", "expected 'of' and a capture file, found 'x'"),
                Arguments.of(start + "packet eth colour=1", "3:12", "eth has no field 'colour'; it has dst, src, type"),
                Arguments.of(start + "packet eth / ipv4 ttl=1 ttl=2", "3:25", "ipv4 ttl is given twice"),
                Arguments.of(start + "packet eth / ipv4 ttl=256", "3:23", "expected a number of at most 8 bits, found '256'"),
                Arguments.of(start + "packet eth / ipv4 src=10.0.0", "3:23", "expected an IPv4 address such as 10.0.0.1, found '10.0.0'"),
                Arguments.of(start + "packet eth / ipv4 checksum=ok", "3:28", "expected a number of at most 16 bits, found 'ok'"),
                Arguments.of(start + "packet eth / ipv4 options=010101", "3:27", "ipv4 options take a multiple of 4 bytes, at most 40; these are 3"),
                Arguments.of(start + "packet eth / payload 65536 bytes", "3:22",
                        "expected a text in quotes, hex, or a number of bytes from 0 to 65535, found '65536'"),
                Arguments.of(start + "packet eth / payload 3", "3:23", "expected 'bytes', found the end"),
                Arguments.of(start + "packet eth cut 3", "3:16", "expected 'to' and a number of bytes, found '3'"),
                Arguments.of(start + "packet eth with ipv9 ttl=1", "3:17", CHANGE_EXPECTED + "; the second one of a kind is ipv4.2), found 'ipv9'"),
                Arguments.of(start + "packet eth with eth", "3:20", "expected a field of eth and '=', found the end"),
                Arguments.of(start + "packet eth with ipv4 ttl=1", "3:22", "the packet has no ipv4 header"),
                Arguments.of(start + "packet eth with bytes 0=0", "3:25", "expected pairs of hexadecimal digits, found '0'"),
                Arguments.of(start + "packet eth meta hex 010203", "3:17", "metadata has a multiple of 4 bytes, at most 252; these are 3"),
                Arguments.of(start + "packet eth\nexpect MAYBE", "4:8",
                        "expected a verdict (ABORTED, DROP, PASS, TX, REDIRECT) or map, found 'MAYBE'"),
                Arguments.of(start + "packet eth\nexpect", "4:7",
                        "expected a verdict (ABORTED, DROP, PASS, TX, REDIRECT) or map, found the end"),
                Arguments.of(start + "packet eth\nexpect TX changed", "4:11",
                        CHANGE_EXPECTED + "; the second one of a kind is ipv4.2), found 'changed'"),
                Arguments.of(start + "packet eth / ipv4 src=10.0.0.0/11", "3:1",
                        "the values of all fields make more than 1048576 packets in this file"),
                Arguments.of(start + "packet eth / ipv4 src=10.0.0.0/12\npacket eth", "4:1",
                        "the values of all fields make more than 1048576 packets in this file"),
                Arguments.of(start + "packet eth\nexpect TX packet eth / ipv4 ttl=1-2", "4:18",
                        "expected one packet, found one whose fields have several values"),
                Arguments.of(start + "packet eth / ipv4\nexpect TX ipv4 ttl=1-2", "4:20", "expected a number of at most 8 bits, found '1-2'"),
                Arguments.of(start + "packet eth\nexpect TX payload 1-2 bytes", "4:19",
                        "expected a text in quotes, hex, or a number of bytes from 0 to 65535, found '1-2'"),
                Arguments.of(start + "expect TX", "3:1", "expected a packet right before the verdict that it must get"),
                Arguments.of(start + "packet eth\nexpect TX\nexpect TX", "5:1", "expected a packet right before the verdict that it must get"),
                Arguments.of(start + "map m = 1", "3:7", "expected '[' and a key, found '='"),
                Arguments.of(start + "map m[1 = 1", "3:9", "expected ']', found '='"),
                Arguments.of(start + "map m[1] 1", "3:10", "expected '=' and a value, or 'delete', found '1'"),
                Arguments.of(start + "map m[1] = x", "3:12", "expected a number, an address, a text, hex, or {, found 'x'"),
                Arguments.of(start + "map m[1] = {1}", "3:13",
                        "expected a typed number such as u32 1 or be16 80, an address, a text, hex, or zero and a number of "
                        + "bytes, found '1'"),
                Arguments.of(start + "map m[1] = {u32 x}", "3:17", "expected a number, found 'x'"),
                Arguments.of(start + "map m[1] = {u32 1", "3:18", "expected ',' or '}', found the end"),
                Arguments.of(start + "expect map m record 3", "3:21", "expected '=' and a value, or 'absent', found '3'"),
                Arguments.of(start + "map m[1] = {any 3}", "3:13",
                "expected a typed number such as u32 1 or be16 80, an address, a text, hex, or zero and a "
                        + "number of bytes, found 'any'"),
                Arguments.of(start + "map m[1] = 3 on CPU 1", "3:17", "expected 'every CPU', found 'CPU'"),
                Arguments.of(start + "expect map m[1] 3", "3:17", "expected '=' and a value, or 'absent', found '3'"),
                Arguments.of(start + "expect map m entries = -1", "3:24", "expected a number of entries from 0 to 2147483647, found '-1'"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsNamedWithItsPlace(String text, String place, String message) {
        PacketTestException thrown = assertThrows(PacketTestException.class, () -> parse(text));
        assertEquals(place + " " + message, thrown.position() + " " + thrown.getMessage());
    }

    @Test
    void sizesAreBounded() throws PacketTestException {
        assertThrows(PacketTestException.class, () -> PacketTestParser.parse(new byte[PacketTestParser.MAX_FILE + 1]));
        assertThrows(PacketTestException.class, () -> parse("object x\ntest \"\"\npacket eth" + " / ipv4".repeat(64)));
        assertThrows(PacketTestException.class, () -> parse("object x\ntest \"\"\npacket hex 00" + " cut to 1".repeat(65)));
        assertThrows(PacketTestException.class, () -> parse("object x\ntest \"\"\n" + "packet payload 65535 bytes\n".repeat(257)));
        assertEquals(1, parse("object x\ntest \"\"\n" + "packet payload 65535 bytes\n".repeat(256)).size());
    }

    /** Damaged files are told apart or parsed, and never end in another exception. */
    @Test
    void damagedFilesAreMistakesOrTests() throws IOException {
        Path folder = Path.of("..", "xdp_progs");
        Random random = new Random(4);
        int refused = 0;
        for (String program : List.of("xdp_drop", "xdp_csum", "xdp_maps")) {
            byte[] content = Files.readAllBytes(folder.resolve(program).resolve(program + ".ptest"));
            for (int i = 0; i < 3000; i++) {
                byte[] damaged = content.clone();
                for (int change = random.nextInt(3); change >= 0; change--) {
                    int at = random.nextInt(damaged.length);
                    damaged[at] = switch (random.nextInt(3)) {
                        case 0 -> (byte) random.nextInt(256);
                        case 1 -> damaged[random.nextInt(damaged.length)];
                        default -> (byte) "\"\\ \n{}[]=;,/#0".charAt(random.nextInt(14));
                    };
                }
                refused += buildAll(damaged);
            }
        }
        assertTrue(refused > 1000, refused + " refused");
    }

    /** 1 if the file, or a packet in it, was refused. */
    private static int buildAll(byte[] content) throws IOException {
        try {
            for (PacketTest test : PacketTestParser.parse(content)) {
                for (Step step : test.steps()) {
                    if (step instanceof Step.Send send) {
                        PacketBuilder.build(send.packet(), (capture, number) -> number < 1000 ? new byte[number] : null);
                    }
                }
            }
            return 0;
        } catch (PacketTestException e) {
            assertTrue(e.getMessage().chars().allMatch(c -> c >= ' ' && c <= '~'), e.getMessage());
            return 1;
        }
    }
}
