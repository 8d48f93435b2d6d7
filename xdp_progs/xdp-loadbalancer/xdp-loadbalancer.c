// SPDX-License-Identifier: MIT OR GPL-2.0
/* A load balancer for TCP and UDP over IPv4 that keeps no state: packets to a virtual address go to one of up to 64 hosts, which the hash of their
 * addresses and ports chooses; the answers of those hosts get the virtual address as their source. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "checksum.h"
#include "fragment.h"
#include "hash.h"

#define MAX_TARGETS 64

struct config {
	/* The virtual address; 0 switches the program off. */
	__be32 vip;
	/* Targets in use: the first so many entries. */
	__u32 targets;
	/* This host's own MAC address: the source of all that it sends. */
	__u8 mac[ETH_ALEN];
	/* The MAC address of the router to the clients, where answers go. */
	__u8 gateway[ETH_ALEN];
};

struct target {
	__be32 address;
	__u8 mac[ETH_ALEN];
};

struct counter {
	__u64 packets;
	__u64 bytes;
	__u64 answers;
	__u64 answer_bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct config);
	__uint(max_entries, 1);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct target);
	__uint(max_entries, MAX_TARGETS);
} targets SEC(".maps");

/* What went to each target and came from it, by its number. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct counter);
	__uint(max_entries, MAX_TARGETS);
} counters SEC(".maps");

struct packet {
	struct ethhdr *eth;
	struct iphdr *ip;
	/* Of the transport header: the checksum over the addresses, or null where the packet has none. */
	__u16 *check;
	/* Both ports as they lie in the packet, 0 in all fragments, so that all of them take the same way. */
	__u32 ports;
	__u32 length;
};

/* A TCP or UDP packet with whole headers. */
static __always_inline int parse(struct xdp_md *ctx, struct packet *packet)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp;
	struct udphdr *udp;

	if ((void *)(ip + 1) > data_end)
		return 0;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->version != 4 || ip->ihl < sizeof(*ip) / 4)
		return 0;
	packet->eth = eth;
	packet->ip = ip;
	packet->check = 0;
	packet->ports = 0;
	packet->length = data_end - data;

	tcp = (void *)ip + ip->ihl * 4;
	udp = (void *)tcp;
	switch (ip->protocol) {
	case IPPROTO_TCP:
		if (is_later_fragment(ip))
			return 1;
		if ((void *)(tcp + 1) > data_end)
			return 0;
		packet->check = &tcp->check;
		break;
	case IPPROTO_UDP:
		if (is_later_fragment(ip))
			return 1;
		if ((void *)(udp + 1) > data_end)
			return 0;
		/* 0: the sender made no checksum (RFC 768). */
		packet->check = udp->check ? &udp->check : 0;
		break;
	default:
		return 0;
	}
	if (!is_fragment(ip))
		packet->ports = *(__u32 *)udp;
	return 1;
}

/* A number below `limit` that is the same for all packets of a flow. */
static __always_inline __u32 choose(const struct packet *packet, __u32 limit)
{
	__u32 hash = mix(packet->ip->saddr ^ mix(packet->ports ^ packet->ip->protocol));

	return (__u64)hash * limit >> 32;
}

/* Puts another address into the checksum of the transport header. UDP sends a sum of 0 as 0xffff, which TCP takes as well. */
static __always_inline void update_transport(__u16 *check, __be32 from, __be32 to)
{
	__u16 updated;

	if (!check)
		return;
	updated = csum_replace(*check, from, to);
	*check = updated ? updated : 0xffff;
}

static __always_inline int send(struct packet *packet, const struct config *set, const __u8 *mac, __be32 *address, __be32 to)
{
	__be32 from = *address;

	*address = to;
	packet->ip->check = csum_replace(packet->ip->check, from, to);
	update_transport(packet->check, from, to);
	__builtin_memcpy(packet->eth->h_dest, mac, ETH_ALEN);
	__builtin_memcpy(packet->eth->h_source, set->mac, ETH_ALEN);
	return XDP_TX;
}

static __always_inline int to_target(struct packet *packet, const struct config *set, __u32 count)
{
	__u32 number = choose(packet, count);
	struct target *target = bpf_map_lookup_elem(&targets, &number);
	struct counter *counter = bpf_map_lookup_elem(&counters, &number);

	if (!target || !counter || !target->address)
		return XDP_PASS;
	counter->packets += 1;
	counter->bytes += packet->length;
	return send(packet, set, target->mac, &packet->ip->daddr, target->address);
}

static __always_inline int to_client(struct packet *packet, const struct config *set, __u32 count)
{
	__be32 source = packet->ip->saddr;
	struct counter *counter;
	__u32 i;

	if (!source)
		return XDP_PASS;
	for (i = 0; i < MAX_TARGETS && i < count; i++) {
		__u32 number = i;
		struct target *target = bpf_map_lookup_elem(&targets, &number);

		if (!target || target->address != source)
			continue;
		counter = bpf_map_lookup_elem(&counters, &number);
		if (!counter)
			return XDP_PASS;
		counter->answers += 1;
		counter->answer_bytes += packet->length;
		return send(packet, set, set->gateway, &packet->ip->saddr, set->vip);
	}
	return XDP_PASS;
}

SEC("xdp")
int xdp_loadbalancer(struct xdp_md *ctx)
{
	struct packet packet;
	struct config *set;
	__u32 key = 0;
	__u32 count;

	set = bpf_map_lookup_elem(&config, &key);
	if (!set || !set->vip || !parse(ctx, &packet))
		return XDP_PASS;
	count = set->targets < MAX_TARGETS ? set->targets : MAX_TARGETS;
	if (packet.ip->daddr == set->vip)
		return to_target(&packet, set, count);
	return to_client(&packet, set, count);
}

char _license[] SEC("license") = "Dual MIT/GPL";
