package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.tests.Project;

/** What happens to interfaces while programs run on them. */
@Timeout(120)
class LiveTroubleTest {
    private static final String HOST_MAC = "02:00:00:00:00:01";
    private static final String CLIENT_MAC = "02:00:00:00:00:02";

    private static void await(LiveRun run, String message) throws InterruptedException {
        for (int i = 0; i < 2000 && !run.messages().contains(message); i++) {
            Thread.sleep(5);
        }
        assertTrue(run.messages().contains(message), run.messages());
    }

    @Test
    void linksGoDownAndUpAndChangeTheirMtu() throws Exception {
        try (Machine host = Machine.boot(); Machine client = Machine.boot()) {
            host.connect("v0", HOST_MAC, client, "c0", CLIENT_MAC);
            client.shell("ip addr add 10.1.0.2/24 dev c0; ip neigh add 10.1.0.1 lladdr " + HOST_MAC + " dev c0");
            try (LiveRun run = LiveRun.start(host, 1, "xdping/xdping", "--program", "xdping_server", "--port", "xsk:v0")) {
                client.shell("ip link set c0 down");
                await(run, "xsk:v0: the link is down");
                client.shell("ip link set c0 up; ip neigh replace 10.1.0.1 lladdr " + HOST_MAC + " dev c0");
                await(run, "xsk:v0: the link is up");
                assertTrue(client.call(() -> InetAddress.ofLiteral("10.1.0.1").isReachable(10_000)));
                host.shell("ip link set v0 mtu 1200");
                assertTrue(client.call(() -> InetAddress.ofLiteral("10.1.0.1").isReachable(10_000)));
                assertTrue(LiveRun.packets(run.stop(), 1, "tx") >= 2);
            }
        }
    }

