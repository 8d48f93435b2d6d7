package org.trufflebpf.maps;

import java.security.SecureRandom;
import org.trufflebpf.io.memory.OutOfNativeMemoryException;

/** Makes maps, within the kernel's bounds (the alloc_check functions of kernel/bpf). */
public final class MapFactory {
    /** KMALLOC_MAX_SIZE with 4 KiB pages. */
    private static final int MAX_ALLOCATION = 4 << 20;
    /** sizeof(struct htab_elem). */
    private static final int HASH_ELEMENT = 48;
    /** Bytes of a page: what the kernel counts ring buffers in. */
    private static final int PAGE = 4096;
    /** NR_CPUS as distributions' kernels have it. */
    private static final int MAX_CPUS = 8192;
    /** LPM_DATA_SIZE_MAX. */
    private static final int MAX_PREFIX = 256;
    /** sizeof(struct lpm_trie_node). */
    private static final int PREFIX_NODE = 24;
    /** PCPU_MIN_UNIT_SIZE. */
    private static final int MAX_PER_CPU_VALUE = 32 << 10;

    /** No process has more: 47 bits of addresses. */
    private static final long MAX_BYTES = 1L << 46;

    private MapFactory() {
    }

    /**
     * @param id positive, unique among the maps of one instance
     * @param cpus CPU numbers that programs may give, at least 1
     * @param key codec of the definition's key size; {@link Codec#untyped} if nothing is known of the type
     * @param value codec of one value
     * @throws MapException when the kernel would refuse the definition, or the system has no room; one line that names map, field and bound
     * @throws IllegalArgumentException for a codec of another size
     */
    public static BpfMap create(MapDefinition definition, int id, int cpus, Codec key, Codec value) {
        return create(definition, id, cpus, key, value, new SecureRandom().nextLong());
    }

    /**
     * @param seed of the hash function unless the definition has BPF_F_ZERO_SEED; the order of iteration depends on it and nothing else does
     */
    public static BpfMap create(MapDefinition definition, int id, int cpus, Codec key, Codec value, long seed) {
        return create(definition, id, cpus, key, value, seed, References.NONE);
    }

    /**
     * @param references what PROG_ARRAY, CPUMAP, XSKMAP and maps of maps name by number
     */
    public static BpfMap create(MapDefinition definition, int id, int cpus, Codec key, Codec value, long seed, References references) {
        check(definition);
        if (key.size() != definition.keySize() || value.size() != definition.valueSize()) {
            throw new IllegalArgumentException("codecs of " + key.size() + " and " + value.size() + " bytes for " + definition);
        }
        try {
            Codec keys = definition.kind() == MapKind.LPM_TRIE ? PrefixCodec.of(key) : key;
            return make(new Blueprint(definition, id, cpus, keys, valueCodec(definition, value, references), references), seed);
        } catch (OutOfNativeMemoryException e) {
            throw new MapException(definition.name(), Errno.ENOMEM, e.getMessage() + ": lower max_entries");
        }
    }

    /** An empty map like another one, which refers to the same things and has the same number: to try out what the other would take. */
    public static BpfMap createLike(BpfMap map) {
        return create(map.definition(), map.id(), map.cpus(), map.keyCodec(), map.valueCodec(), 0, map.references);
    }

    private static BpfMap make(Blueprint blueprint, long seed) {
        return switch (blueprint.definition().kind()) {
            case ARRAY -> new ArrayMap(blueprint);
            case PERCPU_ARRAY -> new PerCpuArrayMap(blueprint);
            case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH -> new HashMap(blueprint, zeroSeed(blueprint) ? 0 : seed);
            case QUEUE, STACK -> new QueueMap(blueprint);
            case LPM_TRIE -> new LpmTrieMap(blueprint);
            case DEVMAP -> new DevArrayMap(blueprint);
            case DEVMAP_HASH -> new DevHashMap(blueprint, zeroSeed(blueprint) ? 0 : seed);
            case BLOOM_FILTER -> new BloomFilterMap(blueprint, zeroSeed(blueprint) ? 0 : seed);
            case RINGBUF -> new RingMap(blueprint);
            case USER_RINGBUF -> new UserRingMap(blueprint);
            case PERF_EVENT_ARRAY -> new PerfEventMap(blueprint);
            case PROG_ARRAY -> new ProgramArrayMap(blueprint);
            case ARRAY_OF_MAPS -> new ArrayOfMaps(blueprint);
            case HASH_OF_MAPS -> new HashOfMaps(blueprint, zeroSeed(blueprint) ? 0 : seed);
            case CPUMAP -> new CpuMap(blueprint);
            case XSKMAP -> new XskMap(blueprint);
        };
    }

