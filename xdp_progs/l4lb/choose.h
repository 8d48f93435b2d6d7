/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Which real a flow goes to: the one that it went to before, or the one that the VIP's ring has for its hash. */
#pragma once

#include <linux/bpf.h>
#include <linux/in.h>
#include "hash.h"
#include "maps.h"

#define SECOND 1000000000ll
/* Nobody knows when a UDP flow ends. After such a pause the ring decides anew. */
#define UDP_IDLE (30 * SECOND)

static __always_inline __u32 hash_flow(const struct flow *flow, const struct vip_entry *vip, int all_ports)
{
	const __u32 *word = (const __u32 *)&flow->client;
	__u32 h = mix(word[0]);

	if (flow->family == 6) {
		h = mix(h ^ word[1]);
		h = mix(h ^ word[2]);
		h = mix(h ^ word[3]);
	}
	if (!(vip->flags & VIP_BY_ADDRESS))
		h = mix(h ^ flow->client_port ^ (all_ports ? (__u32)flow->vip_port << 16 : 0));
	return h;
}

/* An exact one, or one of all ports. */
static __always_inline struct vip_entry *find_vip(const struct flow *flow, int *all_ports)
{
	struct vip key = {.address = flow->vip, .port = flow->vip_port, .protocol = flow->protocol, .family = flow->family};
	struct vip_entry *vip = bpf_map_lookup_elem(&vip_map, &key);

	*all_ports = 0;
	if (!vip) {
		key.port = 0;
		*all_ports = 1;
		vip = bpf_map_lookup_elem(&vip_map, &key);
	}
	return vip;
}

static __always_inline void *connection_table(const struct ctl *set)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *table = 0;

	if (!(set->flags & CTL_SHARED_TABLE))
		table = bpf_map_lookup_elem(&lru_mapping, &cpu);
	if (!table) {
		count(&stats, LRU_SHARED);
		table = &flows_shared;
	}
	return table;
}

/* Whether more connections began on this CPU in this second than are remembered: tables that attackers fill forget the others. */
static __always_inline int is_flooded(const struct ctl *set, __u64 now)
{
	__u32 key = 0;
	struct rate *rate = bpf_map_lookup_elem(&new_flows, &key);

	if (!set->new_flows || !rate)
		return 0;
	if ((__s64)(now - rate->since) >= SECOND) {
		rate->since = now;
		rate->flows = 0;
	}
	rate->flows += 1;
	return rate->flows > set->new_flows;
}

/* The number of a real, plus one; 0: none. */
static __always_inline __u32 on_ring(const struct vip_entry *vip, __u32 hash)
{
	__u32 at = vip->number * RING_SIZE + hash % RING_SIZE;
	__u32 *real = bpf_map_lookup_elem(&rings, &at);

	return real ? *real : 0;
}

/* What the table has of a flow to a real that is still there. */
static __always_inline struct assignment *remembered(void *table, const struct flow *flow, __u64 now)
{
	struct assignment *known = bpf_map_lookup_elem(table, flow);
	struct real *real;
	__u32 number;

	if (!known)
		return 0;
	if (flow->protocol == IPPROTO_UDP && (__s64)(now - known->seen) > UDP_IDLE)
		return 0;
	number = known->real;
	real = bpf_map_lookup_elem(&reals, &number);
	return real && real->family ? known : 0;
}

/* For packets of the client. A SYN begins a connection, whatever went on with the same ports before. The result is as on_ring says. */
static __always_inline __u32 choose(const struct ctl *set, const struct vip_entry *vip, const struct flow *flow, __u32 hash, int syn)
{
	struct assignment *known;
	struct assignment fresh;
	void *table;
	__u64 now;
	__u32 real;

	if (vip->flags & VIP_NO_TABLE)
		return on_ring(vip, hash);
	table = connection_table(set);
	now = bpf_ktime_get_ns();
	if (!syn) {
		known = remembered(table, flow, now);
		if (known) {
			known->seen = now;
			count(&stats, LRU_HITS);
			return known->real + 1;
		}
		if (flow->protocol == IPPROTO_TCP)
			count(&stats, LRU_TCP_MISSES);
	}
	count(&stats, LRU_MISSES);
	real = on_ring(vip, hash);
	if (!real)
		return 0;
	if (is_flooded(set, now)) {
		count(&stats, LRU_FLOODED);
		return real;
	}
	fresh.real = real - 1;
	fresh.unused = 0;
	fresh.seen = now;
	bpf_map_update_elem(table, flow, &fresh, BPF_ANY);
	return real;
}

/* For packets about a flow: they leave no traces. */
static __always_inline __u32 choose_for_error(const struct ctl *set, const struct vip_entry *vip, const struct flow *flow, __u32 hash)
{
	struct assignment *known;

	if (!(vip->flags & VIP_NO_TABLE)) {
		known = remembered(connection_table(set), flow, bpf_ktime_get_ns());
		if (known)
			return known->real + 1;
	}
	return on_ring(vip, hash);
}
