package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs over virtual devices of DPDK, which need no hardware. */
@Timeout(180)
class DpdkRunTest {
    /** Packets in the sample. */
    private static final int SAMPLE = 362;
    private static final String INSTALL = "install DPDK 22.11 (Debian: apt-get install libdpdk-dev)";
    private static final List<String> NULL_PORT = List.of("--port", "dpdk:net_null0");

    @TempDir
    private Path folder;

    @BeforeAll
    static void requireDpdk() {
        Command.Result result = Command.ebpf("run", Project.DROP.toString(), "--port", "dpdk:net_null0", "--count", "1", "--allow-interpreter");
        assumeTrue(result.exitCode() == 0, result.errors().strip());
    }

    /** What a run in this process reports. */
    private static JsonObject run(Object... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).out(output).build()) {
            context.getBindings("ebpf").getMember("run").execute(arguments);
        }
        return JsonParser.parseString(output.toString(StandardCharsets.UTF_8)).getAsJsonObject();
    }

    private static JsonObject port(JsonObject report, int number) {
        return report.getAsJsonArray("ports").get(number).getAsJsonObject();
    }

    private static long count(JsonObject port, String counter) {
        return port.getAsJsonObject(counter).get("packets").getAsLong();
    }

    @ParameterizedTest
    @ValueSource(strings = {"xdp_csum/xdp_csum.o", "xdp_map_access/xdp_map_access.o"})
    void theSameObjectDoesTheSameAsOverACapture(String object) throws IOException {
        String program = Project.PROGRAMS.resolve(object).toString();
        Path expected = folder.resolve("expected.pcap");
        Path sent = folder.resolve("sent.pcap");
        JsonObject capture = port(run(program, "--port", "pcap:" + Project.SAMPLE_CAPTURE + ",out=" + expected, "--stats", "json",
                "--allow-interpreter"), 0);
        JsonObject device = port(run(program, "--port", "dpdk:net_pcap0,rx_pcap=" + Project.SAMPLE_CAPTURE + ",tx_pcap=" + sent,
                "--count", Integer.toString(SAMPLE), "--stats", "json", "--allow-interpreter"), 0);
        for (String counter : List.of("received", "tx", "drop", "pass", "aborted", "redirect", "sent")) {
            assertEquals(count(capture, counter), count(device, counter), counter);
        }
        assertEquals(Project.packets(expected), Project.packets(sent));
    }

    /** From one device to another, whose frames are the same memory; then from a capture. */
    @Test
    void packetsTravelBetweenPorts() throws IOException {
        Path maps = folder.resolve("maps.json");
        Files.writeString(maps, "[{\"map\": \"arguments\", \"entries\": [{\"key\": 0, \"value\": 2}]}]");
        Path sent = folder.resolve("sent.pcap");
        Path empty = Project.emptyCapture(folder.resolve("empty.pcap"));
        JsonObject report = run(Project.TEST_PROGRAMS.resolve("helpers/redirect.o").toString(), "--program", "to_interface", "--map-init",
                maps.toString(), "--port", "dpdk:net_pcap0,rx_pcap=" + Project.SAMPLE_CAPTURE + ",tx_pcap=" + folder.resolve("none.pcap"), "--port",
                "dpdk:net_pcap1,rx_pcap=" + empty + ",tx_pcap=" + sent, "--count", Integer.toString(SAMPLE), "--stats", "json",
                "--allow-interpreter");
        assertEquals(SAMPLE, count(port(report, 0), "redirect"));
        assertEquals(SAMPLE, count(port(report, 1), "sent"));
        assertEquals(Project.packets(Project.SAMPLE_CAPTURE), Project.packets(sent));
        // From a capture the bytes are copied into a frame of the device's.
        JsonObject copied = run(Project.TEST_PROGRAMS.resolve("helpers/redirect.o").toString(), "--program", "to_interface", "--map-init",
                maps.toString(), "--port", "pcap:" + Project.SAMPLE_CAPTURE, "--port", "dpdk:net_null0", "--count", "100", "--stats", "json",
                "--allow-interpreter");
        assertEquals(count(port(copied, 0), "redirect") + count(port(copied, 1), "redirect"), count(port(copied, 1), "sent"));
    }

    /** Longer than the frames of a program: drivers chain buffers for them. */
    @Test
    void packetsThatAreTooLongAreCounted() throws IOException {
        Path capture = Project.capture(folder.resolve("long.pcap"), List.of("00".repeat(9000)));
        JsonObject port = port(run(Project.DROP.toString(), "--port", "dpdk:net_pcap0,rx_pcap=" + capture + ",tx_pcap=" +
                folder.resolve("sent.pcap"), "--duration", "1", "--stats", "json", "--allow-interpreter"), 0);
        assertEquals(0, count(port, "received"));
        assertEquals(1, count(port, "missed"));
    }

    @Test
    void severalWorkersHaveQueuesOfTheirOwn() {
        JsonObject report = run(Project.program("xdp_tx").toString(), "--port", "dpdk:net_null0,size=60", "--workers", "2",
                "--duration", "1", "--stats",
                "json",
                "--allow-interpreter");
        assertEquals(count(port(report, 0), "received"), count(port(report, 0), "tx"));
        assertEquals(2, report.getAsJsonArray("workers").size());
    }

    @Test
    void whatIsWrongIsOneLine() {
        assertRefused(1, "DPDK cannot add device 'net_none0': failed to parse device \"vdev:net_none0\"", "dpdk:net_none0");
        assertRefused(1, "DPDK cannot add device 'net_memif0' with 'role=both': Unknown role: both.", "dpdk:net_memif0,role=both");
        assertRefused(1, "device 'net_pcap0' has 1 queues to send on, and each worker needs one: use --workers 1",
                "dpdk:net_pcap0,rx_pcap=" + Project.SAMPLE_CAPTURE + ",tx_pcap=" + folder.resolve("sent.pcap"), "--workers", "2");
        assertRefused(2, "--port dpdk:: no device: use dpdk:[ifindex=N,][mtu=N,]DEVICE[,ARGUMENT...], such as dpdk:0000:01:00.0 or dpdk:net_ring0",
                "dpdk:");
    }

    private static void assertRefused(int exitCode, String message, String port, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--port", port));
        arguments.addAll(List.of(more));
        assertRefused(exitCode, message, List.of(), arguments);
    }

    /** @param prefix a command that starts another with its arguments */
    private static void assertRefused(int exitCode, String message, List<String> prefix, List<String> arguments) {
        ProcessBuilder builder = new ProcessBuilder().directory(Project.ROOT.toFile());
        builder.command().addAll(prefix);
        builder.command().addAll(List.of(Project.ROOT.resolve("ebpf").toString(), "run", Project.DROP.toString()));
        builder.command().addAll(arguments);
        Command.Result result = Command.run(builder);
        assertEquals("ebpf: " + message, result.errors().strip());
        assertEquals(exitCode, result.exitCode());
        assertEquals("", result.output());
    }

    /** A command that starts another where the library is no library. */
    private static List<String> withoutLibrary() {
        ProcessBuilder mount = new ProcessBuilder("unshare", "--mount", "true");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")) && Command.run(mount).exitCode() == 0, "hiding a file needs root and unshare");
        return List.of("unshare", "--mount", "sh", "-c", """
                for library in $(ldconfig -p | sed -n 's/.*librte_eal[.]so[.]23 .*=> //p'); do
                    mount --bind /dev/null $library
                done
                exec "$@"
                """, "sh");
    }

    @Test
    void aMissingLibraryIsSaid() {
        assertRefused(1, "the library librte_eal.so.23 is not installed: " + INSTALL, withoutLibrary(), NULL_PORT);
    }

    @Test
    void anotherVersionIsRefused() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "no C compiler");
        Path source = Files.writeString(folder.resolve("version.c"), "const char *rte_version(void) { return \"DPDK 23.07.0\"; }\n");
        Path library = folder.resolve("librte_eal.so.23");
        assertEquals(0, new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString()).inheritIO().start().waitFor());
        List<String> withFolder = List.of("env", "LD_LIBRARY_PATH=" + folder);
        assertRefused(1, "the installed DPDK 23.07.0 lays its structures out in ways unknown here: " + INSTALL, withFolder, NULL_PORT);
        Files.move(library, folder.resolve("librte_eal.so.24"));
        List<String> prefix = new ArrayList<>(withFolder);
        prefix.addAll(withoutLibrary());
        assertRefused(1, "the installed DPDK with librte_eal.so.24 lays its structures out in ways unknown here: " + INSTALL, prefix, NULL_PORT);
    }

    @Test
    void missingRightsAreSaid() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")) && Command.run(new ProcessBuilder("setpriv", "--bounding-set=-net_raw", "true"))
                .exitCode() == 0,
                "giving rights up needs root and setpriv");
        assertRefused(1, "DPDK cannot add device 'net_af_packet0' with 'iface=lo': Could not open AF_PACKET socket "
                + "(interfaces need root or the capabilities CAP_NET_ADMIN and CAP_NET_RAW, which this process does not have)",
                List.of("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"), List.of("--port", "dpdk:net_af_packet0,iface=lo"));
    }

    /** What DPDK takes where there are no huge pages, so that 16 workers have no room. */
    @Test
    void missingPagesAreSaid() throws IOException {
        assumeTrue(Files.readString(Path.of("/proc/meminfo")).matches("(?s).*HugePages_Free:\\s+0\n.*"), "there are huge pages");
        assertRefused(1, "DPDK has no memory for 65536 frames of 4224 bytes: reserve huge pages, as with 'echo 256 > /proc/sys/vm/nr_hugepages'",
                "dpdk:net_null0",
                "--workers", "16");
    }
}