    /** Any packet traps, as no entry is there; the interface goes on, and replay shows the line. */
    @Test
    void trappedPacketsAreSaved(@TempDir Path folder) throws Exception {
        String program = "../tck-tests/src/test/programs/verify/unchecked";
        try (Machine host = Machine.boot(); Machine client = Machine.boot()) {
            host.connect("v0", HOST_MAC, client, "c0", CLIENT_MAC);
            client.shell("ip addr add 10.1.0.2/24 dev c0; ip neigh add 10.1.0.1 lladdr " + HOST_MAC + " dev c0");
            try (LiveRun run = LiveRun.start(host, 1, program, "--program", "without_null_test", "--port", "xsk:v0", "--save-traps",
                    folder.toString())) {
                assertFalse(client.call(() -> InetAddress.ofLiteral("10.1.0.1").isReachable(500)));
                await(run, "saved the packet: ");
                assertFalse(client.call(() -> InetAddress.ofLiteral("10.1.0.1").isReachable(500)));
                assertTrue(LiveRun.packets(run.stop(), 1, "aborted") >= 2);
            }
        }
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowIO(IOAccess.ALL).out(output).build()) {
            context.getBindings("ebpf").invokeMember("replay", Project.PROGRAMS.resolve(program + ".o").toString(), "--trap",
                    Project.files(folder, ".json").stream().filter(file -> !file.toString().endsWith(".maps.json")).findFirst().orElseThrow()
                    .toString());
        }
        assertTrue(output.toString(StandardCharsets.UTF_8).contains("unchecked.c:38 `found->by_class[0]++;`"),
                output.toString(StandardCharsets.UTF_8));
    }

    /** The other port goes on until it is stopped; the run tells in the end. */
    @ParameterizedTest
    @ValueSource(strings = {"--port", "--pass"})
    void anInterfaceThatIsRemovedIsLeftOut(String option) throws Exception {
        try (Machine host = Machine.boot()) {
            boolean port = option.equals("--port");
            try (LiveRun run = LiveRun.start(host, 2, "xdping/xdping", "--program", "xdping_server", "--port", "tap:t0,ip=10.2.0.1/24", option,
                    port ? "tap:t1" : "tap:t1,port=1")) {
                host.shell("ip neigh add 10.2.0.2 lladdr " + CLIENT_MAC + " dev t0; ip link del t1");
                assertTrue(host.call(() -> InetAddress.ofLiteral("10.2.0.2").isReachable(10_000)));
                ExecutionException e = assertThrows(ExecutionException.class, run::stop);
                assertEquals("tap:t1: the interface is gone", e.getCause().getMessage());
                assertTrue(LiveRun.packets(run.lastReport(), 1, "tx") >= 1);
            }
        }
    }

    @Test
    void theNumbersAreShownWhileItRuns() throws Exception {
        try (Machine host = Machine.boot();
                LiveRun run = LiveRun.start(host, 1, "xdping/xdping", "--program", "xdping_server", "--port", "tap:t0,ip=10.2.0.1/24",
                        "--stats-interval",
                        "0.1")) {
            host.shell("ip neigh add 10.2.0.2 lladdr " + CLIENT_MAC + " dev t0");
            assertTrue(host.call(() -> InetAddress.ofLiteral("10.2.0.2").isReachable(10_000)));
            JsonObject last = run.lastReport();
            for (int i = 0; i < 100 && LiveRun.packets(last, 1, "tx") == 0; i++) {
                Thread.sleep(50);
                last = run.lastReport();
            }
            JsonObject port = last.getAsJsonArray("ports").get(0).getAsJsonObject();
            assertTrue(port.getAsJsonObject("tx").get("packets").getAsLong() >= 1, last.toString());
            assertTrue(port.getAsJsonObject("tx").has("packets_per_second"));
            assertEquals(0, port.getAsJsonObject("details").get("missed as too long without xdp.frags").getAsLong());
            assertTrue(port.getAsJsonObject("timed").get("nanoseconds").getAsLong() > 0);
            run.stop();
        }
    }

    /** Times that a thread of this process stopped running of its own accord. */
    private static long sleeps(Thread thread) throws IOException {
        String name = thread.getName().substring(0, Math.min(15, thread.getName().length()));
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm")).strip().equals(name)) {
                    return Files.readAllLines(task.resolve("status")).stream().filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum();
                }
            }
        }
        throw new IOException("no thread " + name);
    }

    private static List<Thread> workers() {
        return Thread.getAllStackTraces().entrySet().stream().filter(each -> Arrays.stream(each.getValue())
                .anyMatch(frame -> frame.getClassName().endsWith(".PollLoop"))).map(Map.Entry::getKey).toList();
    }

    /** Workers without packets look around every 150 milliseconds, which takes less than a hundredth of a processor. */
    @ParameterizedTest
    @CsvSource({"tap:t0, 1", "xsk:v0, 1", "tap:t0, 2"})
    void waitingCostsLittle(String port, int count) throws Exception {
        try (Machine host = Machine.boot(); Machine client = Machine.boot()) {
            host.connect("v0", HOST_MAC, client, "c0", CLIENT_MAC);
            try (LiveRun run = LiveRun.start(host, count, "xdp_pass/xdp_pass", "--port", port, "--workers", Integer.toString(count))) {
                ThreadMXBean threads = ManagementFactory.getThreadMXBean();
                // They poll for a while before they sleep.
                Thread.sleep(500);
                List<Thread> workers = workers();
                assertEquals(count, workers.size());
                for (Thread worker : workers) {
                    long fewest = Long.MAX_VALUE;
                    long least = Long.MAX_VALUE;
                    // The virtual machine stops threads, too, and mostly in their first seconds.
                    for (int i = 0; i < 5 && (fewest >= 20 || least >= TimeUnit.MILLISECONDS.toNanos(10)); i++) {
                        long sleptBefore = sleeps(worker);
                        long before = threads.getThreadCpuTime(worker.threadId());
                        Thread.sleep(1000);
                        least = Math.min(least, threads.getThreadCpuTime(worker.threadId()) - before);
                        fewest = Math.min(fewest, sleeps(worker) - sleptBefore);
                    }
                    assertTrue(fewest < 20 && least < TimeUnit.MILLISECONDS.toNanos(10), fewest + " sleeps and " + least + " ns in a second");
                }
                long asked = System.nanoTime();
                run.stop();
                assertTrue(System.nanoTime() - asked < TimeUnit.SECONDS.toNanos(10), "it does not hear");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143"})
    void signalsEndARunWithItsNumbersAndNothingIsLeft(String signal, int exitCode) throws Exception {
        assumeTrue(new ProcessBuilder("unshare", "--net", "true").start().waitFor() == 0, "network namespaces need root");
        // A shell may have started the tests with SIGINT ignored, which processes inherit.
        Process process = new ProcessBuilder("unshare", "--net", "env", "--default-signal=INT", Project.ROOT.resolve("ebpf").toString(), "run",
                Project.program("xdp_pass").toString(), "--port", "tap:t0,ip=10.2.0.1/24").start();
        try (BufferedReader errors = process.errorReader(StandardCharsets.UTF_8)) {
            // Before, the script may say that it builds.
            String shown = errors.readLine();
            while (shown != null && !shown.equals("ebpf: tap:t0, queue 0: receives")) {
                shown = errors.readLine();
            }
            // Once a second.
            shown = errors.readLine();
            assertTrue(shown.matches("1 s  1 tap:t0: received [0-9]+/s.*"), shown);
            assertEquals(0, new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor());
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not stop");
            List<String> table = process.inputReader(StandardCharsets.UTF_8).lines().toList();
            assertEquals(exitCode, process.exitValue());
            assertTrue(table.getLast().startsWith("1 tap:t0  received"), table.toString());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void withoutRightsThereIsOneLine() throws Exception {
        assumeTrue(new ProcessBuilder("setpriv", "--bounding-set=-net_admin", "true").start().waitFor() == 0,
                "giving rights up needs root and setpriv");
        Process process = new ProcessBuilder("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", Project.ROOT.resolve("ebpf").toString(),
                "run",
                Project.program("xdp_pass").toString(), "--port", "tap:ebpf-test0").start();
        try {
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(1, process.waitFor());
            assertEquals("ebpf: tap:ebpf-test0: making an interface, or using another user's, needs root or the capability CAP_NET_ADMIN",
                    errors.lines().toList().getLast());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void embeddersDecideWhetherInterfacesAreOpened() {
        try (Context context = Context.newBuilder("ebpf").allowIO(IOAccess.ALL).build()) {
            RuntimeException e = assertThrows(RuntimeException.class, () -> context.getBindings("ebpf").getMember("run").execute(
                    Project.program("xdp_pass").toString(), "--port", "tap:t0"));
            assertEquals("ports of network interfaces: the embedder does not allow native access", e.getMessage());
        }
    }
}
