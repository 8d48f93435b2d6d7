/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* ICMP for IPv4 (RFC 792). <linux/icmp.h> says the same, but asks for the headers of a C library. */
#pragma once

#include <linux/types.h>

#define ICMP_ECHO_REPLY 0
#define ICMP_DEST_UNREACHABLE 3
#define ICMP_SOURCE_QUENCH 4
#define ICMP_REDIRECT 5
#define ICMP_ECHO_REQUEST 8
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETER_PROBLEM 12

/* Code of ICMP_DEST_UNREACHABLE. */
#define ICMP_FRAGMENTATION_NEEDED 4

struct icmp_header {
	__u8 type;
	__u8 code;
	__u16 checksum;
	union {
		struct {
			__be16 id;
			__be16 sequence;
		} echo;
		/* RFC 1191. */
		struct {
			__be16 unused;
			__be16 mtu;
		} too_big;
	};
};
