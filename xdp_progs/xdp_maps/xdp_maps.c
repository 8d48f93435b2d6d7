// SPDX-License-Identifier: MIT OR GPL-2.0
/* Keeps a histogram of packet lengths in a hash map and sends every frame back. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include "ethernet.h"

/* From the length of a packet in bytes to the number of packets of that length. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 8192);
} packet_size SEC(".maps");

static __always_inline void count(__u32 length)
{
	__u64 *counter = bpf_map_lookup_elem(&packet_size, &length);

	if (!counter) {
		__u64 one = 1;

		if (!bpf_map_update_elem(&packet_size, &length, &one, BPF_NOEXIST))
			return;
		/* Another CPU made the entry between the two calls, or the map is full. */
		counter = bpf_map_lookup_elem(&packet_size, &length);
	}
	if (counter)
		__sync_fetch_and_add(counter, 1);
}

SEC("xdp")
int xdp_maps(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	count(data_end - data);

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	swap_macs(eth);
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
