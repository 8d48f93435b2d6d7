// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_loop. */
#include "results.h"

struct state {
	__u64 calls;
	__u64 sum;
	__u64 stop_at;
	__u64 answer;
	__u64 inner;
};

static long count(__u32 index, struct state *state)
{
	state->calls++;
	state->sum += index;
	return index == state->stop_at ? state->answer : 0;
}

static __always_inline void report(long answer, const struct state *state)
{
	result(0, answer);
	result(1, state->calls);
	result(2, state->sum);
}

/* Arguments: number of rounds, flags, index after which it stops, what the callback then answers (0 or 1). */
SEC("xdp")
int counts(struct xdp_md *ctx)
{
	struct state state = {.stop_at = argument(2), .answer = argument(3) & 1};

	report(bpf_loop(argument(0), count, &state, argument(1)), &state);
	return XDP_PASS;
}

/* The same, where a compiler knows the number of rounds. */
SEC("xdp")
int counts_to_ten(struct xdp_md *ctx)
{
	struct state state = {.stop_at = argument(2), .answer = argument(3) & 1};

	report(bpf_loop(10, count, &state, 0), &state);
	return XDP_PASS;
}

/* As the kernel's headers declare it, but with all bits of the number of rounds. */
static long (*wide_loop)(__u64 rounds, void *callback, void *context, __u64 flags) = (void *)BPF_FUNC_loop;

SEC("xdp")
int counts_without_flags(struct xdp_md *ctx)
{
	struct state state = {.stop_at = -1};

	report(wide_loop(argument(0), count, &state, 0), &state);
	return XDP_PASS;
}

SEC("xdp")
int counts_in_32_bits(struct xdp_md *ctx)
{
	struct state state = {.stop_at = -1};

	report(wide_loop(argument(0), count, &state, argument(1)), &state);
	return XDP_PASS;
}

static long outer(__u32 index, struct state *state)
{
	state->inner += bpf_loop(index, count, state, 0);
	return 0;
}

/* A loop in a loop, on the same state: 0 + 1 + ... rounds. */
SEC("xdp")
int nests(struct xdp_md *ctx)
{
	struct state state = {.stop_at = -1};

	result(0, bpf_loop(argument(0), outer, &state, 0));
	result(1, state.calls);
	result(2, state.sum);
	result(3, state.inner);
	return XDP_PASS;
}

struct view {
	struct xdp_md *ctx;
	__u32 bytes;
};

static long add_byte(__u32 index, struct view *view)
{
	void *data = (void *)(long)view->ctx->data;
	void *end = (void *)(long)view->ctx->data_end;
	__u8 *byte = data + (index & 0x3ff);

	if ((void *)(byte + 1) > end)
		return 1;
	view->bytes += *byte;
	*byte ^= 0xff;
	return 0;
}

/* The callback reads and writes the packet through a context that lies on its caller's stack. */
SEC("xdp")
int inverts(struct xdp_md *ctx)
{
	struct view view = {.ctx = ctx};

	result(0, bpf_loop(1000, add_byte, &view, 0));
	result(1, view.bytes);
	return XDP_TX;
}

static long without_context(__u32 index, void *nothing)
{
	__u32 slot = index & 7;

	result(slot, index);
	return nothing != 0;
}

SEC("xdp")
int needs_no_context(struct xdp_md *ctx)
{
	result(8, bpf_loop(argument(0), without_context, 0, 0));
	return XDP_PASS;
}

/* Registers that a call keeps are kept across all rounds. */
SEC("xdp")
int keeps_registers(struct xdp_md *ctx)
{
	struct state state = {.stop_at = -1};
	__u64 a = argument(4), b = argument(5), c = argument(6);
	long answer = bpf_loop(argument(0), count, &state, 0);

	result(0, answer);
	result(1, a);
	result(2, b);
	result(3, c);
	result(4, a ^ b ^ c ^ state.sum);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
