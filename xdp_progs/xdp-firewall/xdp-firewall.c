// SPDX-License-Identifier: MIT OR GPL-2.0
/* Drops what goes to or comes from addresses on a list, and VRRP advertisements but for those of permitted virtual routers. Everything else
 * passes. The maps are defined in the way of loaders before libbpf 1.0, which kernels never knew and libbpf no longer takes: an array of C
 * structs in the section "maps". */
#include <linux/bpf.h>
#include <linux/icmpv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "transport.h"

/* RFC 4861. */
#define NEIGHBOUR_SOLICITATION 135
#define NEIGHBOUR_ADVERTISEMENT 136
/* RFC 9568; RFC 4302 for the authentication header that VRRP version 2 may follow. */
#define IPPROTO_VRRP 112

/* An IPv4 address takes the first four bytes of sixteen. All 24 bytes count: the others, and the four at the end, must be zero. */
struct l3_key {
	__u8 address[16];
	/* ETH_P_IP 0x0800 or ETH_P_IPV6 0x86dd. */
	__u32 protocol;
} __attribute__((aligned(8)));

struct vrrp_rule {
	/* 0: drop. */
	__u32 permit;
	__u64 dropped_packets;
	__u64 packets;
	/* Of IP: IPv4 with its header, IPv6 without. */
	__u64 dropped_bytes;
	__u64 bytes;
};

struct map_definition {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
};

/* The types of a map that has only sizes: loaders find them by the name of this struct. */
#define TYPES(MAP, KEY, VALUE)                                                   \
	struct ____btf_map_##MAP {                                               \
		KEY key;                                                         \
		VALUE value;                                                     \
	};                                                                       \
	struct ____btf_map_##MAP ____btf_map_##MAP SEC(".maps." #MAP) = {}

/* From an address to the packets that were dropped because of it. */
struct map_definition l3_filter SEC("maps") = {
	.type = BPF_MAP_TYPE_PERCPU_HASH,
	.key_size = sizeof(struct l3_key),
	.value_size = sizeof(__u64),
	.max_entries = 32768,
	.map_flags = BPF_F_NO_PREALLOC,
};
TYPES(l3_filter, struct l3_key, __u64);

/* By virtual router identifier (VRID). */
struct map_definition vrrp_filter SEC("maps") = {
	.type = BPF_MAP_TYPE_PERCPU_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct vrrp_rule),
	.max_entries = 256,
};
TYPES(vrrp_filter, __u32, struct vrrp_rule);

struct vrrp_header {
	__u8 version_type;
	__u8 vrid;
	__u8 priority;
	__u8 addresses;
	__be16 interval;
	__be16 checksum;
};

struct authentication_header {
	__u8 next;
	/* In words of 4 bytes, less two. */
	__u8 length;
	__be16 reserved;
	__be32 spi;
	__be32 sequence;
};

/* size: bytes of the address. */
static __always_inline int is_blocked(__u32 protocol, const __be32 *address, __u32 size)
{
	struct l3_key key;
	__u64 *hits;

	__builtin_memset(&key, 0, sizeof(key));
	__builtin_memcpy(key.address, address, size);
	key.protocol = protocol;
	hits = bpf_map_lookup_elem(&l3_filter, &key);

	if (!hits)
		return 0;
	*hits += 1;
	return 1;
}

static __always_inline int filter_vrrp(const struct vrrp_header *vrrp, __u32 length)
{
	__u32 vrid = vrrp->vrid;
	struct vrrp_rule *rule = bpf_map_lookup_elem(&vrrp_filter, &vrid);

	if (!rule)
		return XDP_PASS;
	rule->packets += 1;
	rule->bytes += length;
	if (rule->permit)
		return XDP_PASS;
	rule->dropped_packets += 1;
	rule->dropped_bytes += length;
	return XDP_DROP;
}

static __always_inline int filter_ipv4(struct iphdr *ip, void *data_end)
{
	struct authentication_header *authentication;
	struct vrrp_header *vrrp;
	void *next;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	if (is_blocked(ETH_P_IP, &ip->daddr, sizeof(ip->daddr)) || is_blocked(ETH_P_IP, &ip->saddr, sizeof(ip->saddr)))
		return XDP_DROP;
	if (is_later_fragment(ip))
		return XDP_PASS;

	next = (void *)ip + ip->ihl * 4;
	if (ip->protocol == IPPROTO_AH) {
		authentication = next;
		if ((void *)(authentication + 1) > data_end || authentication->next != IPPROTO_VRRP)
			return XDP_PASS;
		next += (authentication->length + 2) * 4;
	} else if (ip->protocol != IPPROTO_VRRP) {
		return XDP_PASS;
	}
	vrrp = next;
	if ((void *)(vrrp + 1) > data_end)
		return XDP_DROP;
	return filter_vrrp(vrrp, bpf_ntohs(ip->tot_len));
}

static __always_inline int filter_ipv6(struct ipv6hdr *ip, void *data_end)
{
	struct icmp6hdr *icmp = (void *)(ip + 1);
	struct vrrp_header *vrrp = (void *)(ip + 1);

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	if (ip->nexthdr == IPPROTO_ICMPV6) {
		if ((void *)(icmp + 1) > data_end)
			return XDP_DROP;
		if (icmp->icmp6_type == NEIGHBOUR_SOLICITATION || icmp->icmp6_type == NEIGHBOUR_ADVERTISEMENT)
			return XDP_PASS;
	}
	if (is_blocked(ETH_P_IPV6, ip->daddr.s6_addr32, sizeof(ip->daddr)) || is_blocked(ETH_P_IPV6, ip->saddr.s6_addr32, sizeof(ip->saddr)))
		return XDP_DROP;
	if (ip->nexthdr != IPPROTO_VRRP)
		return XDP_PASS;
	if ((void *)(vrrp + 1) > data_end)
		return XDP_DROP;
	return filter_vrrp(vrrp, bpf_ntohs(ip->payload_len));
}

/* Not named "xdp", as sections were in the days of these loaders: the program's type was the loader's to know. */
SEC("xdp_fw")
int xdp_firewall(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	__be16 type;
	void *ip = skip_ethernet((void *)(long)ctx->data, data_end, &type);

	if (!ip)
		return XDP_PASS;
	if (type == bpf_htons(ETH_P_IP))
		return filter_ipv4(ip, data_end);
	if (type == bpf_htons(ETH_P_IPV6))
		return filter_ipv6(ip, data_end);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
