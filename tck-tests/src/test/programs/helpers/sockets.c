// SPDX-License-Identifier: MIT OR GPL-2.0
/* Socket lookups where nobody listens. */
#include "results.h"

SEC("xdp")
int lookups(struct xdp_md *ctx)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sock;

	tuple.ipv4.saddr = argument(0);
	tuple.ipv4.daddr = argument(1);
	sock = bpf_sk_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	result(0, sock ? 1 : -1);
	if (sock)
		bpf_sk_release(sock);
	sock = bpf_sk_lookup_udp(ctx, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	result(1, sock ? 1 : -1);
	if (sock) {
		result(2, sock->family);
		bpf_sk_release(sock);
	}
	sock = bpf_skc_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	result(3, sock ? 1 : -1);
	if (sock)
		bpf_sk_release(sock);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
