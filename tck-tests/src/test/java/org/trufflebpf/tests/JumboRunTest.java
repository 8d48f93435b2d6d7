package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.burst.Burst;

/** Runs with packets of several buffers, by programs that are made for them and by others. */
@Timeout(180)
class JumboRunTest {
    private static final Path OBJECT = Project.TEST_PROGRAMS.resolve("helpers").resolve("fragments.o");
    private static final int[] LENGTHS = {60, 1514, Burst.LONGEST_PACKET, Burst.LONGEST_PACKET + 1, 4096, 7616, 9014, 65_549, 60};
    private static final int PACKETS = 500;

    @TempDir
    private Path folder;

    private static JsonObject run(String program, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(OBJECT.toString(), "--program", program, "--stats", "json", "--allow-interpreter"));
        all.addAll(List.of(arguments));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).out(output).err(output).build()) {
            context.getBindings("ebpf").getMember("run").execute(all.toArray());
        } catch (PolyglotException e) {
            // A run over devices of DPDK, where there is none, is no test.
            assumeFalse(String.valueOf(e.getMessage()).contains("install DPDK"), e.getMessage());
            throw e;
        }
        String text = output.toString(StandardCharsets.UTF_8);
        return JsonParser.parseString(text.lines().toList().getLast()).getAsJsonObject();
    }

    private static JsonObject port(JsonObject report, int number) {
        return report.getAsJsonArray("ports").get(number).getAsJsonObject();
    }

    private static long count(JsonObject port, String counter) {
        return port.getAsJsonObject(counter).get("packets").getAsLong();
    }

    /** A capture of packets with those lengths by turns. */
    private Path capture(List<byte[]> packets) throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < PACKETS; i++) {
            byte[] packet = new byte[LENGTHS[i % LENGTHS.length]];
            random.nextBytes(packet);
            packets.add(packet);
        }
        return Project.capture(folder.resolve("in.pcap"), hex(packets));
    }

    private static List<String> hex(List<byte[]> packets) {
        return packets.stream().map(HexFormat.of()::formatHex).toList();
    }

    @Test
    void capturesComeAndGoWhole() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        Path in = capture(packets);
        Path out = folder.resolve("out.pcap");
        JsonObject port = port(run("marks", "--port", "pcap:" + in + ",out=" + out), 0);
        assertEquals(PACKETS, count(port, "tx"));
        assertEquals(0, count(port, "missed"));
        packets.forEach(packet -> packet[Math.min(packet.length, Burst.LONGEST_PACKET) - 1] ^= (byte) 0xff);
        assertEquals(hex(packets), Project.packets(out));
    }

    @Test
    void programsWithoutFragmentsMissThem() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        Path in = capture(packets);
        Path out = folder.resolve("out.pcap");
        JsonObject port = port(run("sends", "--port", "pcap:" + in + ",out=" + out), 0);
        packets.removeIf(packet -> packet.length > Burst.LONGEST_PACKET);
        assertEquals(packets.size(), count(port, "tx"));
        assertEquals(PACKETS - packets.size(), count(port, "missed"));
        assertEquals(PACKETS - packets.size(), port.getAsJsonObject("details").get("missed as too long without xdp.frags").getAsLong());
        assertEquals(hex(packets), Project.packets(out));
        String template = "gen:eth / ipv4 / udp / payload 100|9000 bytes,count=1000";
        JsonObject generated = port(run("sends", "--port", template), 0);
        assertEquals(1000, count(generated, "received") + count(generated, "missed"));
        assertTrue(count(generated, "missed") > 400, generated.toString());
    }

    @Test
    void theGeneratorMakesThem() throws IOException {
        Path out = folder.resolve("out.pcap");
        JsonObject port = port(run("marks", "--port", "gen:eth / ipv4 src=10.0.0.0/24 / udp / payload 100|9000|60000 bytes,order=turn,count=300,out="
                + out), 0);
        assertEquals(300, count(port, "tx"));
        List<String> packets = Project.packets(out);
        for (int i = 0; i < 300; i++) {
            assertEquals(2 * (42 + new int[] {100, 9000, 60_000}[i % 3]), packets.get(i).length());
        }
    }

    /** Also those that go to another CPU, where they take the room of as many packets as they have buffers. */
    @Test
    void passedOnesGoToACapture() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        Path in = capture(packets);
        Path out = folder.resolve("out.pcap");
        JsonObject port = port(run("scripted", "--port", "pcap:" + in, "--pass", out.toString()), 0);
        assertEquals(PACKETS, count(port, "pass"));
        assertEquals(hex(packets), Project.packets(out));
    }

    /** From a capture to a device as chains of buffers, and back. */
    @ParameterizedTest
    @ValueSource(strings = {"dpdk:mtu=9000,net_ring0", "dpdk:net_ring0"})
    void devicesOfDpdkGiveThemBack(String device) throws IOException {
        List<byte[]> packets = new ArrayList<>();
        Path in = capture(packets);
        Path out = folder.resolve("out.pcap");
        JsonObject report = run("moves", "--port", "pcap:" + in + ",out=" + out, "--port", device, "--count", Integer.toString(2 * PACKETS));
        assertEquals(PACKETS, count(port(report, 1), "received"));
        assertEquals(PACKETS, count(port(report, 0), "sent"));
        assertEquals(hex(packets), Project.packets(out));
    }

    /** DPDK's own captures: its driver makes chains of what an mbuf does not hold. */
    @Test
    void chainsOfADriverAreGathered() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        Path in = capture(packets);
        Path out = folder.resolve("out.pcap");
        JsonObject report = run("moves", "--port", "dpdk:net_pcap0,rx_pcap=" + in + ",tx_pcap=" + folder.resolve("none.pcap"), "--port",
                "gen:eth / ipv4,count=1,out=" + out, "--count", Integer.toString(PACKETS + 1));
        assertEquals(PACKETS, count(port(report, 0), "received"));
        assertEquals(hex(packets), Project.packets(out));
    }

    @Test
    void infoTellsWhichProgramsHandleThem() {
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).build()) {
            String info = context.getBindings("ebpf").invokeMember("info", OBJECT.toString()).asString();
            assertTrue(info.contains("program marks: section xdp.frags, "), info);
            assertEquals(3, info.split("\n    packets of several buffers, too\n", -1).length - 1, info);
        }
    }
}
