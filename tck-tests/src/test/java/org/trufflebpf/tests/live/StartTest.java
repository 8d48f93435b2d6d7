package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.tests.Project;

/** Runs that begin while packets come all the time. */
@Timeout(180)
class StartTest {
    /** Entries of an rx ring that nobody asked for otherwise. */
    private static final long RING = 2048;
    /**
     * Who else uses the machine is not to hold the worker's processor for the 20 ms that a ring lasts at these rates. nice(1) does not help where each
     * session has the same share (sched(7), autogroups): at a load of 13 xdp_tx lost 0 to 87,600 packets over the whole run, and none this way.
     */
    private static final List<String> FIRST = List.of("chrt", "-r", "10");
    /** As little is the sender's to be held up, after which all that was due comes at once: not each time. */
    private static final int ATTEMPTS = 3;

    @TempDir
    private Path folder;

    /** A run that sends packets from an interface at a steady rate until it is closed. */
    private static LiveRun send(Machine sender, int rate) throws Exception {
        String packets = "gen:eth / ipv4 src=10.1.0.2 dst=10.1.0.1 / udp sport=1000 dport=2000 / payload 18 bytes,rate=" + rate;
        return LiveRun.start(sender, 1, "xdp_fw/xdp_fw", "--port", packets, "--port", "xsk:c0,ring=4096", "--share-processors", "--control",
                Project.PROGRAMS.resolve("xdp_fw/xdp_fw.mjs").toString(), "--", "1", "2");
    }

    private static long transmitted(Machine machine, String device, String counter) throws Exception {
        return JsonParser.parseString(machine.shell("ip -s -j link show " + device)).getAsJsonArray().get(0).getAsJsonObject()
                .getAsJsonObject("stats64").getAsJsonObject("tx").get(counter).getAsLong();
    }

    /**
     * What was lost from the first packet on in the socket's rings, either way, or where the stack had no room. What the kernel's thread that fills them dropped,
     * as it came too late itself, is only told.
     */
    private long lost(String object, int rate, String... arguments) throws Exception {
        try (Machine host = Machine.boot(); Machine sender = Machine.boot()) {
            host.connect("v0", "02:00:00:00:00:01", sender, "c0", "02:00:00:00:00:02");
            List<String> all = new ArrayList<>(List.of("--port", "xsk:v0,ring=" + RING));
            all.addAll(List.of(arguments));
            try (LiveRun _ = send(sender, rate); EbpfProcess run = startOnceSent(host, sender, object, all)) {
                run.await("xsk:v0, queue 0: receives");
                long before = transmitted(sender, "c0", "dropped");
                Thread.sleep(1500);
                long afterwards = transmitted(sender, "c0", "dropped");
                JsonObject report = run.stop();
                long received = LiveRun.packets(report, 1, "received");
                assertTrue(received > rate / 2, "the sender is too slow: " + report);
                long lost = LiveRun.packets(report, 1, "missed") + LiveRun.packets(report, 1, "not_sent") + LiveRun.packets(report, 1, "not_passed");
                System.out.println(object + ": " + lost + " packets lost at the start, " + received + " received, " + (afterwards - before)
                        + " dropped before the socket");
                return lost;
            }
        }
    }

    /** The sender's control program has said where packets go, for which it would have no processor later. */
    private EbpfProcess startOnceSent(Machine host, Machine sender, String object, List<String> arguments) throws Exception {
        while (transmitted(sender, "c0", "packets") < RING) {
            Thread.sleep(20);
        }
        return EbpfProcess.start(host, folder, FIRST, Project.PROGRAMS.resolve(object), arguments.toArray(String[]::new));
    }

    private static boolean mayGoFirst() throws Exception {
        List<String> command = new ArrayList<>(FIRST);
        command.add("true");
        return new ProcessBuilder(command).start().waitFor() == 0;
    }

    @ParameterizedTest
    @CsvSource({"xdp_drop/xdp_drop.o, 100000,", "xdp_tx/xdp_tx.o, 100000,", "xdp_pass/xdp_pass.o, 100000, tap:host0"})
    void noMorePacketsAreLostThanARingHolds(String object, int rate, String pass) throws Exception {
        assumeTrue(mayGoFirst(), "chrt(1) gives no priority: real-time priorities need root or the capability CAP_SYS_NICE");
        List<Long> all = new ArrayList<>();
        while (all.size() < ATTEMPTS) {
            all.add(pass == null ? lost(object, rate) : lost(object, rate, "--pass", pass));
            if (all.getLast() <= RING) {
                return;
            }
        }
        assertTrue(false, all + " packets were lost at starts");
    }
}
