package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.tests.Project;

/** Programs between machines that talk to each other: network namespaces, with cables (veth) between them. */
@Timeout(120)
class LiveTrafficTest {
    private static final String HOST_MAC = "02:00:00:00:00:01";
    private static final String CLIENT_MAC = "02:00:00:00:00:02";
    private static final String SERVER_MAC = "02:00:00:00:00:03";
    private static final String SECOND_MAC = "02:00:00:00:00:04";

    /** Where programs run. */
    private Machine host;
    /** 10.1.0.2, at the host's interface v0. */
    private Machine client;

    @BeforeEach
    void boot() throws Exception {
        host = Machine.boot();
        client = Machine.boot();
        host.connect("v0", HOST_MAC, client, "c0", CLIENT_MAC);
        client.shell("ip addr add 10.1.0.2/24 dev c0");
    }

    @AfterEach
    void shutDown() {
        Machine.closeAll(host, client);
    }

    private static void knows(Machine machine, String device, String address, String mac) throws Exception {
        machine.shell("ip neigh replace " + address + " lladdr " + mac + " dev " + device);
    }

    @Test
    void pingIsAnsweredByTheProgram() throws Exception {
        knows(client, "c0", "10.1.0.1", HOST_MAC);
        String before = host.describe("v0");
        try (LiveRun run = LiveRun.start(host, 1, "xdping/xdping", "--program", "xdping_server", "--port", "xsk:v0")) {
            assertTrue(client.call(() -> InetAddress.ofLiteral("10.1.0.1").isReachable(10_000)));
            JsonObject report = run.stop();
            assertTrue(LiveRun.packets(report, 1, "tx") >= 1, report.toString());
            assertEquals(LiveRun.packets(report, 1, "tx"), LiveRun.packets(report, 1, "sent"));
        }
        assertEquals(before, host.describe("v0"), "the interface is not as it was");
    }

    @Test
    void pingIsAnsweredOverTap() throws Exception {
        try (LiveRun run = LiveRun.start(host, 1, "xdping/xdping", "--program", "xdping_server", "--port", "tap:t0,ip=10.2.0.1/24")) {
            knows(host, "t0", "10.2.0.2", CLIENT_MAC);
            assertTrue(host.call(() -> InetAddress.ofLiteral("10.2.0.2").isReachable(10_000)));
            assertTrue(LiveRun.packets(run.stop(), 1, "tx") >= 1);
        }
        assertFalse(host.shell("ip link").contains("t0"), "the TAP interface is left");
    }

    /** The client's kernel leaves checksums to its network card, which is none: the port finishes them. */
    @Test
    void theStackBehindAProgramServesAFile() throws Exception {
        String before = host.describe("v0");
        try (LiveRun run = LiveRun.start(host, 2, "xdp_pass/xdp_pass", "--port", "xsk:v0", "--pass", "tap:host0,ip=10.1.0.1/24");
                WebServer server = new WebServer(host, "10.1.0.1", 1)) {
            assertEquals(server.checksum(), WebServer.fetch(client, "10.1.0.1"));
            JsonObject report = run.stop();
            assertTrue(LiveRun.packets(report, 1, "from_stack") > 2000, "the file has more packets: " + report);
            assertEquals(LiveRun.packets(report, 1, "received"), LiveRun.packets(report, 1, "pass"));
            assertEquals(0, LiveRun.packets(report, 1, "not_passed") + LiveRun.packets(report, 1, "not_sent"), report.toString());
        }
        assertEquals(before, host.describe("v0"), "the interface is not as it was");
        assertFalse(host.shell("ip link").contains("host0"), "the TAP interface is left");
    }

