// SPDX-License-Identifier: MIT OR GPL-2.0
/* Counts packets in a map that others have, too, and goes on in programs that others put into a shared table. */
#include "pinned.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 4);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} own SEC(".maps");

SEC("xdp") int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct counter fresh = {}, *counter = bpf_map_lookup_elem(&counts, &key);
	__u64 *mine = bpf_map_lookup_elem(&own, &key);

	if (!counter) {
		bpf_map_update_elem(&counts, &key, &fresh, BPF_NOEXIST);
		counter = bpf_map_lookup_elem(&counts, &key);
	}
	if (!counter || !mine)
		return XDP_ABORTED;
	__sync_fetch_and_add(&counter->packets, 1);
	__sync_fetch_and_add(&counter->bytes, ctx->data_end - ctx->data);
	*mine += 1;
	return XDP_PASS;
}

SEC("xdp") int call(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &calls, 1);
	return XDP_DROP;
}
