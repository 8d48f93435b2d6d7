// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_spin_lock and bpf_spin_unlock around two counters, in an array and in a hash map. */
#include "results.h"

struct counters {
	__u64 first;
	struct bpf_spin_lock lock;
	__u32 second;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct counters);
	__uint(max_entries, 2);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct counters);
	__uint(max_entries, 2);
} hash SEC(".maps");

static __always_inline void count(struct counters *counters, __u32 bytes)
{
	bpf_spin_lock(&counters->lock);
	counters->first++;
	counters->second += bytes;
	bpf_spin_unlock(&counters->lock);
}

SEC("xdp")
int locks(struct xdp_md *ctx)
{
	__u32 zero = 0, bytes = ctx->data_end - ctx->data;
	struct counters fresh = {};
	struct counters *counters = bpf_map_lookup_elem(&array, &zero);

	if (!counters)
		return XDP_ABORTED;
	count(counters, bytes);
	bpf_map_update_elem(&hash, &zero, &fresh, BPF_NOEXIST);
	counters = bpf_map_lookup_elem(&hash, &zero);
	if (!counters)
		return XDP_ABORTED;
	count(counters, bytes);
	count(counters, bytes);
	return XDP_PASS;
}

/* An update leaves the lock alone, whatever the new value has in its place; arguments: flags of the update. */
SEC("xdp")
int updates(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct {
		__u64 first;
		__u32 lock;
		__u32 second;
	} fresh = {5, 1, 6};
	struct counters *counters;

	result(0, bpf_map_update_elem(&array, &zero, &fresh, argument(0)));
	result(1, bpf_map_update_elem(&hash, &zero, &fresh, argument(0)));
	result(2, bpf_map_update_elem(&hash, &zero, &fresh, argument(0)));
	counters = bpf_map_lookup_elem(&array, &zero);
	if (!counters)
		return XDP_ABORTED;
	count(counters, 1);
	counters = bpf_map_lookup_elem(&hash, &zero);
	if (!counters)
		return XDP_DROP;
	count(counters, 1);
	return XDP_PASS;
}

/* Without a lock in the value the flag for it is refused. */
SEC("xdp")
int has_no_lock(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 value = 9;

	result(0, bpf_map_update_elem(&arguments, &zero, &value, BPF_F_LOCK));
	result(1, bpf_map_update_elem(&arguments, &zero, &value, BPF_F_LOCK | BPF_NOEXIST));
	result(2, bpf_map_update_elem(&arguments, &zero, &value, BPF_F_LOCK | BPF_EXIST));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
