package org.trufflebpf.language.object;

import java.util.List;
import java.util.OptionalInt;

/** Names of the kernel's map types (enum bpf_map_type of Linux 6.18), in lower case and without the prefix: {@code percpu_array}. */
public final class MapTypes {
    static final int ARRAY_OF_MAPS = 12;
    static final int HASH_OF_MAPS = 13;

    private static final List<String> NAMES = List.of("unspec", "hash", "array", "prog_array", "perf_event_array", "percpu_hash", "percpu_array",
            "stack_trace", "cgroup_array", "lru_hash", "lru_percpu_hash", "lpm_trie", "array_of_maps", "hash_of_maps", "devmap", "sockmap", "cpumap",
            "xskmap", "sockhash", "cgroup_storage", "reuseport_sockarray", "percpu_cgroup_storage", "queue", "stack", "sk_storage", "devmap_hash",
            "struct_ops", "ringbuf", "inode_storage", "task_storage", "bloom_filter", "user_ringbuf", "cgrp_storage", "arena");

    private MapTypes() {
    }

    /** The type's name, or its number in digits if the kernel has none such. */
    public static String name(int type) {
        return type > 0 && type < NAMES.size() ? NAMES.get(type) : Integer.toString(type);
    }

    /** The number of the type with this name, if the kernel has one such. */
    public static OptionalInt number(String name) {
        int type = NAMES.indexOf(name);
        return type > 0 ? OptionalInt.of(type) : OptionalInt.empty();
    }
}
