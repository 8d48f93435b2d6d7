/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What several of the programs do with an Ethernet header. */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

/* Sends the frame back where it came from: source and destination MAC address change places.
 * In halves of 16 bits, because the kernel keeps IP headers, not Ethernet headers, aligned to four bytes. */
static __always_inline void swap_macs(struct ethhdr *eth)
{
	__u16 *half = (__u16 *)eth;
	__u16 first = half[0];
	__u16 second = half[1];
	__u16 third = half[2];

	half[0] = half[3];
	half[1] = half[4];
	half[2] = half[5];
	half[3] = first;
	half[4] = second;
	half[5] = third;
}
