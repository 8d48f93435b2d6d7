// SPDX-License-Identifier: MIT OR GPL-2.0
/* Loops of as many rounds for every packet, left as loops by clang: what taking them apart gives is measured in docs/optimizer.md. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include "results.h"

/* Twelve words of the packet, mixed as hashes mix them. */
SEC("xdp") int mix(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u32 *words = data;
	__u32 hash = 1;

	if (data + 48 > data_end)
		return XDP_ABORTED;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 12; i++) {
		hash ^= words[i];
		hash *= 0x9e3779b1;
		hash = hash << 13 | hash >> 19;
	}
	return done(hash);
}

/* Bytes 6 to 13 as one number, the first byte the highest. */
SEC("xdp") int number(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u8 *bytes = data + 6;
	__u64 number = 0;

	if (data + 14 > data_end)
		return XDP_ABORTED;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return done(number);
}

/* The highest set bit of the first four bytes, as protocols number their options, halving what is left. */
SEC("xdp") int highest(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	if (data + 4 > data_end)
		return XDP_ABORTED;
	__u32 rest = *(__u32 *)data, bit = 0;
#pragma clang loop unroll(disable)
	for (__u32 step = 16; step; step /= 2) {
		if (rest >> step) {
			rest >>= step;
			bit += step;
		}
	}
	return done(bit);
}

char _license[] SEC("license") = "GPL";
