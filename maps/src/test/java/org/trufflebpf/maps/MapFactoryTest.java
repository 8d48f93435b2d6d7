package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which definitions are refused and how; the kernel must answer alike. */
final class MapFactoryTest {
    /** In pages, second what is in use. */
    private static final Path RESIDENT = Path.of("/proc/self/statm");
    /** Bytes; Java's own memory grows meanwhile, too. */
    private static final long MOST_TOUCHED = 128 << 20;

    record Case(MapDefinition map, int errno) {
    }

    private static Case given(int errno, MapKind kind, int keySize, int valueSize, long maxEntries, int flags) {
        return new Case(new MapDefinition("m", kind, keySize, valueSize, maxEntries, flags), errno);
    }

    static List<Case> cases() {
        return List.of(
                given(0, MapKind.HASH, 4, 4, 1, 0),
                given(0, MapKind.HASH, 513, 4, 1, 0),
                given(0, MapKind.HASH, 4, 4, 1, MapFlags.NO_PREALLOC),
                given(0, MapKind.HASH, 4, 4, 1, MapFlags.ZERO_SEED | MapFlags.RDONLY_PROG),
                given(Errno.EINVAL, MapKind.HASH, 0, 4, 1, 0),
                given(Errno.EINVAL, MapKind.HASH, 4, 0, 1, 0),
                given(Errno.EINVAL, MapKind.HASH, 4, 4, 0, 0),
                given(Errno.EINVAL, MapKind.HASH, 4, 4, 1, MapFlags.NO_COMMON_LRU),
                given(Errno.EINVAL, MapKind.HASH, 4, 4, 1, MapFlags.MMAPABLE),
                given(Errno.EINVAL, MapKind.HASH, 4, 4, 1, MapFlags.RDONLY_PROG | MapFlags.WRONLY_PROG),
                given(Errno.EINVAL, MapKind.HASH, 4, 4, 1, MapFlags.RDONLY | MapFlags.WRONLY),
                given(Errno.EINVAL, MapKind.HASH, 4, 4 << 20, 1, MapFlags.RDONLY | MapFlags.WRONLY),
                given(0, MapKind.HASH, 4, (4 << 20) - 48 - 4 - 1, 1, MapFlags.NO_PREALLOC),
                given(Errno.E2BIG, MapKind.HASH, 4, (4 << 20) - 48 - 4, 1, MapFlags.NO_PREALLOC),
                given(0, MapKind.PERCPU_HASH, 4, 32 << 10, 1, MapFlags.NO_PREALLOC),
                given(0, MapKind.PERCPU_HASH, 4, 4, 1, MapFlags.ZERO_SEED),
                given(Errno.E2BIG, MapKind.PERCPU_HASH, 4, (32 << 10) + 1, 1, 0),
                given(Errno.EINVAL, MapKind.PERCPU_HASH, 4, 4, 1, MapFlags.NUMA_NODE),
                given(Errno.EINVAL, MapKind.PERCPU_HASH, 4, 4, 1, MapFlags.NO_COMMON_LRU),
                given(Errno.EINVAL, MapKind.PERCPU_HASH, 4, 0, 1, 0),
                given(0, MapKind.LRU_HASH, 4, 4, 1000, 0),
                given(0, MapKind.LRU_HASH, 4, 4, 1000, MapFlags.NUMA_NODE),
                given(0, MapKind.LRU_HASH, 4, 4, 1000, MapFlags.NO_COMMON_LRU),
                given(Errno.EINVAL, MapKind.LRU_HASH, 4, 4, 1000, MapFlags.NO_COMMON_LRU | MapFlags.NUMA_NODE),
                given(Errno.ENOTSUPP, MapKind.LRU_HASH, 4, 4, 1000, MapFlags.NO_PREALLOC),
                given(Errno.EINVAL, MapKind.LRU_HASH, 4, 4, 1000, MapFlags.MMAPABLE),
                given(Errno.EINVAL, MapKind.LRU_HASH, 0, 4, 1000, 0),
                given(0, MapKind.LRU_PERCPU_HASH, 4, 4, 1000, MapFlags.NO_COMMON_LRU | MapFlags.ZERO_SEED),
                given(Errno.EINVAL, MapKind.LRU_PERCPU_HASH, 4, 4, 1000, MapFlags.NUMA_NODE),
                given(Errno.ENOTSUPP, MapKind.LRU_PERCPU_HASH, 4, 4, 1000, MapFlags.NO_PREALLOC),
                given(Errno.E2BIG, MapKind.LRU_PERCPU_HASH, 4, (32 << 10) + 1, 1000, 0),
                given(0, MapKind.LPM_TRIE, 5, 1, 1, MapFlags.NO_PREALLOC),
                given(0, MapKind.LPM_TRIE, 260, 1, 1, MapFlags.NO_PREALLOC | MapFlags.RDONLY_PROG | MapFlags.NUMA_NODE),
                given(0, MapKind.LPM_TRIE, 8, (4 << 20) - 256 - 24, 1, MapFlags.NO_PREALLOC),
                given(Errno.EINVAL, MapKind.LPM_TRIE, 8, (4 << 20) - 256 - 23, 1, MapFlags.NO_PREALLOC),
                given(Errno.EINVAL, MapKind.LPM_TRIE, 261, 1, 1, MapFlags.NO_PREALLOC),
                given(Errno.EINVAL, MapKind.LPM_TRIE, 4, 1, 1, MapFlags.NO_PREALLOC),
                given(Errno.EINVAL, MapKind.LPM_TRIE, 8, 0, 1, MapFlags.NO_PREALLOC),
                given(Errno.EINVAL, MapKind.LPM_TRIE, 8, 4, 0, MapFlags.NO_PREALLOC),
                given(Errno.EINVAL, MapKind.LPM_TRIE, 8, 4, 1, 0),
                given(Errno.EINVAL, MapKind.LPM_TRIE, 8, 4, 1, MapFlags.NO_PREALLOC | MapFlags.ZERO_SEED),
                given(0, MapKind.ARRAY, 4, 4, 1, 0),
                given(0, MapKind.ARRAY, 4, 4, 1, MapFlags.MMAPABLE),
                given(0, MapKind.ARRAY, 4, 4, 1, MapFlags.INNER_MAP),
                given(0, MapKind.ARRAY, 4, 8 << 20, 1, MapFlags.RDONLY_PROG),
                given(Errno.EINVAL, MapKind.ARRAY, 8, 4, 1, 0),
                given(Errno.EINVAL, MapKind.ARRAY, 4, 0, 1, 0),
                given(Errno.EINVAL, MapKind.ARRAY, 4, 4, 0, 0),
                given(Errno.EINVAL, MapKind.ARRAY, 4, 4, 1, MapFlags.NO_PREALLOC),
                given(Errno.EINVAL, MapKind.ARRAY, 4, 4, 1, MapFlags.PRESERVE_ELEMS),
                given(Errno.EINVAL, MapKind.ARRAY, 4, 4, 1, MapFlags.RDONLY_PROG | MapFlags.WRONLY_PROG),
                given(Errno.EINVAL, MapKind.ARRAY, 4, 4, 1, MapFlags.RDONLY | MapFlags.WRONLY),
                given(0, MapKind.PERCPU_ARRAY, 4, 32 << 10, 1, 0),
                given(Errno.E2BIG, MapKind.PERCPU_ARRAY, 4, (32 << 10) + 1, 1, 0),
                given(Errno.EINVAL, MapKind.PERCPU_ARRAY, 4, 4, 1, MapFlags.MMAPABLE),
                given(Errno.EINVAL, MapKind.PERCPU_ARRAY, 4, 4, 1, MapFlags.NUMA_NODE),
                given(Errno.EINVAL, MapKind.PERCPU_ARRAY, 2, 4, 1, 0),
                given(0, MapKind.QUEUE, 0, 4, 1, 0),
                given(Errno.EINVAL, MapKind.QUEUE, 4, 4, 1, 0),
                given(Errno.EINVAL, MapKind.QUEUE, 0, 0, 1, 0),
                given(Errno.EINVAL, MapKind.QUEUE, 0, 4, 0, 0),
                given(Errno.EINVAL, MapKind.QUEUE, 0, 4, 1, MapFlags.NO_PREALLOC),
                given(0, MapKind.STACK, 0, 4 << 20, 1, 0),
                given(Errno.E2BIG, MapKind.STACK, 0, (4 << 20) + 1, 1, 0),
                given(0, MapKind.DEVMAP, 4, 4, 1, 0),
                given(0, MapKind.DEVMAP, 4, 8, 1, MapFlags.RDONLY),
                given(Errno.EINVAL, MapKind.DEVMAP, 4, 5, 1, 0),
                given(Errno.EINVAL, MapKind.DEVMAP, 4, 6, 1, 0),
                given(Errno.EINVAL, MapKind.DEVMAP, 4, 16, 1, 0),
                given(Errno.EINVAL, MapKind.DEVMAP, 8, 4, 1, 0),
                given(Errno.EINVAL, MapKind.DEVMAP, 4, 4, 0, 0),
                given(Errno.EINVAL, MapKind.DEVMAP, 4, 4, 1, MapFlags.RDONLY_PROG),
                given(Errno.EINVAL, MapKind.DEVMAP, 4, 4, 1, MapFlags.RDONLY | MapFlags.WRONLY),
                given(0, MapKind.RINGBUF, 0, 0, 4096, 0),
                given(0, MapKind.RINGBUF, 0, 0, 1 << 20, MapFlags.NUMA_NODE),
                given(Errno.EINVAL, MapKind.RINGBUF, 0, 0, 0, 0),
                given(Errno.EINVAL, MapKind.RINGBUF, 0, 0, 2048, 0),
                given(Errno.EINVAL, MapKind.RINGBUF, 0, 0, 12288, 0),
                given(Errno.EINVAL, MapKind.RINGBUF, 4, 0, 4096, 0),
                given(Errno.EINVAL, MapKind.RINGBUF, 0, 4, 4096, 0),
                given(Errno.EINVAL, MapKind.RINGBUF, 0, 0, 4096, MapFlags.RDONLY),
                given(0, MapKind.USER_RINGBUF, 0, 0, 8192, 0),
                given(Errno.EINVAL, MapKind.USER_RINGBUF, 0, 0, 4097, 0),
                given(Errno.EINVAL, MapKind.USER_RINGBUF, 0, 0, 4096, MapFlags.WRONLY_PROG),
                given(0, MapKind.PERF_EVENT_ARRAY, 4, 4, 1, MapFlags.PRESERVE_ELEMS),
                given(0, MapKind.PERF_EVENT_ARRAY, 4, 4, 64, MapFlags.RDONLY),
                given(Errno.EINVAL, MapKind.PERF_EVENT_ARRAY, 4, 8, 1, 0),
                given(Errno.EINVAL, MapKind.PERF_EVENT_ARRAY, 8, 4, 1, 0),
                given(Errno.EINVAL, MapKind.PERF_EVENT_ARRAY, 4, 4, 0, 0),
                given(Errno.EINVAL, MapKind.PERF_EVENT_ARRAY, 4, 4, 1, MapFlags.WRONLY_PROG),
                given(0, MapKind.DEVMAP_HASH, 4, 4, 1, 0),
                given(0, MapKind.DEVMAP_HASH, 4, 8, 1000, MapFlags.WRONLY),
                given(Errno.EINVAL, MapKind.DEVMAP_HASH, 4, 6, 1, 0),
                given(Errno.EINVAL, MapKind.DEVMAP_HASH, 8, 4, 1, 0),
                given(Errno.EINVAL, MapKind.DEVMAP_HASH, 4, 4, 0, 0),
                given(Errno.EINVAL, MapKind.DEVMAP_HASH, 4, 4, (1L << 31) + 1, 0),
                given(Errno.EINVAL, MapKind.DEVMAP_HASH, 4, 4, 1, MapFlags.RDONLY_PROG),
                given(0, MapKind.BLOOM_FILTER, 0, 4 << 20, 1, MapFlags.ZERO_SEED | MapFlags.NUMA_NODE),
                given(Errno.E2BIG, MapKind.BLOOM_FILTER, 0, (4 << 20) + 1, 1, 0),
                given(Errno.E2BIG, MapKind.BLOOM_FILTER, 4, (4 << 20) + 1, 0, 0),
                given(Errno.EINVAL, MapKind.BLOOM_FILTER, 4, 4, 1, 0),
                given(Errno.EINVAL, MapKind.BLOOM_FILTER, 0, 0, 1, 0),
                given(Errno.EINVAL, MapKind.BLOOM_FILTER, 0, 4, 0, 0),
                given(Errno.EINVAL, MapKind.BLOOM_FILTER, 0, 4, 1, MapFlags.NO_PREALLOC),
                new Case(new MapDefinition("m", MapKind.BLOOM_FILTER, 0, 4, 1, 0, null, 15), 0),
                new Case(new MapDefinition("m", MapKind.BLOOM_FILTER, 0, 4, 1, 0, null, 16), Errno.EINVAL),
                new Case(new MapDefinition("m", MapKind.HASH, 4, 4, 1, 0, null, 1), Errno.EINVAL),
                given(0, MapKind.PROG_ARRAY, 4, 4, 64, MapFlags.RDONLY),
                given(Errno.EINVAL, MapKind.PROG_ARRAY, 4, 4, 0, 0),
                given(Errno.EINVAL, MapKind.PROG_ARRAY, 4, 8, 4, 0),
                given(Errno.EINVAL, MapKind.PROG_ARRAY, 8, 4, 4, 0),
                given(Errno.EINVAL, MapKind.PROG_ARRAY, 4, 4, 4, MapFlags.RDONLY_PROG),
                given(Errno.EINVAL, MapKind.PROG_ARRAY, 4, 4, 4, MapFlags.PRESERVE_ELEMS),
                given(0, MapKind.CPUMAP, 4, 4, 2, 0),
                given(0, MapKind.CPUMAP, 4, 8, 2, MapFlags.NUMA_NODE),
                given(Errno.EINVAL, MapKind.CPUMAP, 4, 12, 2, 0),
                given(Errno.EINVAL, MapKind.CPUMAP, 4, 6, 2, 0),
                given(Errno.EINVAL, MapKind.CPUMAP, 4, 4, 0, 0),
                given(Errno.EINVAL, MapKind.CPUMAP, 4, 4, 2, MapFlags.RDONLY),
                given(Errno.E2BIG, MapKind.CPUMAP, 4, 4, 8193, 0),
                given(0, MapKind.XSKMAP, 4, 4, 8, MapFlags.WRONLY),
                given(Errno.EINVAL, MapKind.XSKMAP, 4, 8, 8, 0),
                given(Errno.EINVAL, MapKind.XSKMAP, 4, 4, 8, MapFlags.RDONLY_PROG),
                given(Errno.EINVAL, MapKind.ARRAY_OF_MAPS, 4, 4, 1, 0),
                given(Errno.EINVAL, MapKind.HASH_OF_MAPS, 4, 4, 1, 0));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bounds(Case given) {
        int errno = 0;
        try (BpfMap map = Subject.create(given.map)) {
            assertEquals(given.map, map.definition());
            boolean readOnly = Set.of(MapKind.DEVMAP, MapKind.DEVMAP_HASH, MapKind.XSKMAP).contains(given.map.kind());
            assertEquals(given.map.flags() | (readOnly ? MapFlags.RDONLY_PROG : 0), map.flags());
            boolean keepsValues = given.map.kind() != MapKind.BLOOM_FILTER;
            assertTrue(MapFactory.memoryNeeded(given.map, 2) >= (keepsValues ? given.map.valueSize() * given.map.maxEntries() : 8));
        } catch (MapException e) {
            errno = e.errno();
            assertTrue(e.getMessage().startsWith("map m: ") && e.getMessage().lines().count() == 1, e.getMessage());
            assertThrows(MapException.class, () -> MapFactory.memoryNeeded(given.map, 2));
        }
        assertEquals(given.errno, errno, () -> given.map.toString());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void kernelBounds(Case given) {
        Kernel.assumeThere();
        long result = Kernel.create(given.map);
        if (result >= 0) {
            Kernel.close(result);
        }
        assertEquals(given.errno, result >= 0 ? 0 : -result, () -> given.map.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "HASH  | 0 | 4 | 1          | 0   | map m: key_size is 0, must be at least 1 (EINVAL)",
        "ARRAY | 2 | 4 | 1          | 0   | map m: key_size is 2, must be 4 (EINVAL)",
        "ARRAY | 4 | 4 | 0          | 0   | map m: max_entries is 0, must be 1 to 4294967295 (EINVAL)",
        "ARRAY | 4 | 4 | 4294967296 | 0   | map m: max_entries is 4294967296, must be 1 to 4294967295 (EINVAL)",
        "QUEUE | 0 | 4 | 1          | 1   | map m: map_flags 0x1 are not for kind QUEUE (EINVAL)",
        "STACK | 0 | 4 | 1          | 384 | map m: map_flags has both BPF_F_RDONLY_PROG and BPF_F_WRONLY_PROG (EINVAL)",
        "ARRAY | 4 | 4 | 1          | 24  | map m: map_flags has both BPF_F_RDONLY and BPF_F_WRONLY (EINVAL)",
        "ARRAY | 4 | 2147483647 | 4294967295 | 0 | map m: max_entries is 4294967295, must be at most 32767 with 2147483656 bytes each (ENOMEM)",
        "HASH  | 4 | 4 | 4294967295 | 0   | map m: max_entries is 4294967295, must be 1 to 1073741824 (E2BIG)"})
    void messages(MapKind kind, int keySize, int valueSize, long maxEntries, int flags, String message) {
        MapDefinition map = new MapDefinition("m", kind, keySize, valueSize, maxEntries, flags);
        assertEquals(message, assertThrows(MapException.class, () -> Subject.create(map)).getMessage());
    }

    /** Fifty million entries, or a ring of a gigabyte, are address space; memory is what the first entry touches. */
    @ParameterizedTest
    @CsvSource({"HASH, 4, 8, 0", "PERCPU_HASH, 4, 8, 0", "LRU_HASH, 4, 8, 0", "LRU_PERCPU_HASH, 4, 8, 0", "LPM_TRIE, 4, 8, 1", "ARRAY, 4, 8, 0",
        "PERCPU_ARRAY, 4, 8, 0", "QUEUE, 0, 8, 0", "STACK, 0, 8, 0", "DEVMAP, 4, 8, 0", "DEVMAP_HASH, 4, 8, 0", "PROG_ARRAY, 4, 4, 0",
        "XSKMAP, 4, 4, 0", "RINGBUF, 0, 0, 0", "USER_RINGBUF, 0, 0, 0"})
    void hugeMapsTakeMemoryWhereTheyAreTouched(MapKind kind, int keySize, int valueSize, int flags) throws IOException {
        assumeTrue(Files.exists(RESIDENT), RESIDENT + " is not there to say how much memory is in use");
        long entries = valueSize == 0 ? 1 << 30 : 50_000_000;
        MapDefinition definition = new MapDefinition("m", kind, kind == MapKind.LPM_TRIE ? 8 : keySize, valueSize, entries, flags);
        assertTrue(MapFactory.memoryNeeded(definition, 2) > 2 * MOST_TOUCHED);
        long before = residentBytes();
        try (BpfMap map = Subject.create(definition)) {
            byte[] value = new byte[map.controlValueSize()];
            switch (kind) {
                case QUEUE, STACK -> map.push(value, 0);
                case ARRAY, PERCPU_ARRAY -> map.put(ArrayIndex.key(49_999_999), value, 0);
                case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH, LPM_TRIE -> map.put(new byte[definition.keySize()], value, 0);
                default -> map.size();
            }
            long touched = residentBytes() - before;
            assertTrue(touched < MOST_TOUCHED, touched + " bytes");
        }
    }

    private static long residentBytes() throws IOException {
        return Long.parseLong(Files.readString(RESIDENT).split(" ")[1]) * 4096;
    }

    @Test
    void codecsMustFit() {
        MapDefinition definition = new MapDefinition("m", MapKind.ARRAY, 4, 4, 1, 0);
        assertThrows(IllegalArgumentException.class, () -> MapFactory.create(definition, 1, 1, Codec.bytes(4), Codec.bytes(8)));
    }
}
