// SPDX-License-Identifier: MIT OR GPL-2.0
/* Program arrays: who calls whom, how deep, and what comes along. */
#include "results.h"

int last(struct xdp_md *ctx);
int again(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(key_size, 4);
	__uint(max_entries, 4);
	__array(values, int (void));
} table SEC(".maps") = {
	.values = {[1] = (void *)&last, [2] = (void *)&again},
};

/* Counts how often it was there. */
SEC("xdp")
int again(struct xdp_md *ctx)
{
	result(1, argument(1) + 1);
	__u32 one = 1;
	__u64 *count = bpf_map_lookup_elem(&arguments, &one);

	if (count)
		*count += 1;
	bpf_tail_call(ctx, &table, 2);
	return XDP_TX;
}

SEC("xdp")
int last(struct xdp_md *ctx)
{
	result(2, bpf_xdp_get_buff_len(ctx));
	result(3, ctx->data - ctx->data_meta);
	return XDP_DROP;
}

/* Argument: the slot. The packet is two bytes longer and has metadata when it goes on. */
SEC("xdp")
int starts(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_head(ctx, -2) || bpf_xdp_adjust_meta(ctx, -4))
		return XDP_ABORTED;
	bpf_tail_call(ctx, &table, argument(0));
	result(0, 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
