package org.trufflebpf.bench;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.trufflebpf.bench.Scenario.Entry;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.linux.Processors;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.maps.BpfMap;

/**
 * How long bursts take while their program is specialised again and again: a worker runs one burst after the other, and beside it the control plane writes the
 * maps that the program is specialised on, reads them ten times, and has the next variant compiled at once. Arguments: how many variants, 200 if there are
 * none, and {@code shared} to leave compilers and collectors on the worker's processor, too. The collector is that of the virtual machine that this is started in.
 *
 * <p>Where others use the machine, too, the worker waits for its processor now and then; Linux says how long, and that is taken out of the burst that it fell in.
 */
public final class SwapLatency {
    private static final String PROGRAM = "xdp-loadbalancer";
    private static final long WARM_UP = TimeUnit.SECONDS.toNanos(1);
    private static final int READINGS = 10;
    /** Nanoseconds; a burst that takes longer may have waited for its processor. */
    private static final long LONG = 5_000;

    /** Without what the worker waited for its processor, and with it. */
    private final Durations net = new Durations();
    private final Durations gross = new Durations();
    private final CountDownLatch warm = new CountDownLatch(1);
    private volatile boolean done;

    private SwapLatency() {
    }

    /** How long bursts took, to a sixteenth. */
    private static final class Durations {
        private static final int PARTS = 16;

        private final long[] counts = new long[Long.SIZE * PARTS];
        private long count;
        private long worst;

        void add(long nanoseconds) {
            counts[bucket(nanoseconds)]++;
            count++;
            worst = Math.max(worst, nanoseconds);
        }

        private static int bucket(long nanoseconds) {
            int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanoseconds | PARTS);
            return exponent * PARTS + (int) (nanoseconds >> exponent - 4) % PARTS;
        }

        /** Nanoseconds that so large a part of the bursts took at most. */
        double quantile(double part) {
            long left = (long) Math.ceil(part * count);
            int bucket = -1;
            while (left > 0) {
                left -= counts[++bucket];
            }
            return Math.min(Math.scalb(1.0 + (bucket % PARTS + 1.0) / PARTS, bucket / PARTS), worst);
        }

        /** The part of the bursts that took less. */
        double below(long nanoseconds) {
            long sum = 0;
            for (int bucket = 0; bucket < bucket(nanoseconds); bucket++) {
                sum += counts[bucket];
            }
            return (double) sum / count;
        }

