package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Programs and control plane at once on one map; what must hold is checked while they run and at the end. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ConcurrencyTest {
    private static final long NANOS = 1_500_000_000L;

    private interface Worker {
        /** Called again and again until the time is over. */
        void step(SplittableRandom random);
    }

    private static void run(Worker... workers) throws InterruptedException, ExecutionException {
        long end = System.nanoTime() + NANOS;
        try (ExecutorService threads = Executors.newFixedThreadPool(workers.length)) {
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < workers.length; i++) {
                Worker worker = workers[i];
                SplittableRandom random = new SplittableRandom(i);
                results.add(threads.submit(() -> {
                    while (System.nanoTime() - end < 0) {
                        for (int step = 0; step < 100; step++) {
                            worker.step(random);
                        }
                    }
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        }
    }

    private static BpfMap map(MapKind kind, int keySize, int valueSize, long maxEntries) {
        return Subject.create(new MapDefinition("m", kind, keySize, valueSize, maxEntries, 0));
    }

    /**
     * Odd keys stay for ever and are replaced all the time, even ones come and go. Each value names its key in every word: a reader must find
     * every odd key, and of no key another's value. Readers copy and look again: a replaced or deleted element may be reused meanwhile, so
     * only a value whose element still is the key's counts.
     */
    @Test
    void readersFindWhatStays() throws Exception {
        int keys = 64;
        try (HashMap map = (HashMap) map(MapKind.HASH, 16, 32, keys + 4); NativeBlock block = new NativeBlock(4096)) {
            for (int key = 1; key < keys; key += 2) {
                put(map, block.address(), key, 0);
            }
            run(random -> write(map, block.address(), random, keys, 0),
                    random -> write(map, block.address() + 1024, random, keys, 1),
                    random -> read(map, block.address() + 2048, random, keys),
                    random -> readRegisters(map, random, keys),
                    random -> iterate(map, keys));
            Set<Long> found = new HashSet<>();
            map.entries().forEachRemaining(entry -> found.add(longs(entry.key())[0]));
            for (long key = 1; key < keys; key += 2) {
                assertTrue(found.contains(key));
            }
            assertEquals(found.size(), map.size());
        }
    }

    /**
     * A reader that stands on an element when it is replaced must not go on to the chain's end, although the writer may hold the lock all the while:
     * the change count is then the same at both ends of the reader's way. Timers are stopped under the lock, which makes that time long, and a long
     * key makes the reader stand there long.
     */
    @Test
    void replacedElementsAreNotPassedOver() throws Exception {
        HashShape shape = new HashShape(512, 16, 64, 0, false, new ValueFields(ValueFields.ABSENT, 0));
        References slow = new References() {
            @Override
            public void timerGone(long address) {
                for (int i = 0; i < 100; i++) {
                    Thread.onSpinWait();
                }
            }
        };
        HashTable table = new HashTable(shape, slow, 0);
        try (NativeBlock block = table.storage().block(); NativeBlock scratch = new NativeBlock(8192)) {
            long key = scratch.address();
            long other = scratch.address() + 4096;
            assertEquals(0, table.update(key, key, MapFlags.ANY, 0));
            // In front of it, so that lookups have to walk.
            for (long number = 1; headOf(table, other) != headOf(table, key) || number == 1; number++) {
                Memory.putLong(other, number);
            }
            assertEquals(0, table.update(other, other, MapFlags.ANY, 0));
            run(random -> assertEquals(0, table.update(key, key, MapFlags.EXIST, 0)),
                    random -> assertNotEquals(0, table.find(key, 0), "passed over"));
            assertTrue(block.address() != 0);
        }
    }

    private static long headOf(HashTable table, long key) {
        return table.chains().head(table.keys().hash(Memory.getLong(key), 0, 0, 0, key));
    }

    /** One writer, which needs no lock but when the control plane comes. */
    @Test
    void theOnlyWriterAndTheControlPlane() throws Exception {
        int keys = 64;
        try (HashMap map = (HashMap) map(MapKind.HASH, 16, 32, keys + 4); NativeBlock block = new NativeBlock(4096)) {
            for (int key = 1; key < keys; key += 2) {
                put(map, block.address(), key, 0);
            }
            long control = block.address() + 3072;
            run(random -> {
                write(map, block.address(), random, keys, 0);
                writeInPlace(map, block.address() + 1024, random, keys);
            }, random -> read(map, block.address() + 2048, random, keys), random -> {
                iterate(map, keys);
                long key = 4 * random.nextInt(keys / 4) + 2;
                fill(control, key, 1);
                byte[] bytes = Memory.bytes(control, 16);
                map.put(bytes, Memory.bytes(control + 16, 32), MapFlags.ANY);
                assertEquals(key << 32 | 1, longs(map.get(bytes))[3]);
                assertTrue(map.remove(bytes));
                Thread.yield();
            });
            assertEquals(keys / 2 + evenKeys(map), map.size());
        }
    }

    /** How many even keys are there. */
    private static long evenKeys(BpfMap map) {
        long found = 0;
        for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
            found += longs(entries.next().key())[0] & 1 ^ 1;
        }
        return found;
    }

    private static void writeInPlace(HashMap map, long scratch, SplittableRandom random, int keys) {
        long key = random.nextInt(keys) | 1;
        fill(scratch, key, random.nextInt(1000));
        assertEquals(0, map.updateInPlace(scratch + 16, MapFlags.EXIST, 0, key, ~key, 0, 0));
    }

    private static long put(BpfMap map, long scratch, long key, long version) {
        fill(scratch, key, version);
        return map.update(scratch, scratch + 16, MapFlags.ANY, 0);
    }

    private static void fill(long scratch, long key, long version) {
        Memory.putLong(scratch, key);
        Memory.putLong(scratch + 8, ~key);
        for (int word = 0; word < 4; word++) {
            Memory.putLong(scratch + 16 + 8 * word, key << 32 | version);
        }
    }

    private static void write(BpfMap map, long scratch, SplittableRandom random, int keys, int writer) {
        // Two writers on one key would be allowed; apart, a writer knows what its own must answer.
        int key = random.nextInt(keys / 4) * 4 + writer * 2;
        assertEquals(0, put(map, scratch, key + 1, random.nextInt(1000)));
        long result = put(map, scratch, key, random.nextInt(1000));
        assertTrue(result == 0 || result == -Errno.E2BIG);
        if (random.nextInt(3) > 0) {
            Memory.putLong(scratch, key);
            Memory.putLong(scratch + 8, ~(long) key);
            assertEquals(result == 0 ? 0 : -Errno.ENOENT, map.delete(scratch), "key " + key);
        }
    }

    private static void read(BpfMap map, long scratch, SplittableRandom random, int keys) {
        long key = random.nextInt(keys);
        Memory.putLong(scratch, key);
        Memory.putLong(scratch + 8, ~key);
        check(key, map.lookup(scratch, 0), () -> map.lookup(scratch, 0));
    }

    private static void readRegisters(HashMap map, SplittableRandom random, int keys) {
        long key = random.nextInt(keys);
        check(key, map.lookupKey(0, key, ~key), () -> map.lookupKey(0, key, ~key));
    }

    private static void check(long key, long value, LongSupplier again) {
        if ((key & 1) == 1) {
            assertNotEquals(0, value, "key " + key + " is lost");
        }
        if (value != 0) {
            long[] words = new long[4];
            for (int word = 0; word < 4; word++) {
                words[word] = Memory.getLongAcquire(value + 8 * word);
            }
            if (again.getAsLong() == value) {
                for (long word : words) {
                    assertTrue(word >>> 32 < 64 && (int) word < 1000, "a torn word");
                }
            }
        }
    }

    private static void iterate(BpfMap map, int keys) {
        Set<Long> found = new HashSet<>();
        for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
            BpfMap.Entry entry = entries.next();
            long key = longs(entry.key())[0];
            assertEquals(~key, longs(entry.key())[1]);
            assertTrue(found.add(key), "a key twice");
            long[] value = longs(entry.value());
            for (long word : value) {
                assertEquals(value[0], word, "half a value");
                assertEquals(key, word >>> 32, "another key's value");
            }
        }
        for (long key = 1; key < keys; key += 2) {
            assertTrue(found.contains(key), "key " + key + " is lost");
        }
    }

    private static long[] longs(byte[] bytes) {
        long[] words = new long[bytes.length / 8];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
        return words;
    }

    /** Atomic adds through looked-up addresses, elements created by whoever comes first. */
    @Test
    void countsAddUp() throws Exception {
        int keys = 1000;
        long[] done = new long[3];
        try (HashMap map = (HashMap) map(MapKind.HASH, 4, 8, keys); NativeBlock block = new NativeBlock(4096)) {
            Worker[] workers = new Worker[3];
            for (int i = 0; i < workers.length; i++) {
                int me = i;
                long scratch = block.address() + i * 1024L;
                workers[i] = random -> {
                    int key = random.nextInt(keys);
                    long address = map.lookupKey(me, key);
                    if (address == 0) {
                        Memory.putInt(scratch, key);
                        Memory.putLong(scratch + 8, 0);
                        long result = map.update(scratch, scratch + 8, MapFlags.NOEXIST, me);
                        assertTrue(result == 0 || result == -Errno.EEXIST);
                        address = map.lookupKey(me, key);
                    }
                    Memory.getAndAddLong(address, 1);
                    done[me]++;
                };
            }
            run(workers);
            long sum = 0;
            for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
                sum += longs(entries.next().value())[0];
            }
            assertEquals(done[0] + done[1] + done[2], sum);
            assertEquals(keys, map.size());
        }
    }

    /** Each worker counts in its own CPU's value without atomics. */
    @ParameterizedTest
    @EnumSource(names = {"PERCPU_ARRAY", "PERCPU_HASH", "LRU_PERCPU_HASH"})
    void perCpuCountsAddUp(MapKind kind) throws Exception {
        long[] done = new long[2];
        try (BpfMap map = map(kind, 4, 8, 3); NativeBlock key = new NativeBlock(4)) {
            Memory.putInt(key.address(), 1);
            map.put(ArrayIndex.key(1), new byte[map.controlValueSize()], MapFlags.ANY);
            Worker[] workers = new Worker[2];
            for (int i = 0; i < workers.length; i++) {
                int cpu = i;
                workers[i] = random -> {
                    long address = map.lookup(key.address(), cpu);
                    Memory.putLong(address, Memory.getLong(address) + 1);
                    done[cpu]++;
                };
            }
            run(workers);
            assertEquals(List.of(done[0], done[1]), List.of(longs(map.get(ArrayIndex.key(1)))[0], longs(map.get(ArrayIndex.key(1)))[1]));
        }
    }

    /** A full map under insertion and deletion from all sides: never more than its bound, and every element comes back. */
    @Test
    void elementsComeBack() throws Exception {
        int capacity = 16;
        try (BpfMap map = map(MapKind.HASH, 4, 8, capacity); NativeBlock block = new NativeBlock(4096)) {
            Worker[] workers = new Worker[3];
            for (int i = 0; i < workers.length; i++) {
                long scratch = block.address() + i * 1024L;
                workers[i] = random -> {
                    Memory.putInt(scratch, random.nextInt(40));
                    if (random.nextBoolean()) {
                        map.update(scratch, scratch, MapFlags.ANY, 0);
                    } else {
                        map.delete(scratch);
                    }
                    assertTrue(map.size() <= capacity + 3);
                };
            }
            run(workers);
            for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
                assertTrue(map.remove(entries.next().key()));
            }
            assertEquals(0, map.size());
            for (int key = 0; key < capacity; key++) {
                map.put(ArrayIndex.key(key), new byte[8], MapFlags.NOEXIST);
            }
            Memory.putInt(block.address(), 1000);
            assertEquals(-Errno.E2BIG, map.update(block.address(), block.address(), MapFlags.ANY, 0));
        }
    }

    /** Twice as many keys as room, from all sides: no foreign value, never more than the bound, no element lost. */
    @ParameterizedTest
    @CsvSource({"LRU_HASH,1", "LRU_HASH,40", "LRU_PERCPU_HASH,40"})
    void evictionLosesNothing(MapKind kind, int capacity) throws Exception {
        int keys = 2 * capacity;
        try (HashMap map = (HashMap) map(kind, 16, 32, capacity); NativeBlock block = new NativeBlock(4096)) {
            Worker[] workers = new Worker[3];
            for (int i = 0; i < workers.length; i++) {
                long scratch = block.address() + i * 1024L;
                workers[i] = random -> {
                    int key = random.nextInt(keys);
                    if (random.nextInt(8) == 0) {
                        Memory.putLong(scratch, key);
                        Memory.putLong(scratch + 8, ~(long) key);
                        map.delete(scratch);
                    } else if (map.lookupKey(0, key, ~key) == 0) {
                        long result = put(map, scratch, key, random.nextInt(1000));
                        assertTrue(result == 0 || result == -Errno.ENOMEM);
                    }
                    assertTrue(map.size() <= capacity + workers.length);
                    if (random.nextInt(100) == 0) {
                        Set<Long> found = new HashSet<>();
                        for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
                            BpfMap.Entry entry = entries.next();
                            assertTrue(found.add(longs(entry.key())[0]), "a key twice");
                            for (int word = 0; word < 4; word++) {
                                assertEquals(longs(entry.key())[0], longs(entry.value())[word] >>> 32, "another key's value");
                            }
                        }
                    }
                };
            }
            run(workers);
            for (int key = 0; key < capacity; key++) {
                put(map, block.address(), 1000 + key, 0);
            }
            assertEquals(capacity, map.size());
            int entries = 0;
            for (Iterator<BpfMap.Entry> all = map.entries(); all.hasNext(); all.next()) {
                entries++;
            }
            assertEquals(capacity, entries);
        }
    }

    /**
     * Prefixes of all lengths come and go below and above rules that stay; values name their prefix. A reader must never miss what stays, nor
     * find a rule that does not hold its key.
     */
    @ParameterizedTest
    @CsvSource({"4,1000", "4,250000", "16,1000", "20,1000"})
    void longestPrefixes(int dataSize, int maxEntries) throws Exception {
        MapDefinition definition = new MapDefinition("m", MapKind.LPM_TRIE, 4 + dataSize, 8, maxEntries, MapFlags.NO_PREALLOC);
        try (BpfMap map = Subject.create(definition); NativeBlock block = new NativeBlock(4096)) {
            for (int net = 0; net < 4; net++) {
                putPrefix(map, block.address(), dataSize, 10 << 24 | net << 16, 16);
                putPrefix(map, block.address(), dataSize, 10 << 24 | net << 16 | 0x708, 32);
            }
            Worker[] workers = new Worker[4];
            long[][] counts = new long[2][2];
            for (int i = 0; i < workers.length; i++) {
                long scratch = block.address() + i * 1024L;
                int reader = i - 2;
                workers[i] = reader < 0 ? random -> changePrefixes(map, scratch, dataSize, random)
                        : random -> counts[reader][readPrefixes(map, scratch, dataSize, random) ? 1 : 0]++;
            }
            run(workers);
            for (long[] count : counts) {
                assertTrue(count[1] > 1000 && count[0] <= count[1] / 1000, "reused " + count[0] + " of " + count[1]);
            }
            for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
                assertTrue(map.remove(entries.next().key()));
            }
            assertEquals(0, map.size());
            assertEquals(0, ((LpmTrieMap) map).tableBytes());
        }
    }

    /** @param length of the last 32 bits of the data; those before are zero and belong to the prefix */
    private static void prefix(long scratch, int dataSize, int bits, int length) {
        Memory.putInt(scratch, length == 0 ? 0 : 8 * dataSize - 32 + length);
        Memory.fill(scratch + 4, dataSize, (byte) 0);
        Memory.putInt(scratch + dataSize, Integer.reverseBytes(bits));
    }

    private static void putPrefix(BpfMap map, long scratch, int dataSize, int bits, int length) {
        prefix(scratch, dataSize, bits, length);
        Memory.putLong(scratch + 512, (long) bits << 8 | length);
        assertEquals(0, map.update(scratch, scratch + 512, MapFlags.ANY, 0));
    }

    private static int address(SplittableRandom random) {
        return 10 << 24 | random.nextInt(4) << 16 | random.nextInt(9) << 8 | random.nextInt(9);
    }

    private static void changePrefixes(BpfMap map, long scratch, int dataSize, SplittableRandom random) {
        int length = random.nextInt(20) == 0 ? random.nextInt(16) : 17 + random.nextInt(16);
        int bits = length == 0 ? 0 : address(random) & -1 << 32 - length;
        if (length == 32 && (bits & 0xFFFF) == 0x708) {
            return;
        }
        if (random.nextBoolean()) {
            putPrefix(map, scratch, dataSize, bits, length);
        } else {
            prefix(scratch, dataSize, bits, length);
            map.delete(scratch);
        }
    }

    /** False if the element was another rule's by the time it was read; only then may its value not fit. */
    private static boolean readPrefixes(BpfMap map, long scratch, int dataSize, SplittableRandom random) {
        boolean exact = random.nextInt(4) == 0;
        int bits = exact ? 10 << 24 | random.nextInt(4) << 16 | 0x708 : address(random);
        prefix(scratch, dataSize, bits, 32);
        long found = map.lookup(scratch, 0);
        assertNotEquals(0, found);
        long value = Memory.getLongAcquire(found);
        int length = (int) value & 0xFF;
        boolean holds = length >= 16 && (!exact || length == 32) && ((int) (value >> 8) ^ bits) >>> 32 - length == 0;
        assertTrue(holds || map.lookup(scratch, 0) != found, () -> Integer.toHexString(bits) + " found " + Long.toHexString(value));
        return holds;
    }

    @Test
    void queueLosesNothing() throws Exception {
        long[] pushed = new long[2];
        long[] popped = new long[2];
        long[] count = new long[4];
        try (BpfMap map = map(MapKind.QUEUE, 0, 16, 50); NativeBlock block = new NativeBlock(4096)) {
            Worker[] workers = new Worker[4];
            for (int i = 0; i < 2; i++) {
                int me = i;
                long in = block.address() + i * 1024L;
                workers[i] = random -> {
                    long value = random.nextLong();
                    Memory.putLong(in, value);
                    Memory.putLong(in + 8, ~value);
                    if (map.push(in, MapFlags.ANY) == 0) {
                        pushed[me] += value;
                        count[me]++;
                    }
                };
                long out = block.address() + 2048 + i * 1024L;
                workers[i + 2] = random -> {
                    if (map.pop(out) == 0) {
                        assertEquals(~Memory.getLong(out), Memory.getLong(out + 8), "half a value");
                        popped[me] += Memory.getLong(out);
                        count[me + 2]++;
                    }
                };
            }
            run(workers);
            long rest = 0;
            long left = 0;
            for (byte[] value = map.next(true); value != null; value = map.next(true)) {
                rest += longs(value)[0];
                left++;
            }
            assertEquals(pushed[0] + pushed[1], popped[0] + popped[1] + rest);
            assertEquals(count[0] + count[1], count[2] + count[3] + left);
            assertTrue(count[2] > 0 && count[3] > 0);
        }
    }
}
