package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that entries of device maps and CPU maps name, over ports. Linux 6.18 does the same with the same packets, given as live frames
 * (BPF_F_TEST_XDP_LIVE_FRAMES) that leave by veth, but for one thing: of packets that it sends to one device at a time, all run through the program
 * of the first one's entry (bq_enqueue), so of the broadcast to the others both copies leave unchanged there.
 */
class AttachedProgramsTest {
    private static final String MAPS = """
            [{"map": "devices", "entries": [{"key": 0, "value": {"ifindex": 2}}, {"key": 1, "value": {"ifindex": 2, "prog": "leaves"}},
                                            {"key": 2, "value": {"ifindex": 1, "prog": "leaves"}}]},
             {"map": "named", "entries": [{"key": 7, "value": {"ifindex": 2, "prog": "leaves"}}, {"key": 9, "value": {"ifindex": 1}}]},
             {"map": "cpus", "entries": [{"key": 0, "value": {"qsize": 64}}, {"key": 3, "value": {"qsize": 64, "prog": "arrives"}},
                                         {"key": 5, "value": {"qsize": 64, "prog": "arrives"}}]}]
            """;

    @TempDir
    private Path folder;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    private static String packet(String map, int key, int todo) {
        return String.format("%02x%02x%02x", (int) map.charAt(0), key, todo) + "00000000" + "11".repeat(13);
    }

    private void run(boolean compiled, String maps, String... packets) throws IOException {
        Files.writeString(folder.resolve("maps.json"), maps);
        Project.capture(folder.resolve("1.pcap"), List.of(packets));
        Project.emptyCapture(folder.resolve("2.pcap"));
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).option("engine.Compilation", Boolean.toString(compiled)).out(output)
                .err(output).build()) {
            context.getBindings("ebpf").invokeMember("run", Project.TEST_PROGRAMS.resolve("maps/attached.o").toString(),
                    "--port", "pcap:" + folder.resolve("1.pcap") + ",out=" + folder.resolve("1.out"),
                    "--port", "pcap:" + folder.resolve("2.pcap") + ",out=" + folder.resolve("2.out"), "--pass", folder.resolve("pass.out").toString(),
                    "--map-init", folder.resolve("maps.json").toString(), "--map-dump", folder.resolve("dump.json").toString(), "--stats", "json",
                    "--allow-interpreter");
        }
    }

    /** Of each packet its length and its first seven bytes, where the programs write. */
    private List<String> sent(String file) throws IOException {
        return Project.packets(folder.resolve(file)).stream().map(packet -> packet.length() / 2 + ":" + packet.substring(0, 14)).toList();
    }

    private long count(int port, String counter) {
        JsonObject report = JsonParser.parseString(output.toString(StandardCharsets.UTF_8)).getAsJsonObject();
        return report.getAsJsonArray("ports").get(port - 1).getAsJsonObject().getAsJsonObject(counter).get("packets").getAsLong();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void programsOfDeviceMapsRunBeforePacketsLeave(boolean compiled) throws IOException {
        run(compiled, MAPS, packet("D", 0, 0), packet("D", 1, 0), packet("D", 1, 1), packet("D", 1, 2), packet("D", 1, 3), packet("D", 1, 4),
                packet("D", 3, 0), packet("H", 7, 0), packet("B", 0, 0), packet("O", 0, 0));
        // The broadcast to the others: port 2 twice, with and without the program.
        assertEquals(List.of("20:44000000000000", "18:44010001020001", "18:48070001020001", "18:42000001020001", "20:4f000000000000",
                "18:4f000001020001"), sent("2.out"));
        assertEquals(List.of("20:42000000000000"), sent("1.out"));
        assertEquals(4, count(2, "egress_drop"));
        assertEquals(1, count(1, "drop"));
        assertEquals(9, count(1, "redirect"));
        assertEquals(6, count(2, "sent"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void programsOfCpuMapsRunOnTheirCpu(boolean compiled) throws IOException {
        run(compiled, MAPS, packet("C", 0, 0), packet("C", 3, 0), packet("C", 5, 0), packet("C", 5, 1), packet("C", 3, 2), packet("C", 3, 3),
                packet("C", 4, 0), packet("C", 3, 4));
        assertEquals(List.of("20:43000000000000", "22:00004303000103", "22:00004305000105"), sent("pass.out"));
        // From the CPU through the device map, whose program sees where the packet once came in.
        assertEquals(List.of("18:43030001010001"), sent("1.out"));
        assertEquals(3, count(1, "cpu_pass"));
        assertEquals(3, count(1, "cpu_drop"));
        assertEquals(0, count(1, "pass"));
        String dump = Files.readString(folder.resolve("dump.json"));
        // CPU 3 saw four packets; the one that goes round came to CPU 5 with those that were meant for it until it was dropped.
        assertTrue(dump.contains("{\"map\": \"seen\", \"entries\": [\n  {\"key\": 0, \"value\": [0, 0, 0, 4, 0, 9,"), dump);
        assertTrue(dump.contains("{\"key\": 3, \"value\": {\"qsize\": 64, \"prog\": \"arrives\"}}"), dump);
        assertTrue(dump.contains("{\"key\": 0, \"value\": {\"ifindex\": 2}}"), dump);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "devices | {\"ifindex\": 2, \"prog\": \"arrives\"} | prog: program 'arrives' is not made for this: its section must be xdp/devmap",
        "cpus | {\"qsize\": 2, \"prog\": \"redirects\"} | prog: program 'redirects' is not made for this: its section must be xdp/cpumap",
        "named | {\"ifindex\": 2, \"prog\": \"nobody\"} | prog: a program of this object or its name is needed",
        "named | {\"ifindex\": 2, \"program\": \"leaves\"} | has no member 'program'; there are ifindex and prog",
        "named | {\"prog\": \"leaves\"} | ifindex: a whole number from 0 to 4294967295 is needed"
    })
    void entriesThatMakeNoSenseAreRefused(String map, String value, String message) {
        String maps = "[{\"map\": \"" + map + "\", \"entries\": [{\"key\": 0, \"value\": " + value + "}]}]";
        PolyglotException e = assertThrows(PolyglotException.class, () -> run(true, maps));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void theTypeInTheSourceIsTakenToo() throws IOException {
        run(true, "[{\"map\": \"devices\", \"entries\": [{\"key\": 1, \"value\": {\"ifindex\": 2, \"bpf_prog\": {\"fd\": 2}}}]}]", packet("D", 1, 0));
        assertEquals(List.of("18:44010001020001"), sent("2.out"));
    }
}
