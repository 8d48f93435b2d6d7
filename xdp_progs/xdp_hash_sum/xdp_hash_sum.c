// SPDX-License-Identifier: MIT OR GPL-2.0
/* Works out the sum and the xxHash32 of the first 60 bytes of IPv4 frames, writes both into the frame and sends it back: a load of plain
 * arithmetic on packet bytes, without maps and helpers. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "ethernet.h"

#define SHORTEST 60
#define LONGEST 1200
#define HASHED 60

/* xxHash32 takes 16 bytes at a time in four lanes, then words of 4 bytes. */
#define LANES 4
#define STRIPES (HASHED / (LANES * 4))
#define WORDS (HASHED / 4)

#define PRIME1 0x9e3779b1u
#define PRIME2 0x85ebca77u
#define PRIME3 0xc2b2ae3du
#define PRIME4 0x27d4eb2fu

_Static_assert(HASHED % 4 == 0, "no single bytes are left at the end");

struct result {
	/* Of the bytes as numbers from 0 to 255. */
	__u32 sum;
	/* With seed 0. */
	__u32 hash;
};

static __always_inline __u32 rotate(__u32 value, int bits)
{
	return value << bits | value >> (32 - bits);
}

static __always_inline __u32 byte_sum(const __u8 *bytes)
{
	__u32 sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < HASHED; i++)
		sum += bytes[i];
	return sum;
}

static __always_inline __u32 xxhash32(const __u32 *words)
{
	__u32 lane[LANES] = { PRIME1 + PRIME2, PRIME2, 0, 0 - PRIME1 };
	__u32 hash;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < STRIPES * LANES; i++)
		lane[i % LANES] = rotate(lane[i % LANES] + words[i] * PRIME2, 13) * PRIME1;
	hash = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) + rotate(lane[3], 18);
	hash += HASHED;

#pragma clang loop unroll(full)
	for (i = STRIPES * LANES; i < WORDS; i++)
		hash = rotate(hash + words[i] * PRIME3, 17) * PRIME4;

	hash ^= hash >> 15;
	hash *= PRIME2;
	hash ^= hash >> 13;
	hash *= PRIME3;
	hash ^= hash >> 16;
	return hash;
}

SEC("xdp")
int xdp_hash_sum(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct result *result;
	__u32 sum;
	__u32 hash;

	if (data + SHORTEST > data_end || data + LONGEST < data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl < sizeof(*ip) / 4)
		return XDP_PASS;
	result = (void *)ip + ip->ihl * 4;
	if ((void *)(result + 1) > data_end)
		return XDP_PASS;

	sum = byte_sum(data);
	hash = xxhash32(data);
	result->sum = sum;
	result->hash = hash;
	swap_macs(eth);
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
