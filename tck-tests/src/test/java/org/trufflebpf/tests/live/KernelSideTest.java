package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.tests.Project;

/** What the kernel counts and sends on the same interfaces. */
@Timeout(120)
class KernelSideTest {
    @TempDir
    private Path folder;
    private Machine host;
    private Machine sender;

    @BeforeEach
    void boot() throws Exception {
        host = Machine.boot();
        sender = Machine.boot();
        host.connect("v0", "02:00:00:00:00:01", sender, "c0", "02:00:00:00:00:02");
    }

    @AfterEach
    void shutDown() {
        Machine.closeAll(host, sender);
    }

    /** Sends packets of a port at c0 and keeps what comes back in the port's output. */
    private LiveRun send(String port, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("--port", port, "--port", "xsk:c0,ring=4096", "--control",
                Project.PROGRAMS.resolve("xdp_fw/xdp_fw.mjs").toString()));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--", "1", "2"));
        return LiveRun.start(sender, 1, "xdp_fw/xdp_fw", all.toArray(String[]::new));
    }

    /** The packets that the kernel could not hand over at an interface, since the receiver's queue was full. */
    private static long dropped(Machine machine, String device) throws Exception {
        return JsonParser.parseString(machine.shell("ip -s -j link show " + device)).getAsJsonArray().get(0).getAsJsonObject()
                .getAsJsonObject("stats64").getAsJsonObject("tx").get("dropped").getAsLong();
    }

    @Test
    void aMillionPacketsAreCountedToTheLast() throws Exception {
        try (LiveRun receiver = LiveRun.start(host, 1, "xdp_drop/xdp_drop", "--port", "xsk:v0,ring=4096")) {
            JsonObject sent;
            try (LiveRun run = send("gen:eth dst=02:00:00:00:00:01 / ipv4 src=10.1.0.2 dst=10.1.0.1 / udp sport=1000 dport=2000 / payload 18 bytes,"
                    + "rate=150K,count=1M", "--count", "1000000")) {
                sent = run.report();
            }
            JsonObject received = receiver.stop();
            assertEquals(1_000_000, LiveRun.packets(sent, 1, "redirect"));
            assertEquals(1_000_000, LiveRun.packets(sent, 2, "sent") + LiveRun.packets(sent, 2, "not_sent"));
            assertEquals(LiveRun.packets(sent, 2, "sent"), LiveRun.packets(received, 1, "received") + LiveRun.packets(received, 1, "missed")
                    + dropped(sender, "c0"), received.toString());
            assertEquals(LiveRun.packets(received, 1, "received"), LiveRun.packets(received, 1, "pass"), "UDP passes");
            assertTrue(LiveRun.packets(received, 1, "received") > 800_000, received.toString());
        }
    }

    /** What comes back of two thousand packets. */
    private List<String> answers(String name) throws Exception {
        Path answers = folder.resolve(name);
        try (LiveRun run = send("pcap:" + folder.resolve("questions.pcap") + ",pace,out=" + answers, "--duration", "2")) {
            run.report();
        }
        return Project.packets(answers);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xdp_tx", "xdp_csum"})
    void theKernelSendsTheSameBytesOfTheSameObject(String program) throws Exception {
        String object = Project.PROGRAMS.resolve(program + "/" + program + ".o").toString();
        // The file that xdp_tx sends has the packets with their addresses swapped.
        try (LiveRun maker = LiveRun.start(sender, 0, "xdp_tx/xdp_tx", "--port", "gen:eth dst=02:00:00:00:00:02 src=02:00:00:00:00:01 / ipv4 "
                + "src=10.1.0.0/24 dst=10.2.0.1 checksum=0 / udp sport=1000-1019 dport=2000 / payload 18-1100 bytes,flows=500,rate=10K,count=2000,out="
                + folder.resolve("questions.pcap"))) {
            maker.report();
        }
        List<String> ours;
        try (LiveRun run = LiveRun.start(host, 1, program + "/" + program, "--port", "xsk:v0,checksums=keep")) {
            ours = answers("ours.pcap");
            assertEquals(LiveRun.packets(run.stop(), 1, "tx"), ours.size());
        }
        assertEquals(2000, ours.size());
        assumeTrue(host.shell("ip -V").contains("libbpf"), "this ip cannot load programs");
        host.shell("ip link set dev v0 xdpdrv obj " + object + " sec xdp");
        assertEquals(answers("kernel.pcap"), ours);
    }
}
