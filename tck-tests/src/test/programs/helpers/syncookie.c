// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_tcp_raw_gen_syncookie_* and bpf_tcp_raw_check_syncookie_*. Cookies differ from kernel to kernel, what holds for them does not. */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include "results.h"

#define ROOM 60

struct headers {
	__u8 ip[40];
	__u8 tcp[ROOM];
};

/* The IP header and what follows it up to 60 bytes; 0 if there is no whole TCP header. */
static __always_inline __u32 headers(struct xdp_md *ctx, struct headers *headers, __u32 ip)
{
	__u32 length = bpf_xdp_get_buff_len(ctx) - 14 - ip;

	if (bpf_xdp_load_bytes(ctx, 14, headers->ip, ip))
		return 0;
	if (length > ROOM)
		length = ROOM;
	if (length < 20 || bpf_xdp_load_bytes(ctx, 14 + ip, headers->tcp, length))
		return 0;
	return length;
}

/* The segment that acknowledges a cookie. */
static __always_inline void acknowledge(struct headers *headers, __u32 cookie)
{
	struct tcphdr *tcp = (void *)headers->tcp;

	tcp->seq = bpf_htonl(bpf_ntohl(tcp->seq) + 1);
	tcp->ack_seq = bpf_htonl(cookie + 1);
}

/* Results: segment size or error; whether the cookie is taken, whether another number or another port is, whether the lengths 20 and 60 are. */
#define PROGRAM(NAME, IP, IP_SIZE, MAKE, CHECK)                                      \
	SEC("xdp") int NAME(struct xdp_md *ctx)                                      \
	{                                                                            \
		struct headers area = {};                                            \
		struct tcphdr *tcp = (void *)area.tcp;                               \
		struct IP *ip = (void *)area.ip;                                     \
		__u32 length = headers(ctx, &area, IP_SIZE);                         \
		__s64 cookie;                                                        \
                                                                                     \
		if (length < 20 || length > ROOM)                                    \
			return XDP_ABORTED;                                          \
		cookie = MAKE(ip, tcp, length);                                      \
		result(0, cookie < 0 ? cookie : cookie >> 32);                       \
		result(1, MAKE(ip, tcp, 20) >> 32);                                  \
		result(2, MAKE(ip, tcp, 60) >> 32);                                  \
		result(3, MAKE(ip, tcp, 19) >> 32);                                  \
		result(4, cookie == MAKE(ip, tcp, length));                          \
		acknowledge(&area, cookie);                                          \
		result(5, CHECK(ip, tcp));                                           \
		tcp->ack_seq ^= bpf_htonl(0x00555555);                               \
		result(6, CHECK(ip, tcp));                                           \
		tcp->ack_seq ^= bpf_htonl(0x00555555);                               \
		tcp->source ^= 1;                                                    \
		result(7, CHECK(ip, tcp));                                           \
		return XDP_PASS;                                                     \
	}

PROGRAM(ipv4, iphdr, 20, bpf_tcp_raw_gen_syncookie_ipv4, bpf_tcp_raw_check_syncookie_ipv4)
PROGRAM(ipv6, ipv6hdr, 40, bpf_tcp_raw_gen_syncookie_ipv6, bpf_tcp_raw_check_syncookie_ipv6)

/* Straight from and to the packet. */
SEC("xdp")
int in_packet(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + 14;
	struct tcphdr *tcp = data + 34;
	__s64 cookie;

	if (data + 54 > end)
		return XDP_ABORTED;
	cookie = bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, sizeof(*tcp));
	tcp->seq = bpf_htonl(bpf_ntohl(tcp->seq) + 1);
	tcp->ack_seq = bpf_htonl((__u32)cookie + 1);
	return done(bpf_tcp_raw_check_syncookie_ipv4(ip, tcp));
}

char _license[] SEC("license") = "Dual MIT/GPL";
