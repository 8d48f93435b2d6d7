/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Packets around packets: IP in IP (RFC 2003, RFC 2473), and IP in UDP (generic UDP encapsulation, variant 1: no header between the two). */
#pragma once

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include "checksum.h"
#include "maps.h"
#include "packet.h"

#define GUE_PORT 6080
#define GUE_SOURCE_PORTS 0xc000
#define TUNNEL_TTL 64
#define IPV4_DONT_FRAGMENT 0x4000

/* Of the packet that goes into the tunnel. */
struct inside {
	__u8 ip_version;
	/* Traffic class, with the congestion bits as they are (RFC 6040). */
	__u8 tos;
	/* IPV4_DONT_FRAGMENT or 0, as it lies in a header; no router fragments IPv6. */
	__be16 dont_fragment;
	int link;
	int length;
	__u32 hash;
};

static __always_inline void describe(const struct packet *packet, __u32 hash, struct inside *inside)
{
	inside->ip_version = packet->transport.ip_version;
	inside->link = packet->link;
	inside->length = packet->length;
	inside->hash = hash;
	if (inside->ip_version == 4) {
		struct iphdr *ip = packet->transport.ip;

		inside->tos = ip->tos;
		inside->dont_fragment = ip->frag_off & bpf_htons(IPV4_DONT_FRAGMENT);
	} else {
		struct ipv6hdr *ip = packet->transport.ip;

		inside->tos = bpf_ntohs(*(__be16 *)ip) >> 4;
		inside->dont_fragment = bpf_htons(IPV4_DONT_FRAGMENT);
	}
}

/* Bytes of the headers that a packet to this real gets. */
static __always_inline int overhead(const struct real *real)
{
	return (real->family == 6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) + (real->tunnel == TUNNEL_GUE ? sizeof(struct udphdr) : 0);
}

/* Without a checksum, which RFC 6935 allows tunnels over IPv6, too: the packet inside has its own. */
static __always_inline void write_udp(struct udphdr *udp, const struct ctl *set, const struct inside *inside)
{
	udp->source = bpf_htons(GUE_SOURCE_PORTS | (inside->hash >> 16));
	udp->dest = set->gue_port ? set->gue_port : bpf_htons(GUE_PORT);
	udp->len = bpf_htons(inside->length + sizeof(*udp));
	udp->check = 0;
}

static __always_inline __u8 protocol_inside(const struct inside *inside, int gue)
{
	if (gue)
		return IPPROTO_UDP;
	return inside->ip_version == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
}

static __always_inline int tunnel_ipv4(struct xdp_md *ctx, const struct ctl *set, const struct real *real, const struct inside *inside, int gue)
{
	const int size = sizeof(struct iphdr) + (gue ? sizeof(struct udphdr) : 0);
	struct iphdr *ip;

	if (bpf_xdp_adjust_head(ctx, -size) || move_link(ctx, inside->link, size, bpf_htons(ETH_P_IP)))
		return drop(NO_ROOM);
	ip = behind_link(ctx, inside->link, size);
	if (!ip)
		return drop(NO_ROOM);
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = inside->tos;
	ip->tot_len = bpf_htons(inside->length + size);
	ip->frag_off = inside->dont_fragment;
	ip->ttl = TUNNEL_TTL;
	ip->protocol = protocol_inside(inside, gue);
	ip->saddr = (set->source_v4 & bpf_htonl(0xffff0000)) | bpf_htonl(inside->hash & 0xffff);
	ip->daddr = real->address.v4;
	ip->check = ipv4_checksum(ip);
	if (gue)
		write_udp((void *)(ip + 1), set, inside);
	return XDP_TX;
}

static __always_inline int tunnel_ipv6(struct xdp_md *ctx, const struct ctl *set, const struct real *real, const struct inside *inside, int gue)
{
	const int size = sizeof(struct ipv6hdr) + (gue ? sizeof(struct udphdr) : 0);
	struct ipv6hdr *ip;

	if (bpf_xdp_adjust_head(ctx, -size) || move_link(ctx, inside->link, size, bpf_htons(ETH_P_IPV6)))
		return drop(NO_ROOM);
	ip = behind_link(ctx, inside->link, size);
	if (!ip)
		return drop(NO_ROOM);
	*(__be32 *)ip = bpf_htonl(0x60000000 | inside->tos << 20);
	ip->payload_len = bpf_htons(inside->length + size - sizeof(*ip));
	ip->nexthdr = protocol_inside(inside, gue);
	ip->hop_limit = TUNNEL_TTL;
	__builtin_memcpy(&ip->saddr, set->source_v6, sizeof(ip->saddr));
	ip->saddr.s6_addr16[7] = bpf_htons(inside->hash & 0xffff);
	__builtin_memcpy(&ip->daddr, real->address.v6, sizeof(ip->daddr));
	if (gue)
		write_udp((void *)(ip + 1), set, inside);
	return XDP_TX;
}

/* Sends a packet to a real in use, by way of the router. */
static __always_inline int forward(struct xdp_md *ctx, const struct ctl *set, const struct real *real, const struct inside *inside)
{
	struct ethhdr *eth;
	int verdict;

	if (real->family == 6)
		verdict = real->tunnel == TUNNEL_GUE ? tunnel_ipv6(ctx, set, real, inside, 1) : tunnel_ipv6(ctx, set, real, inside, 0);
	else
		verdict = real->tunnel == TUNNEL_GUE ? tunnel_ipv4(ctx, set, real, inside, 1) : tunnel_ipv4(ctx, set, real, inside, 0);
	if (verdict != XDP_TX)
		return verdict;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return drop(NO_ROOM);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, set->gateway, ETH_ALEN);
	return XDP_TX;
}
