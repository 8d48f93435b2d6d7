// SPDX-License-Identifier: MIT OR GPL-2.0
/* A load balancer for TCP and UDP, IPv4 and IPv6: packets to virtual addresses go through tunnels to servers, which answer clients themselves.
 * Connections stay where they are; new ones are spread by a ring for each virtual address (Maglev), of which a change of servers moves little. */
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "answers.h"
#include "choose.h"
#include "maps.h"
#include "packet.h"
#include "quic.h"
#include "tunnel.h"

/* What TCP and UDP headers begin with, and so what every ICMP error quotes. */
struct ports {
	__be16 source;
	__be16 destination;
};

int l4lb(struct xdp_md *ctx);

/* What the root program runs, one after the other, until one of them decides on the packet. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(max_entries, 4);
	__array(values, int (struct xdp_md *));
} programs SEC(".maps") = {
	.values = {[2] = (void *)&l4lb},
};

static __always_inline struct real *find_real(__u32 number)
{
	struct real *real = bpf_map_lookup_elem(&reals, &number);

	return real && real->family ? real : 0;
}

/* A TCP or UDP packet to an address that may be a VIP's. */
static __always_inline int balance(struct xdp_md *ctx, const struct ctl *set, const struct packet *packet)
{
	const struct transport *transport = &packet->transport;
	void *data_end = (void *)(long)ctx->data_end;
	struct tcphdr *tcp = transport->header;
	struct udphdr *udp = transport->header;
	struct flow flow = {.protocol = transport->protocol, .family = transport->ip_version};
	int size = transport->protocol == IPPROTO_TCP ? sizeof(*tcp) : sizeof(*udp);
	struct vip_entry *vip;
	struct inside inside;
	struct real *real;
	__u32 number = 0;
	int all_ports;
	int limit;
	int syn = 0;

	if ((void *)(udp + 1) > data_end || transport->length < size)
		return drop(MALFORMED);
	if (transport->protocol == IPPROTO_TCP) {
		if ((void *)(tcp + 1) > data_end)
			return drop(MALFORMED);
		syn = tcp->syn;
	}
	copy_addresses(transport, flow.client.v6, flow.vip.v6);
	flow.client_port = udp->source;
	flow.vip_port = udp->dest;
	vip = find_vip(&flow, &all_ports);
	if (!vip)
		return XDP_PASS;
	if (!is_whole(ctx, packet))
		return drop(MALFORMED);
	count_traffic(&vip_stats, vip->number, packet->length);
	describe(packet, hash_flow(&flow, vip, all_ports), &inside);

	if (transport->protocol == IPPROTO_UDP && vip->flags & VIP_QUIC) {
		number = quic_real(udp + 1, data_end);
		count(&stats, number ? QUIC_BY_ID : QUIC_UNKNOWN_ID);
	}
	if (!number)
		number = choose(set, vip, &flow, inside.hash, syn);
	real = find_real(number - 1);
	if (!number || !real)
		return drop(NO_REAL);

	if (set->mtu) {
		limit = (int)set->mtu - overhead(real);
		if (transport->ip_version == 4) {
			if (limit < SMALLEST_IPV4_MTU)
				limit = SMALLEST_IPV4_MTU;
			if (packet->length > limit)
				return answer_too_big_ipv4(ctx, packet->link, limit);
		} else {
			if (limit < SMALLEST_IPV6_MTU)
				limit = SMALLEST_IPV6_MTU;
			if (packet->length > limit)
				return answer_too_big_ipv6(ctx, packet->link, limit);
		}
	}
	count_traffic(&real_stats, number - 1, packet->length);
	return forward(ctx, set, real, &inside);
}

/* What a router or a client says about a packet that a real sent in a VIP's name: the real of its flow must hear it. What quotes no such packet
 * passes. */
static __always_inline int route_error(struct xdp_md *ctx, const struct ctl *set, const struct packet *packet, const struct flow *flow)
{
	struct vip_entry *vip;
	struct inside inside;
	struct real *real;
	int all_ports;
	__u32 number;

	vip = find_vip(flow, &all_ports);
	if (!vip)
		return XDP_PASS;
	if (!is_whole(ctx, packet))
		return drop(MALFORMED);
	count_traffic(&vip_stats, vip->number, packet->length);
	describe(packet, hash_flow(flow, vip, all_ports), &inside);
	number = choose_for_error(set, vip, flow, inside.hash);
	real = find_real(number - 1);
	if (!number || !real)
		return drop(NO_REAL);
	count(&stats, ICMP_ERRORS);
	count_traffic(&real_stats, number - 1, packet->length);
	return forward(ctx, set, real, &inside);
}

