/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Telling IPv4 fragments from whole packets, and those with a transport header from those without. */
#pragma once

#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff

/* A fragment, the first one included. */
static __always_inline int is_fragment(const struct iphdr *ip)
{
	return ip->frag_off & bpf_htons(IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET);
}

/* A fragment other than the first: what follows its IP header is no transport header. */
static __always_inline int is_later_fragment(const struct iphdr *ip)
{
	return ip->frag_off & bpf_htons(IPV4_FRAGMENT_OFFSET);
}
