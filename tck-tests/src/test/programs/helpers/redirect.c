// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_redirect and bpf_redirect_map: what they answer is both the result and the verdict. */
#include "results.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 4);
} ports SEC(".maps");

/* Arguments: interface, flags. */
SEC("xdp")
int to_interface(struct xdp_md *ctx)
{
	long answer = bpf_redirect(argument(0), argument(1));

	result(0, answer);
	return answer;
}

/* Arguments: key, flags. */
SEC("xdp")
int by_map(struct xdp_md *ctx)
{
	long answer = bpf_redirect_map(&ports, argument(0), argument(1));

	result(0, answer);
	return answer;
}

/* What comes in at the first of two interfaces goes out at the second, and the other way round. */
SEC("xdp")
int across(struct xdp_md *ctx)
{
	return bpf_redirect(ctx->ingress_ifindex == 1 ? 2 : 1, 0);
}

char _license[] SEC("license") = "Dual MIT/GPL";
