package org.trufflebpf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.trufflebpf.io.linux.Affinity;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.KernelLink;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.NetworkNamespace;

/**
 * A veth pair in a network namespace of its own, which goes with the thread that is in it. Packets are sent from the far end, where a program in the
 * driver drops what comes back; the near end is the contestants'. Where there are two processors the sender has the first one and whoever is measured
 * the second.
 */
final class VethCable implements AutoCloseable {
    /** The contestants' end. */
    static final String NEAR = "near";
    private static final String FAR = "far";
    /** The calling thread. */
    private static final Path THREAD = Path.of("/proc/thread-self");
    /** Packets of one system call: some 100 ms, as the kernel waits up to 20 ms at the start of each. */
    private static final int BATCH = 1 << 18;

    private final ExecutorService receiver = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("receiver").factory());
    private final ExecutorService sender = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("sender").factory());
    private KernelProgram dropping;
    private KernelLink sink;

    /** @throws MissingException without root */
    VethCable() throws MissingException {
        boolean made = false;
        try {
            call(() -> {
                if (!NetworkNamespace.enterNew()) {
                    throw new MissingException("network namespaces need root");
                }
                shell("ip link add " + NEAR + " type veth peer name " + FAR);
                for (String end : new String[] {NEAR, FAR}) {
                    shell("echo 1 > /proc/sys/net/ipv6/conf/" + end + "/disable_ipv6");
                    shell("ip link set " + end + " up");
                }
                dropping = KernelProgram.load(SendingProgram.DROP, "GPL", "sink");
                sink = KernelLink.attach(dropping, Device.find(FAR).index(), KernelLink.Mode.NATIVE);
                prefer(THREAD.toRealPath());
                sender.submit(() -> {
                    prefer(THREAD.toRealPath());
                    return null;
                }).get();
                BitSet processors = Affinity.of(Affinity.SELF);
                if (processors.cardinality() > 1) {
                    int first = processors.nextSetBit(0);
                    sender.submit(() -> pin(first)).get();
                    pin(processors.nextSetBit(first + 1));
                }
                return null;
            });
            made = true;
        } finally {
            if (!made) {
                close();
            }
        }
    }

    /**
     * Has a thread run before all usual ones, so that what else a machine does holds up neither who sends nor who receives.
     *
     * @param thread its folder in /proc
     */
    static void prefer(Path thread) throws MissingException {
        shell("chrt -r -p 10 " + thread.getFileName());
    }

    private static void pin(int processor) {
        BitSet only = new BitSet();
        only.set(processor);
        Affinity.set(Affinity.SELF, only);
    }

    /** Does something in the namespace, on the receiver's processor, and waits for it. */
    <T> T call(Callable<T> work) throws MissingException {
        return await(receiver.submit(work));
    }

    private static <T> T await(Future<T> task) throws MissingException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case MissingException missing -> throw missing;
                case BpfException refused -> throw new MissingException(refused.getMessage());
                case IOException broken -> throw new MissingException(broken.getMessage());
                case RuntimeException bug -> throw bug;
                case Error error -> throw error;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static void shell(String command) throws MissingException {
        try {
            Process shell = new ProcessBuilder("sh", "-ec", command).redirectErrorStream(true).start();
            String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (shell.waitFor() != 0) {
                throw new MissingException(command + ": " + output.lines().findFirst().orElse("failed"));
            }
        } catch (IOException e) {
            throw new MissingException("no sh: " + e.getMessage());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Packets on their way, until it is closed. */
    final class Flood implements AutoCloseable {
        private final KernelProgram program;
        private final Future<?> sending;
        private volatile boolean stopped;

        /** In the namespace. */
        Flood(byte[] packet) throws BpfException {
            program = SendingProgram.load(packet);
            int far = Device.find(FAR).index();
            sending = sender.submit(() -> {
                while (!stopped) {
                    program.sendLive(packet, far, BATCH);
                }
                return null;
            });
        }

        @Override
        public void close() throws MissingException {
            stopped = true;
            try {
                await(sending);
            } finally {
                program.close();
            }
        }
    }

    @Override
    public void close() {
        if (sink != null) {
            sink.close();
        }
        if (dropping != null) {
            dropping.close();
        }
        receiver.shutdown();
        sender.shutdown();
    }
}
