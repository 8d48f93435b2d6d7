// SPDX-License-Identifier: MIT OR GPL-2.0
/* Sends packets to virtual addresses on through a tunnel: IPv4 in IPv4, or IPv6 in IPv6, to the host that a map names. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "checksum.h"
#include "fragment.h"

/* Of <sys/socket.h>, which is not for programs without a C library. */
#define AF_INET 2
#define AF_INET6 10

#define TUNNEL_TTL 8
#define NO_PORT (-1)

union address {
	__be32 v4;
	__u8 v6[16];
};

/* A service. All 24 bytes count: those that are not used, the three at the end among them, must be zero. */
struct vip {
	union address daddr;
	/* 0 for protocols without ports. */
	__be16 dport;
	__u16 family;
	__u8 protocol;
};

/* Where its packets go. */
struct iptnl_info {
	union address saddr;
	union address daddr;
	__u16 family;
	__u8 dmac[ETH_ALEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct vip);
	__type(value, struct iptnl_info);
	__uint(max_entries, 256);
} vip2tnl SEC(".maps");

/* Packets sent, by the protocol number of the packet inside. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 256);
} rxcnt SEC(".maps");

static __always_inline void count(__u32 protocol)
{
	__u64 *counter = bpf_map_lookup_elem(&rxcnt, &protocol);

	if (counter)
		*counter += 1;
}

/* The destination port as it lies in the packet, 0 for protocols without; NO_PORT if the header is cut. */
static __always_inline int destination_port(void *header, void *data_end, __u8 protocol)
{
	struct tcphdr *tcp = header;
	struct udphdr *udp = header;

	switch (protocol) {
	case IPPROTO_TCP:
		return (void *)(tcp + 1) > data_end ? NO_PORT : tcp->dest;
	case IPPROTO_UDP:
		return (void *)(udp + 1) > data_end ? NO_PORT : udp->dest;
	default:
		return 0;
	}
}

/* Makes room for another IP header and writes the Ethernet header in front of it. The old Ethernet header lies where the new IP header comes. */
static __always_inline int prepend(struct xdp_md *ctx, const struct iptnl_info *tunnel, int size, __be16 type)
{
	struct ethhdr *old;
	struct ethhdr *eth;

	if (bpf_xdp_adjust_head(ctx, -size))
		return -1;
	eth = (void *)(long)ctx->data;
	old = (void *)eth + size;
	if ((void *)(old + 1) > (void *)(long)ctx->data_end)
		return -1;
	__builtin_memcpy(eth->h_source, old->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, tunnel->dmac, ETH_ALEN);
	eth->h_proto = type;
	return 0;
}

static __always_inline int handle_ipv4(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct iphdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	struct iptnl_info *tunnel;
	struct vip vip;
	__u16 length;
	int port;

	if ((void *)(ip + 1) > data_end || ip->ihl < sizeof(*ip) / 4)
		return XDP_DROP;
	/* Nobody knows the port of the rest of a datagram. */
	if (is_later_fragment(ip))
		return XDP_PASS;
	port = destination_port((void *)ip + ip->ihl * 4, data_end, ip->protocol);
	if (port == NO_PORT)
		return XDP_DROP;

	__builtin_memset(&vip, 0, sizeof(vip));
	vip.daddr.v4 = ip->daddr;
	vip.dport = port;
	vip.family = AF_INET;
	vip.protocol = ip->protocol;
	length = bpf_ntohs(ip->tot_len) + sizeof(*ip);
	tunnel = bpf_map_lookup_elem(&vip2tnl, &vip);
	if (!tunnel || tunnel->family != AF_INET)
		return XDP_PASS;

	if (prepend(ctx, tunnel, sizeof(*ip), bpf_htons(ETH_P_IP)))
		return XDP_DROP;
	ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = bpf_htons(length);
	ip->ttl = TUNNEL_TTL;
	ip->protocol = IPPROTO_IPIP;
	ip->saddr = tunnel->saddr.v4;
	ip->daddr = tunnel->daddr.v4;
	ip->check = ipv4_checksum(ip);

	count(vip.protocol);
	return XDP_TX;
}

static __always_inline int handle_ipv6(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	struct iptnl_info *tunnel;
	struct vip vip;
	__u16 length;
	int port;

	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	port = destination_port(ip + 1, data_end, ip->nexthdr);
	if (port == NO_PORT)
		return XDP_DROP;

	__builtin_memset(&vip, 0, sizeof(vip));
	__builtin_memcpy(vip.daddr.v6, &ip->daddr, sizeof(vip.daddr.v6));
	vip.dport = port;
	vip.family = AF_INET6;
	vip.protocol = ip->nexthdr;
	length = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	tunnel = bpf_map_lookup_elem(&vip2tnl, &vip);
	if (!tunnel || tunnel->family != AF_INET6)
		return XDP_PASS;

	if (prepend(ctx, tunnel, sizeof(*ip), bpf_htons(ETH_P_IPV6)))
		return XDP_DROP;
	ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 6;
	ip->payload_len = bpf_htons(length);
	ip->nexthdr = IPPROTO_IPV6;
	ip->hop_limit = TUNNEL_TTL;
	__builtin_memcpy(&ip->saddr, tunnel->saddr.v6, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, tunnel->daddr.v6, sizeof(ip->daddr));

	count(vip.protocol);
	return XDP_TX;
}

SEC("xdp")
int tx_ip_tunnel(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	switch (eth->h_proto) {
	case bpf_htons(ETH_P_IP):
		return handle_ipv4(ctx);
	case bpf_htons(ETH_P_IPV6):
		return handle_ipv6(ctx);
	default:
		return XDP_PASS;
	}
}

char _license[] SEC("license") = "Dual MIT/GPL";