static __always_inline int handle_icmp(struct xdp_md *ctx, const struct ctl *set, const struct packet *packet)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct iphdr *ip = packet->transport.ip;
	struct icmp_header *icmp = packet->transport.header;
	struct flow flow = {.family = 4};
	struct ports *ports;
	struct iphdr *quoted;
	int size;

	if ((void *)(icmp + 1) > data_end || packet->transport.length < (int)sizeof(*icmp))
		return drop(MALFORMED);
	switch (icmp->type) {
	case ICMP_ECHO_REQUEST:
		if (!is_vip_address(packet))
			return XDP_PASS;
		return is_whole(ctx, packet) ? answer_echo_ipv4(ctx, ip, icmp) : drop(MALFORMED);
	case ICMP_DEST_UNREACHABLE:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER_PROBLEM:
		break;
	default:
		return XDP_PASS;
	}
	quoted = (void *)(icmp + 1);
	if ((void *)(quoted + 1) > data_end)
		return XDP_PASS;
	size = quoted->ihl * 4;
	ports = (void *)quoted + size;
	if (quoted->version != 4 || size < (int)sizeof(*quoted) || (void *)(ports + 1) > data_end || is_later_fragment(quoted))
		return XDP_PASS;
	if (quoted->saddr != ip->daddr || (quoted->protocol != IPPROTO_TCP && quoted->protocol != IPPROTO_UDP))
		return XDP_PASS;
	flow.client.v4 = quoted->daddr;
	flow.vip.v4 = quoted->saddr;
	flow.client_port = ports->destination;
	flow.vip_port = ports->source;
	flow.protocol = quoted->protocol;
	return route_error(ctx, set, packet, &flow);
}

static __always_inline int handle_icmpv6(struct xdp_md *ctx, const struct ctl *set, const struct packet *packet)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip = packet->transport.ip;
	struct icmp_header *icmp = packet->transport.header;
	struct flow flow = {.family = 6};
	union address vip;
	struct ports *ports;
	struct ipv6hdr *quoted;

	if ((void *)(icmp + 1) > data_end || packet->transport.length < (int)sizeof(*icmp))
		return drop(MALFORMED);
	switch (icmp->type) {
	case ICMPV6_ECHO_REQUEST:
		if (!is_vip_address(packet))
			return XDP_PASS;
		return is_whole(ctx, packet) ? answer_echo_ipv6(ctx, ip, icmp) : drop(MALFORMED);
	case ICMPV6_DEST_UNREACHABLE:
	case ICMPV6_TOO_BIG:
	case ICMPV6_TIME_EXCEEDED:
	case ICMPV6_PARAMETER_PROBLEM:
		break;
	default:
		return XDP_PASS;
	}
	quoted = (void *)(icmp + 1);
	ports = (void *)(quoted + 1);
	if ((void *)(ports + 1) > data_end || quoted->version != 6)
		return XDP_PASS;
	if (quoted->nexthdr != IPPROTO_TCP && quoted->nexthdr != IPPROTO_UDP)
		return XDP_PASS;
	__builtin_memcpy(flow.client.v6, &quoted->daddr, sizeof(flow.client));
	__builtin_memcpy(flow.vip.v6, &quoted->saddr, sizeof(flow.vip));
	__builtin_memcpy(vip.v6, &ip->daddr, sizeof(vip));
	if (__builtin_memcmp(&flow.vip, &vip, sizeof(vip)))
		return XDP_PASS;
	flow.client_port = ports->destination;
	flow.vip_port = ports->source;
	flow.protocol = quoted->nexthdr;
	return route_error(ctx, set, packet, &flow);
}

SEC("xdp")
int l4lb(struct xdp_md *ctx)
{
	struct packet packet;
	struct transport *transport = &packet.transport;
	struct ctl *set;
	__u32 key = 0;

	switch (find_transport(ctx, transport)) {
	case NOT_IP:
		return XDP_PASS;
	case CUT:
		return drop(MALFORMED);
	case FOUND:
		break;
	}
	set = bpf_map_lookup_elem(&ctl, &key);
	if (!set)
		return XDP_PASS;
	if (*(__u8 *)transport->ip >> 4 != transport->ip_version)
		return drop(MALFORMED);
	packet.link = (int)(transport->ip - (void *)(long)ctx->data);
	packet.length = (int)(transport->header - transport->ip) + transport->length;
	switch (transport->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		break;
	case IPPROTO_ICMP:
		if (transport->ip_version != 4)
			return XDP_PASS;
		break;
	case IPPROTO_ICMPV6:
		if (transport->ip_version != 6)
			return XDP_PASS;
		break;
	default:
		return XDP_PASS;
	}
	/* Most fragments have no ports, so nobody knows which VIP they are for. */
	if (transport->fragment)
		return is_vip_address(&packet) ? drop(FRAGMENTS) : XDP_PASS;
	switch (transport->protocol) {
	case IPPROTO_ICMP:
		return handle_icmp(ctx, set, &packet);
	case IPPROTO_ICMPV6:
		return handle_icmpv6(ctx, set, &packet);
	default:
		return balance(ctx, set, &packet);
	}
}

SEC("xdp")
int root(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &programs, 0);
	bpf_tail_call(ctx, &programs, 1);
	bpf_tail_call(ctx, &programs, 2);
	bpf_tail_call(ctx, &programs, 3);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
