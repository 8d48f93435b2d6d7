package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Longest prefix match against a model that tries every length, and against the kernel. */
final class LpmTrieTest {

    private static MapDefinition definition(int dataSize, long maxEntries) {
        return new MapDefinition("m", MapKind.LPM_TRIE, 4 + dataSize, 8, maxEntries, MapFlags.NO_PREALLOC);
    }

    private static LpmTrieMap map(int dataSize, long maxEntries) {
        return (LpmTrieMap) Subject.create(definition(dataSize, maxEntries));
    }

    private static byte[] key(int length, int... data) {
        byte[] key = Arrays.copyOf(ArrayIndex.key(length), 4 + data.length);
        for (int i = 0; i < data.length; i++) {
            key[4 + i] = (byte) data[i];
        }
        return key;
    }

    private static byte[] value(long number) {
        byte[] value = new byte[8];
        System.arraycopy(ArrayIndex.key(number), 0, value, 0, 4);
        return value;
    }

    /** A prefix as text that equals for equal prefixes. */
    private static String prefix(byte[] key, int length) {
        byte[] bytes = Arrays.copyOf(key, 4 + (length + 7) / 8);
        System.arraycopy(ArrayIndex.key(length), 0, bytes, 0, 4);
        if (length % 8 != 0) {
            bytes[bytes.length - 1] &= (byte) (0xFF00 >> length % 8);
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Rules by prefix; a lookup tries every length that there is. */
    private static final class Model {
        private final Map<String, Integer> rules = new java.util.HashMap<>();
        private final NavigableMap<Integer, Integer> lengths = new TreeMap<>();

        void put(byte[] key, int value) {
            if (rules.put(prefix(key, ArrayIndex.of(key)), value) == null) {
                lengths.merge(ArrayIndex.of(key), 1, Integer::sum);
            }
        }

        boolean remove(byte[] key) {
            boolean there = rules.remove(prefix(key, ArrayIndex.of(key))) != null;
            if (there) {
                lengths.computeIfPresent(ArrayIndex.of(key), (_, count) -> count == 1 ? null : count - 1);
            }
            return there;
        }

        int find(byte[] key) {
            for (int length : lengths.headMap(ArrayIndex.of(key), true).descendingKeySet()) {
                Integer value = rules.get(prefix(key, length));
                if (value != null) {
                    return value;
                }
            }
            return 0;
        }
    }

    /** A map with a model beside it, asked through memory and through registers. */
    private static final class Pair implements AutoCloseable {
        final LpmTrieMap map;
        final Model model = new Model();
        final NativeBlock block;
        final int dataSize;

        Pair(int dataSize, long maxEntries) {
            this.map = LpmTrieTest.map(dataSize, maxEntries);
            this.dataSize = dataSize;
            this.block = new NativeBlock(4 + dataSize + 8 + 64);
        }

        void put(byte[] key, int value) {
            Memory.copyFrom(key, 0, block.address() + 1, key.length);
            Memory.putLong(block.address() + 1 + key.length, value);
            assertEquals(0, map.update(block.address() + 1, block.address() + 1 + key.length, 0, 0));
            model.put(key, value);
        }

        void remove(byte[] key) {
            Memory.copyFrom(key, 0, block.address() + 1, key.length);
            assertEquals(model.remove(key) ? 0 : -Errno.ENOENT, map.delete(block.address() + 1));
        }

        void check(byte[] key) {
            Memory.copyFrom(key, 0, block.address() + 1, key.length);
            int wanted = model.find(key);
            long found = map.lookup(block.address() + 1, 0);
            String text = HexFormat.of().formatHex(key);
            assertEquals(wanted, found == 0 ? 0 : Memory.getInt(found), text);
            if (key.length <= LpmTrieMap.MAX_REGISTER_KEY) {
                long k0 = Words.ofKey(block.address() + 1, 0, key.length);
                long k1 = key.length > 8 ? Words.ofKey(block.address() + 1, 1, key.length) : 0;
                long k2 = key.length > 16 ? Words.ofKey(block.address() + 1, 2, key.length) : 0;
                assertEquals(found, key.length <= 8 ? map.lookupKey(k0) : key.length <= 16 ? map.lookupKey(k0, k1) : map.lookupKey(k0, k1, k2), text);
            }
        }

        void checkEntries() {
            assertEquals(model.rules.size(), map.size());
            Set<String> seen = new HashSet<>();
            for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
                BpfMap.Entry entry = entries.next();
                String prefix = prefix(entry.key(), ArrayIndex.of(entry.key()));
                assertTrue(seen.add(prefix));
                assertArrayEquals(value(model.rules.get(prefix)), entry.value());
            }
            assertEquals(model.rules.keySet(), seen);
        }

        @Override
        public void close() {
            map.close();
            block.close();
        }
    }

    /** Few distinct bytes, so that prefixes share, nest and end anywhere. */
    private static byte[] randomKey(Random random, int dataSize, int length) {
        byte[] key = key(length, new int[dataSize]);
        int zeros = random.nextInt(dataSize + 1);
        for (int i = zeros; i < dataSize; i++) {
            key[4 + i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : (random.nextBoolean() ? 0x80 : 1) << random.nextInt(2));
        }
        return key;
    }

    @ParameterizedTest
    @CsvSource({"1,200,0", "2,200,1", "3,200,2", "4,300,3", "4,3000,4", "4,250000,5", "5,200,6", "8,300,7", "9,200,8", "12,200,9", "16,300,10",
        "16,2000,11", "17,200,12", "24,200,13", "32,300,14", "100,100,15", "256,100,16"})
    void model(int dataSize, int maxEntries, int seed) {
        Random random = new Random(seed);
        int bits = 8 * dataSize;
        List<byte[]> known = new ArrayList<>();
        int rules = Math.min(maxEntries, 1500);
        // Short prefixes fill much of a wide root.
        int steps = maxEntries > 200_000 ? 1000 : 6000;
        try (Pair pair = new Pair(dataSize, maxEntries)) {
            for (int step = 1; step <= steps; step++) {
                // Grows, shrinks to nothing, grows again.
                boolean grow = random.nextInt(100) < (step / (steps / 4) % 2 == 0 ? 75 : 20);
                int length = random.nextInt(4) == 0 ? bits : random.nextInt(bits + 1);
                byte[] key = known.isEmpty() || random.nextInt(3) == 0 ? randomKey(random, dataSize, length)
                        : known.get(random.nextInt(known.size())).clone();
                if (grow) {
                    if (random.nextInt(4) == 0) {
                        System.arraycopy(ArrayIndex.key(length), 0, key, 0, 4);
                    }
                    if (pair.model.rules.size() < rules) {
                        pair.put(key, step);
                        known.add(key);
                    }
                } else {
                    pair.remove(key);
                }
                for (int i = 0; i < 8; i++) {
                    byte[] asked = known.isEmpty() || random.nextInt(4) == 0 ? randomKey(random, dataSize, bits)
                            : known.get(random.nextInt(known.size())).clone();
                    int at = 4 + random.nextInt(dataSize);
                    asked[at] ^= (byte) (random.nextInt(3) == 0 ? 1 << random.nextInt(8) : 0);
                    System.arraycopy(ArrayIndex.key(random.nextInt(6) == 0 ? random.nextInt(bits + 1) : bits), 0, asked, 0, 4);
                    pair.check(asked);
                }
                if (step % 500 == 0) {
                    pair.checkEntries();
                }
            }
            for (byte[] key : known) {
                pair.remove(key);
            }
            pair.checkEntries();
            assertEquals(0, pair.map.tableBytes(), "nodes or leaves are lost");
        }
    }

    /** Pairs that part late ask for more nodes than there may be: then the table ends early and the answers are the same. */
    @ParameterizedTest
    @CsvSource({"4,24000,22", "256,800,2000"})
    void nodesRunOut(int dataSize, int rules, int parting) {
        Random random = new Random(dataSize);
        List<byte[]> keys = new ArrayList<>();
        try (Pair pair = new Pair(dataSize, rules + 1)) {
            for (int i = 0; i < rules; i += 2) {
                byte[] key = key(8 * dataSize, random.ints(dataSize).toArray());
                byte[] other = key.clone();
                other[4 + parting / 8] ^= (byte) (0x80 >> parting % 8);
                keys.add(key);
                keys.add(other);
                pair.put(key, i + 1);
                pair.put(other, i + 2);
            }
            long most = pair.map.tableBytes();
            assertTrue(most > 7 << 20 && most < 9 << 20, "table bytes " + most);
            pair.put(key(0, new int[dataSize]), 1_000_000);
            for (byte[] key : keys) {
                pair.check(key);
                byte[] near = key.clone();
                near[4 + random.nextInt(dataSize)] ^= 4;
                pair.check(near);
            }
            for (int i = 0; i < rules; i++) {
                pair.remove(keys.get(i));
                pair.check(keys.get(i));
                pair.check(keys.get(random.nextInt(rules)));
            }
            pair.remove(key(0, new int[dataSize]));
            assertEquals(0, pair.map.tableBytes(), "nodes or leaves are lost");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8, 16, 20})
    void kernelAnswersAndOrder(int dataSize) {
        Kernel.assumeThere();
        Random random = new Random(dataSize);
        int bits = 8 * dataSize;
        MapDefinition definition = definition(dataSize, 60);
        try (Subject kernel = Subject.kernel(definition); Subject program = Subject.program(definition); LpmTrieMap map = map(dataSize, 60)) {
            List<byte[]> known = new ArrayList<>();
            for (int i = 0; i < 1500; i++) {
                byte[] key = known.isEmpty() || random.nextInt(3) == 0 ? randomKey(random, dataSize, random.nextInt(bits + 2))
                        : known.get(random.nextInt(known.size()));
                known.add(key);
                String operation = List.of("lookup", "lookup", "update", "update", "delete").get(random.nextInt(5));
                Subject.Step step = new Subject.Step(operation, key, value(i), random.nextInt(10) < 7 ? 0 : random.nextInt(4));
                String answer = kernel.run(step);
                assertEquals(answer, program.run(step), step::toString);
                assertEquals(answer, Subject.control(map).run(step), step::toString);
            }
        }
        kernelOrder(definition, random);
    }

    private static void kernelOrder(MapDefinition definition, Random random) {
        long kernel = Kernel.create(definition);
        int dataSize = definition.keySize() - 4;
        try (LpmTrieMap map = map(dataSize, 60)) {
            for (int i = 0; i < 60; i++) {
                byte[] key = randomKey(random, dataSize, random.nextInt(8 * dataSize + 1));
                map.put(key, value(i), 0);
                assertEquals(0, Kernel.element(Kernel.MAP_UPDATE_ELEM, kernel, key, value(i), 0));
            }
            byte[] at = null;
            for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
                byte[] next = new byte[definition.keySize()];
                assertEquals(0, Kernel.element(Kernel.MAP_GET_NEXT_KEY, kernel, at, next, 0));
                assertArrayEquals(next, entries.next().key());
                at = next;
            }
            assertEquals(-Errno.ENOENT, Kernel.element(Kernel.MAP_GET_NEXT_KEY, kernel, at, new byte[definition.keySize()], 0));
        } finally {
            Kernel.close(kernel);
        }
    }

