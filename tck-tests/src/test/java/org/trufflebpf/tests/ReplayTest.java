package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ebpf replay}, as an embedder calls it. */
class ReplayTest {
    private static final String MAPS = Project.program("xdp_maps").toString();
    private static final String TX = Project.program("xdp_tx").toString();
    private static final String UNCHECKED = Project.TEST_PROGRAMS.resolve("verify/unchecked.o").toString();
    private static final String SAMPLE = Project.SAMPLE_CAPTURE.toString();

    private record Answer(int code, String text) {
    }

    private static Answer call(String command, Object... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).out(output).err(output).build()) {
            try {
                int code = context.getBindings("ebpf").getMember(command).execute(arguments).asInt();
                return new Answer(code, output.toString(StandardCharsets.UTF_8));
            } catch (PolyglotException e) {
                assertTrue(e.isGuestException(), e::toString);
                assertEquals(1, e.getMessage().lines().count(), e.getMessage());
                return new Answer(e.getGuestObject().getMember("exitStatus").asInt(), e.getMessage());
            }
        }
    }

    private static Answer replay(Object... arguments) {
        return call("replay", arguments);
    }

    @Test
    void tellsRegistersPacketStackMapsAndVerdict() {
        Answer answer = replay(MAPS, "--capture", SAMPLE, "--frame", "1-2");
        assertEquals(0, answer.code, answer.text);
        for (String said : new String[]{"frame 1, 74 bytes, program 'xdp_maps'\n",
                "./xdp_maps/xdp_maps.c:18 `__u64 *counter = bpf_map_lookup_elem(&packet_size, &length);`",
            "r10-4: 4a000000\n", "bpf_map_lookup_elem(map packet_size, r10-4) = 0; packet_size[4a000000] is absent\n",
            "bpf_map_update_elem(map packet_size, r10-4, r10-16, 1) = 0; packet_size[4a000000] is 1\n",
            "packet+10 of 74: 0001 -> 0002\n", "verdict TX; packet hex 020000000001020000000002", "frame 2, 74 bytes",
            "map packet_size[74]+0 of 8: 0200000000000000\n"}) {
            assertTrue(answer.text.contains(said), () -> said + " is missing in:\n" + answer.text);
        }
    }

    @Test
    void tellsWhereAPacketIsStopped() {
        Answer answer = replay(UNCHECKED, "--program", "without_bounds", "--packet", "0000000000000000000000000800");
        assertEquals(0, answer.code, answer.text);
        assertTrue(answer.text.contains("verdict ABORTED, trapped at instruction 11 (./verify/unchecked.c:29 "), answer.text);
        assertTrue(answer.text.contains("trapped: program 'without_bounds', instruction 11"), answer.text);
    }

    /** Maps as they were before a packet that comes later make the run the same as in the capture's middle. */
    @Test
    void beginsWithASnapshot(@TempDir Path folder) throws Exception {
        String maps = folder.resolve("maps.json").toString();
        call("run", MAPS, "--port", "pcap:" + SAMPLE, "--count", "11", "--map-dump", maps, "--stats", "none", "--allow-interpreter");
        String whole = replay(MAPS, "--capture", SAMPLE, "--frame", "1-12").text;
        String alone = replay(MAPS, "--capture", SAMPLE, "--frame", "12", "--map-init", maps).text;
        assertTrue(alone.startsWith("frame 12, "), alone);
        // Buckets and stale halves of addresses apart, which are those of another process.
        assertEquals(lasting(whole.substring(whole.indexOf("frame 12, "))), lasting(alone));
        assertTrue(Files.size(Path.of(maps)) > 0);
    }

    private static String lasting(String text) {
        return String.join("\n", text.lines().filter(line -> line.contains("packet+") && line.contains("->") || line.contains("bpf_map_")
                || line.contains("map packet_size["))
                .filter(line -> !line.contains(": r0 = ")).toList());
    }

    @Test
    void twoObjectsThatDoTheSame() {
        Answer answer = replay(TX, TX, "--capture", SAMPLE, "--frame", "1-20");
        assertEquals(new Answer(0, "no difference in 20 packets\n"), answer);
    }

    @Test
    void theFirstDifferenceOfTwoObjects() {
        Answer verdicts = replay(TX, Project.DROP.toString(), "--capture", SAMPLE, "--frame", "1-20");
        assertEquals(1, verdicts.code);
        assertTrue(verdicts.text.startsWith("frame 1: the verdicts differ: TX and DROP\n"), verdicts.text);
        assertTrue(verdicts.text.contains(" at instruction 8 (./include/ethernet.h:18 `half[0] = half[3];`)\n"), verdicts.text);
        Answer maps = replay(TX, MAPS, "--capture", SAMPLE);
        assertEquals(1, maps.code);
        assertTrue(maps.text.startsWith("frame 1: the maps differ: "), maps.text);
        assertTrue(maps.text.contains("bpf_map_update_elem(map packet_size, "), maps.text);
    }

    /** Two versions of xdp_drop: of one the last line passes what the other drops, of one a comparison takes UDP for TCP. */
    @Test
    void theFirstDifferenceOfTwoVersions(@TempDir Path folder) throws IOException {
        String passes = version(folder.resolve("passes.o"), "b4000000010000009500000000000000", "b4000000020000009500000000000000");
        Answer verdicts = replay(Project.DROP.toString(), passes, "--capture", SAMPLE, "--frame", "1-20");
        assertEquals(new Answer(1, """
                frame 1: the verdicts differ: DROP and PASS
                  the first that they compute differently:
                    OLD: r0 = 1 at instruction 35 (./xdp_drop/xdp_drop.c:40 `if (tcp_size < sizeof(*tcp) || (void *)tcp + tcp_size > data_end)`)
                    NEW: r0 = 2 at instruction 35 (./xdp_drop/xdp_drop.c:40 `if (tcp_size < sizeof(*tcp) || (void *)tcp + tcp_size > data_end)`)
                  OLD: DROP; packet unchanged
                  NEW: PASS; packet unchanged
                """.replace("OLD", Project.DROP.toString()).replace("NEW", passes)), verdicts);
        String udp = version(folder.resolve("udp.o"), "56030b0006000000", "56030b0011000000");
        Answer ways = replay(Project.DROP.toString(), udp, "--capture", SAMPLE, "--frame", "1-20");
        assertTrue(ways.text.contains("  they part after ./xdp_drop/xdp_drop.c:33 `if (ip->protocol != IPPROTO_TCP)`:\n    " + Project.DROP
                + ": ./xdp_drop/xdp_drop.c:37 "), ways.text);
        assertTrue(ways.text.contains("    " + udp + ": ends\n"), ways.text);
    }

    /** xdp_drop with other bytes in a place. */
    private static String version(Path file, String old, String changed) throws IOException {
        String object = HexFormat.of().formatHex(Files.readAllBytes(Project.DROP));
        assertEquals(2, object.split(old, -1).length, "xdp_drop.o is not what this test thinks");
        return Files.write(file, HexFormat.of().parseHex(object.replace(old, changed))).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--capture", "--packet zz", "--packet 00 --capture x.pcap", "--capture x.pcap --frame 0",
            "--capture x.pcap --frame 3-2", "--fram 1",
        "a.o b.o --packet 00"})
    void wrongUsageIsOneLine(String arguments) {
        Object[] words = (TX + " " + arguments).strip().split(" ");
        assertEquals(2, replay(words).code);
    }

    @Test
    void brokenFiles() {
        assertEquals(74, replay(TX, "--capture", "no/such.pcap").code);
        Answer beyond = replay(TX, "--capture", SAMPLE, "--frame", "100000");
        assertEquals(1, beyond.code);
        assertTrue(beyond.text.contains("has no frame 100000"), beyond.text);
        assertFalse(replay(TX, "--capture", TX).text.contains("Exception"));
    }
}
