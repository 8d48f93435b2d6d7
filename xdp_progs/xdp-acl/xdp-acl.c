// SPDX-License-Identifier: MIT OR GPL-2.0
/* An access list: looks up the source address of IPv4 and IPv6 packets by longest prefix; what no rule permits is dropped. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_RULES 16384

enum action {
	DENY,
	PERMIT,
};

struct rule {
	enum action action;
	/* Packets that this rule decided on, modulo 2^32. */
	__u32 hits;
};

struct ipv4_prefix {
	__u32 prefixlen;
	__u8 address[4];
};

struct ipv6_prefix {
	__u32 prefixlen;
	__u8 address[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct ipv4_prefix);
	__type(value, struct rule);
	__uint(max_entries, MAX_RULES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} ipv4_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct ipv6_prefix);
	__type(value, struct rule);
	__uint(max_entries, MAX_RULES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} ipv6_rules SEC(".maps");

struct config {
	/* What becomes of permitted packets: XDP_TX sends them back out of the port that they came from, anything else passes them. */
	enum xdp_action permitted;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct config);
	__uint(max_entries, 1);
} config SEC(".maps");

static __always_inline int decide(struct rule *rule)
{
	struct config *set;
	__u32 key = 0;

	if (!rule)
		return XDP_DROP;
	__sync_fetch_and_add(&rule->hits, 1);
	if (rule->action != PERMIT)
		return XDP_DROP;
	set = bpf_map_lookup_elem(&config, &key);
	return set && set->permitted == XDP_TX ? XDP_TX : XDP_PASS;
}

static __always_inline int check_ipv4(struct iphdr *ip, void *data_end)
{
	struct ipv4_prefix source = { .prefixlen = 32 };

	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	__builtin_memcpy(source.address, &ip->saddr, sizeof(source.address));
	return decide(bpf_map_lookup_elem(&ipv4_rules, &source));
}

static __always_inline int check_ipv6(struct ipv6hdr *ip, void *data_end)
{
	struct ipv6_prefix source = { .prefixlen = 128 };

	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	__builtin_memcpy(source.address, &ip->saddr, sizeof(source.address));
	return decide(bpf_map_lookup_elem(&ipv6_rules, &source));
}

SEC("xdp")
int xdp_acl(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	switch (eth->h_proto) {
	case bpf_htons(ETH_P_IP):
		return check_ipv4((void *)(eth + 1), data_end);
	case bpf_htons(ETH_P_IPV6):
		return check_ipv6((void *)(eth + 1), data_end);
	default:
		return XDP_PASS;
	}
}

char _license[] SEC("license") = "Dual MIT/GPL";
