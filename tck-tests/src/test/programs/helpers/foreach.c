// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_for_each_map_elem. Hash tables give their elements in no order that one could count on, so all sums here are without order. */
#include "results.h"

#define MAP(NAME, TYPE, VALUE, ENTRIES)                                                                                                                \
	struct {                                                                                                                                       \
		__uint(type, BPF_MAP_TYPE_##TYPE);                                                                                                     \
		__type(key, __u32);                                                                                                                    \
		__type(value, VALUE);                                                                                                                  \
		__uint(max_entries, ENTRIES);                                                                                                          \
	} NAME SEC(".maps")

MAP(array, ARRAY, __u64, 5);
MAP(percpu_array, PERCPU_ARRAY, __u64, 5);
MAP(hash, HASH, __u64, 256);
MAP(percpu_hash, PERCPU_HASH, __u64, 256);
MAP(lru_hash, LRU_HASH, __u64, 256);
MAP(lru_percpu_hash, LRU_PERCPU_HASH, __u64, 256);
MAP(copies, HASH, __u64, 256);

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 2);
	__array(values, struct inner);
} outer SEC(".maps") = {.values = {(void *)&inner}};

struct name {
	__u8 bytes[20];
	__u16 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct name);
	__type(value, __u32);
	__uint(max_entries, 16);
} names SEC(".maps");

struct sums {
	__u64 calls;
	__u64 keys;
	__u64 values;
	__u64 limit;
};

static long sum(void *map, __u32 *key, __u64 *value, struct sums *sums)
{
	sums->calls++;
	sums->keys += *key;
	sums->values += *value;
	return sums->values >= sums->limit;
}

/* Arguments: flags, sum of values at which it stops. */
#define SUMS(MAP)                                                                                                                                      \
	SEC("xdp") int sums_##MAP(struct xdp_md *ctx)                                                                                                  \
	{                                                                                                                                              \
		struct sums sums = {.limit = argument(1)};                                                                                             \
                                                                                                                                                       \
		result(0, bpf_for_each_map_elem(&MAP, sum, &sums, argument(0)));                                                                       \
		result(1, sums.calls);                                                                                                                 \
		result(2, sums.keys);                                                                                                                  \
		result(3, sums.values);                                                                                                                \
		return XDP_PASS;                                                                                                                       \
	}

SUMS(array)
SUMS(percpu_array)
SUMS(hash)
SUMS(percpu_hash)
SUMS(lru_hash)
SUMS(lru_percpu_hash)

SEC("xdp")
int sums_inner(struct xdp_md *ctx)
{
	struct sums sums = {.limit = -1};
	__u32 index = argument(0);
	void *map = bpf_map_lookup_elem(&outer, &index);

	if (!map)
		return XDP_DROP;
	result(0, bpf_for_each_map_elem(map, sum, &sums, 0));
	result(1, sums.calls);
	result(2, sums.keys);
	result(3, sums.values);
	return XDP_PASS;
}

/* Values are written where they lie. */
static long twice(void *map, __u32 *key, __u64 *value, void *nothing)
{
	*value += *value;
	return 0;
}

SEC("xdp")
int doubles(struct xdp_md *ctx)
{
	result(0, bpf_for_each_map_elem(&hash, twice, 0, 0));
	result(1, bpf_for_each_map_elem(&array, twice, 0, 0));
	return XDP_PASS;
}

static long remove_it(void *map, __u32 *key, __u64 *value, struct sums *sums)
{
	sums->keys += *key;
	sums->values += bpf_map_delete_elem(map, key);
	return 0;
}

SEC("xdp")
int empties(struct xdp_md *ctx)
{
	struct sums sums = {};

	result(0, bpf_for_each_map_elem(&hash, remove_it, &sums, 0));
	result(1, sums.keys);
	result(2, sums.values);
	result(3, bpf_for_each_map_elem(&hash, remove_it, &sums, 0));
	return XDP_PASS;
}

/* Only those that are even. */
static long remove_even(void *map, __u32 *key, __u64 *value, void *nothing)
{
	if (!(*key & 1))
		bpf_map_delete_elem(map, key);
	return 0;
}

SEC("xdp")
int empties_half(struct xdp_md *ctx)
{
	result(0, bpf_for_each_map_elem(&hash, remove_even, 0, 0));
	result(1, bpf_for_each_map_elem(&lru_hash, remove_even, 0, 0));
	return XDP_PASS;
}

/* A replaced element comes once. */
static long replace(void *map, __u32 *key, __u64 *value, void *nothing)
{
	__u32 same = *key;
	__u64 more = *value + 1;

	bpf_map_update_elem(map, &same, &more, BPF_EXIST);
	return 0;
}

SEC("xdp")
int replaces(struct xdp_md *ctx)
{
	result(0, bpf_for_each_map_elem(&hash, replace, 0, 0));
	return XDP_PASS;
}

/* Adds while it goes: how many of the new ones come is nobody's to say. */
static long add(void *map, __u32 *key, __u64 *value, void *nothing)
{
	__u32 other = *key | 128;
	__u64 more = 1;

	bpf_map_update_elem(map, &other, &more, BPF_ANY);
	return 0;
}

SEC("xdp")
int adds(struct xdp_md *ctx)
{
	bpf_for_each_map_elem(&hash, add, 0, 0);
	return XDP_PASS;
}

static long remove_number(__u32 number, void *nothing)
{
	bpf_map_delete_elem(&hash, &number);
	return 0;
}

static long remove_all(void *map, __u32 *key, __u64 *value, void *nothing)
{
	bpf_loop(64, remove_number, 0, 0);
	return 0;
}

SEC("xdp")
int empties_at_once(struct xdp_md *ctx)
{
	bpf_for_each_map_elem(&hash, remove_all, 0, 0);
	return XDP_PASS;
}

/* Key and value as arguments of a helper. */
static long copy(void *map, __u32 *key, __u64 *value, void *nothing)
{
	bpf_map_update_elem(&copies, key, value, BPF_ANY);
	return 0;
}

SEC("xdp")
int copies_all(struct xdp_md *ctx)
{
	result(0, bpf_for_each_map_elem(&array, copy, 0, 0));
	result(1, bpf_for_each_map_elem(&hash, copy, 0, 0));
	return XDP_PASS;
}

/* Pairs of elements of two maps. */
static long pair(void *map, __u32 *key, __u64 *value, struct sums *sums)
{
	sums->calls++;
	sums->values += sums->keys * *key;
	return 0;
}

static long pairs(void *map, __u32 *key, __u64 *value, struct sums *sums)
{
	sums->keys = *value;
	bpf_for_each_map_elem(&hash, pair, sums, 0);
	sums->values += *key << 16;
	return 0;
}

SEC("xdp")
int nests(struct xdp_md *ctx)
{
	struct sums sums = {};

	result(0, bpf_for_each_map_elem(&array, pairs, &sums, 0));
	result(1, sums.calls);
	result(2, sums.values);
	return XDP_PASS;
}

/* A byte of the key that is worked out as it runs. */
static long pick(void *map, struct name *key, __u32 *value, struct sums *sums)
{
	sums->calls++;
	sums->keys += key->bytes[sums->limit & 15];
	sums->values += key->number + *value;
	return 0;
}

SEC("xdp")
int picks(struct xdp_md *ctx)
{
	struct sums sums = {.limit = argument(0)};

	result(0, bpf_for_each_map_elem(&names, pick, &sums, 0));
	result(1, sums.calls);
	result(2, sums.keys);
	result(3, sums.values);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
