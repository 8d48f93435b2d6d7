/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Finding the transport header of a frame, wherever it lies. */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "fragment.h"

/* As many VLAN tags are passed over, of either kind: one, or the two of QinQ. */
#define MOST_TAGS 2
/* As many IPv6 extension headers. What has more is taken for a packet of an unknown protocol. */
#define MOST_EXTENSIONS 6

#define IPV6_MORE_FRAGMENTS 0x0001
#define IPV6_FRAGMENT_OFFSET 0xfff8

struct vlan_tag {
	__be16 control;
	__be16 protocol;
};

struct ipv6_fragment {
	__u8 next;
	__u8 reserved;
	__be16 offset;
	__be32 identification;
};

struct transport {
	/* 4 or 6. */
	__u8 ip_version;
	/* Of the IP header, or of the last extension header. */
	__u8 protocol;
	/* One of several that a packet was cut into. */
	__u8 fragment;
	/* One other than the first: there is no transport header. */
	__u8 later_fragment;
	/* struct iphdr or ipv6hdr, whole. */
	void *ip;
	/* What follows it and its extensions; nothing says that it is whole. */
	void *header;
	/* Bytes from there to the end of the packet, as the IP header has it: the frame may be padded, or cut. Never below 0. */
	int length;
};

/* CUT: the frame ends inside a header, or an IPv4 header says that it is shorter than it can be. */
enum found { FOUND, NOT_IP, CUT };

/* What follows the Ethernet header and its VLAN tags, or 0 if the frame ends before; type becomes the type of it. */
static __always_inline void *skip_ethernet(void *data, void *data_end, __be16 *type)
{
	struct ethhdr *eth = data;
	void *next = eth + 1;
	int i;

	if (next > data_end)
		return 0;
	*type = eth->h_proto;
#pragma clang loop unroll(full)
	for (i = 0; i < MOST_TAGS; i++) {
		struct vlan_tag *tag = next;

		if (*type != bpf_htons(ETH_P_8021Q) && *type != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > data_end)
			return 0;
		*type = tag->protocol;
		next = tag + 1;
	}
	return next;
}

static __always_inline enum found find_in_ipv4(void *data_end, struct transport *found)
{
	struct iphdr *ip = found->ip;
	int size;

	if ((void *)(ip + 1) > data_end)
		return CUT;
	size = ip->ihl * 4;
	if (size < (int)sizeof(*ip) || (void *)ip + size > data_end)
		return CUT;
	found->ip_version = 4;
	found->protocol = ip->protocol;
	found->fragment = is_fragment(ip) != 0;
	found->later_fragment = is_later_fragment(ip) != 0;
	found->header = (void *)ip + size;
	found->length = bpf_ntohs(ip->tot_len) - size;
	return FOUND;
}

static __always_inline enum found find_in_ipv6(void *data_end, struct transport *found)
{
	struct ipv6hdr *ip = found->ip;
	int i;

	if ((void *)(ip + 1) > data_end)
		return CUT;
	found->ip_version = 6;
	found->protocol = ip->nexthdr;
	found->fragment = 0;
	found->later_fragment = 0;
	found->header = ip + 1;
	found->length = bpf_ntohs(ip->payload_len);
#pragma clang loop unroll(full)
	for (i = 0; i < MOST_EXTENSIONS; i++) {
		struct ipv6_opt_hdr *option = found->header;
		struct ipv6_fragment *fragment = found->header;
		int size;

		switch (found->protocol) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			if ((void *)(option + 1) > data_end)
				return CUT;
			found->protocol = option->nexthdr;
			size = (option->hdrlen + 1) * 8;
			break;
		case IPPROTO_FRAGMENT:
			if ((void *)(fragment + 1) > data_end)
				return CUT;
			found->protocol = fragment->next;
			found->fragment = (fragment->offset & bpf_htons(IPV6_FRAGMENT_OFFSET | IPV6_MORE_FRAGMENTS)) != 0;
			found->later_fragment = (fragment->offset & bpf_htons(IPV6_FRAGMENT_OFFSET)) != 0;
			size = sizeof(*fragment);
			break;
		default:
			return FOUND;
		}
		found->header += size;
		found->length -= size;
		/* What the last fragment's header says to follow lies in another packet. */
		if (found->later_fragment)
			return FOUND;
	}
	return FOUND;
}

static __always_inline enum found find_transport(struct xdp_md *ctx, struct transport *found)
{
	void *data_end = (void *)(long)ctx->data_end;
	enum found result;
	__be16 type;

	found->ip = skip_ethernet((void *)(long)ctx->data, data_end, &type);
	if (!found->ip)
		return CUT;
	if (type == bpf_htons(ETH_P_IP))
		result = find_in_ipv4(data_end, found);
	else if (type == bpf_htons(ETH_P_IPV6))
		result = find_in_ipv6(data_end, found);
	else
		return NOT_IP;
	if (found->length < 0)
		found->length = 0;
	return result;
}

/* The addresses, each in 16 bytes, of which an IPv4 address takes the first four and leaves the others as they are. */
static __always_inline void copy_addresses(const struct transport *found, __u8 *source, __u8 *destination)
{
	if (found->ip_version == 4) {
		struct iphdr *ip = found->ip;

		__builtin_memcpy(source, &ip->saddr, sizeof(ip->saddr));
		__builtin_memcpy(destination, &ip->daddr, sizeof(ip->daddr));
	} else {
		struct ipv6hdr *ip = found->ip;

		__builtin_memcpy(source, &ip->saddr, sizeof(ip->saddr));
		__builtin_memcpy(destination, &ip->daddr, sizeof(ip->daddr));
	}
}
