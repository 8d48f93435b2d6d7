package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.trufflebpf.tests.Project;

/** Runs over interfaces of namespaces as processes of their own. */
@Timeout(180)
class XskRunTest {
    private static final Path TX = Project.program("xdp_tx");
    private static final byte[] PACKET = new byte[64];

    @TempDir
    private Path folder;

    /** With a pair of interfaces, here and there. */
    private static Machine machine() throws Exception {
        assumeTrue(Bpf.available(), () -> "needs root: " + Bpf.reason());
        Machine machine = Machine.boot();
        machine.shell("""
                ip link add here type veth peer name there
                for end in here there; do
                    echo 1 > /proc/sys/net/ipv6/conf/$end/disable_ipv6
                    ip link set $end up
                done
                """);
        return machine;
    }

    private EbpfProcess run(Machine machine, List<String> prefix, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("--port", "xsk:here"));
        all.addAll(List.of(options));
        return EbpfProcess.start(machine, folder, prefix, TX, all.toArray(String[]::new));
    }

    private EbpfProcess run(Machine machine, String... options) throws Exception {
        return run(machine, List.of(), options);
    }

    private static void awaitStart(EbpfProcess run) throws Exception {
        run.await("receives by");
        // The kernel's map gets the socket after the line.
        Thread.sleep(100);
    }

    private static void send(Machine machine, int count) throws Exception {
        machine.call(() -> {
            try (KernelProgram program = KernelProgram.load(KernelProgram.RETURN_TX, "GPL", "sender")) {
                program.sendLive(PACKET, Device.find("there").index(), count);
            }
            return null;
        });
    }

    private static void assertNothingAttached(Machine machine) throws Exception {
        machine.shell("! ip -d link show | grep xdp");
    }

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143"})
    void stopsCleanly(String signal, int exitCode) throws Exception {
        try (Machine machine = machine()) {
            try (EbpfProcess run = run(machine, "--share-processors")) {
                awaitStart(run);
                for (int i = 0; i < 20; i++) {
                    send(machine, 100);
                    Thread.sleep(5);
                }
                Thread.sleep(200);
                run.signal(signal);
                assertEquals(exitCode, run.exitCode());
                assertEquals("ebpf: xsk:here, queue 0: receives by copy, native XDP\n", run.errors());
                assertEquals(2000, LiveRun.packets(run.lastReport(), 1, "received"));
                assertEquals(0, LiveRun.packets(run.lastReport(), 1, "missed"));
                assertEquals(LiveRun.packets(run.lastReport(), 1, "tx"), LiveRun.packets(run.lastReport(), 1, "sent"));
            }
            assertNothingAttached(machine);
        }
    }

    @Test
    void leavesNothingBehindWhenKilledAndCanStartAgain() throws Exception {
        try (Machine machine = machine()) {
            try (EbpfProcess run = run(machine)) {
                awaitStart(run);
                machine.shell("ip -d link show here | grep xdp");
                run.signal("KILL");
                run.exitCode();
            }
            assertNothingAttached(machine);
            try (EbpfProcess run = run(machine, "--duration", "0.1")) {
                assertEquals(0, run.exitCode(), run.errors());
            }
        }
    }

    @Test
    void sleepsWithoutPackets() throws Exception {
        try (Machine machine = machine()) {
            try (EbpfProcess run = run(machine)) {
                awaitStart(run);
                Thread.sleep(1000);
                long before = run.handle().info().totalCpuDuration().orElseThrow().toMillis();
                Thread.sleep(3000);
                long used = run.handle().info().totalCpuDuration().orElseThrow().toMillis() - before;
                assertTrue(used < 1500, used + " ms of processor time in 3 s without packets");
            }
        }
    }

    @Test
    void anInterfaceThatGoesAwayEndsTheRunWithItsStatistics() throws Exception {
        try (Machine machine = machine()) {
            try (EbpfProcess run = run(machine)) {
                awaitStart(run);
                send(machine, 100);
                Thread.sleep(200);
                machine.shell("ip link del here");
                assertEquals(1, run.exitCode());
                assertEquals(100, LiveRun.packets(run.lastReport(), 1, "received"));
                assertTrue(run.errors().endsWith("ebpf: xsk:here: the interface is gone\n"), run.errors());
            }
        }
    }

    /** Of a process, by the processors that they may use, as in taskset(1). */
    private static Map<String, Long> threads(ProcessHandle process) throws IOException {
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
        try (Machine machine = machine()) {
            try (EbpfProcess run = run(machine, List.of("taskset", "-c", "0,1"))) {
                awaitStart(run);
                Matcher said = Pattern.compile("ebpf: the worker has processor ([01]), compilers, collectors and all other threads ([01]); "
                        + "--share-processors leaves them together\n.*", Pattern.DOTALL).matcher(run.errors());
                assertTrue(said.matches(), run.errors());
                Map<String, Long> threads = threads(run.handle());
                assertEquals(Set.of("0", "1"), threads.keySet());
                assertEquals(1, threads.get(said.group(1)), threads.toString());
                run.signal("INT");
                assertEquals(130, run.exitCode());
            }
            try (EbpfProcess run = run(machine, List.of("taskset", "-c", "0"))) {
                awaitStart(run);
                assertTrue(run.errors()
                        .startsWith("ebpf: the worker shares the processors with compilers and collectors, as there are no more than 1\n"),
                        run.errors());
            }
        }
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
        try (Machine machine = machine()) {
            List<String> prefix = List.of("sh", "-c", "ulimit -l 64; exec setpriv --bounding-set " + capabilities + " --inh-caps " + capabilities
                    + " \"$@\"", "sh");
            try (EbpfProcess run = run(machine, prefix)) {
                assertEquals(1, run.exitCode());
                assertEquals("ebpf: " + message + "\n", run.errors());
            }
            assertNothingAttached(machine);
        }
    }

    @Test
    void withoutCompilerItIsRefusedUnlessAllowed() throws Exception {
        try (Machine machine = machine()) {
            try (EbpfProcess run = run(machine, "--vm.XX:-EnableJVMCI")) {
                assertEquals(1, run.exitCode());
                assertEquals("ebpf: live ports need a compiled program, but there is no Graal compiler (start Java as bin/ebpf does): "
                        + "add --allow-interpreter to run it all the same\n", run.errors());
            }
            assertNothingAttached(machine);
            try (EbpfProcess run = run(machine, "--vm.XX:-EnableJVMCI", "--allow-interpreter", "--count", "10")) {
                awaitStart(run);
                send(machine, 10);
                assertEquals(0, run.exitCode());
                assertEquals(10, LiveRun.packets(run.lastReport(), 1, "received"));
                assertFalse(run.errors().contains("warning"), run.errors());
            }
        }
    }
}
