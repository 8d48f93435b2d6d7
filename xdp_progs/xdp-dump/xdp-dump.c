// SPDX-License-Identifier: MIT OR GPL-2.0
/* Sends user space the first bytes of each packet that a filter lets through, for a capture. All packets pass. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "counter.h"
#include "transport.h"

#define MOST_CAPTURED 256

/* A record ends after the bytes that were captured. */
struct packet_record {
	/* Nanoseconds since the machine was started. */
	__u64 time;
	/* Bytes of the packet. */
	__u32 length;
	/* Bytes of it in this record. */
	__u32 captured;
	__u32 ifindex;
	/* What becomes of the packet: XDP_PASS. */
	__u32 verdict;
	__u8 data[MOST_CAPTURED];
};

/* What packets are captured. 0: any. */
struct packet_filter {
	/* The IP protocol, past extension headers. */
	__u8 protocol;
	/* Source or destination port of TCP, UDP or SCTP. */
	__be16 port;
};

/* Records of struct packet_record. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} packets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct packet_filter);
	__uint(max_entries, 1);
} filter SEC(".maps");

/* Entry 0: packets that found the ring full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} lost SEC(".maps");

/* Bytes of a packet that are captured; above 256 as many as 256. */
volatile __u32 snap_length = MOST_CAPTURED;

/* For the object's types only, where readers of the ring look the record up: clang leaves out what no variable has. */
const struct packet_record *packet_record_type;

/* All three start with these. */
struct ports {
	__be16 source;
	__be16 destination;
};

static __always_inline int has_port(const struct transport *found, void *data_end, __be16 port)
{
	struct ports *ports = found->header;

	if (found->protocol != IPPROTO_TCP && found->protocol != IPPROTO_UDP && found->protocol != IPPROTO_SCTP)
		return 0;
	if (found->later_fragment || (void *)(ports + 1) > data_end)
		return 0;
	return ports->source == port || ports->destination == port;
}

static __always_inline int matches(struct xdp_md *ctx, const struct packet_filter *wanted)
{
	struct transport found;

	if (!wanted->protocol && !wanted->port)
		return 1;
	if (find_transport(ctx, &found) != FOUND)
		return 0;
	if (wanted->protocol && wanted->protocol != found.protocol)
		return 0;
	return !wanted->port || has_port(&found, (void *)(long)ctx->data_end, wanted->port);
}

SEC("xdp")
int xdp_dump(struct xdp_md *ctx)
{
	struct packet_record record = {};
	__u32 key = 0;
	__u32 captured;
	struct packet_filter *wanted = bpf_map_lookup_elem(&filter, &key);

	if (!wanted || !matches(ctx, wanted))
		return XDP_PASS;

	record.time = bpf_ktime_get_ns();
	record.length = ctx->data_end - ctx->data;
	record.ifindex = ctx->ingress_ifindex;
	record.verdict = XDP_PASS;
	captured = snap_length;
	if (captured > MOST_CAPTURED)
		captured = MOST_CAPTURED;
	if (captured > record.length)
		captured = record.length;
	/* The verifier wants to see that a length is not 0. */
	if (captured > 0 && bpf_xdp_load_bytes(ctx, 0, record.data, captured) == 0)
		record.captured = captured;
	else
		captured = 0;
	if (bpf_ringbuf_output(&packets, &record, __builtin_offsetof(struct packet_record, data) + captured, 0))
		count(&lost, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
