// SPDX-License-Identifier: MIT OR GPL-2.0
/* Lookup, update, delete and writing through a pointer on the kinds of maps that have keys. */
#include "steps.h"

#define KEYED(NAME, TYPE, KEY_SIZE, FLAGS)             \
	struct {                                       \
		__uint(type, BPF_MAP_TYPE_##TYPE);     \
		__uint(key_size, KEY_SIZE);            \
		__uint(value_size, 8);                 \
		__uint(max_entries, 3);                \
		__uint(map_flags, FLAGS);              \
	} NAME SEC(".maps");                           \
	PROGRAM(on_##NAME, NAME, perform)

KEYED(array, ARRAY, 4, 0)
KEYED(percpu_array, PERCPU_ARRAY, 4, 0)
KEYED(hash, HASH, 4, 0)
KEYED(hash_on_demand, HASH, 4, BPF_F_NO_PREALLOC)
KEYED(hash_of_bytes, HASH, 1, 0)
KEYED(hash_of_longs, HASH, 8, 0)
KEYED(hash_of_odd, HASH, 7, 0)
KEYED(percpu_hash, PERCPU_HASH, 4, 0)
KEYED(percpu_hash_on_demand, PERCPU_HASH, 4, BPF_F_NO_PREALLOC)
KEYED(lru_hash, LRU_HASH, 4, 0)
KEYED(lru_percpu_hash, LRU_PERCPU_HASH, 4, 0)
KEYED(trie, LPM_TRIE, 8, BPF_F_NO_PREALLOC)

char _license[] SEC("license") = "Dual MIT/GPL";
