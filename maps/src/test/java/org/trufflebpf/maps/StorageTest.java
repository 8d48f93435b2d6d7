package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Where values lie, how long they stay, and what a program that writes over every value that it can reach cannot break. */
final class StorageTest {
    private static final int CPUS = 3;

    private static BpfMap map(MapKind kind, int keySize, int valueSize, long maxEntries) {
        int flags = kind == MapKind.LPM_TRIE ? MapFlags.NO_PREALLOC : 0;
        MapDefinition definition = new MapDefinition("m", kind, keySize, valueSize, maxEntries, flags);
        return MapFactory.create(definition, 7, CPUS, Codec.bytes(keySize), Codec.bytes(valueSize));
    }

    private static byte[] key(int number, int size) {
        return Arrays.copyOf(ArrayIndex.key(number), size);
    }

    /** The check that compiled programs make. */
    private static boolean isInValue(BpfMap map, long address) {
        long offset = address - map.valuesAddress();
        return Long.compareUnsigned(offset, map.valuesSize()) < 0
                && Long.compareUnsigned(offset % map.stride() - map.valueOffset(), map.valueSize()) < 0;
    }

    @ParameterizedTest
    @CsvSource({"ARRAY,4,1,5", "ARRAY,4,8,1", "ARRAY,4,20,9", "PERCPU_ARRAY,4,8,1", "PERCPU_ARRAY,4,4,33", "PERCPU_ARRAY,4,24,7",
        "PERCPU_ARRAY,4,1000,2", "HASH,1,1,3", "HASH,4,8,100", "HASH,16,16,1000", "HASH,13,20,77", "HASH,200,3,40",
        "PERCPU_HASH,4,8,100", "PERCPU_HASH,13,20,77", "LRU_HASH,4,8,100", "LRU_HASH,13,20,77", "LRU_PERCPU_HASH,8,12,50", "LPM_TRIE,8,8,33",
        "LPM_TRIE,20,13,100", "DEVMAP_HASH,4,4,50", "DEVMAP_HASH,4,8,50", "DEVMAP,4,4,3", "DEVMAP,4,8,3"})
    void addresses(MapKind kind, int keySize, int valueSize, int maxEntries) {
        try (BpfMap map = map(kind, keySize, valueSize, maxEntries); NativeBlock block = new NativeBlock(keySize + valueSize + 8)) {
            long key = block.address();
            long value = key + (keySize + 7) / 8 * 8;
            Memory.putByte(value, (byte) 1);
            Set<Long> seen = new HashSet<>();
            for (int i = 0; i < maxEntries; i++) {
                Memory.copyFrom(key(i, keySize), 0, key, keySize);
                if (map instanceof DevMap) {
                    map.put(key(i, 4), Memory.bytes(value, valueSize), 0);
                } else {
                    assertEquals(0, map.update(key, value, 0, 0));
                }
                for (int cpu = 0; cpu < (kind.isPerCpu() ? CPUS : 1); cpu++) {
                    long address = map.lookup(key, cpu);
                    assertTrue(isInValue(map, address) && isInValue(map, address + valueSize - 1));
                    assertTrue(!isInValue(map, address + valueSize) || map.valueSize() % 8 == 0 && map.valueSize() == map.stride());
                    assertTrue(map.valueOffset() == 0 || !isInValue(map, address - 1));
                    assertEquals(0, address % 8);
                    assertTrue(seen.add(address));
                }
            }
            assertTrue(!isInValue(map, map.valuesAddress() - 1));
            assertTrue(!isInValue(map, map.valuesAddress() + map.valuesSize()));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "8,1", "8,16", "24,3", "100,2", "128,2", "1000,1"})
    void cpusShareNoLinePair(int valueSize, int maxEntries) {
        try (PerCpuArrayMap map = (PerCpuArrayMap) map(MapKind.PERCPU_ARRAY, 4, valueSize, maxEntries)) {
            for (int cpu = 1; cpu < CPUS; cpu++) {
                long endBefore = map.lookup(maxEntries - 1, cpu - 1) + valueSize - 1;
                assertTrue(map.lookup(0, cpu) / 128 > endBefore / 128);
            }
        }
    }