    private static boolean zeroSeed(Blueprint blueprint) {
        return (blueprint.definition().flags() & MapFlags.ZERO_SEED) != 0;
    }

    /** Values that are numbers of programs and maps look like what they name. */
    private static Codec valueCodec(MapDefinition definition, Codec value, References references) {
        return switch (definition.kind()) {
            case PROG_ARRAY -> new ProgramCodec(references);
            case ARRAY_OF_MAPS, HASH_OF_MAPS -> new MapCodec(references);
            case DEVMAP, DEVMAP_HASH, CPUMAP ->
                value.size() == RedirectTarget.SIZE ? new RedirectTargetCodec(definition.kind(), references, value) : value;
            default -> value;
        };
    }

    /**
     * Bytes of address space that {@link #create} takes; large maps use physical memory only where they are touched.
     *
     * @throws MapException as {@link #create}
     */
    public static long memoryNeeded(MapDefinition definition, int cpus) {
        check(definition);
        return switch (definition.kind()) {
            case ARRAY -> ArrayMap.memoryNeeded(definition);
            case PERCPU_ARRAY -> PerCpuArrayMap.memoryNeeded(definition, cpus);
            case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH, HASH_OF_MAPS -> HashMap.memoryNeeded(definition, cpus);
            case QUEUE, STACK -> QueueMap.memoryNeeded(definition);
            case LPM_TRIE -> LpmTrieMap.memoryNeeded(definition);
            case DEVMAP_HASH -> DevHashMap.memoryNeeded(definition);
            case BLOOM_FILTER -> BloomFilterMap.memoryNeeded(definition);
            case RINGBUF -> RingMap.memoryNeeded(definition, cpus);
            case USER_RINGBUF -> UserRingMap.memoryNeeded(definition);
            case PERF_EVENT_ARRAY -> PerfEventMap.memoryNeeded(definition, cpus);
            case DEVMAP, PROG_ARRAY, ARRAY_OF_MAPS, CPUMAP, XSKMAP -> SlotMap.memoryNeeded(definition);
        };
    }

