package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.trufflebpf.io.linux.NetworkNamespace;

/** A network namespace that plays a machine of its own: threads that it starts are in it, and so are the processes and sockets that those open. */
final class Machine implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());

    private Machine() {
    }

    /** A machine with nothing but its loopback interface; without rights the test is skipped. */
    static Machine boot() throws Exception {
        Machine machine = new Machine();
        if (!machine.call(NetworkNamespace::enterNew)) {
            machine.close();
            assumeTrue(false, "network namespaces need root");
        }
        machine.shell("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6; ip link set lo up");
        return machine;
    }

    private static <T> T result(FutureTask<T> task) throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    /** Does something on the machine and waits for it. */
    <T> T call(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        thread.execute(task);
        return result(task);
    }

    /** Starts something on the machine, in a thread of its own. */
    <T> FutureTask<T> start(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        call(() -> Thread.ofPlatform().daemon().start(task));
        return task;
    }

    /** What commands print. */
    String shell(String script) throws Exception {
        return call(() -> {
            Process shell = new ProcessBuilder("sh", "-ec", script).redirectErrorStream(true).start();
            String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, shell.waitFor(), script + ": " + output);
            return output;
        });
    }

    /** Connects an interface of this machine with one of another by a cable, and switches both on. */
    void connect(String name, String mac, Machine other, String otherName, String otherMac) throws Exception {
        shell("ip link add " + name + " address " + mac + " type veth peer name " + otherName + " address " + otherMac + " netns " + other.thread()
                + "; ip link set " + name + " up");
        other.shell("ip link set " + otherName + " up");
    }

    /** Gives an interface away. */
    void give(String name, Machine other) throws Exception {
        shell("ip link set " + name + " netns " + other.thread());
    }

    /** The kernel knows a namespace by any thread in it. */
    private String thread() throws Exception {
        return call(() -> Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString());
    }

    /** What the kernel says of an interface. */
    String describe(String name) throws Exception {
        return shell("ip -d link show " + name);
    }

    @Override
    public void close() {
        thread.shutdown();
    }

    /** Closes those that could be booted: of a test that is skipped there are none. */
    static void closeAll(Machine... machines) {
        Stream.of(machines).filter(Objects::nonNull).forEach(Machine::close);
    }
}