    /** The values of two CPUs, whichever keys they have. */
    @ParameterizedTest
    @CsvSource({"4,1,1", "4,8,16", "16,24,30", "8,100,2", "4,128,2", "4,1000,3"})
    void cpusOfHashesShareNoLinePair(int keySize, int valueSize, int maxEntries) {
        try (BpfMap map = map(MapKind.PERCPU_HASH, keySize, valueSize, maxEntries); NativeBlock block = new NativeBlock(keySize)) {
            List<Set<Long>> pairs = new ArrayList<>();
            for (int cpu = 0; cpu < CPUS; cpu++) {
                pairs.add(new HashSet<>());
                for (int i = 0; i < maxEntries; i++) {
                    map.put(key(i, keySize), new byte[map.controlValueSize()], 0);
                    Memory.copyFrom(key(i, keySize), 0, block.address(), keySize);
                    long value = map.lookup(block.address(), cpu);
                    for (long at = value; at < value + valueSize; at++) {
                        pairs.get(cpu).add(at / 128);
                    }
                }
                for (int other = 0; other < cpu; other++) {
                    assertTrue(Collections.disjoint(pairs.get(cpu), pairs.get(other)));
                }
            }
        }
    }

    /** A program sets its own CPU's value; the others' are zero in a new element, also where the memory was another element's, and kept else. */
    @ParameterizedTest
    @CsvSource({"PERCPU_HASH", "LRU_PERCPU_HASH"})
    void programsUpdateTheirOwnCpu(MapKind kind) {
        try (HashMap map = (HashMap) map(kind, 4, 12, 1); NativeBlock block = new NativeBlock(32)) {
            long key = block.address();
            long value = key + 8;
            byte[] all = new byte[16 * CPUS];
            Arrays.fill(all, (byte) 7);
            map.put(key(5, 4), all, 0);
            map.remove(key(5, 4));
            Memory.putInt(key, 6);
            Memory.putLong(value, 60);
            assertEquals(0, map.update(key, value, MapFlags.NOEXIST, 1));
            assertArrayEquals(new byte[16], Arrays.copyOf(map.get(key(6, 4)), 16));
            assertEquals(60, Memory.getLong(map.lookupKey(1, 6)));
            assertEquals(0, Memory.getLong(map.lookupKey(2, 6)));
            long held = map.lookupKey(2, 6);
            Memory.putLong(held, 3);
            Memory.putLong(value, 61);
            assertEquals(0, map.update(key, value, MapFlags.EXIST, 1));
            assertEquals(61, Memory.getLong(map.lookupKey(1, 6)));
            assertEquals(held, map.lookupKey(2, 6));
            assertEquals(3, Memory.getLong(held));
        }
    }

    @Test
    void perCpuValuesAreApart() {
        try (PerCpuArrayMap map = (PerCpuArrayMap) map(MapKind.PERCPU_ARRAY, 4, 12, 4)) {
            byte[] all = new byte[16 * CPUS];
            for (int cpu = 0; cpu < CPUS; cpu++) {
                Memory.putLong(map.lookup(2, cpu), 100 + cpu);
                all[16 * cpu] = (byte) (100 + cpu);
            }
            assertArrayEquals(all, map.get(key(2, 4)));
            all[16] = 5;
            map.put(key(2, 4), all, 0);
            assertEquals(5, Memory.getLong(map.lookup(2, 1)));
            assertEquals(102, Memory.getLong(map.lookup(2, 2)));
        }
    }

    /** As in the kernel, where an update links a new element: whoever holds the old value goes on to see it, whole. */
    @Test
    void replacedValueStaysForItsHolder() {
        try (HashMap map = (HashMap) map(MapKind.HASH, 4, 8, 10); NativeBlock block = new NativeBlock(16)) {
            long value = block.address() + 8;
            Memory.putLong(value, 1);
            map.update(block.address(), value, 0, 0);
            long held = map.lookupKey(0, 0);
            Memory.putLong(value, 2);
            map.update(block.address(), value, 0, 0);
            long now = map.lookupKey(0, 0);
            assertNotEquals(held, now);
            assertEquals(1, Memory.getLong(held));
            assertEquals(2, Memory.getLong(now));
            map.delete(block.address());
            assertEquals(0, map.lookupKey(0, 0));
            assertEquals(2, Memory.getLong(now), "a deleted value stays until its element is taken again");
        }
    }

