// SPDX-License-Identifier: MIT OR GPL-2.0
/* Works out the checksum of the IPv4 header 32 times over, each round on the result of the one before, counts the packet by its protocol and
 * sends it back: a load of helper calls, each of which needs the last one's answer. Built twice: with counters per CPU, and with
 * -DRXCNT_HASH in a hash map that all CPUs share. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "ethernet.h"

#define ROUNDS 32

struct {
#ifdef RXCNT_HASH
	__uint(type, BPF_MAP_TYPE_HASH);
#else
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
#endif
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 256);
} rxcnt SEC(".maps");

/* One fold, not two: a carry out of the fold is lost, as in the programs that this one stands for. Since Linux 6.13 bpf_csum_diff
 * answers with 16 bits, so that there is no carry; before, the answer differed by architecture and so did what is stored here. */
static __always_inline __u16 fold_once(__u32 sum)
{
	return ~((sum & 0xffff) + (sum >> 16));
}

static __always_inline void count(__u32 protocol)
{
	__u64 *counter = bpf_map_lookup_elem(&rxcnt, &protocol);

#ifdef RXCNT_HASH
	if (!counter) {
		__u64 one = 1;

		if (!bpf_map_update_elem(&rxcnt, &protocol, &one, BPF_NOEXIST))
			return;
		/* Another CPU made the entry between the two calls. */
		counter = bpf_map_lookup_elem(&rxcnt, &protocol);
	}
	if (counter)
		__sync_fetch_and_add(counter, 1);
#else
	if (counter)
		*counter += 1;
#endif
}

SEC("xdp")
int xdp_csum(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip;
	__u32 sum = 0;
	int round;

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;

#pragma clang loop unroll(disable)
	for (round = 0; round < ROUNDS; round++) {
		sum = bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), sum);
		sum = fold_once(sum);
		ip->check = sum;
	}

	count(ip->protocol);
	swap_macs(eth);
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
