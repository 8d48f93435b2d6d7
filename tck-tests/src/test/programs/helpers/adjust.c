// SPDX-License-Identifier: MIT OR GPL-2.0
/* Moves the packet's start, end and metadata as up to four pairs of arguments say: what (1 head, 2 tail, 3 meta) and by how many bytes.
 * Results 0 to 3 are the helpers' answers, 4 to 6 what is there then: bpf_xdp_get_buff_len, bytes of packet, bytes of metadata. */
#include "results.h"

#define STEPS 4

static __always_inline long adjust(struct xdp_md *ctx, __u64 what, int distance)
{
	switch (what) {
	case 1:
		return bpf_xdp_adjust_head(ctx, distance);
	case 2:
		return bpf_xdp_adjust_tail(ctx, distance);
	case 3:
		return bpf_xdp_adjust_meta(ctx, distance);
	default:
		return 1;
	}
}

SEC("xdp")
int adjusts(struct xdp_md *ctx)
{
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < STEPS; i++)
		result(i, adjust(ctx, argument(2 * i), argument(2 * i + 1)));
	result(4, bpf_xdp_get_buff_len(ctx));
	result(5, ctx->data_end - ctx->data);
	result(6, ctx->data - ctx->data_meta);
	return XDP_PASS;
}

/* What programs do with it: a header in front, then the packet's old start two bytes further up. */
SEC("xdp")
int encapsulates(struct xdp_md *ctx)
{
	__u8 *data, *end;

	if (bpf_xdp_adjust_head(ctx, -16))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 18 > end)
		return XDP_ABORTED;
	for (int i = 0; i < 18; i++)
		data[i] = 0xa0 + i;
	return XDP_TX;
}

/* Metadata moves along with the packet's start. */
SEC("xdp")
int remembers(struct xdp_md *ctx)
{
	__u32 *meta;

	if (bpf_xdp_adjust_meta(ctx, -8))
		return XDP_ABORTED;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 2) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	meta[0] = 0x03020100;
	meta[1] = 0x07060504;
	if (bpf_xdp_adjust_head(ctx, (int)argument(0)))
		return XDP_DROP;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 2) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	result(0, meta[0]);
	result(1, meta[1]);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
