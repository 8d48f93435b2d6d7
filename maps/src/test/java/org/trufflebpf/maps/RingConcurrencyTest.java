package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Two workers send, the control plane takes: every event once, whole, in its sender's order, and the counts add up. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RingConcurrencyTest {
    private static final int EVENTS = 300_000;
    private static final int MAX_WORDS = 40;

    /** What became of a sender's events. */
    private record Sent(int accepted, int refused) {
    }

    /** An event is words of sender, number and its own length, so that a torn one shows. */
    private static void fill(long address, int words, int sender, int number) {
        for (int i = 0; i < words; i++) {
            Memory.putLong(address + 8L * i, (long) sender << 48 | (long) words << 32 | number);
        }
    }

    /** @return its number */
    private static int check(byte[] bytes, int[] next) {
        ByteBuffer event = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long first = event.getLong(0);
        assertEquals(bytes.length, (int) (first >>> 32 & 0xFFFF) * 8);
        for (int i = 8; i < bytes.length; i += 8) {
            assertEquals(first, event.getLong(i));
        }
        int sender = (int) (first >>> 48);
        assertTrue((int) first >= next[sender], "out of order");
        next[sender] = (int) first + 1;
        return sender;
    }

    private static void run(List<Callable<Sent>> senders, EventStream stream) throws Exception {
        AtomicInteger running = new AtomicInteger(senders.size());
        try (ExecutorService threads = Executors.newFixedThreadPool(senders.size())) {
            List<Future<Sent>> results = new ArrayList<>();
            for (Callable<Sent> sender : senders) {
                results.add(threads.submit(() -> {
                    try {
                        return sender.call();
                    } finally {
                        running.decrementAndGet();
                    }
                }));
            }
            int[] next = new int[senders.size()];
            int[] received = new int[senders.size()];
            long[] lost = new long[senders.size()];
            boolean ended = false;
            EventStream.Event event = null;
            while (event != null || !ended) {
                // What was sent before the senders ended is there afterwards.
                ended = running.get() == 0;
                event = stream.take();
                if (event != null) {
                    int sender = check(event.bytes(), next);
                    received[sender]++;
                    lost[sender] += event.lost();
                    assertTrue(event.cpu() == -1 || event.cpu() == sender);
                } else if (!ended) {
                    stream.await(TimeUnit.MILLISECONDS.toNanos(20));
                }
            }
            for (int sender = 0; sender < results.size(); sender++) {
                Sent sent = results.get(sender).get();
                assertEquals(sent.accepted, received[sender]);
                assertEquals(EVENTS, sent.accepted + sent.refused);
                assertTrue(received[sender] > 100, received[sender] + " events");
                assertTrue(lost[sender] <= sent.refused);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 65536})
    void ringBuffer(int size) throws Exception {
        try (RingMap map = (RingMap) Subject.create(new MapDefinition("m", MapKind.RINGBUF, 0, 0, size, 0))) {
            List<Callable<Sent>> senders = new ArrayList<>();
            for (int cpu = 0; cpu < 2; cpu++) {
                int sender = cpu;
                senders.add(() -> send(map, sender));
            }
            run(senders, map);
            assertEquals(0, map.query(0));
        }
    }

    private static Sent send(RingMap map, int cpu) {
        SplittableRandom random = new SplittableRandom(cpu);
        int accepted = 0;
        try (NativeBlock block = new NativeBlock(8 * MAX_WORDS)) {
            for (int number = 0; number < EVENTS; number++) {
                int words = 1 + random.nextInt(MAX_WORDS);
                if (random.nextBoolean()) {
                    fill(block.address(), words, cpu, number);
                    if (map.output(block.address(), 8L * words, 0) == 0) {
                        accepted++;
                    } else {
                        Thread.yield(); // processors may be fewer than threads
                    }
                    continue;
                }
                long discarded = random.nextInt(4) == 0 ? map.reserve(random.nextInt(50), 0, cpu) : 0;
                long record = map.reserve(8L * words, 0, cpu);
                if (record != 0) {
                    accepted++;
                    fill(record, words, cpu, number);
                    assertTrue(map.ownsLive(record, 8L * words, cpu));
                    assertTrue(map.submit(record, 0, cpu));
                }
                assertEquals(discarded != 0, map.discard(discarded, 0, cpu));
            }
        }
        return new Sent(accepted, EVENTS - accepted);
    }

    @Test
    void perfEvents() throws Exception {
        try (PerfEventMap map = (PerfEventMap) Subject.create(new MapDefinition("m", MapKind.PERF_EVENT_ARRAY, 4, 4, 2, 0))) {
            map.open();
            List<Callable<Sent>> senders = new ArrayList<>();
            for (int cpu = 0; cpu < 2; cpu++) {
                int sender = cpu;
                senders.add(() -> send(map, sender));
            }
            run(senders, map);
        }
    }

    private static Sent send(PerfEventMap map, int cpu) {
        SplittableRandom random = new SplittableRandom(cpu);
        int accepted = 0;
        try (NativeBlock block = new NativeBlock(8 * MAX_WORDS)) {
            for (int number = 0; number < EVENTS; number++) {
                int words = 2 + random.nextInt(MAX_WORDS - 2);
                int packet = 8 * random.nextInt(words);
                fill(block.address(), words, cpu, number);
                long size = 8L * words - packet;
                accepted += map.output((long) packet << 32 | 0xFFFF_FFFFL, block.address(), size, block.address() + size, packet, cpu) == 0 ? 1 : 0;
            }
        }
        assertEquals(EVENTS - accepted, map.lost(cpu));
        return new Sent(accepted, EVENTS - accepted);
    }

    /** A sample is drained once, whichever worker gets it. */
    @Test
    void samples() throws Exception {
        try (UserRingMap map = (UserRingMap) Subject.create(new MapDefinition("m", MapKind.USER_RINGBUF, 0, 0, 4096, 0));
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            AtomicInteger drained = new AtomicInteger();
            int[] next = {0};
            List<Future<?>> workers = new ArrayList<>();
            for (int worker = 0; worker < 2; worker++) {
                workers.add(threads.submit(() -> {
                    while (drained.get() < EVENTS) {
                        long count = map.drain((address, size) -> {
                            assertEquals(next[0]++, Memory.getInt(address));
                            assertTrue(map.ownsLive(address, size));
                            return size & 1;
                        }, 0);
                        assertTrue(count >= 0 || count == -Errno.EBUSY);
                        drained.addAndGet((int) Math.max(0, count));
                    }
                }));
            }
            for (int number = 0; number < EVENTS; number++) {
                byte[] sample = ByteBuffer.allocate(4 + number % 60).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
                while (!map.send(sample)) {
                    Thread.onSpinWait();
                }
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
            assertEquals(EVENTS, drained.get());
        }
    }
}
