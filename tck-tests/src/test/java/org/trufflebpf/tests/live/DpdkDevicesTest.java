package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.tests.Project;

/** Virtual devices of DPDK that lead somewhere: to interfaces of the kernel, its network stack, and another process. */
@Timeout(120)
class DpdkDevicesTest {
    private static final String MAC = "02:00:00:00:00:01";
    private static final String OTHER_MAC = "02:00:00:00:00:02";
    /** Hexadecimal digits before it, as before the flags and offset of IPv4 fragments. */
    private static final int ETHERTYPE = 24;
    private static final int FRAGMENT = 40;
    private static final Path TX = Project.program("xdp_tx");
    private static final Path DROP = Project.DROP;
    private static final Path ACROSS = Project.TEST_PROGRAMS.resolve("helpers/redirect.o");

    @TempDir
    private Path folder;

    @BeforeAll
    static void requireDpdk() throws Exception {
        try (Machine machine = Machine.boot();
                LiveRun run = LiveRun.start(machine, 0, "xdp_drop/xdp_drop", "--port", "dpdk:net_null0", "--count", "1")) {
            run.report();
        }
    }

    private static long detail(JsonObject report, int port, String what) {
        return report.getAsJsonArray("ports").get(port - 1).getAsJsonObject().getAsJsonObject("details").get(what).getAsLong();
    }

    /**
     * Those of the sample that packet sockets give as they came: VLAN tags they take off and put on again only where they are whole, and what is in
     * fragments they put together, as DPDK asks them to (PACKET_FANOUT_FLAG_DEFRAG).
     */
    private Path questions() throws Exception {
        return Project.capture(folder.resolve("questions.pcap"), Project.packets(Project.SAMPLE_CAPTURE).stream()
                .filter(packet -> !packet.startsWith("8100", ETHERTYPE) && !packet.startsWith("88a8", ETHERTYPE) && !isFragment(packet)).toList());
    }

    private static boolean isFragment(String packet) {
        return packet.startsWith("0800", ETHERTYPE) && packet.length() >= FRAGMENT + 4
                && (Integer.parseInt(packet, FRAGMENT, FRAGMENT + 4, 16) & 0x3fff) != 0;
    }

    /** What xdp_tx makes of them. */
    private List<String> turnedRound(Machine machine, Path questions) throws Exception {
        Path expected = folder.resolve("expected.pcap");
        try (LiveRun run = LiveRun.start(machine, 0, "xdp_tx/xdp_tx", "--port", "pcap:" + questions + ",out=" + expected)) {
            run.report();
        }
        return Project.packets(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"net_af_packet0,iface=v0", "net_af_xdp0,iface=v0"})
    void interfacesOfTheKernelGiveAndTakePacketsAsTheyAre(String device) throws Exception {
        try (Machine host = Machine.boot(); Machine other = Machine.boot()) {
            Path questions = questions();
            List<String> expected = turnedRound(host, questions);
            host.connect("v0", MAC, other, "c0", OTHER_MAC);
            Path answers = folder.resolve("answers.pcap");
            try (EbpfProcess run = EbpfProcess.start(host, folder, TX, "--port", "dpdk:" + device, "--count", Integer.toString(expected.size()))) {
                run.await("queue 0: receives");
                try (Exchange exchange = Exchange.start(other, "c0", questions, answers)) {
                    exchange.await(expected.size());
                }
                JsonObject report = run.report();
                assertEquals(expected.size(), LiveRun.packets(report, 1, "sent"), report.toString());
                assertEquals(expected.size(), detail(report, 1, "received by the device"), report.toString());
                assertEquals(expected.size(), detail(report, 1, "sent by the device"), report.toString());
                assertEquals(1, detail(report, 1, "link up"), report.toString());
            }
            assertEquals(expected, Project.packets(answers));
        }
    }

    @Test
    void pingIsAnsweredOverATapDevice() throws Exception {
        try (Machine host = Machine.boot();
                EbpfProcess run = EbpfProcess.start(host, folder, Project.program("xdping"), "--program", "xdping_server", "--port",
                        "dpdk:net_tap0,iface=t0")) {
            run.await("queue 0: receives");
            host.shell("ip addr add 10.2.0.1/24 dev t0; ip link set t0 up; ip neigh add 10.2.0.2 lladdr " + OTHER_MAC + " dev t0");
            assertTrue(host.call(() -> InetAddress.ofLiteral("10.2.0.2").isReachable(10_000)));
            JsonObject report = run.stop();
            assertTrue(LiveRun.packets(report, 1, "tx") >= 1, report.toString());
            assertEquals(LiveRun.packets(report, 1, "tx"), LiveRun.packets(report, 1, "sent"));
        }
    }

