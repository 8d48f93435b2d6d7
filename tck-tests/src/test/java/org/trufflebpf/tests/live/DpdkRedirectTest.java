package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.tests.Project;

/** Packets are redirected from devices of DPDK to interfaces of the kernel, and the other way round. */
@Timeout(120)
class DpdkRedirectTest {
    private static final String ACROSS = Project.TEST_PROGRAMS.resolve("helpers/redirect").toString();
    private static final int MTU = 1600;

    @TempDir
    private Path folder;
    private Machine host;
    private Machine other;
    private Path empty;
    private Path arrived;
    private List<String> sample;

    /** The other machine's c0 is at the end of v0; what the TAP interface t0 gets from a port is for whoever listens there. */
    @BeforeEach
    void boot() throws Exception {
        host = Machine.boot();
        other = Machine.boot();
        host.connect("v0", "02:00:00:00:00:01", other, "c0", "02:00:00:00:00:02");
        host.shell("ip tuntap add t0 mode tap; for each in v0 t0; do ip link set $each mtu " + MTU + " up; done");
        other.shell("ip link set c0 mtu " + MTU);
        empty = Project.emptyCapture(folder.resolve("empty.pcap"));
        arrived = folder.resolve("arrived.pcap");
        sample = Project.packets(Project.SAMPLE_CAPTURE);
    }

    @AfterEach
    void shutDown() {
        Machine.closeAll(host, other);
    }

    /** Between a device, which is port 1, and an interface, until all packets of the sample have come. */
    private LiveRun start(Path in, Path out, String port) throws Exception {
        return LiveRun.start(host, 2, ACROSS, "--program", "across", "--port", "dpdk:net_pcap0,rx_pcap=" + in + ",tx_pcap=" + out, "--port", port,
                "--count",
                Integer.toString(sample.size()));
    }

    /** At the other end of a port. */
    private Exchange exchange(String port, Path questions) throws Exception {
        Path answers = questions.equals(empty) ? arrived : folder.resolve("none.pcap");
        return port.startsWith("xsk:") ? Exchange.start(other, "c0", questions, answers) : Exchange.start(host, "t0", questions, answers);
    }

    private void assertRedirected(JsonObject report, int from, int to) throws Exception {
        assertEquals(sample.size(), LiveRun.packets(report, from, "redirect"), report.toString());
        assertEquals(sample.size(), LiveRun.packets(report, to, "sent"), report.toString());
        assertEquals(sample, Project.packets(arrived));
    }

    @ParameterizedTest
    @ValueSource(strings = {"xsk:v0", "tap:t0"})
    void fromADeviceToAnInterface(String port) throws Exception {
        try (Exchange exchange = exchange(port, empty); LiveRun run = start(Project.SAMPLE_CAPTURE, folder.resolve("unused.pcap"), port)) {
            JsonObject report = run.report();
            exchange.await(sample.size());
            assertRedirected(report, 1, 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xsk:v0", "tap:t0"})
    void fromAnInterfaceToADevice(String port) throws Exception {
        try (LiveRun run = start(empty, arrived, port); Exchange exchange = exchange(port, Project.SAMPLE_CAPTURE)) {
            JsonObject report = run.report();
            exchange.await(0);
            assertRedirected(report, 2, 1);
        }
    }
}
