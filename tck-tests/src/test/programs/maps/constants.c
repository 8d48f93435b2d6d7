// SPDX-License-Identifier: MIT OR GPL-2.0
/* Constants that are set before a program is loaded: what they forbid is dead code, to the kernel too. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 wanted = 0;
const volatile __u32 shift = 3;
const volatile __u8 table[16] = {0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121, 144, 169, 196, 225};

/* One that no kernel has. */
static long (*const no_such_helper)(void *) = (void *)9999;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} answers SEC(".maps");

static __always_inline void answer(__u32 index, __u64 value)
{
	bpf_map_update_elem(&answers, &index, &value, BPF_ANY);
}

SEC("xdp")
int constants(struct xdp_md *ctx)
{
	__u32 index = ctx->ingress_ifindex & 15;

	if (wanted)
		return no_such_helper(ctx);
	answer(0, 1ULL << shift);
	answer(1, table[5]);
	answer(2, table[index]);
	answer(3, wanted);
	return XDP_PASS;
}

/* A fault that is certain, where nobody gets. */
SEC("xdp")
int faulty(struct xdp_md *ctx)
{
	if (wanted)
		*(volatile __u32 *)ctx = 1;
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
