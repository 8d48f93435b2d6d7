// SPDX-License-Identifier: MIT OR GPL-2.0
/* A stateful firewall between two ports. TCP and UDP flows that start on the inner port are learned and sent out of the outer port; from the outer
 * port only packets of such flows get in. Built twice: with a hash map, which is full when it is full, and with -DFLOWS_LRU with one that forgets
 * the flows that are idle the longest. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "fragment.h"

/* Slots of ports and of tx_port. */
enum {
	INNER,
	OUTER,
	PORTS,
};

/* Both directions of a flow are one key: the end with the lower address, or at the same address the lower port, is called the source. The two
 * bytes after the ports are part of the key and always zero. */
struct flow_ctx_table_key {
	__u16 ip_proto;
	__be16 l4_src;
	__be16 l4_dst;
	__be32 ip_src;
	__be32 ip_dst;
};

/* Where a flow's packets go, as slots of tx_port. */
struct flow_ctx_table_leaf {
	__u16 in_port;
	__u16 out_port;
};

/* The interface number of each of the two ports. Frames from other interfaces pass. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, PORTS);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 64);
} tx_port SEC(".maps");

struct {
#ifdef FLOWS_LRU
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
#else
	__uint(type, BPF_MAP_TYPE_HASH);
#endif
	__type(key, struct flow_ctx_table_key);
	__type(value, struct flow_ctx_table_leaf);
	__uint(max_entries, 1024);
} flow_ctx_table SEC(".maps");

/* The ports that TCP and UDP headers start with. */
struct l4_ports {
	__be16 source;
	__be16 dest;
};

/* The slot of the port that a frame came from, or PORTS. */
static __always_inline __u32 arrival(struct xdp_md *ctx)
{
	__u32 slot;

#pragma clang loop unroll(full)
	for (slot = INNER; slot < PORTS; slot++) {
		__u32 key = slot;
		__u32 *ifindex = bpf_map_lookup_elem(&ports, &key);

		/* 0 is no interface: a port that was not set. */
		if (ifindex && *ifindex && *ifindex == ctx->ingress_ifindex)
			return slot;
	}
	return PORTS;
}

static __always_inline void make_key(const struct iphdr *ip, const struct l4_ports *l4, struct flow_ctx_table_key *key)
{
	__u64 source = (__u64)bpf_ntohl(ip->saddr) << 16 | bpf_ntohs(l4->source);
	__u64 dest = (__u64)bpf_ntohl(ip->daddr) << 16 | bpf_ntohs(l4->dest);
	int forwards = source <= dest;

	__builtin_memset(key, 0, sizeof(*key));
	key->ip_proto = ip->protocol;
	key->l4_src = forwards ? l4->source : l4->dest;
	key->l4_dst = forwards ? l4->dest : l4->source;
	key->ip_src = forwards ? ip->saddr : ip->daddr;
	key->ip_dst = forwards ? ip->daddr : ip->saddr;
}

SEC("xdp")
int xdp_fw(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct flow_ctx_table_leaf *flow;
	struct flow_ctx_table_key key;
	struct l4_ports *l4;
	__u32 ip_size;
	__u32 from;

	from = arrival(ctx);
	if (from == PORTS)
		return XDP_PASS;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return XDP_PASS;

	/* Without ports nobody can tell the flow. */
	ip_size = ip->ihl * 4;
	if (ip_size < sizeof(*ip) || is_later_fragment(ip))
		return XDP_DROP;
	l4 = (void *)ip + ip_size;
	if ((void *)(l4 + 1) > data_end)
		return XDP_DROP;

	make_key(ip, l4, &key);
	flow = bpf_map_lookup_elem(&flow_ctx_table, &key);
	if (from == OUTER)
		return flow ? bpf_redirect_map(&tx_port, flow->in_port, 0) : XDP_DROP;
	if (!flow) {
		struct flow_ctx_table_leaf learned = { .in_port = INNER, .out_port = OUTER };

		/* With a full table the packet still goes out, but no answer comes in. */
		bpf_map_update_elem(&flow_ctx_table, &key, &learned, BPF_ANY);
		return bpf_redirect_map(&tx_port, OUTER, 0);
	}
	return bpf_redirect_map(&tx_port, flow->out_port, 0);
}

char _license[] SEC("license") = "Dual MIT/GPL";