    @Test
    void iterationLivesWithChanges() {
        try (LpmTrieMap map = map(4, 100)) {
            for (int i = 0; i < 50; i++) {
                map.put(key(24, 10, 0, i, 0), value(i), 0);
            }
            map.put(key(8, 10, 0, 0, 0), value(99), 0);
            Iterator<BpfMap.Entry> entries = map.entries();
            int count = 0;
            for (; entries.hasNext(); count++) {
                byte[] key = entries.next().key();
                assertTrue(map.remove(key));
                map.put(key(32, 10, 0, 0, count % 2), value(1), 0);
            }
            assertEquals(51, count);
            assertThrowsNoSuchElement(entries);
            assertEquals(2, map.size());
        }
    }

    private static void assertThrowsNoSuchElement(Iterator<?> entries) {
        assertFalse(entries.hasNext());
        Assertions.assertThrows(NoSuchElementException.class, entries::next);
    }

    /** As in the kernel, where an update links a new element and a delete waits for those who look. */
    @Test
    void valuesStayForTheirHolders() {
        try (Pair pair = new Pair(4, 100)) {
            pair.put(key(24, 10, 1, 2, 0), 1);
            Memory.copyFrom(key(32, 10, 1, 2, 3), 0, pair.block.address(), 8);
            long first = pair.map.lookup(pair.block.address(), 0);
            Memory.copyFrom(key(32, 10, 1, 2, 3), 0, pair.block.address(), 8);
            pair.put(key(24, 10, 1, 2, 0), 2);
            Memory.copyFrom(key(32, 10, 1, 2, 3), 0, pair.block.address(), 8);
            long second = pair.map.lookup(pair.block.address(), 0);
            assertNotEquals(first, second);
            pair.remove(key(24, 10, 1, 2, 0));
            for (int i = 0; i < 30; i++) {
                pair.put(key(32, 10, 1, 3, i), 100 + i);
                pair.put(key(32, 10, 1, 3, i), 200 + i);
            }
            assertEquals(1, Memory.getInt(first));
            assertEquals(2, Memory.getInt(second));
        }
    }
}
