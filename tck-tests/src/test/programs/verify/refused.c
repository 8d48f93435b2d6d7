// SPDX-License-Identifier: MIT OR GPL-2.0
/* What Linux refuses of calls, locks, records, callbacks and functions: strict mode does so too, at the line that says so, and as the first thing. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry {
	__u64 packets;
	struct bpf_spin_lock lock;
	__u32 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct entry);
	__uint(max_entries, 4);
} entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 2);
} programs SEC(".maps");

static __always_inline struct entry *entry(__u32 index)
{
	return bpf_map_lookup_elem(&entries, &index);
}

SEC("xdp") int keeps_a_lock(struct xdp_md *ctx)
{
	struct entry *found = entry(ctx->rx_queue_index);

	if (!found)
		return XDP_DROP;
	bpf_spin_lock(&found->lock);
	found->packets++;
	if (found->packets & 1)
		bpf_spin_unlock(&found->lock);
	return XDP_PASS;
} // refused: ends with a lock held on some path

SEC("xdp") int locks_twice(struct xdp_md *ctx)
{
	struct entry *found = entry(ctx->rx_queue_index), *other = entry(ctx->ingress_ifindex);

	if (!found || !other)
		return XDP_DROP;
	bpf_spin_lock(&found->lock);
	bpf_spin_lock(&other->lock); // refused: calls bpf_spin_lock where a lock can be held
	bpf_spin_unlock(&other->lock);
	bpf_spin_unlock(&found->lock);
	return XDP_PASS;
}

SEC("xdp") int unlocks_another(struct xdp_md *ctx)
{
	struct entry *found = entry(ctx->rx_queue_index), *other = entry(ctx->ingress_ifindex);

	if (!found || !other)
		return XDP_DROP;
	bpf_spin_lock(&found->lock);
	bpf_spin_unlock(&other->lock); // refused: unlocks a lock that is not known to be the one that it holds
	return XDP_PASS;
}

SEC("xdp") int calls_with_a_lock(struct xdp_md *ctx)
{
	struct entry *found = entry(ctx->rx_queue_index);

	if (!found)
		return XDP_DROP;
	bpf_spin_lock(&found->lock);
	found->packets = bpf_ktime_get_ns(); // refused: calls bpf_ktime_get_ns where a lock can be held
	bpf_spin_unlock(&found->lock);
	return XDP_PASS;
}

SEC("xdp") int reads_a_lock(struct xdp_md *ctx)
{
	struct entry *found = entry(ctx->rx_queue_index);

	return found && *(volatile __u32 *)&found->lock ? XDP_DROP : XDP_PASS; // refused: reads 4 bytes at offset 8 of a value of map 'entries', where a struct bpf_spin_lock can be
}

SEC("xdp") int locks_a_number(struct xdp_md *ctx)
{
	struct entry *found = entry(ctx->rx_queue_index);

	if (!found)
		return XDP_DROP;
	bpf_spin_lock((void *)&found->last); // refused: gives bpf_spin_lock an address at offset 12 of a value of map 'entries'
	bpf_spin_unlock((void *)&found->last);
	return XDP_PASS;
}

SEC("xdp") int copies_a_lock(struct xdp_md *ctx)
{
	struct entry *found = entry(ctx->rx_queue_index);

	if (!found)
		return XDP_DROP;
	bpf_xdp_load_bytes(ctx, 0, found, 12); // refused: gives bpf_xdp_load_bytes an address at offset 0 of a value of map 'entries'
	return XDP_PASS;
}

SEC("xdp") int goes_on_with_a_record(struct xdp_md *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return XDP_DROP;
	*record = 1;
	bpf_tail_call(ctx, &programs, 0); // refused: calls another program with the record of a ring buffer
	bpf_ringbuf_submit(record, 0);
	return XDP_PASS;
}

static long keep(__u32 index, void *unused)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return 1;
	*record = index;
	return 0;
}

SEC("xdp") int keeps_records_in_a_loop(struct xdp_md *ctx)
{
	bpf_loop(4, keep, 0, 0);
	return XDP_PASS; // refused: ends with the record of a ring buffer
}

struct slots {
	__u64 of[4];
};

static long fill(__u32 index, struct slots *slots)
{
	slots->of[index] = index; // refused: writes 8 bytes
	return 0;
}

SEC("xdp") int writes_where_a_loop_ends(struct xdp_md *ctx)
{
	struct slots slots = {};

	bpf_loop(5, fill, &slots, 0);
	return slots.of[ctx->rx_queue_index & 3] ? XDP_DROP : XDP_PASS;
}

static __noinline __u64 value(__u64 *number)
{
	return *number; // refused: reads 8 bytes through a map value or null, which can be null
}

SEC("xdp") int hands_null_to_a_function(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;

	return value(bpf_map_lookup_elem(&numbers, &key)) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