    private static void check(MapDefinition map) {
        // bpf_get_file_flag comes before all else, and bloom_map_alloc asks for the size first.
        requireNotBoth(map, MapFlags.RDONLY, "BPF_F_RDONLY", MapFlags.WRONLY, "BPF_F_WRONLY");
        require(map, map.kind() != MapKind.BLOOM_FILTER || map.valueSize() <= MAX_ALLOCATION, Errno.E2BIG, "value_size", map.valueSize(),
                "1 to " + MAX_ALLOCATION);
        require(map, map.maxEntries() >= 1 && map.maxEntries() <= 0xFFFF_FFFFL, Errno.EINVAL, "max_entries", map.maxEntries(), "1 to 4294967295");
        long maxExtra = map.kind() == MapKind.BLOOM_FILTER ? 15 : 0;
        require(map, map.extra() >= 0 && map.extra() <= maxExtra, Errno.EINVAL, "map_extra", map.extra(), "0 to " + maxExtra);
        switch (map.kind()) {
            case ARRAY -> {
                requireFlags(map, MapFlags.NUMA_NODE | MapFlags.MMAPABLE | MapFlags.INNER_MAP | MapFlags.ACCESS);
                requireIndexKey(map);
                requireValue(map, Integer.MAX_VALUE);
            }
            case PERCPU_ARRAY -> {
                requireFlags(map, MapFlags.ACCESS);
                requireIndexKey(map);
                requireValue(map, MAX_PER_CPU_VALUE);
            }
            case HASH, PERCPU_HASH -> {
                int numa = map.kind() == MapKind.HASH ? MapFlags.NUMA_NODE : 0;
                requireFlags(map, MapFlags.NO_PREALLOC | MapFlags.ZERO_SEED | MapFlags.ACCESS | numa);
                checkHash(map);
            }
            case LRU_HASH, LRU_PERCPU_HASH -> {
                if ((map.flags() & MapFlags.NO_PREALLOC) != 0) {
                    throw new MapException(map.name(), Errno.ENOTSUPP, "map_flags has BPF_F_NO_PREALLOC, which is not for kind " + map.kind());
                }
                boolean numa = map.kind() == MapKind.LRU_HASH && (map.flags() & MapFlags.NO_COMMON_LRU) == 0;
                requireFlags(map, MapFlags.NO_COMMON_LRU | MapFlags.ZERO_SEED | MapFlags.ACCESS | (numa ? MapFlags.NUMA_NODE : 0));
                checkHash(map);
            }
            case LPM_TRIE -> {
                require(map, (map.flags() & MapFlags.NO_PREALLOC) != 0, Errno.EINVAL, "map_flags", map.flags(), "with BPF_F_NO_PREALLOC");
                requireFlags(map, MapFlags.NO_PREALLOC | MapFlags.NUMA_NODE | MapFlags.ACCESS);
                int maxKey = 4 + MAX_PREFIX;
                require(map, map.keySize() > 4 && map.keySize() <= maxKey, Errno.EINVAL, "key_size", map.keySize(), "5 to " + maxKey);
                int maxValue = MAX_ALLOCATION - MAX_PREFIX - PREFIX_NODE;
                require(map, map.valueSize() >= 1 && map.valueSize() <= maxValue, Errno.EINVAL, "value_size", map.valueSize(), "1 to " + maxValue);
                require(map, map.maxEntries() <= PrefixShape.MAX_CAPACITY, Errno.E2BIG, "max_entries", map.maxEntries(),
                        "1 to " + PrefixShape.MAX_CAPACITY);
            }
            case QUEUE, STACK -> {
                requireFlags(map, MapFlags.NUMA_NODE | MapFlags.ACCESS);
                require(map, map.keySize() == 0, Errno.EINVAL, "key_size", map.keySize(), "0");
                requireValue(map, MAX_ALLOCATION);
            }
            case BLOOM_FILTER -> {
                requireFlags(map, MapFlags.NUMA_NODE | MapFlags.ZERO_SEED | MapFlags.ACCESS);
                require(map, map.keySize() == 0, Errno.EINVAL, "key_size", map.keySize(), "0");
                requireValue(map, MAX_ALLOCATION);
            }
            case DEVMAP, DEVMAP_HASH -> {
                requireFlags(map, MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY);
                requireIndexKey(map);
                require(map, map.valueSize() == 4 || map.valueSize() == 8, Errno.EINVAL, "value_size", map.valueSize(), "4 or 8");
                if (map.kind() == MapKind.DEVMAP_HASH) {
                    require(map, map.maxEntries() <= 1L << 31, Errno.EINVAL, "max_entries", map.maxEntries(), "1 to " + HashShape.MAX_CAPACITY);
                    require(map, map.maxEntries() <= HashShape.MAX_CAPACITY, Errno.ENOMEM, "max_entries", map.maxEntries(),
                            "1 to " + HashShape.MAX_CAPACITY);
                }
            }
            case RINGBUF, USER_RINGBUF -> {
                requireFlags(map, MapFlags.NUMA_NODE);
                require(map, map.keySize() == 0, Errno.EINVAL, "key_size", map.keySize(), "0");
                require(map, map.valueSize() == 0, Errno.EINVAL, "value_size", map.valueSize(), "0");
                require(map, map.maxEntries() >= PAGE && Long.bitCount(map.maxEntries()) == 1, Errno.EINVAL, "max_entries", map.maxEntries(),
                        "a power of two and a multiple of " + PAGE);
            }
            case PROG_ARRAY -> {
                requireFlags(map, MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY);
                requireIndexKey(map);
                requireHandle(map);
            }
            case ARRAY_OF_MAPS -> {
                requireFlags(map, MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY);
                requireIndexKey(map);
                requireHandle(map);
                requireInner(map);
            }
            case HASH_OF_MAPS -> {
                requireHandle(map);
                requireFlags(map, MapFlags.NO_PREALLOC | MapFlags.NUMA_NODE | MapFlags.ZERO_SEED | MapFlags.ACCESS);
                checkHash(map);
                requireInner(map);
            }
            case CPUMAP -> {
                requireFlags(map, MapFlags.NUMA_NODE);
                requireIndexKey(map);
                require(map, map.valueSize() == 4 || map.valueSize() == 8, Errno.EINVAL, "value_size", map.valueSize(), "4 or 8");
                require(map, map.maxEntries() <= MAX_CPUS, Errno.E2BIG, "max_entries", map.maxEntries(), "1 to " + MAX_CPUS);
            }
            case XSKMAP -> {
                requireFlags(map, MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY);
                requireIndexKey(map);
                requireHandle(map);
            }
            case PERF_EVENT_ARRAY -> {
                requireFlags(map, MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY | MapFlags.PRESERVE_ELEMS);
                requireIndexKey(map);
                requireHandle(map);
            }
        }
        checkFields(map);
        long element = Math.max(1, Words.roundUp(map.keySize(), 8) + Words.roundUp(map.valueSize(), 8));
        require(map, map.maxEntries() <= MAX_BYTES / element, Errno.ENOMEM, "max_entries", map.maxEntries(),
                "at most " + MAX_BYTES / element + " with " + element + " bytes each");
    }

