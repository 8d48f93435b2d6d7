// SPDX-License-Identifier: MIT OR GPL-2.0
/* Helpers that ask for time, chance and place. Their answers differ from run to run, what holds for them does not. */
#include "results.h"

/* Also after a helper that takes some nanoseconds time has not gone back. */
SEC("xdp")
int clocks(struct xdp_md *ctx)
{
	__u64 coarse = bpf_ktime_get_coarse_ns();
	__u64 first = bpf_ktime_get_ns();
	__u64 boot = bpf_ktime_get_boot_ns();
	__u64 tai = bpf_ktime_get_tai_ns();
	__u64 jiffies = bpf_jiffies64();

	result(0, coarse <= first);
	result(1, bpf_ktime_get_coarse_ns() >= coarse);
	result(2, bpf_ktime_get_ns() >= first);
	result(3, bpf_ktime_get_boot_ns() >= boot);
	result(4, bpf_ktime_get_tai_ns() >= tai);
	result(5, bpf_jiffies64() >= jiffies);
	result(6, boot >= first);
	return XDP_PASS;
}

/* 32 bits; eight numbers in a row are not all the same. */
SEC("xdp")
int chance(struct xdp_md *ctx)
{
	__u64 any = 0, all = ~0ull;

#pragma clang loop unroll(full)
	for (int i = 0; i < 8; i++) {
		__u64 number = bpf_get_prandom_u32();

		any |= number;
		all &= number;
	}
	result(0, any >> 32);
	result(1, any != all);
	return XDP_PASS;
}

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} mine SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} mine_by_name SEC(".maps");

/* The value of this CPU is the one that an ordinary lookup finds; there is none for a CPU or key that does not exist. */
SEC("xdp")
int place(struct xdp_md *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 zero = 0, seven = 7;
	__u64 value = 42;
	__u64 *own = bpf_map_lookup_elem(&mine, &zero);
	__u64 *same;

	if (!own)
		return XDP_ABORTED;
	*own = 41;
	same = bpf_map_lookup_percpu_elem(&mine, &zero, cpu);
	result(0, same ? *same : -1);
	result(1, bpf_map_lookup_percpu_elem(&mine, &zero, 1 << 20) != 0);
	result(2, bpf_map_lookup_percpu_elem(&mine, &zero, -1) != 0);
	result(3, bpf_map_lookup_percpu_elem(&mine, &seven, cpu) != 0);
	result(4, bpf_map_lookup_percpu_elem(&mine_by_name, &seven, cpu) != 0);
	result(5, bpf_map_update_elem(&mine_by_name, &seven, &value, BPF_NOEXIST));
	same = bpf_map_lookup_percpu_elem(&mine_by_name, &seven, cpu);
	result(6, same ? *same : -1);
	result(7, bpf_map_lookup_percpu_elem(&mine_by_name, &seven, 1 << 20) != 0);
	result(8, (int)bpf_get_numa_node_id() >= 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
