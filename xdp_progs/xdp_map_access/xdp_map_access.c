// SPDX-License-Identifier: MIT OR GPL-2.0
/* Counts every packet on its CPU and sends it back, while the control word is zero; passes everything otherwise. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include "ethernet.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 2);
} ctl_array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 512);
} cntrs_array SEC(".maps");

SEC("xdp")
int xdp_map_access(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	__u32 control_key = 0;
	__u32 counter_key = 0;
	__u32 *control;
	__u64 *counter;

	control = bpf_map_lookup_elem(&ctl_array, &control_key);
	if (!control || *control != 0)
		return XDP_PASS;

	counter = bpf_map_lookup_elem(&cntrs_array, &counter_key);
	if (counter)
		*counter += 1;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	swap_macs(eth);
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
