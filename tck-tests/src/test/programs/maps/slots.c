// SPDX-License-Identifier: MIT OR GPL-2.0
/* Tail calls as iproute2's loader sets them up: a section ID/SLOT names the program array and the slot that its program goes into. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_elf_map {
	__u32 type;
	__u32 size_key;
	__u32 size_value;
	__u32 max_elem;
	__u32 flags;
	__u32 id;
	__u32 pinning;
	__u32 inner_id;
	__u32 inner_idx;
};

struct bpf_elf_map SEC("maps") jumps = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.size_key = sizeof(__u32),
	.size_value = sizeof(__u32),
	.max_elem = 4,
	.id = 7,
};

SEC("7/0")
int first(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &jumps, 3);
	return XDP_DROP;
}

SEC("7/3")
int last(struct xdp_md *ctx)
{
	return ctx->data_end - ctx->data == 60 ? XDP_TX : XDP_PASS;
}

SEC("prog")
int entry(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &jumps, 0);
	return XDP_ABORTED;
}

/* Nobody is in slot 1. */
SEC("prog/empty")
int into_nothing(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &jumps, 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
