// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_user_ringbuf_drain. */
#include "results.h"

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} other SEC(".maps");

struct sums {
	__u64 calls;
	__u64 bytes;
	__u64 stop_at;
	__s64 again;
};

static long take(struct bpf_dynptr *sample, struct sums *sums)
{
	__u64 *word = bpf_dynptr_data(sample, 0, sizeof(*word));
	__u64 copy = 0;

	sums->calls++;
	if (bpf_dynptr_read(&copy, sizeof(copy), sample, 8, 0))
		sums->bytes += 1000;
	sums->bytes += copy;
	if (!word)
		return 0;
	sums->bytes += *word;
	*word = 0;
	return sums->bytes >= sums->stop_at;
}

/* Arguments: flags, sum at which it stops. */
SEC("xdp")
int drains(struct xdp_md *ctx)
{
	struct sums sums = {.stop_at = argument(1)};

	result(0, bpf_user_ringbuf_drain(&ring, take, &sums, argument(0)));
	result(1, sums.calls);
	result(2, sums.bytes);
	return XDP_PASS;
}

static long nothing(struct bpf_dynptr *sample, struct sums *sums)
{
	sums->calls++;
	return 0;
}

static long nested(struct bpf_dynptr *sample, struct sums *sums)
{
	sums->again = bpf_user_ringbuf_drain(&ring, nothing, sums, 0);
	sums->bytes += bpf_user_ringbuf_drain(&other, nothing, sums, 0);
	return 0;
}

/* A ring that is being drained is busy; another one is not. */
SEC("xdp")
int nests(struct xdp_md *ctx)
{
	struct sums sums = {};

	result(0, bpf_user_ringbuf_drain(&ring, nested, &sums, 0));
	result(1, sums.again);
	result(2, sums.bytes);
	result(3, sums.calls);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
