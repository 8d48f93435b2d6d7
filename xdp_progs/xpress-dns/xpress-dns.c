// SPDX-License-Identifier: MIT OR GPL-2.0
/* Answers DNS queries for IPv4 addresses (A records) of the names in a map, authoritatively, and passes all other packets: to a name server behind
 * it, say. The map is defined in the way of iproute2's loader, which pins it below /sys/fs/bpf/xdp/globals when "ip link set" loads the object. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "checksum.h"
#include "ethernet.h"
#include "transport.h"

#define DNS_PORT 53
/* Of the IP header, in the frame. */
#define MOST_OFFSET (sizeof(struct ethhdr) + MOST_TAGS * sizeof(struct vlan_tag))
/* Time to live of the answer's IP packet. */
#define TTL 64

/* RFC 1035, sections 2.3.4 and 3.2. */
#define LONGEST_NAME 255
#define LONGEST_LABEL 63
#define TYPE_A 1
#define CLASS_IN 1
/* RFC 6891, and the size of messages that a server of such short answers takes. */
#define TYPE_OPT 41
#define PAYLOAD_SIZE 512

/* RFC 1035, section 4.1.1: the second word of the header. */
#define FLAG_RESPONSE 0x8000
#define FLAG_AUTHORITATIVE 0x0400
#define FLAG_RECURSION_DESIRED 0x0100
#define FLAG_AUTHENTIC_DATA 0x0020
#define FLAG_CHECKING_DISABLED 0x0010

/* The map's key. All zeros after the name. */
struct dns_query {
	__u16 record_type;
	__u16 class;
	/* As in the packet, a byte with the length before each label, but in lower case. */
	char name[256];
};

struct a_record {
	/* As in the packet. */
	__u8 address[4];
	/* Seconds. */
	__u32 ttl;
};

/* iproute2's struct bpf_elf_map. */
struct map_definition {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 flags;
	__u32 id;
	__u32 pinning;
	__u32 inner_id;
	__u32 inner_index;
};

/* One map for all network interfaces. */
#define PIN_GLOBAL_NS 2

struct map_definition xdns_a_records SEC("maps") = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(struct dns_query),
	.value_size = sizeof(struct a_record),
	.max_entries = 65536,
	.pinning = PIN_GLOBAL_NS,
};

/* The types of a map that has only sizes: loaders find them by the name of this struct. */
struct ____btf_map_xdns_a_records {
	struct dns_query key;
	struct a_record value;
};
struct ____btf_map_xdns_a_records ____btf_map_xdns_a_records SEC(".maps.xdns_a_records") = {};

struct dns_header {
	__be16 id;
	__be16 flags;
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additionals;
};

/* What follows the name of a question. */
struct dns_question {
	__be16 type;
	__be16 class;
} __attribute__((packed));

/* A record whose name is that of the question: a pointer to the first byte after the header. */
struct dns_answer {
	__be16 name;
	__be16 type;
	__be16 class;
	__be32 ttl;
	__be16 length;
	__u8 address[4];
} __attribute__((packed));
#define NAME_OF_QUESTION 0xc00c

struct edns_option {
	__u8 name;
	__be16 type;
	__be16 payload_size;
	__u8 extended_result;
	__u8 version;
	__be16 flags;
	__be16 length;
} __attribute__((packed));

struct answer_buffer {
	struct dns_answer answer;
	struct edns_option option;
} __attribute__((packed));

/* Where an answer is put together before the packet is made longer. A cache line for each CPU, so that they do not write over each other's; a CPU
 * beyond passes what it could answer. */
#define MOST_CPUS 256
#define CACHE_LINE 64
__u8 answers[MOST_CPUS][CACHE_LINE];

/* Reads the question's name: the bytes that it takes in the packet, or 0 when it is malformed. */
static __always_inline __u32 read_name(const __u8 *from, const void *data_end, char *name)
{
	__u32 left = 0;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < LONGEST_NAME; i++) {
		const __u8 *byte = from + i;
		__u8 value;

		if ((void *)(byte + 1) > data_end)
			return 0;
		value = *byte;
		if (left == 0) {
			if (value == 0)
				return i + 1;
			/* Also pointers, which have nowhere to point to. */
			if (value > LONGEST_LABEL)
				return 0;
			left = value;
		} else {
			left--;
			if (value >= 'A' && value <= 'Z')
				value += 'a' - 'A';
		}
		name[i] = value;
	}
	return 0;
}

static __always_inline __u32 write_answer(struct answer_buffer *buffer, const struct a_record *record, int edns)
{
	buffer->answer.name = bpf_htons(NAME_OF_QUESTION);
	buffer->answer.type = bpf_htons(TYPE_A);
	buffer->answer.class = bpf_htons(CLASS_IN);
	buffer->answer.ttl = bpf_htonl(record->ttl);
	buffer->answer.length = bpf_htons(sizeof(record->address));
	__builtin_memcpy(buffer->answer.address, record->address, sizeof(record->address));
	if (!edns)
		return sizeof(buffer->answer);
	__builtin_memset(&buffer->option, 0, sizeof(buffer->option));
	buffer->option.type = bpf_htons(TYPE_OPT);
	buffer->option.payload_size = bpf_htons(PAYLOAD_SIZE);
	return sizeof(*buffer);
}

