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

static __always_inline int soil(int submits)
{
	volatile __u64 *words = bpf_ringbuf_reserve(&ring, 1352, 0);

	if (!words)
		return XDP_ABORTED;
	for (int i = 0; i < 169; i++)
		words[i] = ~0ULL;
	if (submits)
		bpf_ringbuf_submit((void *)words, 0);
	else
		bpf_ringbuf_discard((void *)words, 0);
	return XDP_PASS;
}

/* Argument: 1 to discard a record full of ones, 2 to submit it. Otherwise a record where such were is cleared and written, in part again and again. */
SEC("xdp")
int clears(struct xdp_md *ctx)
{
	__u64 wanted = argument(0);
	volatile __u64 *words;
	volatile __u32 *halves;
	volatile __u8 *bytes;

	if (wanted)
		return soil(wanted == 2);
	words = bpf_ringbuf_reserve(&ring, 1352, 0);
	if (!words)
		return XDP_ABORTED;
	halves = (volatile __u32 *)words;
	bytes = (volatile __u8 *)words;
	words[0] = 0;
	words[1] = 0;
	/* What was written is cleared all the same, where that is only a part, too, or more. */
	words[2] = 0x0102030405060708;
	halves[4] = 0;
	bytes[25] = 9;
	words[3] = 0;
	halves[8] = 5;
	words[4] = 0;
	halves[9] = 6;
	for (int i = 5; i < 169; i++)
		words[i] = 0;
	bpf_ringbuf_submit((void *)words, 0);
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
