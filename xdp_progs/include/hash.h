/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Hashes of flows. */
#pragma once

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/* Mixes all bits of the key into all bits of the result; multipliers and shifts are those of the finaliser of MurmurHash3. */
static __always_inline __u32 mix(__u32 h)
{
	h ^= h >> 16;
	h *= 0x85ebca6b;
	h ^= h >> 13;
	h *= 0xc2b2ae35;
	h ^= h >> 16;
	return h;
}