    /** As map_check_btf. */
    private static void checkFields(MapDefinition map) {
        ValueFields fields = map.fields();
        boolean plain = map.kind() == MapKind.HASH || map.kind() == MapKind.ARRAY;
        if (fields.hasLock() && !plain) {
            throw new MapException(map.name(), Errno.EOPNOTSUPP, "kind " + map.kind() + " cannot have a struct bpf_spin_lock in its values");
        }
        if (fields.hasTimer() && !plain && map.kind() != MapKind.LRU_HASH) {
            throw new MapException(map.name(), Errno.EOPNOTSUPP, "kind " + map.kind() + " cannot have a struct bpf_timer in its values");
        }
        if (fields.any() && (map.flags() & (MapFlags.RDONLY_PROG | MapFlags.WRONLY_PROG)) != 0) {
            throw new MapException(map.name(), Errno.EACCES, "a map with a struct " + (fields.hasLock() ? "bpf_spin_lock" : "bpf_timer") +
                    " in its values must be for programs to read and write");
        }
        require(map, !fields.hasLock() || fields.lock() % 4 == 0 && fields.lock() <= map.valueSize() - ValueFields.LOCK_BYTES, Errno.EINVAL, "lock",
                fields.lock(), "an int in the value");
        require(map, !fields.hasTimer() || fields.timer() % 8 == 0 && fields.timer() <= map.valueSize() - ValueFields.TIMER_BYTES, Errno.EINVAL,
                "timer", fields.timer(), "two words in the value");
    }

    private static void checkHash(MapDefinition map) {
        require(map, map.keySize() >= 1, Errno.EINVAL, "key_size", map.keySize(), "at least 1");
        requireValue(map, map.kind().isPerCpu() ? MAX_PER_CPU_VALUE : Integer.MAX_VALUE);
        long size = (long) map.keySize() + map.valueSize();
        require(map, size < MAX_ALLOCATION - HASH_ELEMENT, Errno.E2BIG, "key_size + value_size", size, "below " + (MAX_ALLOCATION - HASH_ELEMENT));
        require(map, map.maxEntries() <= HashShape.MAX_CAPACITY, Errno.E2BIG, "max_entries", map.maxEntries(), "1 to " + HashShape.MAX_CAPACITY);
    }

    private static void requireIndexKey(MapDefinition map) {
        require(map, map.keySize() == 4, Errno.EINVAL, "key_size", map.keySize(), "4");
    }

    /** What the kernel takes as a descriptor. */
    private static void requireHandle(MapDefinition map) {
        require(map, map.valueSize() == 4, Errno.EINVAL, "value_size", map.valueSize(), "4");
    }

    /** As bpf_map_meta_alloc. */
    private static void requireInner(MapDefinition map) {
        MapDefinition inner = map.inner();
        if (inner == null || inner.inner() != null) {
            throw new MapException(map.name(), Errno.EINVAL, inner == null ? "has no inner map" : "an inner map can have no inner maps itself");
        }
        if (inner.kind() == MapKind.PROG_ARRAY) {
            throw new MapException(map.name(), Errno.ENOTSUPP, "an inner map cannot be a PROG_ARRAY");
        }
        check(inner);
    }

    private static void requireValue(MapDefinition map, int max) {
        require(map, map.valueSize() >= 1, Errno.EINVAL, "value_size", map.valueSize(), "1 to " + max);
        require(map, map.valueSize() <= max, Errno.E2BIG, "value_size", map.valueSize(), "1 to " + max);
    }

    private static void requireFlags(MapDefinition map, int allowed) {
        int refused = map.flags() & ~allowed;
        if (refused != 0) {
            throw new MapException(map.name(), Errno.EINVAL, "map_flags 0x" + Integer.toHexString(refused) + " are not for kind " + map.kind());
        }
        requireNotBoth(map, MapFlags.RDONLY_PROG, "BPF_F_RDONLY_PROG", MapFlags.WRONLY_PROG, "BPF_F_WRONLY_PROG");
    }

    private static void requireNotBoth(MapDefinition map, int one, String oneName, int other, String otherName) {
        if ((map.flags() & one) != 0 && (map.flags() & other) != 0) {
            throw new MapException(map.name(), Errno.EINVAL, "map_flags has both " + oneName + " and " + otherName);
        }
    }

    private static void require(MapDefinition map, boolean condition, int errno, String field, long value, String bound) {
        if (!condition) {
            throw new MapException(map.name(), errno, field + " is " + value + ", must be " + bound);
        }
    }
}