    /** What an application with AF_XDP sockets would get goes on to the stack. */
    @Test
    void theStackBehindTheSocketServesAFile() throws Exception {
        try (LiveRun run = LiveRun.start(host, 2, Project.TEST_PROGRAMS.resolve("maps/own_sockets").toString(), "--program", "to_their_queue", "--port",
                "xsk:v0", "--pass", "tap:host0,ip=10.1.0.1/24"); WebServer server = new WebServer(host, "10.1.0.1", 1)) {
            assertEquals(server.checksum(), WebServer.fetch(client, "10.1.0.1"));
            JsonObject report = run.stop();
            assertTrue(LiveRun.packets(report, 1, "from_stack") > 2000, "the file has more packets: " + report);
            assertEquals(LiveRun.packets(report, 1, "received"), LiveRun.packets(report, 1, "to_socket"));
            assertEquals(0, LiveRun.packets(report, 1, "not_passed") + LiveRun.packets(report, 1, "not_sent"), report.toString());
        }
    }

    /** Jumbo frames go through a program that is made for them, to the stack and from it. */
    @Test
    void theStackBehindAProgramServesAFileInJumboFrames() throws Exception {
        assumeTrue(KernelVersion.current().isAtLeast(6, 6), "before Linux 6.6 AF_XDP has packets of one buffer only");
        host.shell("ip link set v0 mtu 9000");
        client.shell("ip link set c0 mtu 9000");
        try (LiveRun run = LiveRun.start(host, 2, Project.TEST_PROGRAMS.resolve("helpers/fragments").toString(), "--program", "scripted", "--port",
                "xsk:v0",
                "--pass", "tap:host0,ip=10.1.0.1/24,mtu=9000"); WebServer server = new WebServer(host, "10.1.0.1", 1)) {
            assertEquals(server.checksum(), WebServer.fetch(client, "10.1.0.1"));
            InetAddress address = InetAddress.ofLiteral("10.1.0.1");
            try (DatagramSocket receiver = host.call(() -> new DatagramSocket(9, address));
                    DatagramSocket sender = client.call(() -> new DatagramSocket())) {
                DatagramPacket packet = new DatagramPacket(new byte[8000], 8000, address, 9);
                sender.send(packet);
                receiver.setSoTimeout(10_000);
                receiver.receive(packet);
                assertEquals(8000, packet.getLength());
            }
            JsonObject report = run.stop();
            JsonObject port = report.getAsJsonArray("ports").get(0).getAsJsonObject();
            long bytes = port.getAsJsonObject("from_stack").get("bytes").getAsLong();
            assertTrue(bytes > 5000 * LiveRun.packets(report, 1, "from_stack"), report.toString());
            assertEquals(0, LiveRun.packets(report, 1, "not_passed") + LiveRun.packets(report, 1, "not_sent") + LiveRun.packets(report, 1, "missed"),
                    report.toString());
        }
    }

    @Test
    void theFirewallKeepsOthersOut(@TempDir Path folder) throws Exception {
        client.shell("ip addr add 10.1.0.66/24 dev c0");
        Path rules = Files.writeString(folder.resolve("rules.txt"), "block 10.1.0.66\n");
        try (LiveRun run = LiveRun.start(host, 2, "xdp-firewall/xdp-firewall", "--port", "xsk:v0", "--pass", "tap:host0,ip=10.1.0.1/24", "--control",
                Project.PROGRAMS.resolve("xdp-firewall/xdp-firewall.mjs").toString(), "--", rules.toString());
                WebServer server = new WebServer(host, "10.1.0.1", 2)) {
            assertEquals(server.checksum(), WebServer.fetch(client, "10.1.0.1"));
            assertTrue(WebServer.answers(client, "10.1.0.2", "10.1.0.1"));
            assertFalse(WebServer.answers(client, "10.1.0.66", "10.1.0.1"));
            assertTrue(LiveRun.packets(run.stop(), 1, "drop") >= 1);
        }
    }

