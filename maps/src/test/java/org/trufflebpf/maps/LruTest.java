package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** What leaves a full LRU map: how many, which, and how well that serves traffic. */
final class LruTest {

    private static HashMap map(MapKind kind, long maxEntries) {
        return (HashMap) Subject.create(new MapDefinition("m", kind, 4, 8, maxEntries, 0));
    }

    @ParameterizedTest
    @CsvSource({"LRU_HASH,1", "LRU_HASH,2", "LRU_HASH,100", "LRU_HASH,5000", "LRU_PERCPU_HASH,1", "LRU_PERCPU_HASH,1000"})
    void alwaysRoomNeverMore(MapKind kind, int maxEntries) {
        try (HashMap map = map(kind, maxEntries); NativeBlock block = new NativeBlock(32)) {
            for (int key = 0; key < 4 * maxEntries + 10; key++) {
                Memory.putInt(block.address(), key);
                Memory.putLong(block.address() + 8, key);
                assertEquals(0, map.update(block.address(), block.address() + 8, key % 2, 0));
                assertEquals(key, Memory.getLong(map.lookupKey(0, key)));
                assertEquals(Math.min(key + 1, maxEntries), map.size());
            }
            int entries = 0;
            for (Iterator<BpfMap.Entry> all = map.entries(); all.hasNext(); all.next()) {
                entries++;
            }
            assertEquals(maxEntries, entries);
        }
    }

    @Test
    void whatIsUsedStays() {
        try (HashMap map = map(MapKind.LRU_HASH, 100)) {
            byte[] value = new byte[8];
            for (int key = 0; key < 100; key++) {
                map.put(ArrayIndex.key(key), value, 0);
            }
            for (int key = 100; key < 300; key++) {
                for (int used = 0; used < 50; used++) {
                    assertNotEquals(0, map.lookupKey(0, used));
                }
                map.put(ArrayIndex.key(key), value, 0);
            }
        }
    }

    /** Reading from the control plane is no use, as in the kernel: a tool that watches a map must not keep everything in it. */
    @Test
    void controlPlaneReadsDoNotCount() {
        try (HashMap map = map(MapKind.LRU_HASH, 10)) {
            for (int key = 0; key < 30; key++) {
                map.put(ArrayIndex.key(key), new byte[8], 0);
                if (key < 10) {
                    assertNotNull(map.get(ArrayIndex.key(0)));
                }
            }
            assertNull(map.get(ArrayIndex.key(0)));
        }
    }

    /** A miss that finds every element marked takes one after a bounded scan, and hits go on. */
    @Test
    void everythingMarked() {
        try (HashMap map = map(MapKind.LRU_HASH, 10_000)) {
            for (int key = 0; key < 10_000; key++) {
                map.put(ArrayIndex.key(key), new byte[8], 0);
                map.lookupKey(0, key);
            }
            map.put(ArrayIndex.key(-1), new byte[8], 0);
            assertEquals(10_000, map.size());
            assertNotEquals(0, map.lookupKey(0, -1));
        }
    }

    @ParameterizedTest
    @CsvSource({"0.7,1000,100", "0.9,10000,1000", "0.99,10000,500", "1.1,100000,1000", "1.3,5000,50", "0.8,20000,8000"})
    void hitsAsOftenAsAnExactListOnZipfTraffic(double skew, int keys, int capacity) {
        double[] sums = new double[keys];
        double sum = 0;
        for (int key = 0; key < keys; key++) {
            sum += Math.pow(key + 1, -skew);
            sums[key] = sum;
        }
        Random random = new Random(42);
        Map<Integer, Integer> exact = new LinkedHashMap<>(capacity, 0.75f, true);
        int lookups = 300_000;
        int hits = 0;
        int exactHits = 0;
        try (HashMap map = map(MapKind.LRU_HASH, capacity)) {
            for (int i = 0; i < lookups; i++) {
                int found = Arrays.binarySearch(sums, random.nextDouble() * sum);
                int key = found < 0 ? -found - 1 : found;
                if (map.lookupKey(0, key) != 0) {
                    hits++;
                } else {
                    map.put(ArrayIndex.key(key), new byte[8], 0);
                }
                if (exact.get(key) != null) {
                    exactHits++;
                } else {
                    if (exact.size() == capacity) {
                        exact.remove(exact.keySet().iterator().next());
                    }
                    exact.put(key, key);
                }
            }
        }
        String ratios = "hits " + hits + ", exact " + exactHits + " of " + lookups;
        assertTrue(hits >= exactHits, ratios);
    }
}
