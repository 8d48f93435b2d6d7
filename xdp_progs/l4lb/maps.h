/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The maps of l4lb, which its control program fills, and what it counts. */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include "counter.h"

#define MOST_VIPS 512
#define MOST_REALS 4096
/* A prime, as Maglev needs it: over a hundred entries per real for up to 655 reals of the same weight, so that their shares differ by 1 %. */
#define RING_SIZE 65537
/* Those with a connection table of their own. */
#define MOST_WORKERS 16
#define FLOWS_PER_WORKER 65536

/* IPv4 takes the first four bytes, and leaves the others zero. */
union address {
	__be32 v4;
	__u8 v6[16];
};

/* A service. */
struct vip {
	union address address;
	/* 0: all ports that no other VIP has. */
	__be16 port;
	__u8 protocol;
	/* 4 or 6. */
	__u8 family;
};

/* A client's packets all go to the same real, whatever their source port. */
#define VIP_BY_ADDRESS 1
/* Connections are not remembered: what the ring says counts, for all packets. */
#define VIP_NO_TABLE 2
/* UDP packets are QUIC, and those with a server's number in their connection id go there. */
#define VIP_QUIC 4

struct vip_entry {
	/* Of its ring and its statistics; below MOST_VIPS. */
	__u32 number;
	__u32 flags;
};

struct vip_address {
	union address address;
	__u32 family;
};

enum tunnel { TUNNEL_IPIP, TUNNEL_GUE };

/* A server. */
struct real {
	union address address;
	/* 4 or 6; 0: not in use. */
	__u8 family;
	/* enum tunnel. */
	__u8 tunnel;
	__u8 unused[2];
};

struct flow {
	union address client;
	union address vip;
	__be16 client_port;
	__be16 vip_port;
	__u8 protocol;
	__u8 family;
	__u8 unused[2];
};

struct assignment {
	__u32 real;
	__u32 unused;
	/* bpf_ktime_get_ns() of the last packet. */
	__u64 seen;
};

/* All CPUs share one connection table: for network cards that do not keep flows on one CPU. */
#define CTL_SHARED_TABLE 1

struct ctl {
	/* The MAC address of the router to the reals, where all goes. */
	__u8 gateway[ETH_ALEN];
	/* The UDP port of GUE; 0: GUE_PORT. */
	__be16 gue_port;
	/* Sources of the packets around. Their last 16 bits are the flow's, so that network cards of reals spread flows over CPUs. */
	__be32 source_v4;
	__u8 source_v6[16];
	/* Bytes of the longest IP packet that the way to the reals takes, with the headers put in front; 0: no limit. */
	__u32 mtu;
	/* So many new connections a second are remembered on each CPU; 0: no limit. */
	__u32 new_flows;
	__u32 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct ctl);
	__uint(max_entries, 1);
} ctl SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct vip);
	__type(value, struct vip_entry);
	__uint(max_entries, MOST_VIPS);
} vip_map SEC(".maps");

/* Addresses that have a VIP, and how many. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct vip_address);
	__type(value, __u32);
	__uint(max_entries, MOST_VIPS);
} vip_addresses SEC(".maps");

/* The ring of VIP n begins at n * RING_SIZE. Each entry is the number of a real, plus one; 0: none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, MOST_VIPS * RING_SIZE);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct real);
	__uint(max_entries, MOST_REALS);
} reals SEC(".maps");

/* By the number of a server that QUIC connection ids name: the number of a real, plus one; 0: none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1 << 24);
} server_ids SEC(".maps");

struct flows {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct flow);
	__type(value, struct assignment);
	__uint(max_entries, FLOWS_PER_WORKER);
} flows_shared SEC(".maps"), flows_0 SEC(".maps"), flows_1 SEC(".maps"), flows_2 SEC(".maps"), flows_3 SEC(".maps"), flows_4 SEC(".maps"),
	flows_5 SEC(".maps"), flows_6 SEC(".maps"), flows_7 SEC(".maps"), flows_8 SEC(".maps"), flows_9 SEC(".maps"), flows_10 SEC(".maps"),
	flows_11 SEC(".maps"), flows_12 SEC(".maps"), flows_13 SEC(".maps"), flows_14 SEC(".maps"), flows_15 SEC(".maps");

/* Connection tables by CPU. CPUs without one take flows_shared. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, MOST_WORKERS);
	__array(values, struct flows);
} lru_mapping SEC(".maps") = {
	.values = {&flows_0, &flows_1, &flows_2, &flows_3, &flows_4, &flows_5, &flows_6, &flows_7, &flows_8, &flows_9, &flows_10, &flows_11,
		   &flows_12, &flows_13, &flows_14, &flows_15},
};

/* New connections since a time on this CPU. */
struct rate {
	__u64 since;
	__u64 flows;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct rate);
	__uint(max_entries, 1);
} new_flows SEC(".maps");

/* Packets as they came: bytes are those of the IP packet. */
struct traffic {
	__u64 packets;
	__u64 bytes;
};

/* What came for each VIP, by its number. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct traffic);
	__uint(max_entries, MOST_VIPS);
} vip_stats SEC(".maps");

/* What went to each real, by its number. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct traffic);
	__uint(max_entries, MOST_REALS);
} real_stats SEC(".maps");

enum stat {
	/* Packets of connections that the table knew, and others that asked for one. */
	LRU_HITS,
	LRU_MISSES,
	/* Of the misses: TCP segments in the middle of a connection. */
	LRU_TCP_MISSES,
	/* Connections not remembered, because there were too many new ones. */
	LRU_FLOODED,
	/* Packets of CPUs without a table of their own, and all with CTL_SHARED_TABLE. */
	LRU_SHARED,
	/* QUIC packets by whether their connection id named a server. */
	QUIC_BY_ID,
	QUIC_UNKNOWN_ID,
	ECHO_REPLIES,
	TOO_BIG,
	ICMP_ERRORS,
	/* Dropped. */
	FRAGMENTS,
	MALFORMED,
	NO_REAL,
	NO_ROOM,
	STATS
};

/* By enum stat. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, STATS);
} stats SEC(".maps");

static __always_inline void count_traffic(void *map, __u32 number, __u32 bytes)
{
	struct traffic *traffic = bpf_map_lookup_elem(map, &number);

	if (traffic) {
		traffic->packets += 1;
		traffic->bytes += bytes;
	}
}

static __always_inline int drop(enum stat why)
{
	count(&stats, why);
	return XDP_DROP;
}
