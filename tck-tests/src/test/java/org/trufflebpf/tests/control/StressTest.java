package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two workers run a compiled program on a map while two threads of the control plane change it and look at it: counts add up, no key is lost, no
 * value is another key's, no word is torn. {@code -Dstress.seconds=N} runs each map N seconds instead of one.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StressTest {
    private static final double SECONDS = Double.parseDouble(System.getProperty("stress.seconds", "1"));
    private static final int KEYS = Workers.KEYS;
    /** Of stress.c. */
    private static final long CHECK = 0x9e37_79b9_7f4a_7c15L;
    private static final int SEEN = 0;
    private static final int FAILED = 1;
    private static final int SENT = 2;
    private static final int DROPPED = 3;
    private static final int PUSHED = 4;

    private static byte[] bytes(long... words) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asLongBuffer().put(words);
        return buffer.array();
    }

    private static byte[] key(int... words) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(words);
        return buffer.array();
    }

    private static long word(Value buffer, int index) {
        return buffer.readBufferLong(ByteOrder.LITTLE_ENDIAN, 8L * index);
    }

    private static byte[] entry(int key, long count) {
        return bytes(key * CHECK, count, key * CHECK);
    }

    /** Each key once, with a value of its own; returns the keys. */
    private static Set<Integer> checkEntries(Value raw) {
        Set<Integer> keys = new HashSet<>();
        Value entries = raw.getHashEntriesIterator();
        while (entries.hasIteratorNextElement()) {
            Value entry = entries.getIteratorNextElement();
            int key = entry.getArrayElement(0).readBufferInt(ByteOrder.LITTLE_ENDIAN, 0);
            Value value = entry.getArrayElement(1);
            assertTrue(keys.add(key), "key " + key + " twice");
            assertTrue(word(value, 0) == key * CHECK && word(value, 2) == key * CHECK, "key " + key + " with another's value");
        }
        return keys;
    }

    private static void checkNoFailures(Workers workers) {
        assertEquals(0, workers.number(FAILED), "of " + workers.number(SEEN) + " packets");
        long given = 0;
        for (int key = 0; key < KEYS; key++) {
            given += workers.packets(key);
        }
        assertEquals(given, workers.number(SEEN));
        assertTrue(given > 1000, "only " + given + " packets");
    }

    @Test
    void hashesKeepTheirKeys() throws Exception {
        try (Workers workers = new Workers()) {
            Value hash = workers.raw("hash");
            for (int key = 1; key < KEYS; key += 2) {
                hash.putHashEntry(key(key), entry(key, 0));
            }
            workers.run(SECONDS, List.of("hashes"), random -> {
                int key = 2 * random.nextInt(KEYS);
                if (random.nextBoolean()) {
                    hash.putHashEntry(key(key), entry(key, random.nextLong()));
                } else {
                    hash.removeHashEntry(key(key));
                }
                Value read = hash.getHashValueOrDefault(key(key), "absent");
                assertTrue(read.isString() || word(read, 0) == key * CHECK && word(read, 2) == key * CHECK);
            }, random -> {
                Set<Integer> keys = checkEntries(hash);
                for (int key = 1; key < KEYS; key += 2) {
                    assertTrue(keys.contains(key), "key " + key + " is lost");
                }
            });
            checkNoFailures(workers);
            for (int key = 1; key < KEYS; key += 2) {
                assertEquals(workers.packets(key), word(hash.getHashValue(key(key)), 1), "key " + key);
            }
        }
    }

    @Test
    void fullLruMapsMakeRoom() throws Exception {
        try (Workers workers = new Workers()) {
            Value lru = workers.raw("lru");
            workers.run(SECONDS, List.of("evictions"), random -> {
                int key = random.nextInt(2 * KEYS);
                lru.putHashEntry(key(key), entry(key, 0));
            }, random -> {
                checkEntries(lru);
                // Two workers and this thread's neighbour may hold one each.
                assertTrue(lru.getHashSize() <= KEYS / 2 + 3);
            });
            checkNoFailures(workers);
            for (int key = 1000; key < 1000 + KEYS; key++) {
                lru.putHashEntry(key(key), entry(key, 0));
            }
            assertEquals(KEYS / 2, checkEntries(lru).size());
            assertEquals(KEYS / 2, lru.getHashSize());
        }
    }

    private static byte[] rule(int key, int bits, int length) {
        int address = 10 << 24 | key << 16 | bits;
        return key(length, Integer.reverseBytes(address & -1 << 32 - length));
    }

    @Test
    void prefixesThatStayAreFound() throws Exception {
        try (Workers workers = new Workers()) {
            Value rules = workers.raw("rules");
            for (int key = 0; key < KEYS; key++) {
                rules.putHashEntry(rule(key, 0, 16), bytes(key * CHECK));
            }
            workers.run(SECONDS, List.of("prefixes"), random -> {
                int key = random.nextInt(KEYS);
                // Eight for each key, so that the map is never full.
                byte[] rule = rule(key, random.nextInt(2) << 15, 17 + 5 * random.nextInt(4));
                if (random.nextBoolean()) {
                    rules.removeHashEntry(rule);
                } else {
                    rules.putHashEntry(rule, bytes(key * CHECK));
                }
            }, random -> checkRules(rules));
            checkNoFailures(workers);
            checkRules(rules);
        }
    }

    private static void checkRules(Value rules) {
        Set<Long> found = new HashSet<>();
        int staying = 0;
        Value entries = rules.getHashEntriesIterator();
        while (entries.hasIteratorNextElement()) {
            Value entry = entries.getIteratorNextElement();
            int length = entry.getArrayElement(0).readBufferInt(ByteOrder.LITTLE_ENDIAN, 0);
            int address = Integer.reverseBytes(entry.getArrayElement(0).readBufferInt(ByteOrder.LITTLE_ENDIAN, 4));
            int key = address >>> 16 & 0xff;
            assertTrue(found.add((long) length << 32 | Integer.toUnsignedLong(address)), "a rule twice");
            assertEquals(key * CHECK, word(entry.getArrayElement(1), 0), "another rule's value");
            staying += length == 16 ? 1 : 0;
        }
        assertEquals(KEYS, staying, "rules are lost");
    }

    @Test
    void cpusCountForThemselves() throws Exception {
        try (Workers workers = new Workers()) {
            Value counts = workers.map("percpu");
            long[] zeros = new long[16];
            for (int key = 1; key < KEYS; key += 2) {
                counts.putHashEntry(key, zeros);
            }
            long[] last = new long[KEYS];
            workers.run(SECONDS, List.of("per_cpu"), random -> {
                int key = 2 * random.nextInt(KEYS);
                if (random.nextBoolean()) {
                    counts.putHashEntry(key, zeros);
                } else {
                    counts.removeHashEntry(key);
                }
            }, random -> {
                int key = 1 + 2 * random.nextInt(KEYS / 2);
                long now = sum(counts.getHashValue(key));
                assertTrue(now >= last[key], "a count went back");
                last[key] = now;
            });
            checkNoFailures(workers);
            for (int key = 1; key < KEYS; key += 2) {
                assertEquals(workers.packets(key) + workers.packets(key - 1), sum(counts.getHashValue(key)), "key " + key);
            }
        }
    }

    private static long sum(Value values) {
        long sum = 0;
        for (int cpu = 0; cpu < values.getArraySize(); cpu++) {
            sum += values.getArrayElement(cpu).asLong();
        }
        return sum;
    }

    @Test
    void arraysCountAndTearNoWord() throws Exception {
        try (Workers workers = new Workers()) {
            Value counters = workers.map("counters");
            Value words = workers.raw("words");
            long[] last = new long[KEYS];
            workers.run(SECONDS, List.of("arrays"), random -> {
                long half = Integer.toUnsignedLong(random.nextInt());
                words.setArrayElement(random.nextInt(KEYS), bytes(half << 32 | half, random.nextLong()));
            }, random -> {
                int key = random.nextInt(KEYS);
                long now = counters.getArrayElement(key).asLong();
                assertTrue(now >= last[key], "a count went back");
                last[key] = now;
                long word = word(words.getArrayElement(key), 0);
                assertEquals(word >>> 32, word & 0xffff_ffffL, "a torn word");
            });
            checkNoFailures(workers);
            for (int key = 0; key < KEYS; key++) {
                assertEquals(workers.packets(key), counters.getArrayElement(key).asLong(), "key " + key);
            }
        }
    }

    /** Takes events and checks that those of each CPU come in order, all of them, with their contents. */
    private static final class Consumer {
        private final Value ring;
        private final long[] next = new long[Workers.COUNT];

        Consumer(Value ring) {
            this.ring = ring;
        }

        void take() {
            for (Value event = ring.invokeMember("take"); !event.isNull(); event = ring.invokeMember("take")) {
                int cpu = (int) word(event, 0);
                long number = word(event, 1);
                assertEquals(next[cpu]++, number, "of CPU " + cpu);
                assertEquals(number * CHECK ^ cpu, word(event, 2), "another event's contents");
            }
        }
    }

    @Test
    void eventsComeInOrder() throws Exception {
        try (Workers workers = new Workers()) {
            Consumer consumer = new Consumer(workers.map("ring"));
            workers.run(SECONDS, List.of("events"), random -> consumer.take(),
                    random -> assertTrue(workers.map("ring").getMember("size").asLong() >= 0));
            consumer.take();
            checkNoFailures(workers);
            assertEquals(workers.number(SENT), consumer.next[0] + consumer.next[1]);
            assertTrue(workers.number(SENT) > 1000, workers.number(DROPPED) + " dropped");
        }
    }

    @Test
    void innerMapsAreSwapped() throws Exception {
        try (Workers workers = new Workers()) {
            Value outer = workers.map("outer");
            List<Value> inner = List.of(workers.map("inner_a"), workers.map("inner_b"), workers.map("inner_c"));
            workers.run(SECONDS, List.of("inner_maps"), random -> outer.setArrayElement(0, inner.get(random.nextInt(3))),
                    random -> assertTrue(inner.contains(outer.getArrayElement(0))));
            checkNoFailures(workers);
            for (int key = 0; key < KEYS; key++) {
                long sum = 0;
                for (Value map : inner) {
                    sum += map.getArrayElement(key).asLong();
                }
                assertEquals(workers.packets(key), sum, "key " + key);
            }
        }
    }

    @Test
    void queuesLoseNothing() throws Exception {
        try (Workers workers = new Workers()) {
            Value queue = workers.raw("queue");
            long[] pushed = new long[2];
            long[] popped = new long[2];
            workers.run(SECONDS, List.of("queues"), random -> {
                long number = random.nextLong();
                try {
                    queue.invokeMember("push", (Object) bytes(number, ~number));
                    pushed[0]++;
                    pushed[1] += number;
                } catch (PolyglotException full) {
                    assertTrue(full.getMessage().endsWith("(E2BIG)"), full.getMessage());
                }
            }, random -> pop(queue, popped));
            while (pop(queue, popped)) {
                // What is left.
            }
            checkNoFailures(workers);
            for (int sum = 0; sum < 2; sum++) {
                assertEquals(workers.number(PUSHED + sum) + pushed[sum], workers.number(PUSHED + 2 + sum) + popped[sum]);
            }
        }
    }

    private static boolean pop(Value queue, long[] popped) {
        Value value = queue.invokeMember("pop");
        if (value.isNull()) {
            return false;
        }
        assertEquals(~word(value, 0), word(value, 1), "half a value");
        popped[0]++;
        popped[1] += word(value, 0);
        return true;
    }
}
