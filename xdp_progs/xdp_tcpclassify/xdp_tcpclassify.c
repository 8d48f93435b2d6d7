// SPDX-License-Identifier: MIT OR GPL-2.0
/* Sends user space each TCP segment's ends, flags and first bytes, and says which segments begin an HTTP/1 request or response. All passes. */
#include <linux/bpf.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "counter.h"
#include "transport.h"

/* Payload bytes that a record holds; a power of two. */
#define CAPTURED 256

enum http { HTTP_NONE, HTTP_REQUEST, HTTP_RESPONSE };

/* An IPv4 address takes the first four bytes of sixteen, the others are zero. So are payload bytes that the segment does not have. */
struct tcp_segment {
	__u8 source[16];
	__u8 destination[16];
	__be16 source_port;
	__be16 destination_port;
	/* 4 or 6. */
	__u8 ip_version;
	/* As in the TCP header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
	__u8 flags;
	/* Bytes of payload in this record. */
	__u16 captured;
	/* Bytes of payload that the segment has on the wire. */
	__u32 length;
	enum http http;
	__u8 payload[CAPTURED];
};

/* Records of struct tcp_segment. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ringbuf SEC(".maps");

/* Entry 0: segments that found the ring full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} lost SEC(".maps");

/* For the object's types only, where readers of the ring look the record up: clang leaves out what no variable has. */
const struct tcp_segment *tcp_segment_type;

/* What an HTTP/1 message starts with: RFC 9112 section 3, and the methods of RFC 9110 section 9.3 and RFC 5789. */
#define STARTS_WITH(BYTES, TEXT)                                             \
	({                                                                   \
		static const char text[] = TEXT;                             \
		bpf_strncmp((const char *)(BYTES), sizeof(text) - 1, text) == 0; \
	})

static __always_inline enum http classify(const __u8 *payload)
{
	if (STARTS_WITH(payload, "HTTP/"))
		return HTTP_RESPONSE;
	if (STARTS_WITH(payload, "GET ") || STARTS_WITH(payload, "POST ") || STARTS_WITH(payload, "HEAD ") || STARTS_WITH(payload, "PUT ") ||
	    STARTS_WITH(payload, "DELETE ") || STARTS_WITH(payload, "OPTIONS ") || STARTS_WITH(payload, "CONNECT ") ||
	    STARTS_WITH(payload, "TRACE ") || STARTS_WITH(payload, "PATCH "))
		return HTTP_REQUEST;
	return HTTP_NONE;
}

SEC("xdp")
int xdp_tcpclassify(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct transport found;
	struct tcp_segment *segment;
	struct tcphdr *tcp;
	__u32 header_size;
	void *payload;
	/* 64 bits wide, as lengths in calls are: the verifier loses bounds where they are widened. */
	__u64 captured;

	if (find_transport(ctx, &found) != FOUND || found.protocol != IPPROTO_TCP || found.later_fragment)
		return XDP_PASS;
	tcp = found.header;
	if ((void *)(tcp + 1) > data_end)
		return XDP_PASS;
	header_size = tcp->doff * 4;
	payload = (void *)tcp + header_size;
	if (header_size < sizeof(*tcp) || payload > data_end)
		return XDP_PASS;

	segment = bpf_ringbuf_reserve(&ringbuf, sizeof(*segment), 0);
	if (!segment) {
		count(&lost, 0);
		return XDP_PASS;
	}
	__builtin_memset(segment, 0, sizeof(*segment));
	copy_addresses(&found, segment->source, segment->destination);
	segment->source_port = tcp->source;
	segment->destination_port = tcp->dest;
	segment->ip_version = found.ip_version;
	segment->flags = ((__u8 *)tcp)[13];

	if (found.length > header_size) {
		segment->length = found.length - header_size;
		captured = data_end - payload;
		if (captured > segment->length)
			captured = segment->length;
		if (captured > CAPTURED)
			captured = CAPTURED;
		/* The verifier wants to see that a length is not 0. */
		if (captured > 0 && bpf_xdp_load_bytes(ctx, payload - data, segment->payload, captured) == 0) {
			segment->captured = captured;
			segment->http = classify(segment->payload);
		}
	}
	bpf_ringbuf_submit(segment, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
