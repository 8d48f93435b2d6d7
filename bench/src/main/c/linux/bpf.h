/* The kernel's <linux/bpf.h>, with a context whose addresses are addresses: natively there is nobody who rewrites 32-bit loads of them. */
#pragma once

#define xdp_md kernel_xdp_md
#include_next <linux/bpf.h>
#undef xdp_md

/* Bytes at both ends of a frame that programs cannot have, as in org.trufflebpf.io.burst.Burst. */
#define FRAME_HEADER 40
#define TAIL_RESERVE 320

struct xdp_md {
	unsigned long data;
	unsigned long data_end;
	unsigned long data_meta;
	__u32 ingress_ifindex;
	__u32 rx_queue_index;
	__u32 egress_ifindex;
	/* Whether a helper moved the packet's ends; a constant in programs that call none. */
	__u32 moved;
	unsigned long frame;
	unsigned long frame_end;
};

/* The interface or CPU that the program chose last. */
static __u32 redirect_target;
