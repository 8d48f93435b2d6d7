// SPDX-License-Identifier: MIT OR GPL-2.0
/* Leaves out what programs must not leave out: each program one thing that cannot be proved, the last what is wrong whatever the packet. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct counters {
	__u64 by_class[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct counters);
	__uint(max_entries, 64);
} counts SEC(".maps");

/* The IP header is not known to be there. */
SEC("xdp") int without_bounds(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(eth + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	return ip->protocol == 17 ? XDP_DROP : XDP_PASS;
}

/* The lookup may have found nothing. */
SEC("xdp") int without_null_test(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	struct counters *found = bpf_map_lookup_elem(&counts, &key);

	found->by_class[0]++;
	return XDP_PASS;
}

/* The index may be 255. */
SEC("xdp") int without_index_bound(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct counters fresh = {}, *found;
	__u32 key = 0;

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	bpf_map_update_elem(&counts, &key, &fresh, BPF_ANY);
	found = bpf_map_lookup_elem(&counts, &key);
	if (found)
		found->by_class[eth->h_dest[5]]++;
	return XDP_PASS;
}

/* Beyond the value. */
SEC("xdp") int outside_value(struct xdp_md *ctx)
{
	__u32 key = 0;
	volatile __u64 *found = bpf_map_lookup_elem(&counts, &key);

	return found && found[4] ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
