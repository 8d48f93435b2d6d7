/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What l4lb knows of a packet, and its frame's link header: the Ethernet header with its VLAN tags, which answers and tunnels keep. */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include "transport.h"
#include "maps.h"

#define MOST_LINK ((int)sizeof(struct ethhdr) + MOST_TAGS * (int)sizeof(struct vlan_tag))

struct packet {
	struct transport transport;
	/* Bytes in front of the IP header. */
	int link;
	/* Of the IP packet with its header, as that says. */
	int length;
};

/* In bytes. The compiler would subtract halves of pointers, which the kernel does not allow. */
static __always_inline int frame_length(struct xdp_md *ctx)
{
	long length = (void *)(long)ctx->data_end - (void *)(long)ctx->data;

	barrier_var(length);
	return length;
}

/* The length that the IP header says must be there; padding may follow. */
static __always_inline int is_whole(struct xdp_md *ctx, const struct packet *packet)
{
	return packet->link + packet->length <= frame_length(ctx);
}

static __always_inline int is_vip_address(const struct packet *packet)
{
	struct vip_address key = {.family = packet->transport.ip_version};
	union address source;

	copy_addresses(&packet->transport, source.v6, key.address.v6);
	return bpf_map_lookup_elem(&vip_addresses, &key) != 0;
}

/* Gives a frame that got longer at its start by `size` bytes, 20 or more, a link header again: the old one, with another type. Halves of 16 bits go
 * in the order of their addresses, because both places may overlap; what comes from behind the old header is written over later. */
static __always_inline int move_link(struct xdp_md *ctx, int link, int size, __be16 type)
{
	__u16 *to = (void *)(long)ctx->data;
	__u16 *from = (void *)to + size;
	int i;

	if ((void *)from + MOST_LINK > (void *)(long)ctx->data_end)
		return -1;
#pragma clang loop unroll(full)
	for (i = 0; i < MOST_LINK / 2; i++)
		to[i] = *(volatile __u16 *)&from[i];
	if (link == sizeof(struct ethhdr))
		to[6] = type;
	else if (link == sizeof(struct ethhdr) + sizeof(struct vlan_tag))
		to[8] = type;
	else
		to[10] = type;
	return 0;
}

/* What follows the link header, or null if `size` bytes are not there. */
static __always_inline void *behind_link(struct xdp_md *ctx, int link, int size)
{
	void *start = (void *)(long)ctx->data + (link & 31);

	return start + size > (void *)(long)ctx->data_end ? 0 : start;
}
