// SPDX-License-Identifier: MIT OR GPL-2.0
/* Answers IPv4 frames that are longer than a limit with ICMP "fragmentation needed", made of the frame itself: its end is cut off and new
 * headers are put in front of the rest. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "icmp.h"
#include "too_big.h"

/* Bytes of the frame that are left over: its Ethernet header, and 84 bytes that the answer quotes. */
#define KEPT 98
#define QUOTED (KEPT - sizeof(struct ethhdr))

/* The longest frame that passes, in bytes with its Ethernet header. Frames of up to KEPT bytes always pass. */
volatile __u32 max_pcktsz = 600;

/* Answers sent. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} icmpcnt SEC(".maps");

static __always_inline void count(void)
{
	__u32 key = 0;
	__u64 *counter = bpf_map_lookup_elem(&icmpcnt, &key);

	if (counter)
		__sync_fetch_and_add(counter, 1);
}

/* RFC 1122 section 3.2.2: no error message is answered with another one, or two hosts might go on for ever. */
static __always_inline int is_icmp_error(struct iphdr *ip, void *data_end)
{
	struct icmp_header *icmp = (void *)ip + ip->ihl * 4;

	if (ip->protocol != IPPROTO_ICMP || (void *)(icmp + 1) > data_end)
		return 0;
	switch (icmp->type) {
	case ICMP_DEST_UNREACHABLE:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER_PROBLEM:
		return 1;
	default:
		return 0;
	}
}

/* Makes the answer of the first KEPT bytes of a frame. */
static __always_inline int send_too_big(struct xdp_md *ctx, __u32 limit)
{
	struct ethhdr *old;
	struct ethhdr *eth;
	struct iphdr *ip;

	if (bpf_xdp_adjust_head(ctx, -(int)TOO_BIG_HEADERS))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	ip = (void *)(eth + 1);
	old = (void *)eth + TOO_BIG_HEADERS;
	if ((void *)ip + TOO_BIG_HEADERS + QUOTED > (void *)(long)ctx->data_end)
		return XDP_DROP;

	/* First of all, because the ICMP header comes to where the old Ethernet header lies. */
	__builtin_memcpy(eth->h_dest, old->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, old->h_dest, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);

	write_too_big(ip, QUOTED, limit - sizeof(*eth));
	count();
	return XDP_TX;
}

SEC("xdp")
int xdp_adjust_tail(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 length = data_end - data;
	__u32 limit = max_pcktsz;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if (limit < KEPT)
		limit = KEPT;
	if (length <= limit || (void *)(ip + 1) > data_end || is_icmp_error(ip, data_end))
		return XDP_PASS;

	if (bpf_xdp_adjust_tail(ctx, KEPT - (int)length))
		return XDP_PASS;
	return send_too_big(ctx, limit);
}

char _license[] SEC("license") = "Dual MIT/GPL";
