// SPDX-License-Identifier: MIT OR GPL-2.0
/* Inner maps of kinds that have calls of their own: ring buffers, perf event arrays, per-CPU maps, and maps to redirect by. */
#include "dynptr.h"
#include "results.h"

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} small SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8192);
} large SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 3);
	__array(values, struct ring);
} rings SEC(".maps") = {
	.values = {[0] = &small, [2] = (void *)&large},
};

struct events {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 4);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 1);
	__array(values, struct events);
} all_events SEC(".maps") = {
	.values = {[0] = &events},
};

struct counters {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 2);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 1);
	__array(values, struct counters);
} all_counters SEC(".maps") = {
	.values = {[5] = &counters},
};

struct ports {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 4);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 1);
	__array(values, struct ports);
} all_ports SEC(".maps") = {
	.values = {[0] = &ports},
};

struct cpus {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 4);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 1);
	__array(values, struct cpus);
} all_cpus SEC(".maps") = {
	.values = {[0] = &cpus},
};

/* Arguments: which ring, size, whether to submit. */
SEC("xdp")
int in_rings(struct xdp_md *ctx)
{
	__u32 which = argument(0);
	void *ring = bpf_map_lookup_elem(&rings, &which);
	__u64 bytes[2] = {1, argument(1)}, *record;

	result(0, ring != 0);
	if (!ring)
		return XDP_DROP;
	result(1, bpf_ringbuf_output(ring, bytes, sizeof(bytes), 0));
	record = bpf_ringbuf_reserve(ring, 24, 0);
	result(2, record != 0);
	if (record) {
		record[0] = argument(1);
		record[1] = record[2] = 7;
		if (argument(2))
			bpf_ringbuf_submit(record, 0);
		else
			bpf_ringbuf_discard(record, 0);
	}
	record = bpf_ringbuf_reserve(ring, 5000, 0);
	result(3, record != 0);
	if (record)
		bpf_ringbuf_discard(record, 0);
	result(4, bpf_ringbuf_query(ring, BPF_RB_RING_SIZE));
	result(5, bpf_ringbuf_query(ring, BPF_RB_PROD_POS));
	return XDP_PASS;
}

/* Arguments: which ring, size, whether to submit. */
SEC("xdp")
int dynptr_in_rings(struct xdp_md *ctx)
{
	__u32 which = argument(0);
	void *ring = bpf_map_lookup_elem(&rings, &which);
	struct bpf_dynptr record;
	__u64 value = 0x1122334455667788, *found;

	if (!ring)
		return XDP_DROP;
	result(0, bpf_ringbuf_reserve_dynptr(ring, argument(1), 0, &record));
	result(1, bpf_dynptr_write(&record, 8, &value, sizeof(value), 0));
	found = bpf_dynptr_data(&record, 0, sizeof(value));
	result(2, found != 0);
	if (found)
		*found = 5;
	if (argument(2))
		bpf_ringbuf_submit_dynptr(&record, 0);
	else
		bpf_ringbuf_discard_dynptr(&record, 0);
	result(3, bpf_ringbuf_query(ring, BPF_RB_PROD_POS));
	return XDP_PASS;
}

SEC("xdp")
int in_events(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 bytes = 7;
	void *inner = bpf_map_lookup_elem(&all_events, &zero);

	if (!inner)
		return XDP_ABORTED;
	return done(bpf_perf_event_output(ctx, inner, argument(0), &bytes, sizeof(bytes)));
}

/* Arguments: key of the inner map, key in it, CPU. */
SEC("xdp")
int in_counters(struct xdp_md *ctx)
{
	__u32 which = argument(0), key = argument(1);
	void *inner = bpf_map_lookup_elem(&all_counters, &which);
	__u64 *found;

	result(0, inner != 0);
	if (!inner)
		return XDP_DROP;
	found = bpf_map_lookup_percpu_elem(inner, &key, argument(2));
	result(1, found ? *found : -1);
	if (found)
		*found += 3;
	found = bpf_map_lookup_elem(inner, &key);
	result(2, found != 0);
	return XDP_PASS;
}

/* Arguments: key, flags. */
SEC("xdp")
int to_ports(struct xdp_md *ctx)
{
	__u32 zero = 0;
	void *inner = bpf_map_lookup_elem(&all_ports, &zero);

	return inner ? bpf_redirect_map(inner, argument(0), argument(1)) : XDP_ABORTED;
}

SEC("xdp")
int to_cpus(struct xdp_md *ctx)
{
	__u32 zero = 0;
	void *inner = bpf_map_lookup_elem(&all_cpus, &zero);

	return inner ? bpf_redirect_map(inner, argument(0), argument(1)) : XDP_ABORTED;
}

char _license[] SEC("license") = "Dual MIT/GPL";
