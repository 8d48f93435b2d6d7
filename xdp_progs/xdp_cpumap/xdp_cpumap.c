// SPDX-License-Identifier: MIT OR GPL-2.0
/* Spreads packets over CPUs by their flow, before the kernel's network stack sees them: for network cards whose own queues cannot. Both
 * directions of a flow go to the same CPU. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "counter.h"
#include "transport.h"

#define MOST_CPUS 64

/* From a CPU's number to the number of frames that may wait for it. */
struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, MOST_CPUS);
} cpu_map SEC(".maps");

/* The numbers of the CPUs that packets are spread over. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, MOST_CPUS);
} cpus_available SEC(".maps");

/* Entry 0: how many of these there are. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} cpus_count SEC(".maps");

/* Packets that were sent to a CPU, by its number. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, MOST_CPUS);
} sent SEC(".maps");

/* Entry 0: packets that stay where they are, for want of a CPU to send them to. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} stayed SEC(".maps");

struct ports {
	__be16 source;
	__be16 destination;
};

/* Multiplying carries bits up, shifting brings them down again; twice, so that each bit of the input reaches each of the result. */
static __always_inline __u32 mixed(__u32 hash)
{
	/* An odd number near 2^32 divided by the golden ratio, after Knuth, The Art of Computer Programming 3, 6.4. */
	const __u32 multiplier = 0x9e3779b1;

	hash = (hash ^ hash >> 16) * multiplier;
	hash = (hash ^ hash >> 15) * multiplier;
	return hash ^ hash >> 16;
}

/* The same for both directions: what belongs to the two ends is combined by exclusive or, address and port of an end by hashing.
 * Of fragments only the first has ports, and IPv6's may differ in protocol: they go by addresses, so that all of a packet meet at one CPU. */
static __always_inline __u32 flow_hash(const struct transport *found, void *data_end)
{
	__u32 source[4] = {};
	__u32 destination[4] = {};
	struct ports *ports = found->header;
	__u32 first = 0;
	__u32 second = 0;
	int i;

	copy_addresses(found, (__u8 *)source, (__u8 *)destination);
	if ((found->protocol == IPPROTO_TCP || found->protocol == IPPROTO_UDP) && !found->fragment && (void *)(ports + 1) <= data_end) {
		first = ports->source;
		second = ports->destination;
	}
#pragma clang loop unroll(full)
	for (i = 0; i < 4; i++) {
		first = mixed(first ^ source[i]);
		second = mixed(second ^ destination[i]);
	}
	return mixed((first ^ second) + (found->fragment ? 0 : found->protocol));
}

SEC("xdp")
int xdp_cpumap(struct xdp_md *ctx)
{
	struct transport found;
	__u32 key = 0;
	__u32 *cpus = bpf_map_lookup_elem(&cpus_count, &key);
	__u32 hash = 0;
	__u32 *cpu;

	if (!cpus || *cpus == 0)
		goto stay;
	/* What is not IP, and what is cut, goes to the first CPU. */
	if (find_transport(ctx, &found) == FOUND)
		hash = flow_hash(&found, (void *)(long)ctx->data_end);
	/* The high bits of the product: without the division of a remainder. */
	key = (__u64)hash * *cpus >> 32;
	cpu = bpf_map_lookup_elem(&cpus_available, &key);
	if (!cpu || bpf_redirect_map(&cpu_map, *cpu, XDP_PASS) != XDP_REDIRECT)
		goto stay;
	count(&sent, *cpu);
	return XDP_REDIRECT;

stay:
	count(&stayed, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
