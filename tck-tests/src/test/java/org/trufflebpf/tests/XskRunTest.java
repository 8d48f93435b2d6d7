package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.KernelProgram;

/** Runs over interfaces of namespaces as processes of their own. */
@Timeout(180)
class XskRunTest {
    private static final String TX = "xdp_progs/xdp_tx/xdp_tx.o";
    private static final byte[] PACKET = new byte[64];

    @TempDir
    Path folder;

    private interface Work {
        void run() throws Exception;
    }

    /** In a namespace with a pair of interfaces, here and there. */
    private static void inNamespace(Work work) throws Exception {
        assumeTrue(Bpf.available(), () -> "needs root: " + Bpf.reason());
        Boolean done = NetworkNamespace.with("{\"forwarding\": {}, \"interfaces\": {}, \"neigh\": {}, \"routes\": []}", () -> {
            NetworkNamespace.shell("""
                    ip link set lo up
                    ip link add here type veth peer name there
                    for end in here there; do
                        echo 1 > /proc/sys/net/ipv6/conf/$end/disable_ipv6
                        ip link set $end up
                    done
                    """);
            work.run();
            return true;
        });
        assumeTrue(done != null, "network namespaces cannot be made here");
    }

    /** A run and what it said. */
    private final class Run implements AutoCloseable {
        private final Path output = folder.resolve("output");
        private final Path errors = folder.resolve("errors");
        private final Process process;

        Run(List<String> prefix, String... arguments) throws IOException {
            List<String> command = new ArrayList<>(prefix);
            // A shell may have started the tests with SIGINT ignored, which processes inherit.
            command.addAll(List.of("env", "--default-signal=INT", Command.ROOT.resolve("ebpf").toString()));
            command.addAll(List.of(arguments));
            process = new ProcessBuilder(command).directory(Command.ROOT.toFile()).redirectOutput(output.toFile()).redirectError(errors.toFile())
                    .start();
        }

        void awaitStart() throws Exception {
            await("receives by");
            // The kernel's map gets the socket after the line.
            Thread.sleep(100);
        }

        void await(String text) throws Exception {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
            while (!errors().contains(text)) {
                assertTrue(process.isAlive() && System.nanoTime() < end, errors());
                Thread.sleep(10);
            }
        }

        String errors() throws IOException {
            return Files.readString(errors);
        }

        void signal(String name) throws Exception {
            assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor());
        }

        int exitCode() throws Exception {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not end");
            return process.exitValue();
        }

