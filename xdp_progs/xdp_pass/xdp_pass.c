// SPDX-License-Identifier: MIT OR GPL-2.0
/* Passes every packet: the floor that the cost of other programs is measured against. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int xdp_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