/* The length of the query in its UDP datagram, without what comes after the question; 0 if it is none that can be answered. */
static __always_inline __u32 read_query(const struct udphdr *udp, const void *data_end, struct dns_query *query, int *edns)
{
	const struct dns_header *dns = (void *)(udp + 1);
	const struct dns_question *question;
	const struct edns_option *option;
	__u32 datagram = bpf_ntohs(udp->len);
	__u32 name_length, length;

	if ((void *)(dns + 1) > data_end)
		return 0;
	/* A query, of the standard kind, in one piece. */
	if (dns->flags & bpf_htons(~(FLAG_RECURSION_DESIRED | FLAG_CHECKING_DISABLED | FLAG_AUTHENTIC_DATA)))
		return 0;
	if (dns->questions != bpf_htons(1) || dns->answers || dns->authorities)
		return 0;

	name_length = read_name((void *)(dns + 1), data_end, query->name);
	if (name_length == 0)
		return 0;
	question = (void *)(dns + 1) + name_length;
	if ((void *)(question + 1) > data_end)
		return 0;
	query->record_type = bpf_ntohs(question->type);
	query->class = bpf_ntohs(question->class);

	length = sizeof(*udp) + sizeof(*dns) + name_length + sizeof(*question);
	if (!dns->additionals) {
		*edns = 0;
		return datagram == length ? length : 0;
	}
	option = (void *)(question + 1);
	if (dns->additionals != bpf_htons(1) || (void *)(option + 1) > data_end)
		return 0;
	if (option->name != 0 || option->type != bpf_htons(TYPE_OPT) || option->version != 0)
		return 0;
	*edns = 1;
	return datagram == length + sizeof(*option) + bpf_ntohs(option->length) ? length : 0;
}

/* Turns the query's headers around and appends the answer. The frame has its new length. */
static __always_inline int send_answer(struct xdp_md *ctx, __u32 ip_offset, __u32 query_length, const struct answer_buffer *buffer, int edns)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + ip_offset;
	struct udphdr *udp = (void *)(ip + 1);
	struct dns_header *dns = (void *)(udp + 1);
	struct dns_answer *answer = (void *)udp + query_length;
	struct edns_option *option = (void *)(answer + 1);
	__u32 answer_length = edns ? sizeof(*buffer) : sizeof(*answer);
	__be32 address;
	__be16 port;

	/* Known from the parsing, but not to the verifier. */
	if (ip_offset > MOST_OFFSET)
		return XDP_ABORTED;
	if ((void *)(eth + 1) > data_end || (void *)(dns + 1) > data_end || (void *)(answer + 1) > data_end)
		return XDP_ABORTED;
	*answer = buffer->answer;
	if (edns) {
		/* So that what is written to is what was compared, which is all that the verifier follows. */
		barrier_var(option);
		if ((void *)(option + 1) > data_end)
			return XDP_ABORTED;
		*option = buffer->option;
	}

	dns->flags = (dns->flags & bpf_htons(FLAG_RECURSION_DESIRED | FLAG_CHECKING_DISABLED)) | bpf_htons(FLAG_RESPONSE | FLAG_AUTHORITATIVE);
	dns->answers = bpf_htons(1);

	port = udp->source;
	udp->source = udp->dest;
	udp->dest = port;
	udp->len = bpf_htons(query_length + answer_length);
	/* None: over IPv4 it may be left out. */
	udp->check = 0;

	address = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = address;
	ip->tot_len = bpf_htons(sizeof(*ip) + query_length + answer_length);
	ip->ttl = TTL;
	ip->check = 0;
	ip->check = ipv4_checksum(ip);

	swap_macs(eth);
	return XDP_TX;
}

SEC("prog")
int xpress_dns(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__be16 type;
	struct iphdr *ip = skip_ethernet(data, data_end, &type);
	struct dns_query query = {};
	struct answer_buffer *buffer;
	struct a_record *record;
	struct udphdr *udp;
	__u32 ip_offset, query_length, cpu;
	int edns;

	if (!ip || type != bpf_htons(ETH_P_IP) || (void *)(ip + 1) > data_end)
		return XDP_PASS;
	if (ip->version != 4 || ip->ihl != sizeof(*ip) / 4 || ip->protocol != IPPROTO_UDP || is_fragment(ip))
		return XDP_PASS;
	udp = (void *)(ip + 1);
	if ((void *)(udp + 1) > data_end || udp->dest != bpf_htons(DNS_PORT))
		return XDP_PASS;
	if (bpf_ntohs(ip->tot_len) != sizeof(*ip) + bpf_ntohs(udp->len) || (void *)udp + bpf_ntohs(udp->len) > data_end)
		return XDP_PASS;

	query_length = read_query(udp, data_end, &query, &edns);
	if (query_length == 0)
		return XDP_PASS;
	record = bpf_map_lookup_elem(&xdns_a_records, &query);
	cpu = bpf_get_smp_processor_id();
	if (!record || cpu >= MOST_CPUS)
		return XDP_PASS;
	buffer = (void *)answers[cpu];
	ip_offset = (void *)ip - data;
	if (bpf_xdp_adjust_tail(ctx, (int)(ip_offset + sizeof(*ip) + query_length + write_answer(buffer, record, edns)) - (int)(data_end - data)))
		return XDP_PASS;
	return send_answer(ctx, ip_offset, query_length, buffer, edns);
}

char _license[] SEC("license") = "Dual MIT/GPL";
