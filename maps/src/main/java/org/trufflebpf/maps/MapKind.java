package org.trufflebpf.maps;

/** The map kinds that can be made, by the kernel's numbers. */
public enum MapKind {
    HASH(1), ARRAY(2),
    PROG_ARRAY(3), PERF_EVENT_ARRAY(4),
    PERCPU_HASH(5), PERCPU_ARRAY(6), LRU_HASH(9), LRU_PERCPU_HASH(10), LPM_TRIE(11),
    DEVMAP(14), DEVMAP_HASH(25), QUEUE(22), STACK(23), BLOOM_FILTER(30),
    ARRAY_OF_MAPS(12), HASH_OF_MAPS(13), CPUMAP(16), XSKMAP(17),
    RINGBUF(27), USER_RINGBUF(31);

    private static final String[] KERNEL_NAMES = {"UNSPEC", "HASH", "ARRAY", "PROG_ARRAY", "PERF_EVENT_ARRAY", "PERCPU_HASH", "PERCPU_ARRAY",
            "STACK_TRACE", "CGROUP_ARRAY", "LRU_HASH", "LRU_PERCPU_HASH", "LPM_TRIE", "ARRAY_OF_MAPS", "HASH_OF_MAPS", "DEVMAP", "SOCKMAP",
            "CPUMAP", "XSKMAP", "SOCKHASH", "CGROUP_STORAGE", "REUSEPORT_SOCKARRAY", "PERCPU_CGROUP_STORAGE", "QUEUE", "STACK", "SK_STORAGE",
            "DEVMAP_HASH", "STRUCT_OPS", "RINGBUF", "INODE_STORAGE", "TASK_STORAGE", "BLOOM_FILTER", "USER_RINGBUF", "CGRP_STORAGE", "ARENA"};

    private final int number;

    MapKind(int number) {
        this.number = number;
    }

    /** As in enum bpf_map_type. */
    public int number() {
        return number;
    }

    /** Whether each CPU has a value of its own. */
    public boolean isPerCpu() {
        return this == PERCPU_HASH || this == PERCPU_ARRAY || this == LRU_PERCPU_HASH;
    }

    /** Whether bpf_for_each_map_elem goes over maps of it (map_for_each_callback in the kernel). */
    public boolean hasElements() {
        return switch (this) {
            case ARRAY, PERCPU_ARRAY, HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH -> true;
            default -> false;
        };
    }

    /** The kind of that number, or null when it cannot be made. */
    public static MapKind of(int number) {
        for (MapKind kind : values()) {
            if (kind.number == number) {
                return kind;
            }
        }
        return null;
    }

    /** What the kernel calls a kind, made here or not: the name without BPF_MAP_TYPE_, or the number. */
    public static String kernelName(int number) {
        return number >= 0 && number < KERNEL_NAMES.length ? KERNEL_NAMES[number] : Integer.toString(number);
    }
}
