/* The kernel's <linux/bpf.h>, with a context whose addresses are addresses: natively there is nobody who rewrites 32-bit loads of them. */
#pragma once

#define xdp_md kernel_xdp_md
#include_next <linux/bpf.h>
#undef xdp_md

struct xdp_md {
	unsigned long data;
	unsigned long data_end;
	unsigned long data_meta;
	__u32 ingress_ifindex;
	__u32 rx_queue_index;
	__u32 egress_ifindex;
};
