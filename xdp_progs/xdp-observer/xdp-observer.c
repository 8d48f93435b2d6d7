// SPDX-License-Identifier: MIT OR GPL-2.0
/* Tells user space of every TCP packet: whom it is between, and its flags. Everything passes, but for frames that end inside a header. */
#include <linux/bpf.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "counter.h"
#include "transport.h"

/* An IPv4 address takes the first four bytes of sixteen, the others are zero. */
struct tcp_event {
	__u8 source[16];
	__u8 destination[16];
	__be16 source_port;
	__be16 destination_port;
	/* 4 or 6. */
	__u8 ip_version;
	__u8 protocol;
	/* As in the TCP header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
	__u8 flags;
};

/* Records of struct tcp_event. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ringbuf SEC(".maps");

/* Entry 0: events that found the ring full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} lost SEC(".maps");

/* For the object's types only, where readers of the ring look the record up: clang leaves out what no variable has. */
const struct tcp_event *tcp_event_type;

SEC("xdp")
int xdp_observer(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct transport found;
	struct tcp_event *event;
	struct tcphdr *tcp;

	switch (find_transport(ctx, &found)) {
	case CUT:
		return XDP_ABORTED;
	case NOT_IP:
		return XDP_PASS;
	case FOUND:
		break;
	}
	if (found.protocol != IPPROTO_TCP || found.later_fragment)
		return XDP_PASS;
	tcp = found.header;
	if ((void *)(tcp + 1) > data_end)
		return XDP_ABORTED;

	event = bpf_ringbuf_reserve(&ringbuf, sizeof(*event), 0);
	if (!event) {
		count(&lost, 0);
		return XDP_PASS;
	}
	__builtin_memset(event, 0, sizeof(*event));
	copy_addresses(&found, event->source, event->destination);
	event->source_port = tcp->source;
	event->destination_port = tcp->dest;
	event->ip_version = found.ip_version;
	event->protocol = found.protocol;
	event->flags = ((__u8 *)tcp)[13];
	bpf_ringbuf_submit(event, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
