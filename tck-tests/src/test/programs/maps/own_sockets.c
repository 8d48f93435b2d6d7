// SPDX-License-Identifier: MIT OR GPL-2.0
/* The kernel's half of an application with AF_XDP sockets. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

/* Packets of queues that nobody has a socket for are the network stack's. */
SEC("xdp") int to_their_queue(struct xdp_md *ctx)
{
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
}

/* The first byte is the index; what comes to a queue with a socket tells of it in the second. */
SEC("xdp") int to_any_queue(struct xdp_md *ctx)
{
	__u8 *bytes = (void *)(long)ctx->data;
	struct bpf_xdp_sock *socket;
	__u32 index;

	if (bytes + 2 > (__u8 *)(long)ctx->data_end)
		return XDP_ABORTED;
	index = bytes[0];
	socket = bpf_map_lookup_elem(&sockets, &index);
	if (socket)
		bytes[1] = 0x80 | socket->queue_id;
	return bpf_redirect_map(&sockets, index, XDP_DROP);
}

char _license[] SEC("license") = "Dual MIT/GPL";
