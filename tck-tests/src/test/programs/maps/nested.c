// SPDX-License-Identifier: MIT OR GPL-2.0
/* Maps of maps: the argument chooses the inner map and the key in it. */
#include "results.h"

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 2);
};

struct inner first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 3);
	__array(values, struct inner);
} array SEC(".maps") = {
	.values = {[0] = &first, [2] = &second},
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 3);
	__array(values, struct inner);
} hash SEC(".maps") = {
	.values = {[1] = &first, [7] = &second},
};

/* Arguments: key of the inner map, key in it, value, flags. Results: whether there was an inner map, its update's answer, the value then. */
static __always_inline int store(void *outer)
{
	__u32 map = argument(0), key = argument(1);
	__u64 value = argument(2);
	void *chosen = bpf_map_lookup_elem(outer, &map);
	__u64 *found;

	result(0, chosen != 0);
	if (!chosen)
		return XDP_DROP;
	result(1, bpf_map_update_elem(chosen, &key, &value, argument(3)));
	found = bpf_map_lookup_elem(chosen, &key);
	result(2, found ? *found : -1);
	if (found)
		*found += 1;
	return XDP_PASS;
}

SEC("xdp") int through_array(struct xdp_md *ctx)
{
	return store(&array);
}

SEC("xdp") int through_hash(struct xdp_md *ctx)
{
	return store(&hash);
}

char _license[] SEC("license") = "Dual MIT/GPL";
