// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_xdp_load_bytes and bpf_xdp_store_bytes between the packet and an area of 64 bytes, or a larger one than the helpers take. */
#include "results.h"

struct area {
	__u8 bytes[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct area);
	__uint(max_entries, 1);
} areas SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 0x10004);
	__uint(max_entries, 1);
} large SEC(".maps");

/* Arguments: offset in the packet, number of bytes, whether to store. */
SEC("xdp")
int copies(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct area *area = bpf_map_lookup_elem(&areas, &zero);
	__u32 length = argument(1);

	if (!area || length < 1 || length > sizeof(*area))
		return XDP_ABORTED;
	if (argument(2))
		return done(bpf_xdp_store_bytes(ctx, argument(0), area, length));
	return done(bpf_xdp_load_bytes(ctx, argument(0), area, length));
}

/* Through the stack, with sizes that a compiler knows: swaps bytes 0 to 5 with 6 to 11. */
SEC("xdp")
int swaps(struct xdp_md *ctx)
{
	__u8 both[12], swapped[12];

	if (bpf_xdp_load_bytes(ctx, 0, both, sizeof(both)))
		return XDP_ABORTED;
	__builtin_memcpy(swapped, both + 6, 6);
	__builtin_memcpy(swapped + 6, both, 6);
	if (bpf_xdp_store_bytes(ctx, 0, swapped, sizeof(swapped)))
		return XDP_ABORTED;
	return XDP_TX;
}

/* More bytes than the helpers take, then as many, which no packet has. */
SEC("xdp")
int takes_too_many(struct xdp_md *ctx)
{
	__u32 zero = 0;
	void *area = bpf_map_lookup_elem(&large, &zero);

	if (!area)
		return XDP_ABORTED;
	result(0, bpf_xdp_load_bytes(ctx, 0, area, 0x10000));
	result(1, bpf_xdp_store_bytes(ctx, 0, area, 0x10000));
	result(2, bpf_xdp_load_bytes(ctx, 0, area, 0xffff));
	result(3, bpf_xdp_store_bytes(ctx, 0, area, 0xffff));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
