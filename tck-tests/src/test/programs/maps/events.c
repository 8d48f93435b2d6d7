// SPDX-License-Identifier: MIT OR GPL-2.0
/* Ring buffers and perf events as far as a program sees them: answers, sizes and positions. */
#include "results.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 4);
} events SEC(".maps");

static __always_inline void query(void)
{
	result(8, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
	result(9, bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE));
	result(10, bpf_ringbuf_query(&ring, BPF_RB_CONS_POS));
	result(11, bpf_ringbuf_query(&ring, BPF_RB_PROD_POS));
	result(12, bpf_ringbuf_query(&ring, 77));
}

/* Argument: flags. Three records, submitted, discarded and copied; the last is as long as it gets. */
SEC("xdp")
int writes(struct xdp_md *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, 24, 0);
	__u32 bytes[3] = {1, 2, 3};

	result(0, record != 0);
	if (!record)
		return XDP_ABORTED;
	record[0] = record[1] = record[2] = 7;
	bpf_ringbuf_submit(record, 0);
	record = bpf_ringbuf_reserve(&ring, 5, 0);
	result(1, record != 0);
	if (record)
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
	result(2, bpf_ringbuf_output(&ring, bytes, sizeof(bytes), argument(0)));
	query();
	return XDP_PASS;
}

/* Sizes that do not fit. */
SEC("xdp")
int fills(struct xdp_md *ctx)
{
	void *record = bpf_ringbuf_reserve(&ring, 4097, 0);

	result(0, record != 0);
	if (record)
		bpf_ringbuf_discard(record, 0);
	record = bpf_ringbuf_reserve(&ring, 4089, 0);
	result(1, record != 0);
	if (record)
		bpf_ringbuf_discard(record, 0);
	record = bpf_ringbuf_reserve(&ring, 4088, 0);
	result(2, record != 0);
	if (record)
		bpf_ringbuf_submit(record, 0);
	record = bpf_ringbuf_reserve(&ring, 1, 0);
	result(3, record != 0);
	if (record)
		bpf_ringbuf_discard(record, 0);
	query();
	return XDP_PASS;
}

/* Refused flags. */
SEC("xdp")
int reserves_with_flags(struct xdp_md *ctx)
{
	void *record = bpf_ringbuf_reserve(&ring, 8, 1);

	result(0, record != 0);
	if (record)
		bpf_ringbuf_discard(record, 0);
	return XDP_PASS;
}

/* Argument: flags with the CPU's number. Nobody listens. */
SEC("xdp")
int sends(struct xdp_md *ctx)
{
	__u64 sample = 99;

	return done(bpf_perf_event_output(ctx, &events, argument(0), &sample, sizeof(sample)));
}

char _license[] SEC("license") = "Dual MIT/GPL";
