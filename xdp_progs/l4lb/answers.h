/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a VIP itself answers: echo requests, and packets too big for the way to the real. */
#pragma once

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include "checksum.h"
#include "ethernet.h"
#include "icmp.h"
#include "maps.h"
#include "packet.h"
#include "too_big.h"

#define ANSWER_TTL 64
/* Bytes of a packet that is too big which the answer has. Such packets are longer than the limits below. */
#define QUOTED 256
/* What every way takes: RFC 1122, section 3.3.3, and RFC 8200, section 5. A smaller size is not asked for. */
#define SMALLEST_IPV4_MTU 576
#define SMALLEST_IPV6_MTU 1280

#define ICMPV6_DEST_UNREACHABLE 1
#define ICMPV6_TOO_BIG 2
#define ICMPV6_TIME_EXCEEDED 3
#define ICMPV6_PARAMETER_PROBLEM 4
#define ICMPV6_ECHO_REQUEST 128
#define ICMPV6_ECHO_REPLY 129

struct icmpv6_too_big {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 mtu;
};

static __always_inline int send_back(struct xdp_md *ctx, enum stat what)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return drop(MALFORMED);
	swap_macs(eth);
	count(&stats, what);
	return XDP_TX;
}

/* The echo request becomes its own answer. Addresses that change places leave all checksums as they are. */
static __always_inline int answer_echo_ipv4(struct xdp_md *ctx, struct iphdr *ip, struct icmp_header *icmp)
{
	__be32 client = ip->saddr;
	__u16 hops = *(__u16 *)&ip->ttl;

	ip->ttl = ANSWER_TTL;
	ip->check = csum_replace(ip->check, hops, *(__u16 *)&ip->ttl);
	ip->saddr = ip->daddr;
	ip->daddr = client;
	icmp->type = ICMP_ECHO_REPLY;
	icmp->checksum = csum_replace(icmp->checksum, ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY);
	return send_back(ctx, ECHO_REPLIES);
}

static __always_inline int answer_echo_ipv6(struct xdp_md *ctx, struct ipv6hdr *ip, struct icmp_header *icmp)
{
	struct in6_addr client = ip->saddr;

	ip->hop_limit = ANSWER_TTL;
	ip->saddr = ip->daddr;
	ip->daddr = client;
	icmp->type = ICMPV6_ECHO_REPLY;
	icmp->checksum = csum_replace(icmp->checksum, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY);
	return send_back(ctx, ECHO_REPLIES);
}

/* Cuts the end of a frame off and makes room for new headers behind its link header. */
static __always_inline int make_answer(struct xdp_md *ctx, int link, int size, __be16 type)
{
	return bpf_xdp_adjust_tail(ctx, link + QUOTED - frame_length(ctx)) || bpf_xdp_adjust_head(ctx, -size) || move_link(ctx, link, size, type);
}

static __always_inline int answer_too_big_ipv4(struct xdp_md *ctx, int link, int mtu)
{
	struct iphdr *ip;

	if (make_answer(ctx, link, TOO_BIG_HEADERS, bpf_htons(ETH_P_IP)))
		return drop(NO_ROOM);
	ip = behind_link(ctx, link, TOO_BIG_HEADERS + QUOTED);
	if (!ip)
		return drop(NO_ROOM);
	write_too_big(ip, QUOTED, mtu);
	return send_back(ctx, TOO_BIG);
}

static __always_inline int answer_too_big_ipv6(struct xdp_md *ctx, int link, int mtu)
{
	const int added = sizeof(struct ipv6hdr) + sizeof(struct icmpv6_too_big);
	__be32 rest[2] = {bpf_htonl(sizeof(struct icmpv6_too_big) + QUOTED), bpf_htonl(IPPROTO_ICMPV6)};
	struct icmpv6_too_big *icmp;
	struct ipv6hdr *quoted;
	struct ipv6hdr *ip;
	__u32 sum;

	if (make_answer(ctx, link, added, bpf_htons(ETH_P_IPV6)))
		return drop(NO_ROOM);
	ip = behind_link(ctx, link, added + QUOTED);
	if (!ip)
		return drop(NO_ROOM);
	icmp = (void *)(ip + 1);
	quoted = (void *)(icmp + 1);

	*(__be32 *)ip = bpf_htonl(0x60000000);
	ip->payload_len = bpf_htons(sizeof(*icmp) + QUOTED);
	ip->nexthdr = IPPROTO_ICMPV6;
	ip->hop_limit = ANSWER_TTL;
	ip->saddr = quoted->daddr;
	ip->daddr = quoted->saddr;

	icmp->type = ICMPV6_TOO_BIG;
	icmp->code = 0;
	icmp->checksum = 0;
	icmp->mtu = bpf_htonl(mtu);
	/* RFC 8200, section 8.1: addresses, length and protocol count along. Each sum fits 16 bits since Linux 6.13, and 32 bits before. */
	sum = bpf_csum_diff(0, 0, rest, sizeof(rest), 0);
	sum = bpf_csum_diff(0, 0, (__be32 *)&ip->saddr, 2 * sizeof(ip->saddr), sum);
	sum = bpf_csum_diff(0, 0, (__be32 *)icmp, sizeof(*icmp) + QUOTED, sum);
	icmp->checksum = csum_fold(sum);
	return send_back(ctx, TOO_BIG);
}