    /** Client and servers at one switch with the balancer, which is the servers' router to the client. */
    @Test
    void theBalancerSpreadsDownloadsOverServers() throws Exception {
        try (Machine network = Machine.boot(); Machine first = Machine.boot(); Machine second = Machine.boot()) {
            network.shell("ip link add switch type bridge; ip link set switch up");
            network.connect("p1", "02:00:00:00:01:01", host, "b0", SERVER_MAC);
            network.connect("p2", "02:00:00:00:01:02", client, "c1", SECOND_MAC);
            network.connect("p3", "02:00:00:00:01:03", first, "s0", "02:00:00:00:00:11");
            network.connect("p4", "02:00:00:00:01:04", second, "s0", "02:00:00:00:00:12");
            network.shell("for port in p1 p2 p3 p4; do ip link set $port master switch; done");
            client.shell("ip addr add 10.3.0.2/24 dev c1; ip route add 10.9.0.1 dev c1");
            knows(client, "c1", "10.9.0.1", SERVER_MAC);
            first.shell("ip addr add 10.3.0.11/24 dev s0");
            second.shell("ip addr add 10.3.0.12/24 dev s0");
            knows(first, "s0", "10.3.0.2", SERVER_MAC);
            knows(second, "s0", "10.3.0.2", SERVER_MAC);
            try (LiveRun run = LiveRun.start(host, 1, "xdp-loadbalancer/xdp-loadbalancer", "--port", "xsk:b0", "--control",
                    Project.PROGRAMS.resolve("xdp-loadbalancer/xdp-loadbalancer.mjs").toString(), "--", "10.9.0.1", SERVER_MAC, SECOND_MAC,
                    "10.3.0.11=02:00:00:00:00:11", "10.3.0.12=02:00:00:00:00:12");
                    WebServer one = new WebServer(first, "10.3.0.11", 3);
                    WebServer other = new WebServer(second, "10.3.0.12", 4)) {
                boolean fromOne = false;
                boolean fromOther = false;
                for (int i = 0; i < 40 && !(fromOne && fromOther); i++) {
                    long fetched = WebServer.fetch(client, "10.9.0.1");
                    fromOne |= fetched == one.checksum();
                    fromOther |= fetched == other.checksum();
                    assertTrue(fetched == one.checksum() || fetched == other.checksum(), "what came is no server's");
                }
                assertTrue(fromOne && fromOther, "one server gave nothing");
                JsonObject report = run.stop();
                assertTrue(LiveRun.packets(report, 1, "tx") > 4000, report.toString());
                assertEquals(0, LiveRun.packets(report, 1, "not_sent"), report.toString());
            }
        }
    }

    /** A firewall with two interfaces redirects from each to the other; only flows from inside are let through. */
    @Test
    void twoInterfacesAreBridgedByTheStatefulFirewall() throws Exception {
        try (Machine server = Machine.boot()) {
            host.connect("v1", SECOND_MAC, server, "s0", SERVER_MAC);
            server.shell("ip addr add 10.1.0.3/24 dev s0");
            knows(client, "c0", "10.1.0.3", SERVER_MAC);
            knows(server, "s0", "10.1.0.2", CLIENT_MAC);
            String before = host.describe("v0") + host.describe("v1");
            try (LiveRun run = LiveRun.start(host, 2, "xdp_fw/xdp_fw", "--port", "xsk:v0", "--port", "xsk:v1", "--control",
                    Project.PROGRAMS.resolve("xdp_fw/xdp_fw.mjs").toString(), "--", "1", "2");
                    WebServer outside = new WebServer(server, "10.1.0.3", 5);
                    WebServer inside = new WebServer(client, "10.1.0.2", 6)) {
                assertFalse(WebServer.answers(server, "10.1.0.3", "10.1.0.2"), "a flow from outside got in");
                assertEquals(outside.checksum(), WebServer.fetch(client, "10.1.0.3"));
                assertTrue(inside.checksum() != outside.checksum());
                JsonObject report = run.stop();
                assertTrue(LiveRun.packets(report, 2, "redirect") > 2000, report.toString());
                assertTrue(LiveRun.packets(report, 2, "drop") >= 1, report.toString());
                assertEquals(LiveRun.packets(report, 1, "redirect"), LiveRun.packets(report, 2, "sent"));
                assertEquals(LiveRun.packets(report, 2, "redirect"), LiveRun.packets(report, 1, "sent"));
            }
            assertEquals(before, host.describe("v0") + host.describe("v1"), "the interfaces are not as they were");
        }
    }
}
