/* Bursts of org.trufflebpf.io.burst.Burst. */
#pragma once

#include <stddef.h>
#include <linux/types.h>

struct burst_packet {
	__u64 data;
	__u32 length;
	__u32 verdict;
	__u64 frame;
	__u32 frame_size;
	__u32 meta_length;
	__u64 timestamp;
	__u32 redirect_program;
	__u32 redirect_kind;
	__u32 redirect_target;
	__u32 lowest;
	__u64 result;
};

struct burst {
	__u32 count;
	__u32 ingress_ifindex;
	__u32 rx_queue;
	__u32 cpu;
	__u64 rest[6];
	struct burst_packet packets[];
};

_Static_assert(sizeof(struct burst_packet) == 64 && offsetof(struct burst, packets) == 64, "as in Burst");
_Static_assert(offsetof(struct burst_packet, redirect_target) == 48, "as in Burst");

#define EXPORTED __attribute__((visibility("default")))
