/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* ICMP "fragmentation needed" (RFC 1191), the answer to a packet that is too big for its way. */
#pragma once

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "checksum.h"
#include "icmp.h"

/* Of the answer. */
#define TOO_BIG_TTL 64
/* Bytes of the headers in front of what is quoted. */
#define TOO_BIG_HEADERS (sizeof(struct iphdr) + sizeof(struct icmp_header))

/* Writes the headers of the answer in front of the first `quoted` bytes of the packet that is too big, which must be in the frame. */
static __always_inline void write_too_big(struct iphdr *ip, int quoted, int mtu)
{
	struct icmp_header *icmp = (void *)(ip + 1);
	struct iphdr *packet = (void *)(icmp + 1);

	__builtin_memset(icmp, 0, sizeof(*icmp));
	icmp->type = ICMP_DEST_UNREACHABLE;
	icmp->code = ICMP_FRAGMENTATION_NEEDED;
	icmp->too_big.mtu = bpf_htons(mtu);
	icmp->checksum = csum_fold(bpf_csum_diff(0, 0, (__be32 *)icmp, sizeof(*icmp) + quoted, 0));

	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = bpf_htons(TOO_BIG_HEADERS + quoted);
	ip->ttl = TOO_BIG_TTL;
	ip->protocol = IPPROTO_ICMP;
	ip->saddr = packet->daddr;
	ip->daddr = packet->saddr;
	ip->check = ipv4_checksum(ip);
}
