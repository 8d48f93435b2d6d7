// SPDX-License-Identifier: MIT OR GPL-2.0
/* Reads what another object counts, and is what another object calls. */
#include "pinned.h"

int sends_back(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(key_size, 4);
	__uint(max_entries, 4);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__array(values, int (void));
} calls SEC(".maps") = {
	.values = {[1] = (void *)&sends_back},
};

/* As counts.c has it, with other contents. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} own SEC(".maps");

/* After three packets there were enough. */
SEC("xdp") int limit(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct counter *counter = bpf_map_lookup_elem(&counts, &key);

	return counter && counter->packets >= 3 ? XDP_DROP : XDP_PASS;
}

SEC("xdp") int sends_back(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *mine = bpf_map_lookup_elem(&own, &key);

	if (mine)
		*mine += 1;
	return XDP_TX;
}
