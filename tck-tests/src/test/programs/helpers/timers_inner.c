// SPDX-License-Identifier: MIT OR GPL-2.0
/* A timer in an inner map. */
#include "results.h"

#define CLOCK_MONOTONIC 1

struct plain {
	struct bpf_timer timer;
	__u64 count;
};

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct plain);
	__uint(max_entries, 4);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 1);
	__array(values, struct inner);
} outer SEC(".maps") = {.values = {(void *)&inner}};

static int fired(void *map, __u32 *key, struct plain *value)
{
	__u32 other = *key + 1;
	struct plain *next = bpf_map_lookup_elem(map, &other);

	value->count++;
	if (next)
		next->count += 10;
	return 0;
}

SEC("xdp")
int in_inner(struct xdp_md *ctx)
{
	__u32 index = 0;
	void *map = bpf_map_lookup_elem(&outer, &index);
	struct plain *value;

	if (!map)
		return XDP_DROP;
	value = bpf_map_lookup_elem(map, &index);
	if (!value)
		return XDP_DROP;
	result(0, bpf_timer_init(&value->timer, map, CLOCK_MONOTONIC));
	result(1, bpf_timer_set_callback(&value->timer, fired));
	result(2, bpf_timer_start(&value->timer, argument(0), 0));
	result(3, value->count);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
