// SPDX-License-Identifier: MIT OR GPL-2.0
/* Sends every packet back as it came: what a port costs by itself. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int forward(struct xdp_md *ctx)
{
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
