/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The Internet checksum (RFC 1071) and its update when a field changes (RFC 1624). */
#pragma once

#include <linux/bpf.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

/* The checksum for a sum of 16-bit words that fits 32 bits. The second fold takes in the carry of the first. */
static __always_inline __u16 csum_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The checksum of data in which a word of 32 bits changes. Right with kernels of all ages: before Linux 6.13 bpf_csum_diff did not fold. */
static __always_inline __u16 csum_replace(__u16 check, __be32 from, __be32 to)
{
	__u16 sum = ~check;

	return csum_fold(bpf_csum_diff(&from, sizeof(from), &to, sizeof(to), sum));
}

/* The checksum of an IPv4 header without options, whose checksum field must be zero. */
static __always_inline __u16 ipv4_checksum(const struct iphdr *ip)
{
	const __u16 *word = (const __u16 *)ip;
	__u32 sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < (int)(sizeof(*ip) / sizeof(*word)); i++)
		sum += word[i];
	return csum_fold(sum);
}