    /** A program may write all bytes that the check lets it reach, live or not; keys, chains and other maps stay whole. */
    @ParameterizedTest
    @CsvSource({"HASH,4,4", "HASH,8,8", "HASH,13,20", "HASH,40,5", "LRU_HASH,4,4", "PERCPU_HASH,13,20", "LRU_PERCPU_HASH,8,8",
        "LPM_TRIE,12,8", "LPM_TRIE,24,4"})
    void scribblingOverAllValuesBreaksNothing(MapKind kind, int keySize, int valueSize) {
        Random random = new Random(1);
        try (BpfMap map = map(kind, keySize, valueSize, 64); NativeBlock block = new NativeBlock(keySize + valueSize + 8)) {
            Set<Integer> present = new HashSet<>();
            for (int round = 0; round < 50; round++) {
                for (int i = 0; i < 40; i++) {
                    int number = random.nextInt(64);
                    Memory.copyFrom(key(number, Math.min(keySize, 4)), 0, block.address(), Math.min(keySize, 4));
                    boolean update = random.nextBoolean();
                    long result = update ? map.update(block.address(), block.address() + keySize, 0, 0) : map.delete(block.address());
                    assertEquals(update || present.contains(number) ? 0 : -Errno.ENOENT, result);
                    if (update) {
                        present.add(number);
                    } else {
                        present.remove(number);
                    }
                }
                for (long at = map.valuesAddress(); at < map.valuesAddress() + map.valuesSize(); at++) {
                    if (isInValue(map, at)) {
                        Memory.putByte(at, (byte) random.nextInt());
                    }
                }
                Set<Integer> found = new HashSet<>();
                map.entries().forEachRemaining(entry -> assertTrue(found.add(ArrayIndex.of(Arrays.copyOf(entry.key(), 4)))));
                assertEquals(present, found);
                assertEquals(present.size(), map.size());
            }
        }
    }

    @Test
    void registersAndMemoryFindTheSame() {
        Random random = new Random(5);
        for (int keySize = 1; keySize <= 32; keySize++) {
            try (HashMap map = (HashMap) map(MapKind.HASH, keySize, 8, 100); NativeBlock block = new NativeBlock(keySize + 8)) {
                for (int i = 0; i < 100; i++) {
                    byte[] key = new byte[keySize];
                    random.nextBytes(key);
                    Memory.copyFrom(key, 0, block.address(), keySize);
                    map.update(block.address(), block.address(), 0, 0);
                    long[] words = new long[4];
                    for (int at = 0; at < 32; at++) {
                        // What lies past the key in its last word is anybody's.
                        byte b = at < keySize ? key[at] : at < (keySize + 7) / 8 * 8 ? (byte) random.nextInt() : 0;
                        words[at / 8] |= Byte.toUnsignedLong(b) << at % 8 * 8;
                    }
                    long found = switch ((keySize + 7) / 8) {
                        case 1 -> map.lookupKey(0, words[0]);
                        case 2 -> map.lookupKey(0, words[0], words[1]);
                        case 3 -> map.lookupKey(0, words[0], words[1], words[2]);
                        default -> map.lookupKey(0, words[0], words[1], words[2], words[3]);
                    };
                    assertNotEquals(0, found, "key size " + keySize);
                    assertEquals(map.lookup(block.address(), 0), found, "key size " + keySize);
                }
            }
        }
    }

    /** Places of elements have 32 bits: of the largest tables they count more than 8 bytes. */
    @ParameterizedTest
    @CsvSource({"16, 16, 1000, 3", "16, 16, 1073741824, 4", "1, 1, 1073741824, 3", "8, 65536, 1073741824, 15"})
    void placesReachAllElements(int keySize, int valueSize, int capacity, int unit) {
        HashShape shape = new HashShape(keySize, valueSize, capacity, 0, false, ValueFields.NONE);
        assertEquals(unit, shape.unit());
        assertEquals(0, shape.elementStride() % (1L << unit));
        assertTrue(shape.elements() * shape.elementStride() >>> unit <= 0xffff_ffffL);
    }