    /** The client is at the other end of a TAP device, the stack behind the program's companion. */
    @Test
    void theStackBehindADeviceServesAFile() throws Exception {
        try (Machine host = Machine.boot(); Machine client = Machine.boot();
                EbpfProcess run = EbpfProcess.start(host, folder, Project.program("xdp_pass"), "--port",
                        "dpdk:net_tap0,iface=t0,mac=" + OTHER_MAC, "--pass", "tap:host0,ip=10.1.0.1/24")) {
            run.await("tap:host0, queue 0: receives");
            assertTrue(host.shell("ip link show host0").contains(OTHER_MAC), "the companion has the device's address");
            host.give("t0", client);
            client.shell("ip link set t0 address " + MAC + "; ip addr add 10.1.0.2/24 dev t0; ip link set t0 up");
            try (WebServer server = new WebServer(host, "10.1.0.1", 4)) {
                assertEquals(server.checksum(), WebServer.fetch(client, "10.1.0.1"));
            }
            JsonObject report = run.stop();
            assertTrue(LiveRun.packets(report, 1, "from_stack") > 2000, "the file has more packets: " + report);
            assertEquals(LiveRun.packets(report, 1, "received"), LiveRun.packets(report, 1, "pass"));
            assertEquals(0, LiveRun.packets(report, 1, "not_passed"), report.toString());
        }
    }

    /** Its flows are spread over the queues of two workers. */
    @Test
    void aDeviceWithSeveralQueuesSpreadsFlows() throws Exception {
        int flows = 64;
        int each = 20;
        try (Machine host = Machine.boot();
                EbpfProcess run = EbpfProcess.start(host, folder, DROP, "--port", "dpdk:net_tap0,iface=t0", "--workers", "2")) {
            run.await("queue 0: receives");
            run.await("queue 1: receives");
            host.shell("ip addr add 10.2.0.1/24 dev t0; ip link set t0 up; ip neigh add 10.2.0.2 lladdr " + OTHER_MAC + " dev t0");
            host.call(() -> {
                for (int flow = 0; flow < flows; flow++) {
                    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("10.2.0.1"), 20_000 + flow))) {
                        for (int i = 0; i < each; i++) {
                            socket.send(new DatagramPacket(new byte[18], 18, InetAddress.ofLiteral("10.2.0.2"), 7));
                        }
                    }
                    Thread.sleep(1);
                }
                return null;
            });
            Thread.sleep(200);
            JsonObject report = run.stop();
            assertEquals(flows * each, LiveRun.packets(report, 1, "received"), report.toString());
            for (int worker = 0; worker < 2; worker++) {
                assertTrue(report.getAsJsonArray("workers").get(worker).getAsJsonObject().get("packets").getAsLong() > 0, report.toString());
            }
        }
    }

    /** One sends, the other sends all back, and both count the same. */
    @Test
    void twoProcessesShareMemory() throws Exception {
        int count = 20_000;
        String socket = folder.resolve("memif.sock").toString();
        try (Machine machine = Machine.boot();
                EbpfProcess other = EbpfProcess.start(machine, folder, TX, "--port", "dpdk:net_memif0,role=server,socket-abstract=no,socket="
                        + socket)) {
            other.await("dpdk:net_memif0: the link is down");
            try (EbpfProcess run = EbpfProcess.start(machine, folder, ACROSS, "--program", "across", "--port",
                    "gen:eth / ipv4 src=10.0.0.0/8 / udp / payload 18-1400 bytes,rate=10K,count=" + count, "--port",
                    "dpdk:net_memif0,role=client,socket-abstract=no,socket=" + socket, "--stats-interval", "0.1")) {
                other.await("dpdk:net_memif0: the link is up");
                settle(run, count);
                JsonObject here = run.stop();
                JsonObject there = other.stop();
                // Some may come before the other process has answered.
                assertTrue(LiveRun.packets(here, 2, "sent") > 1000, here.toString());
                assertEquals(count, LiveRun.packets(here, 2, "sent") + LiveRun.packets(here, 2, "not_sent"), here.toString());
                assertEquals(LiveRun.packets(here, 2, "sent"), LiveRun.packets(there, 1, "received"), there.toString());
                assertEquals(LiveRun.packets(there, 1, "tx"), LiveRun.packets(there, 1, "sent") + LiveRun.packets(there, 1, "not_sent"),
                        there.toString());
                assertEquals(LiveRun.packets(there, 1, "sent"), LiveRun.packets(here, 2, "received"), here.toString());
                assertEquals(LiveRun.packets(here, 2, "received"), LiveRun.packets(here, 1, "sent"), here.toString());
            }
        }
    }

    /** Waits until the generator has given all its packets and for a second none has come back. */
    private static void settle(EbpfProcess run, int count) throws Exception {
        long back = -1;
        JsonObject last = run.lastReport();
        while (LiveRun.packets(last, 1, "received") < count || LiveRun.packets(last, 2, "received") != back) {
            back = LiveRun.packets(last, 2, "received");
            Thread.sleep(1000);
            last = run.lastReport();
        }
    }
}
