package org.trufflebpf.tests.specialization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * Two workers process bursts while the control plane writes what their program's specialised variant takes for constant: a burst that begins after a
 * write has returned sees it, and hardly any takes long. How long they take on a quiet machine the benchmark {@code SwapLatency} says.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SwitchingTest {
    private static final long NANOSECONDS = TimeUnit.SECONDS.toNanos(2);
    /** The interpreter takes longer for each burst. */
    private static final long LONG = TimeUnit.MICROSECONDS.toNanos(50);
    /** Of the bursts: those that wait for a processor of a busy machine take long, too. */
    private static final double MOST_LONG = 0.05;
    private static final int WORKERS = 2;
    private static final int BURST = 64;
    private static final int PACKET = 64;
    /** Each kind of write twice, however slow the machine. */
    private static final int LEAST_WRITES = 6;
    /** Returns the sum of a variable, of the value at a constant index, and of what a table has for a key, 0 for nothing. Each is written in turn. */
    private static final String PROGRAM = """
            .map variable array 4 8 1
            .map config array 4 8 4
            .map table hash 4 8 16
            main: r6 = variable+0 ll
                r6 = *(u32 *)(r6 + 0)
                *(u32 *)(r10 - 4) = 2
                r1 = config ll
                r2 = r10
                r2 += -4
                call bpf_map_lookup_elem
                if r0 == 0 goto out
                r0 = *(u32 *)(r0 + 0)
                r6 += r0
                r1 = table ll
                r2 = r10
                r2 += -4
                call bpf_map_lookup_elem
                if r0 == 0 goto out
                r0 = *(u32 *)(r0 + 0)
                r6 += r0
            out: r0 = r6
                exit
            """;

    /** The sum when the latest write had returned, and with what is just being written. */
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong writing = new AtomicLong();
    private final AtomicInteger started = new AtomicInteger();
    private volatile boolean done;

    private record Bursts(long all, long slow) {
    }

    private Bursts work(Context context, BurstProcessor processor, int cpu) {
        context.enter();
        long bursts = 0;
        long slow = 0;
        try (Burst burst = new Burst(BURST); NativeBlock frames = new NativeBlock((long) BURST * Burst.DEFAULT_FRAME_SIZE)) {
            burst.setOrigin(1, 0, cpu);
            burst.setCount(BURST);
            for (int i = 0; i < BURST; i++) {
                burst.setPacket(i, frames.address() + (long) i * Burst.DEFAULT_FRAME_SIZE, Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, PACKET, 0);
            }
            started.incrementAndGet();
            while (!done) {
                long least = written.get();
                long start = System.nanoTime();
                processor.process(burst);
                slow += System.nanoTime() - start > LONG ? 1 : 0;
                bursts++;
                long most = writing.get();
                for (int i = 0; i < BURST; i++) {
                    long result = Memory.getLong(burst.descriptor(i) + Burst.RESULT);
                    if (result < least || result > most) {
                        throw new AssertionError("a packet saw " + result + ", not one of " + least + " to " + most);
                    }
                }
            }
        } finally {
            context.leave();
        }
        return new Bursts(bursts, slow);
    }

    /** The numbers only grow, so sums tell which writes a packet saw. */
    private long write(SpecializedProgram program, long turn) {
        long round = turn / 3;
        writing.incrementAndGet();
        switch ((int) (turn % 3)) {
            case 0 -> program.put("variable", 0, round + 1);
            case 1 -> program.put("config", 2, round + 1);
            default -> program.put("table", 2, round + 1);
        }
        return written.incrementAndGet();
    }

    @Test
    void burstsThatBeginAfterAWriteSeeIt() throws Exception {
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).allowExperimentalOptions(true)
                .option("engine.BackgroundCompilation", "false").option("engine.CompilationFailureAction", "Throw").build();
                ExecutorService threads = Executors.newFixedThreadPool(WORKERS)) {
            context.initialize("ebpf");
            context.enter();
            try (SpecializedProgram program = new SpecializedProgram(PROGRAM)) {
                assertTrue(program.specialize());
                List<Future<Bursts>> workers = new ArrayList<>();
                for (int cpu = 0; cpu < WORKERS; cpu++) {
                    BurstProcessor processor = program.program().newProcessor(cpu);
                    int number = cpu;
                    workers.add(threads.submit(() -> work(context, processor, number)));
                }
                // A context lets a second thread in when the first one is at a safepoint, or out of it.
                context.leave();
                try {
                    SpecializedProgram.await(() -> started.get() == WORKERS, "a worker");
                } finally {
                    context.enter();
                }
                long end = System.nanoTime() + NANOSECONDS;
                long turn = 0;
                try {
                    while (System.nanoTime() - end < 0 || turn < LEAST_WRITES) {
                        long sum = write(program, turn++);
                        assertEquals(sum, program.run());
                        // At once, however often that is: in the product only maps that rest are relied on.
                        program.program().specialize();
                        assertEquals(sum, program.run());
                    }
                } finally {
                    done = true;
                }
                for (Future<Bursts> worker : workers) {
                    Bursts bursts = worker.get();
                    assertTrue(bursts.all > LEAST_WRITES, "only " + bursts.all + " bursts");
                    assertTrue(bursts.slow < MOST_LONG * bursts.all, bursts.slow + " of " + bursts.all + " bursts took more than " + LONG + " ns");
                }
                assertEquals(turn, program.statistics().withdrawn());
            } finally {
                context.leave();
            }
        }
    }
}
