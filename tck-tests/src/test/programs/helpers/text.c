// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_strtol, bpf_strtoul and bpf_strncmp on the bytes behind the Ethernet header. */
#include "results.h"

#define LONGEST 128

/* How many bytes there are, at most LONGEST; 0 if none. */
static __always_inline __u32 text(struct xdp_md *ctx, char *into)
{
	__u32 length = bpf_xdp_get_buff_len(ctx) - 14;

	if (length < 1 || length > LONGEST || bpf_xdp_load_bytes(ctx, 14, into, length))
		return 0;
	return length;
}

/* Argument: flags, which are the base. */
SEC("xdp")
int to_signed(struct xdp_md *ctx)
{
	char digits[LONGEST] = {};
	long number = -99;
	__u32 length = text(ctx, digits);

	if (length < 1 || length > LONGEST)
		return XDP_ABORTED;
	result(0, bpf_strtol(digits, length, argument(0), &number));
	result(1, number);
	return XDP_PASS;
}

SEC("xdp")
int to_unsigned(struct xdp_md *ctx)
{
	char digits[LONGEST] = {};
	unsigned long number = 99;
	__u32 length = text(ctx, digits);

	if (length < 1 || length > LONGEST)
		return XDP_ABORTED;
	result(0, bpf_strtoul(digits, length, argument(0), &number));
	result(1, number);
	return XDP_PASS;
}

/* Results: the sign of the comparison with two texts, once with all bytes, once with the first three. */
SEC("xdp")
int compares(struct xdp_md *ctx)
{
	char bytes[LONGEST] = {};
	__u32 length = text(ctx, bytes);
	long answer;

	if (length < 1 || length > LONGEST)
		return XDP_ABORTED;
	answer = bpf_strncmp(bytes, length, "GET /");
	result(0, answer < 0 ? -1 : answer > 0);
	answer = bpf_strncmp(bytes, 3, "GET /");
	result(1, answer < 0 ? -1 : answer > 0);
	answer = bpf_strncmp(bytes, length, "");
	result(2, answer < 0 ? -1 : answer > 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
