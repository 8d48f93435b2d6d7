// SPDX-License-Identifier: MIT OR GPL-2.0
/* What a program can ask of a packet beside its bytes. The kernel only lets programs ask that are bound to a network card. */
#include "results.h"

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash, __u32 *type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *protocol, __u16 *tag) __ksym;

SEC("xdp")
int metadata(struct xdp_md *ctx)
{
	__u64 timestamp = 1;
	__u32 hash = 2, type = 3;
	__u16 protocol = 4, tag = 5;

	result(0, bpf_xdp_metadata_rx_timestamp(ctx, &timestamp));
	result(1, timestamp);
	result(2, bpf_xdp_metadata_rx_hash(ctx, &hash, &type));
	result(3, hash);
	result(4, type);
	result(5, bpf_xdp_metadata_rx_vlan_tag(ctx, &protocol, &tag));
	result(6, protocol);
	result(7, tag);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
