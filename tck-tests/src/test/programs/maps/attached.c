// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Programs of entries of device maps and CPU maps. A packet's first byte says through which map it goes (D, H, B for a broadcast, O for one to the
 * others, C), the second one the key, the third one what the program there does with it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
	__uint(max_entries, 4);
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
	__uint(max_entries, 4);
} named SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
	__uint(max_entries, 8);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} seen SEC(".maps");

SEC("xdp") int redirects(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if (data + 14 > (unsigned char *)(long)ctx->data_end)
		return XDP_DROP;
	switch (data[0]) {
	case 'D':
		return bpf_redirect_map(&devices, data[1], XDP_DROP);
	case 'H':
		return bpf_redirect_map(&named, data[1], XDP_DROP);
	case 'B':
		return bpf_redirect_map(&named, 0, BPF_F_BROADCAST);
	case 'O':
		return bpf_redirect_map(&devices, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
	case 'C':
		return bpf_redirect_map(&cpus, data[1], XDP_DROP);
	}
	return XDP_PASS;
}

/* Writes what it sees into the packet and takes two bytes off its end. */
SEC("xdp/devmap") int leaves(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if (data + 14 > (unsigned char *)(long)ctx->data_end)
		return XDP_DROP;
	data[3] = ctx->ingress_ifindex;
	data[4] = ctx->egress_ifindex;
	data[5] = ctx->rx_queue_index;
	data[6]++;
	switch (data[2]) {
	case 1:
		return XDP_DROP;
	case 2:
		return XDP_TX;
	case 3:
		return bpf_redirect(ctx->ingress_ifindex, 0);
	case 4:
		return 77;
	}
	return bpf_xdp_adjust_tail(ctx, -2) ? XDP_ABORTED : XDP_PASS;
}

/* Counts, and writes what it sees into the packet, which it makes longer at its start. */
SEC("xdp/cpumap") int arrives(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&seen, &key);

	if (data + 14 > (unsigned char *)(long)ctx->data_end)
		return XDP_DROP;
	if (count)
		++*count;
	data[3] = ctx->ingress_ifindex;
	data[4] = bpf_get_smp_processor_id();
	data[5] = ctx->rx_queue_index;
	switch (data[2]) {
	case 1:
		return XDP_DROP;
	case 2:
		return XDP_TX;
	case 3:
		data[2] = 0;
		return bpf_redirect_map(&devices, 2, 0);
	case 4:
		return bpf_redirect_map(&cpus, 5, 0);
	}
	return bpf_xdp_adjust_head(ctx, -2) ? XDP_ABORTED : XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
