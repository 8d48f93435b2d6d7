package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.language.packettest.PacketTest;
import org.trufflebpf.language.packettest.PacketTestParser;
import org.trufflebpf.tests.Project;

/**
 * The same object does the same with the same packets, whatever kind of port they come in at: a capture, a network interface by AF_XDP, a device of
 * DPDK. The packets are those of the sample capture, with IPv4 and IPv6, and the verdicts as many as the kernel gave.
 */
@Timeout(120)
class PortsAgreeTest {
    /** Room for the longest packet of the sample with two more IPv6 headers. */
    private static final int MTU = 1600;
    /** Bytes of each packet that xdp-dump captures. */
    private static final int DUMPED = 256;

    @TempDir
    private Path folder;
    private RecordedSample sample;

    /** All that there is to see of a run. @param sent where the packets came from, by TX or else at the other port */
    private record Result(Map<Counter, JsonElement> counters, List<String> sent, List<String> redirected, List<String> passed, JsonElement maps) {
    }

    /** All network functions that have a record of the sample. */
    static List<String> objects() throws Exception {
        Set<String> objects = new LinkedHashSet<>();
        for (Path file : Project.files(Project.PROGRAMS, "mixed.ptest")) {
            for (PacketTest test : PacketTestParser.parse(Files.readAllBytes(file))) {
                objects.add(file.getParent().getFileName() + "/" + test.object().replaceAll("\\.o$", ""));
            }
        }
        return List.copyOf(objects);
    }

    @ParameterizedTest
    @MethodSource("objects")
    void allKindsOfPortsDoTheSame(String object) throws Exception {
        sample = RecordedSample.of(Project.PROGRAMS.resolve(object + ".o"));
        try (Machine host = Machine.boot(); Machine other = Machine.boot()) {
            Result capture = overCapture(host, object);
            for (Verdict verdict : Verdict.values()) {
                assertEquals(sample.verdicts().getOrDefault(verdict, 0L), capture.counters().get(Counter.of(verdict)).getAsJsonObject().get("packets")
                        .getAsLong(),
                        verdict.toString());
            }
            assertSame(capture, overSockets(host, other, object));
            assertSame(capture, overDpdk(host, object));
        }
    }

    /** What it gives to user space has times and goes through a ring, so there is no record of it: its control program writes a capture. */
    @Test
    void allKindsOfPortsDumpTheSame() throws Exception {
        List<String> sent = Project.packets(Project.SAMPLE_CAPTURE);
        List<String> dumped = sent.stream().map(packet -> packet.substring(0, Math.min(packet.length(), 2 * DUMPED))).toList();
        try (Machine host = Machine.boot(); Machine other = Machine.boot()) {
            assertEquals(dumped, dump(host, 0, "pcap:" + Project.SAMPLE_CAPTURE, null));
            assertEquals(dumped, dump(host, 0, "dpdk:net_pcap0,rx_pcap=" + Project.SAMPLE_CAPTURE + ",tx_pcap=" + file("nothing.pcap"), null));
            connect(host, other);
            assertEquals(dumped, dump(host, 1, "xsk:v0", other));
        }
    }

    private List<String> dump(Machine host, int interfaces, String port, Machine sender) throws Exception {
        Path dump = file("dump.pcap");
        int count = Project.packets(Project.SAMPLE_CAPTURE).size();
        try (LiveRun run = LiveRun.start(host, interfaces, "xdp-dump/xdp-dump", "--port", port, "--count", Integer.toString(count), "--control",
                Project.PROGRAMS.resolve("xdp-dump/xdp-dump.mjs").toString(), "--", dump.toString());
                Exchange _ = sender == null ? null : Exchange.start(sender, "c0", Project.SAMPLE_CAPTURE, file("nothing.pcap"))) {
            assertEquals(count, LiveRun.packets(run.report(), 1, "pass"));
        }
        return Project.packets(dump);
    }

    private static void assertSame(Result expected, Result actual) {
        assertEquals(expected.counters(), actual.counters());
        assertSame("sent", expected.sent(), actual.sent());
        assertSame("redirected", expected.redirected(), actual.redirected());
        assertSame("passed", expected.passed(), actual.passed());
        assertEquals(expected.maps(), actual.maps());
    }

    private static void assertSame(String what, List<String> expected, List<String> actual) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            assertEquals(expected.get(i), actual.get(i), what + " packet " + (i + 1));
        }
        assertEquals(expected.size(), actual.size(), what + " packets");
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    /** With a second port, to which firewalls redirect. */
    private LiveRun start(Machine machine, int interfaces, String object, String port) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("--port", port, "--port", "pcap:" + Project.emptyCapture(file("empty.pcap")) + ",out="
                + file("redirected.pcap"), "--pass",
                file("passed.pcap").toString(), "--map-init", Files.writeString(file("maps.json"), sample.maps()).toString(), "--map-dump",
                file("dump").toString(),
                "--clock", "1000000000", "--count", Integer.toString(Project.packets(Project.SAMPLE_CAPTURE).size())));
        if (sample.program() != null) {
            arguments.addAll(List.of("--program", sample.program()));
        }
        return LiveRun.start(machine, interfaces, object, arguments.toArray(String[]::new));
    }

    private Result result(JsonObject report, Path sent) throws Exception {
        JsonObject port = report.getAsJsonArray("ports").get(0).getAsJsonObject();
        Map<Counter, JsonElement> counters = new EnumMap<>(Counter.class);
        for (Counter counter : Counter.values()) {
            counters.put(counter, port.get(counter.name().toLowerCase(Locale.ROOT)));
        }
        List<String> passed = Project.packets(file("passed.pcap"));
        if (LiveRun.packets(report, 1, "cpu_pass") > 0) {
            // Those pass after the burst that they came with, and bursts are shorter where packets come slowly.
            passed = passed.stream().sorted().toList();
        }
        return new Result(counters, Project.packets(sent), Project.packets(file("redirected.pcap")), passed,
                JsonParser.parseString(Files.readString(file("dump"))));
    }

    private Result overCapture(Machine host, String object) throws Exception {
        Path sent = file("of-capture.pcap");
        try (LiveRun run = start(host, 0, object, "pcap:" + Project.SAMPLE_CAPTURE + ",out=" + sent)) {
            return result(run.report(), sent);
        }
    }

    private static void connect(Machine host, Machine other) throws Exception {
        host.connect("v0", "02:00:00:00:00:01", other, "c0", "02:00:00:00:00:02");
        host.shell("ip link set v0 mtu " + MTU);
        other.shell("ip link set c0 mtu " + MTU);
    }

    private Result overSockets(Machine host, Machine other, String object) throws Exception {
        connect(host, other);
        Path sent = file("of-sockets.pcap");
        try (LiveRun run = start(host, 1, object, "xsk:v0"); Exchange exchange = Exchange.start(other, "c0", Project.SAMPLE_CAPTURE, sent)) {
            JsonObject report = run.report();
            exchange.await(LiveRun.packets(report, 1, "sent"));
            return result(report, sent);
        }
    }

    private Result overDpdk(Machine host, String object) throws Exception {
        Path sent = file("of-dpdk.pcap");
        try (LiveRun run = start(host, 0, object, "dpdk:net_pcap0,rx_pcap=" + Project.SAMPLE_CAPTURE + ",tx_pcap=" + sent)) {
            return result(run.report(), sent);
        }
    }
}
