// SPDX-License-Identifier: MIT OR GPL-2.0
/* A helper that there is in the kernel only. */
#include "results.h"

SEC("xdp")
int calls(struct xdp_md *ctx)
{
	char name[16];

	bpf_get_current_comm(name, sizeof(name));
	return name[0] ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
