package org.trufflebpf.io.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.generator.FlowChoice;
import org.trufflebpf.io.generator.FlowTemplate;
import org.trufflebpf.io.generator.Patch;
import org.trufflebpf.io.generator.Traffic;
import org.trufflebpf.io.linux.Processors;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.Captured;
import org.trufflebpf.io.port.GeneratorPort;
import org.trufflebpf.io.port.Port;
import org.trufflebpf.io.port.SendingPort;

@Timeout(60)
final class WorkersTest {
    private static final int WORKERS = 3;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Captured output = new Captured();
    private final CaptureSink sink = new CaptureSink(output.writer());
    /** "CPU program: thread" of whatever ran. */
    private final Set<String> runs = ConcurrentHashMap.newKeySet();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    /** Packets of 20 bytes that count up in their first four. */
    private static Traffic traffic(long rate, long count) {
        FlowTemplate template = new FlowTemplate(new byte[20], List.of(new Patch(0, 0, 32, 0, null)), List.of());
        return new Traffic(List.of(template), false, List.of(1L << 32), new FlowChoice.InTurn(), rate, count, 0);
    }

    /** Port 1 makes packets, port 2, of which only worker 0 is the owner, takes some. */
    private Workers workers(Traffic traffic, BurstProcessor[] processors, PollLoop.Settings settings) {
        List<Workers.Worker> workers = new ArrayList<>();
        for (int i = 0; i < processors.length; i++) {
            Port generator = new GeneratorPort(1, i, processors.length, traffic, new CaptureSink(null), 64);
            opened.add(generator);
            workers.add(new Workers.Worker(List.of(generator, new SendingPort(2, sink)), processors[i]));
        }
        opened.add(sink);
        return new Workers(workers, PassTarget.drop(), settings);
    }

    /** Every packet goes to another CPU and from there to port 2. */
    private final class Spreading implements BurstProcessor {
        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                long descriptor = burst.descriptor(i);
                int number = Integer.reverseBytes(Memory.getInt(Memory.getLong(descriptor + Burst.DATA)));
                redirect(descriptor, Burst.REDIRECT_TO_CPU, number % 5, 7);
            }
        }

        private static void redirect(long descriptor, int kind, int target, int program) {
            Memory.putInt(descriptor + Burst.VERDICT, Verdict.REDIRECT.ordinal());
            Memory.putInt(descriptor + Burst.REDIRECT_KIND, kind);
            Memory.putInt(descriptor + Burst.REDIRECT_TARGET, target);
            Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, program);
        }

        @Override
        public BurstProcessor program(int number, int cpu) {
            return burst -> {
                runs.add(cpu + " " + number + ": " + Thread.currentThread().getName());
                for (int i = 0; i < burst.count(); i++) {
                    redirect(burst.descriptor(i), Burst.REDIRECT_TO_INTERFACE, 2, 0);
                }
            };
        }
    }

    private static Thread named(Runnable body, List<Thread> all) {
        Thread thread = new Thread(body, "worker " + all.size());
        all.add(thread);
        return thread;
    }

    @Test
    void packetsForCpusAreDealtWithByTheWorkerThatStandsForThem() throws IOException {
        // Of each worker's 1000 packets 400 go to one other at most, which its queue holds.
        int count = 3000;
        List<Thread> threads = new ArrayList<>();
        Workers workers = workers(traffic(0, count), new BurstProcessor[] {new Spreading(), new Spreading(), new Spreading()},
                PollLoop.Settings.DEFAULT);
        assertSame(StopReason.END_OF_INPUT, workers.run(body -> named(body, threads), Waiter.SLEEP, Processors::shared));
        Statistics.Snapshot counts = workers.statistics();
        assertEquals(count, counts.packets(Counter.RECEIVED));
        assertEquals(0, counts.packets(Counter.CPU_FULL));
        assertEquals(count, counts.packets(1, Counter.SENT));
        sink.finish();
        assertEquals(count, output.packets().stream().distinct().count());
        assertEquals(Set.of("0 7: worker 0", "1 7: worker 1", "2 7: worker 2", "3 7: worker 0", "4 7: worker 1"), runs);
        assertEquals(WORKERS, workers.statisticsOfEach().size());
        assertTrue(threads.stream().noneMatch(Thread::isAlive));
    }

    private static BurstProcessor drops() {
        return burst -> {
            for (int i = 0; i < burst.count(); i++) {
                Memory.putInt(burst.descriptor(i) + Burst.VERDICT, Verdict.DROP.ordinal());
            }
        };
    }

    @Test
    void workersShareTheLimit() throws IOException {
        for (int count : new int[] {0, 1, 1000, 12_345}) {
            Workers workers = workers(traffic(0, Long.MAX_VALUE), new BurstProcessor[] {drops(), drops(), drops()},
                    PollLoop.Settings.DEFAULT.withCount(count));
            assertSame(StopReason.COUNT, workers.run(Thread::new, Waiter.SLEEP, Processors::shared));
            assertEquals(count, workers.statistics().packets(Counter.DROP));
        }
    }

    @Test
    void stopEndsAll() throws IOException {
        Workers[] workers = new Workers[1];
        BurstProcessor stopping = burst -> {
            drops().process(burst);
            workers[0].stop();
        };
        workers[0] = workers(traffic(0, Long.MAX_VALUE), new BurstProcessor[] {drops(), stopping}, PollLoop.Settings.DEFAULT);
        assertSame(StopReason.REQUESTED, workers[0].run(Thread::new, Waiter.SLEEP, Processors::shared));
    }

    @Test
    void theFailureOfOneStopsAllAndIsToldOnce() {
        BurstProcessor failing = burst -> {
            throw new IllegalStateException("broken");
        };
        Workers workers = workers(traffic(0, Long.MAX_VALUE), new BurstProcessor[] {drops(), failing, drops()}, PollLoop.Settings.DEFAULT);
        List<Thread> threads = new ArrayList<>();
        IllegalStateException e = assertThrows(IllegalStateException.class,
                () -> workers.run(body -> named(body, threads), Waiter.SLEEP, Processors::shared));
        assertEquals("broken", e.getMessage());
        assertEquals(0, e.getSuppressed().length);
        assertTrue(threads.stream().noneMatch(Thread::isAlive));
    }

    @Test
    void anInterruptedWaitStopsTheWorkers() {
        Workers workers = workers(traffic(0, Long.MAX_VALUE), new BurstProcessor[] {drops(), drops()}, PollLoop.Settings.DEFAULT);
        List<Thread> threads = new ArrayList<>();
        assertThrows(UnsupportedOperationException.class, () -> workers.run(body -> named(body, threads), Waiter.spinning(() -> {
            throw new UnsupportedOperationException();
        }), Processors::shared));
        assertTrue(threads.stream().noneMatch(Thread::isAlive));
    }

    @Test
    void theRateIsThatOfAllTogether() throws IOException {
        Workers workers = workers(traffic(10_000, Long.MAX_VALUE), new BurstProcessor[] {drops(), drops()},
                PollLoop.Settings.DEFAULT.withDuration(TimeUnit.MILLISECONDS.toNanos(300)));
        assertSame(StopReason.DURATION, workers.run(Thread::new, Waiter.SLEEP, Processors::shared));
        long received = workers.statistics().packets(Counter.RECEIVED);
        // Each may be late by a burst, and start late on a busy machine.
        assertTrue(received <= 3000 + 2 * 64 && received > 1000, received + " packets");
    }
}
