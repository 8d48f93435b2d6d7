// SPDX-License-Identifier: MIT OR GPL-2.0
/* An update of a hash does not change a value that the program already holds: it goes on to see the old one. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u64 first;
	__u64 second;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, struct pair);
	__uint(max_entries, 8);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u64);
	__type(value, struct pair);
	__uint(max_entries, 8);
} lru SEC(".maps");

/* What was held, and what a lookup finds afterwards. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct pair);
	__uint(max_entries, 2);
} seen SEC(".maps");

static __always_inline void report(__u32 index, const struct pair *pair)
{
	struct pair *slot = bpf_map_lookup_elem(&seen, &index);

	if (slot && pair)
		*slot = *pair;
}

static __always_inline int replace(void *map, __u64 key, __u64 value)
{
	struct pair pair = {value, ~value};

	return bpf_map_update_elem(map, &key, &pair, BPF_ANY);
}

static __always_inline int hold(void *map)
{
	__u64 key = 1;
	struct pair *held;

	if (replace(map, key, 10) || replace(map, key, 11))
		return XDP_ABORTED;
	held = bpf_map_lookup_elem(map, &key);
	if (!held || replace(map, key, 12))
		return XDP_ABORTED;
	report(0, held);
	report(1, bpf_map_lookup_elem(map, &key));
	return XDP_PASS;
}

SEC("xdp") int held_in_hash(struct xdp_md *ctx)
{
	return hold(&hash);
}

SEC("xdp") int held_in_lru(struct xdp_md *ctx)
{
	return hold(&lru);
}

/* On the stack, while the registers have other things. */
SEC("xdp") int held_on_stack(struct xdp_md *ctx)
{
	__u64 key = 1;
	struct pair *volatile held;

	if (replace(&hash, key, 10))
		return XDP_ABORTED;
	held = bpf_map_lookup_elem(&hash, &key);
	if (!held || replace(&hash, key, 12))
		return XDP_ABORTED;
	report(0, held);
	report(1, bpf_map_lookup_elem(&hash, &key));
	return XDP_PASS;
}

/* Nobody holds it. */
SEC("xdp") int held_no_more(struct xdp_md *ctx)
{
	__u64 key = 1;

	if (replace(&hash, key, 10) || replace(&hash, key, 11) || replace(&hash, key, 12))
		return XDP_ABORTED;
	report(1, bpf_map_lookup_elem(&hash, &key));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
