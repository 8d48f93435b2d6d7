package org.trufflebpf.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.linux.Affinity;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.KernelLink;

/** The same object in the kernel: in the driver of a veth, which receives on a thread and a processor of its own. */
final class KernelCarrier implements Carrier {
    private static final long WARM_UP_MILLISECONDS = 300;
    /** Of the calling thread's namespace: bytes and packets received by interface. */
    private static final Path INTERFACES = Path.of("/proc/thread-self/net/dev");
    /** Threads of the kernel that receive are called so, and by interface. */
    private static final String THREAD = "napi/" + VethCable.NEAR + "-";

    /** Laid when first needed. */
    private VethCable cable;

    @Override
    public String name() {
        return "kernel, veth";
    }

    @Override
    public Throughput carry(Comparison comparison, long nanoseconds) throws MissingException {
        if (comparison.scenario().verdict() == Verdict.REDIRECT) {
            throw new MissingException("the maps have interface and CPU numbers of the run, not of the kernel");
        }
        if (cable == null) {
            cable = new VethCable();
        }
        return cable.call(() -> {
            try (KernelObject object = new KernelObject(comparison.scenario().spec())) {
                for (Scenario.Entry entry : comparison.entries()) {
                    object.put(entry.map(), entry.key(), entry.value());
                }
                try (KernelLink _ = KernelLink.attach(object.program(comparison.scenario().program().name()), Device.find(VethCable.NEAR).index(),
                                KernelLink.Mode.NATIVE);
                                VethCable.Flood _ = cable.new Flood(comparison.scenario().packet())) {
                    return measure(receiver(), comparison.kernelNanoseconds(), nanoseconds);
                }
            }
        });
    }

    /** @return the folder of the thread in /proc that receives, put on this thread's processor */
    private static Path receiver() throws IOException, MissingException {
        // The namespace's own /sys is mounted nowhere.
        VethCable.shell("unshare -m sh -ec 'mount -t sysfs none /sys; echo 1 > /sys/class/net/" + VethCable.NEAR + "/threaded'");
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (name(process).startsWith(THREAD)) {
                    if (!Affinity.set(Integer.parseInt(process.getFileName().toString()), Affinity.of(Affinity.SELF))) {
                        throw new MissingException("the thread that receives cannot be moved");
                    }
                    VethCable.prefer(process);
                    return process;
                }
            }
        }
        throw new MissingException("this kernel has no threads that receive");
    }

    private static String name(Path process) throws IOException {
        try {
            return Files.readString(process.resolve("comm"));
        } catch (NoSuchFileException e) {
            return ""; // It has ended.
        }
    }

    private static Throughput measure(Path receiver, double inProgram, long nanoseconds) throws IOException, InterruptedException {
        Thread.sleep(WARM_UP_MILLISECONDS);
        long start = System.nanoTime();
        long packets = -received();
        long busy = -busy(receiver);
        TimeUnit.NANOSECONDS.sleep(nanoseconds);
        packets += received();
        busy += busy(receiver);
        return new Throughput(packets * 1e9 / (System.nanoTime() - start), inProgram, (double) busy / packets - inProgram);
    }

    private static long received() throws IOException {
        String counters = Files.readAllLines(INTERFACES).stream().map(String::strip).filter(line -> line.startsWith(VethCable.NEAR + ":")).findFirst()
                        .orElseThrow(() -> new IOException(VethCable.NEAR + " is gone"));
        return Long.parseLong(counters.split("[: ]+")[2]);
    }

    /** Nanoseconds that a thread has had a processor: proc_pid_schedstat. */
    private static long busy(Path thread) throws IOException {
        return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
    }

    @Override
    public void close() {
        if (cable != null) {
            cable.close();
        }
    }
}