        /** The only port's packets by counter. */
        long packets(String counter) throws IOException {
            JsonObject report = JsonParser.parseString(Files.readString(output)).getAsJsonObject();
            return report.getAsJsonArray("ports").get(0).getAsJsonObject().getAsJsonObject(counter).get("packets").getAsLong();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static void send(int count) throws Exception {
        try (KernelProgram program = KernelProgram.load(KernelProgram.RETURN_TX, "GPL", "sender")) {
            program.sendLive(PACKET, Device.find("there").index(), count);
        }
    }

    private static void assertNothingAttached() throws Exception {
        NetworkNamespace.shell("! ip -d link show | grep xdp");
    }

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143"})
    void stopsCleanly(String signal, int exitCode) throws Exception {
        inNamespace(() -> {
            try (Run run = new Run(List.of(), "run", TX, "--port", "xsk:here", "--stats", "json", "--share-processors")) {
                run.awaitStart();
                for (int i = 0; i < 20; i++) {
                    send(100);
                    Thread.sleep(5);
                }
                Thread.sleep(200);
                run.signal(signal);
                assertEquals(exitCode, run.exitCode());
                assertEquals("ebpf: xsk:here, queue 0: receives by copy, native XDP\n", run.errors());
                assertEquals(2000, run.packets("received"));
                assertEquals(0, run.packets("missed"));
                assertEquals(run.packets("tx"), run.packets("sent"));
            }
            assertNothingAttached();
        });
    }

    @Test
    void leavesNothingBehindWhenKilledAndCanStartAgain() throws Exception {
        inNamespace(() -> {
            try (Run run = new Run(List.of(), "run", TX, "--port", "xsk:here", "--stats", "none")) {
                run.awaitStart();
                NetworkNamespace.shell("ip -d link show here | grep xdp");
                run.signal("KILL");
                run.exitCode();
            }
            assertNothingAttached();
            try (Run run = new Run(List.of(), "run", TX, "--port", "xsk:here", "--stats", "none", "--duration", "0.1")) {
                assertEquals(0, run.exitCode(), run.errors());
            }
        });
    }

    @Test
    void sleepsWithoutPackets() throws Exception {
        inNamespace(() -> {
            try (Run run = new Run(List.of(), "run", TX, "--port", "xsk:here", "--stats", "none")) {
                run.awaitStart();
                Thread.sleep(1000);
                long before = run.process.info().totalCpuDuration().orElseThrow().toMillis();
                Thread.sleep(3000);
                long used = run.process.info().totalCpuDuration().orElseThrow().toMillis() - before;
                assertTrue(used < 1500, used + " ms of processor time in 3 s without packets");
            }
        });
    }

    @Test
    void anInterfaceThatGoesAwayEndsTheRunWithItsStatistics() throws Exception {
        inNamespace(() -> {
            try (Run run = new Run(List.of(), "run", TX, "--port", "xsk:here", "--stats", "json")) {
                run.awaitStart();
                send(100);
                Thread.sleep(200);
                NetworkNamespace.shell("ip link del here");
                assertEquals(1, run.exitCode());
                assertEquals(100, run.packets("received"));
                assertTrue(run.errors().endsWith("ebpf: xsk:here: the interface is gone\n"), run.errors());
            }
        });
    }

    /** Of a process, by the processors that they may use, as in taskset(1). */
    private static Map<String, Long> threads(Process process) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            List<Path> all = threads.toList();
            List<String> processors = new ArrayList<>();
            for (Path thread : all) {
                Files.readAllLines(thread.resolve("status")).stream().filter(line -> line.startsWith("Cpus_allowed_list:"))
                        .forEach(line -> processors.add(line.split("\\s+")[1]));
            }
            return processors.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        }
    }

    @Test
    void theWorkerHasAProcessorToItself() throws Exception {
        inNamespace(() -> {
            try (Run run = new Run(List.of("taskset", "-c", "0,1"), "run", TX, "--port", "xsk:here", "--stats", "none")) {
                run.awaitStart();
                Matcher said = Pattern.compile("ebpf: the worker has processor ([01]), compilers, collectors and all other threads ([01]); "
                        + "--share-processors leaves them together\n.*", Pattern.DOTALL).matcher(run.errors());
                assertTrue(said.matches(), run.errors());
                Map<String, Long> threads = threads(run.process);
                assertEquals(Set.of("0", "1"), threads.keySet());
                assertEquals(1, threads.get(said.group(1)), threads.toString());
                run.signal("INT");
                assertEquals(130, run.exitCode());
            }
            try (Run run = new Run(List.of("taskset", "-c", "0"), "run", TX, "--port", "xsk:here", "--stats", "none")) {
                run.awaitStart();
                assertTrue(run.errors()
                        .startsWith("ebpf: the worker shares the processors with compilers and collectors, as there are no more than 1\n"),
                        run.errors());
            }
        });
    }

    /** What a process may not do, in the words of setpriv(1). */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -net_raw  | xsk:here, queue 0: no permission for AF_XDP sockets: run as root or with the capabilities CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF
            -bpf,-sys_admin | xsk:here: no permission for the kernel's program: run as root or with the capabilities CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF
            -ipc_lock | xsk:here, queue 0: the kernel may not lock 25088 KiB of packet memory: raise ulimit -l, grant CAP_IPC_LOCK or use a smaller ring=
            """)
    void saysWhatIsNotAllowed(String capabilities, String message) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "there is no setpriv");
        inNamespace(() -> {
            List<String> prefix = List.of("sh", "-c", "ulimit -l 64; exec setpriv --bounding-set " + capabilities + " --inh-caps " + capabilities
                    + " \"$@\"",
                    "sh");
            try (Run run = new Run(prefix, "run", TX, "--port", "xsk:here", "--stats", "none")) {
                assertEquals(1, run.exitCode());
                assertEquals("ebpf: " + message + "\n", run.errors());
            }
            assertNothingAttached();
        });
    }

    @Test
    void withoutCompilerItIsRefusedUnlessAllowed() throws Exception {
        inNamespace(() -> {
            try (Run run = new Run(List.of(), "--vm.XX:-EnableJVMCI", "run", TX, "--port", "xsk:here", "--stats", "none")) {
                assertEquals(1, run.exitCode());
                assertEquals("ebpf: live ports need a compiled program, but there is no Graal compiler (start Java as bin/ebpf does): "
                        + "add --allow-interpreter to run it all the same\n", run.errors());
            }
            assertNothingAttached();
            try (Run run = new Run(List.of(), "--vm.XX:-EnableJVMCI", "run", TX, "--port", "xsk:here", "--stats", "json", "--allow-interpreter",
                    "--count", "10")) {
                run.awaitStart();
                send(10);
                assertEquals(0, run.exitCode());
                assertEquals(10, run.packets("received"));
                assertFalse(run.errors().contains("warning"), run.errors());
            }
        });
    }
}