    /** Under most seeds keys of one step share chains no more often than random numbers would. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16, 24, 40})
    void hashSpreads(int keySize) {
        int[] used = new Random(99).longs(9).mapToInt(seed -> usedChains(keySize, seed)).sorted().toArray();
        int chains = new HashShape(keySize, 8, 1 << 16, 0, false, ValueFields.NONE).heads();
        double expected = chains * (1 - Math.exp(-(double) (1 << 16) / chains));
        assertTrue(used[used.length / 2] > 0.97 * expected, "of " + chains + " chains are used " + Arrays.toString(used));
    }

    private static int usedChains(int keySize, long seed) {
        HashTable table = new HashTable(new HashShape(keySize, 8, 1 << 16, 0, false, ValueFields.NONE), References.NONE, seed);
        try (NativeBlock block = new NativeBlock(keySize + 8); NativeBlock storage = table.storage().block()) {
            assertTrue(storage.size() > (1 << 16) * 16);
            for (int i = 0; i < 1 << 16; i++) {
                Memory.putInt(block.address() + keySize - 4, i << 8);
                assertEquals(0, table.update(block.address(), block.address(), 0, 0));
            }
            int used = 0;
            for (int chain = 0; chain < table.chains().count(); chain++) {
                used += table.chains().isEmpty(chain) ? 0 : 1;
            }
            return used;
        }
    }

    @ParameterizedTest
    @CsvSource({"ARRAY,4", "PERCPU_ARRAY,4", "HASH,4", "PERCPU_HASH,4", "LRU_HASH,4", "LPM_TRIE,8", "DEVMAP,4", "DEVMAP_HASH,4",
        "BLOOM_FILTER,0", "QUEUE,0", "STACK,0"})
    void closedMapsRefuse(MapKind kind, int keySize) {
        BpfMap map = map(kind, keySize, 8, 4);
        Iterator<BpfMap.Entry> open = keySize == 0 ? null : map.entries();
        map.close();
        map.close();
        assertEquals(Errno.EBUSY, assertThrows(MapException.class, () -> map.get(new byte[keySize])).errno());
        assertEquals(Errno.EBUSY, assertThrows(MapException.class, () -> map.next(true)).errno());
        assertThrows(MapException.class, () -> map.push(new byte[8], 0));
        if (open != null) {
            assertThrows(MapException.class, open::hasNext);
        }
    }

    /** More address space than the process may have (47 bits), one map after the other. */
    @Test
    void closeReleasesMemory() {
        MapDefinition definition = new MapDefinition("m", MapKind.ARRAY, 4, 1 << 20, 4 << 20, 0);
        for (int i = 0; i < 40; i++) {
            try (BpfMap map = MapFactory.create(definition, 1, 1, Codec.bytes(4), Codec.bytes(1 << 20))) {
                Memory.putLong(((ArrayMap) map).lookup(i), i);
            }
        }
    }

    @Test
    void wrongSizesAreNamed() {
        try (BpfMap map = map(MapKind.HASH, 4, 8, 1); BpfMap queue = map(MapKind.QUEUE, 0, 4, 1)) {
            assertEquals("map m: key has 3 bytes, not 4 (EINVAL)", assertThrows(MapException.class, () -> map.get(new byte[3])).getMessage());
            assertEquals("map m: value has 7 bytes, not 8 (EINVAL)",
                    assertThrows(MapException.class, () -> map.put(new byte[4], new byte[7], 0)).getMessage());
            map.put(new byte[4], new byte[8], 0);
            assertEquals("map m: update refused: full or beyond its 1 entries (E2BIG)",
                    assertThrows(MapException.class, () -> map.put(new byte[] {1, 0, 0, 0}, new byte[8], 0)).getMessage());
            assertEquals("map m: push refused: kind HASH has no such operation (EOPNOTSUPP)",
                    assertThrows(MapException.class, () -> map.push(new byte[8], 0)).getMessage());
            assertThrows(MapException.class, () -> queue.put(new byte[0], new byte[4], 0));
            assertNull(queue.next(true));
        }
    }

    @Test
    void iteratorsEnd() {
        try (BpfMap map = map(MapKind.HASH, 4, 8, 10)) {
            for (int i = 0; i < 10; i++) {
                map.put(key(i, 4), new byte[8], 0);
            }
            Iterator<BpfMap.Entry> entries = map.entries();
            int count = 0;
            for (; entries.hasNext(); count++) {
                byte[] key = entries.next().key();
                map.remove(key);
                map.put(key, new byte[8], 0);
            }
            assertEquals(10, count);
            assertThrows(NoSuchElementException.class, entries::next);
        }
    }
}
