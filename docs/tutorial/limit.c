// SPDX-License-Identifier: MIT OR GPL-2.0
/* Drops what an IPv4 address sends beyond a limit. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __be32);
	__type(value, __u64);
	__uint(max_entries, 10000);
} senders SEC(".maps");

/* Packets of each address. */
__u64 limit = 100;

char _license[] SEC("license") = "Dual MIT/GPL";

SEC("xdp") int limit_senders(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u64 one = 1, *packets;

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	packets = bpf_map_lookup_elem(&senders, &ip->saddr);
	if (!packets) {
		bpf_map_update_elem(&senders, &ip->saddr, &one, BPF_ANY);
		return XDP_PASS;
	}
	__sync_fetch_and_add(packets, 1);
	return *packets > limit ? XDP_DROP : XDP_PASS;
}
