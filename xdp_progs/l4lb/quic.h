/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The server that a QUIC packet (RFC 9000) names in its connection id. */
#pragma once

#include <linux/bpf.h>
#include "maps.h"

#define QUIC_LONG_HEADER 0x80
#define QUIC_LONG_TYPE 0x30
/* Initial and 0-RTT packets, the types below, have a connection id that the client made up. */
#define QUIC_HANDSHAKE 0x20
/* Servers behind this balancer choose connection ids of at least so many bytes, of which the first four tell the server. */
#define SHORTEST_ID 8

struct quic_long {
	__u8 flags;
	__u8 version[4];
	__u8 id_length;
	__u8 id[SHORTEST_ID];
};

struct quic_short {
	__u8 flags;
	__u8 id[SHORTEST_ID];
};

/* The number of a real, plus one; 0: the connection id tells none. In the id's first byte, the upper two bits are the layout: in layout 1 a number
 * of 16 bits follows them, in layout 2 one of 24 bits follows that byte. */
static __always_inline __u32 quic_real(void *payload, void *data_end)
{
	struct quic_short *small = payload;
	struct quic_long *big = payload;
	__u32 server;
	__u32 *real;
	__u8 *id;

	if ((void *)(small + 1) > data_end)
		return 0;
	if (small->flags & QUIC_LONG_HEADER) {
		if ((void *)(big + 1) > data_end || big->id_length < SHORTEST_ID || (big->flags & QUIC_LONG_TYPE) < QUIC_HANDSHAKE)
			return 0;
		id = big->id;
	} else {
		id = small->id;
	}
	switch (id[0] >> 6) {
	case 1:
		server = (id[0] & 63) << 10 | id[1] << 2 | id[2] >> 6;
		break;
	case 2:
		server = id[1] << 16 | id[2] << 8 | id[3];
		break;
	default:
		return 0;
	}
	real = bpf_map_lookup_elem(&server_ids, &server);
	return real ? *real : 0;
}
