package org.trufflebpf.io.xsk;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.NetworkNamespace;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.loop.Statistics;
import org.trufflebpf.io.loop.StopReason;
import org.trufflebpf.io.port.Port;

/** A network namespace with cables, which ends with the thread of its work. */
final class VethNamespace {
    static final byte[] PACKET = new byte[64];

    private VethNamespace() {
    }

    interface Work {
        void run() throws Exception;
    }

    /** Runs work in a namespace with veth pairs a0-a1 and b0-b1, and c0-c1 with two queues. */
    static void run(Work work) throws Exception {
        assumeTrue(Bpf.available(), () -> "needs root: " + Bpf.reason());
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            if (!NetworkNamespace.enterNew()) {
                return false;
            }
            shell("""
                    ip link set lo up
                    for pair in "a 1" "b 1" "c 2"; do
                        set $pair
                        pair=$1
                        ip link add ${pair}0 numrxqueues $2 numtxqueues $2 type veth peer name ${pair}1 numrxqueues $2 numtxqueues $2
                        for end in 0 1; do
                            echo 1 > /proc/sys/net/ipv6/conf/$pair$end/disable_ipv6
                            ip link set $pair$end up
                        done
                    done
                    """);
            work.run();
            return true;
        });
        Thread.ofPlatform().start(task);
        try {
            assumeTrue(task.get(), "network namespaces cannot be made here");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    static String shell(String script) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-e").redirectErrorStream(true).start();
        try (var input = shell.outputWriter()) {
            input.write(script);
        }
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (shell.waitFor() != 0) {
            throw new IOException(output);
        }
        return output;
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < end, "nothing happened for 20 seconds");
            Thread.sleep(1);
        }
    }

    /** Sends packets from an interface, no faster than the loop takes them, and returns when it has received that many more. */
    static void send(String device, int count, PollLoop loop) throws Exception {
        long before = loop.statistics().snapshot().packets(Counter.RECEIVED);
        try (KernelProgram program = KernelProgram.load(KernelProgram.RETURN_TX, "GPL", "sender")) {
            for (int sent = 0; sent < count;) {
                int some = Math.min(128, count - sent);
                program.sendLive(PACKET, Device.find(device).index(), some);
                sent += some;
                long wanted = before + sent;
                await(() -> loop.statistics().snapshot().packets(Counter.RECEIVED) >= wanted);
            }
        }
    }

    /** Runs a loop in a thread of its own while this one does something; what the loop counted. */
    static Statistics.Snapshot during(List<? extends Port> ports, BurstProcessor processor, LoopWork work) throws Exception {
        PollLoop loop = new PollLoop(ports, processor, PassTarget.drop(), PollLoop.Settings.DEFAULT);
        FutureTask<StopReason> running = new FutureTask<>(loop::run);
        Thread.ofPlatform().start(running);
        try {
            await(() -> loop.statistics() != null);
            work.run(loop);
        } finally {
            loop.stop();
            running.get();
        }
        return loop.statistics().snapshot();
    }

    interface LoopWork {
        void run(PollLoop loop) throws Exception;
    }
}
