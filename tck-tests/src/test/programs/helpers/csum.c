// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_csum_diff: arguments are bytes taken away, bytes added, the seed. */
#include "results.h"

#define AREA 64

struct areas {
	__u8 from[AREA];
	__u8 to[AREA];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct areas);
	__uint(max_entries, 1);
} areas SEC(".maps");

SEC("xdp")
int differs(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct areas *area = bpf_map_lookup_elem(&areas, &zero);
	__u32 from = argument(0), to = argument(1);

	if (!area || from > AREA || to > AREA)
		return XDP_ABORTED;
	return done(bpf_csum_diff((void *)area->from, from, (void *)area->to, to, argument(2)));
}

/* Sizes that a compiler knows; null where nothing is taken away or added. */
SEC("xdp")
int knows_sizes(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct areas *area = bpf_map_lookup_elem(&areas, &zero);
	__u32 seed = argument(2);

	if (!area)
		return XDP_ABORTED;
	result(0, bpf_csum_diff(0, 0, (void *)area->to, 4, seed));
	result(1, bpf_csum_diff(0, 0, (void *)area->to, 20, seed));
	result(2, bpf_csum_diff((void *)area->from, 4, 0, 0, seed));
	result(3, bpf_csum_diff((void *)area->from, 20, 0, 0, seed));
	result(4, bpf_csum_diff((void *)area->from, 4, (void *)area->to, 4, seed));
	result(5, bpf_csum_diff((void *)area->from, 20, (void *)area->to, 20, seed));
	result(6, bpf_csum_diff((void *)area->from, 40, (void *)area->to, 20, seed));
	result(7, bpf_csum_diff((void *)area->from, 64, (void *)area->to, 64, seed));
	result(8, bpf_csum_diff(0, 0, 0, 0, seed));
	result(9, bpf_csum_diff((void *)area->from, 3, (void *)area->to, 4, seed));
	result(10, bpf_csum_diff((void *)area->from, 4, (void *)area->to, 6, seed));
	result(11, bpf_csum_diff((void *)area->from, 1, (void *)area->to, 33, seed));
	return XDP_PASS;
}

/* Straight from the packet and the stack. */
SEC("xdp")
int sums_packet(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u32 old[2] = {0x01020304, 0xfffefdfc};

	if (data + 34 > end)
		return XDP_ABORTED;
	result(0, bpf_csum_diff(0, 0, data + 14, 20, argument(2)));
	result(1, bpf_csum_diff(old, sizeof(old), data + 14, 20, argument(2)));
	result(2, bpf_csum_diff(data + 14, 20, old, sizeof(old), argument(2)));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
