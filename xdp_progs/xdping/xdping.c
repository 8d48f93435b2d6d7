// SPDX-License-Identifier: MIT OR GPL-2.0
/* Ping from the driver on. xdping_server answers echo requests before the network stack sees them; xdping_client measures the round trip of echo
 * requests without it: it takes the time of each answer and turns that into the next request. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "checksum.h"
#include "ethernet.h"
#include "fragment.h"
#include "icmp.h"

#define MAX_COUNT 10

/* A series of pings to one address. */
struct pinginfo {
	/* When the request that is under way was sent, in nanoseconds of the monotonic clock. */
	__u64 start;
	/* Number of the echo request whose answer is waited for. */
	__be16 seq;
	/* Times to take, at most MAX_COUNT. */
	__u16 count;
	/* Times taken. */
	__u16 received;
	/* Not zero once the program itself sent a request, so that `start` holds. */
	__u16 started;
	/* Round trips in nanoseconds. */
	__u64 times[MAX_COUNT];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __be32);
	__type(value, struct pinginfo);
	__uint(max_entries, 256);
} ping_map SEC(".maps");

struct echo {
	struct ethhdr *eth;
	struct iphdr *ip;
	struct icmp_header *icmp;
};

/* Finds the headers of an ICMP message of this type that came whole and to this host alone. What the stack knows better (IP options, fragments,
 * messages to groups) is left to it. */
static __always_inline int parse(struct xdp_md *ctx, __u8 type, struct echo *echo)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct icmp_header *icmp = (void *)(ip + 1);
	__u64 room = data_end - (void *)ip;
	__u16 length;

	if ((void *)(icmp + 1) > data_end)
		return 0;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || eth->h_dest[0] & 1)
		return 0;
	if (ip->version != 4 || ip->ihl != sizeof(*ip) / 4 || is_fragment(ip) || ip->protocol != IPPROTO_ICMP)
		return 0;
	length = bpf_ntohs(ip->tot_len);
	if (length < sizeof(*ip) + sizeof(*icmp) || length > room)
		return 0;
	if (icmp->type != type)
		return 0;

	echo->eth = eth;
	echo->ip = ip;
	echo->icmp = icmp;
	return 1;
}

/* Sends the message back with another type and number. The checksum is updated, not made anew: bytes that broke on the way here must not look
 * right on the way back. */
static __always_inline int answer(struct echo *echo, __u8 type, __be16 seq)
{
	struct icmp_header *icmp = echo->icmp;
	__be32 before = icmp->type | (__u32)icmp->echo.sequence << 16;
	__be32 after = type | (__u32)seq << 16;
	__be32 address = echo->ip->saddr;
	__u16 check = csum_replace(icmp->checksum, before, after);

	swap_macs(echo->eth);
	echo->ip->saddr = echo->ip->daddr;
	echo->ip->daddr = address;
	icmp->type = type;
	icmp->echo.sequence = seq;
	/* 0 and 0xffff mean the same, but for a message of zeros, where only 0xffff is right. */
	icmp->checksum = check ? check : 0xffff;
	return XDP_TX;
}

SEC("xdp")
int xdping_server(struct xdp_md *ctx)
{
	struct echo echo;

	if (!parse(ctx, ICMP_ECHO_REQUEST, &echo))
		return XDP_PASS;
	return answer(&echo, ICMP_ECHO_REPLY, echo.icmp->echo.sequence);
}

SEC("xdp")
int xdping_client(struct xdp_md *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct pinginfo *ping;
	struct echo echo;
	__be32 address;
	__u32 number;
	__u32 count;
	__be16 seq;

	if (!parse(ctx, ICMP_ECHO_REPLY, &echo))
		return XDP_PASS;
	address = echo.ip->saddr;
	ping = bpf_map_lookup_elem(&ping_map, &address);
	if (!ping || ping->seq != echo.icmp->echo.sequence)
		return XDP_PASS;

	count = ping->count < MAX_COUNT ? ping->count : MAX_COUNT;
	number = ping->received;
	if (number >= count)
		return XDP_PASS;
	/* The first answer is that to a common ping, which only sets the series off. */
	if (ping->started) {
		ping->times[number] = now - ping->start;
		ping->received = ++number;
		if (number == count)
			return XDP_PASS;
	}

	seq = bpf_htons(bpf_ntohs(ping->seq) + 1);
	ping->seq = seq;
	ping->started = 1;
	ping->start = bpf_ktime_get_ns();
	return answer(&echo, ICMP_ECHO_REQUEST, seq);
}

char _license[] SEC("license") = "Dual MIT/GPL";