        @Override
        public String toString() {
            return String.format("%.4f %% below 1.024 us; p50 %.2f us, p99 %.2f, p99.9 %.2f, p99.99 %.1f, worst %,.1f", 100 * below(1024), quantile(0.5) / 1e3,
                            quantile(0.99) / 1e3, quantile(0.999) / 1e3, quantile(0.9999) / 1e3, worst / 1e3);
        }
    }

    /** Of the calling thread, in nanoseconds: on a processor, and ready to run without one. */
    private record Schedule(long running, long waiting) {
        static Schedule now() throws IOException {
            String[] fields = Files.readString(Path.of("/proc/thread-self/schedstat")).strip().split(" ");
            return new Schedule(Long.parseLong(fields[0]), Long.parseLong(fields[1]));
        }

        Schedule since(Schedule earlier) {
            return new Schedule(running - earlier.running, waiting - earlier.waiting);
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments);
        int swaps = options.stream().filter(each -> !each.equals("shared")).mapToInt(Integer::parseInt).findFirst().orElse(200);
        System.out.println(Checkout.machine());
        Scenario scenario = Scenarios.named(PROGRAM);
        try (TruffleEngine engine = new TruffleEngine(); LoadedObject object = engine.load(scenario.spec());
                PacketBurst burst = new PacketBurst(scenario.packet());
                Processors processors = options.contains("shared") ? Processors.shared(1) : Processors.reserved(1)) {
            MapCopy.fill(object, scenario.entries());
            RunnableProgram program = object.program(scenario.program().name());
            if (!program.compile() || !program.specialize()) {
                throw new MissingException("the program is not specialised");
            }
            long ready = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
            new SwapLatency().measure(engine, object, scenario.entries(), program, burst, processors, swaps, ready);
        } catch (MissingException e) {
            System.err.println("SwapLatency: " + e.getMessage());
            System.exit(1);
        }
    }

    private void measure(TruffleEngine engine, LoadedObject object, List<Entry> entries, RunnableProgram program, PacketBurst burst, Processors processors,
                    int swaps, long ready) throws Exception {
        BurstProcessor processor = program.newProcessor(burst.cpu());
        Schedule[] worked = new Schedule[1];
        Thread worker = Thread.ofPlatform().name("worker").unstarted(() -> {
            engine.enter();
            try {
                worked[0] = work(burst, processor, processors);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } finally {
                engine.leave();
            }
        });
        // A context lets a second thread in while the first one is out of it.
        engine.leave();
        worker.start();
        warm.await();
        engine.enter();
        long codeBefore = code();
        long processBefore = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
        long start = System.nanoTime();
        for (int i = 0; i < swaps; i++) {
            // All that the program can be specialised on, so that no variant stands it.
            MapCopy.fill(object, entries);
            for (int reading = 0; reading < READINGS; reading++) {
                for (BpfMap map : object.maps()) {
                    for (Iterator<BpfMap.Entry> all = map.entries(); all.hasNext();) {
                        all.next();
                    }
                }
            }
            if (!program.specialize()) {
                throw new IllegalStateException("there is no variant");
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long process = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() - processBefore;
        done = true;
        worker.join();
        report(swaps, ready, seconds, process - worked[0].running, worked[0], codeBefore);
    }

    private Schedule work(PacketBurst burst, BurstProcessor processor, Processors processors) throws IOException {
        processors.enter(0);
        long end = System.nanoTime() + WARM_UP;
        run(burst, processor, new Durations(), new Durations(), () -> System.nanoTime() - end >= 0);
        warm.countDown();
        Schedule start = Schedule.now();
        run(burst, processor, net, gross, () -> done);
        return Schedule.now().since(start);
    }

    private static void run(PacketBurst burst, BurstProcessor processor, Durations net, Durations gross, BooleanSupplier end) throws IOException {
        Schedule schedule = Schedule.now();
        while (!end.getAsBoolean()) {
            long before = System.nanoTime();
            burst.restore();
            long start = System.nanoTime();
            burst.run(processor, 1);
            long duration = System.nanoTime() - start;
            gross.add(duration);
            if (start + duration - before > LONG) {
                Schedule now = Schedule.now();
                duration = Math.max(duration - now.since(schedule).waiting, 0);
                schedule = now;
            }
            net.add(duration);
        }
    }

    /** Bytes of machine code. */
    private static long code() {
        return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getName().startsWith("Code")).map(MemoryPoolMXBean::getUsage)
                        .mapToLong(usage -> usage.getUsed()).sum();
    }

    /** MiB, from proc_pid_status(5). */
    private static long memory(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith(field + ":"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow() >> 10;
    }

    private void report(int swaps, long ready, double seconds, long beside, Schedule worked, long codeBefore) throws IOException {
        long code = code();
        System.gc();
        String collectors = ManagementFactory.getGarbageCollectorMXBeans().stream().map(GarbageCollectorMXBean::getName).collect(Collectors.joining(", "));
        System.out.printf("%s, ready after %,d ms%n", collectors, ready);
        System.out.printf("%,d variants in %.1f s, %,d bursts of %d%n", swaps, seconds, net.count, PacketBurst.SIZE);
        System.out.println("bursts, without waiting for the processor: " + net);
        System.out.println("bursts, with it: " + gross);
        System.out.printf("the worker ran %.1f s and waited %.2f s for its processor; beside it %.1f s%n", worked.running / 1e9, worked.waiting / 1e9,
                        beside / 1e9);
        System.out.printf("memory %,d MiB (most: %,d); machine code %.1f MiB before, %.1f after, %.1f after a collection%n", memory("VmRSS"), memory("VmHWM"),
                        codeBefore / 1048576.0, code / 1048576.0, code() / 1048576.0);
    }
}
