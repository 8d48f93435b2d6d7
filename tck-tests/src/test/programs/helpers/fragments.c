// SPDX-License-Identifier: MIT OR GPL-2.0
/* What programs made for packets of several buffers do with them, as up to sixteen arguments say: each what in its upper half and in the lower half by
 * how many bytes or where. Results 0 to 15 are the answers, 16 to 31 the bytes that data and data_end say after each step, 32 to 47 those of the whole
 * packet, 48 to 63 those of metadata. */
#include "dynptr.h"
#include "results.h"

#define STEPS 16
#define LONG 256

extern int bpf_xdp_pull_data(struct xdp_md *xdp, __u32 len) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 4);
} events SEC(".maps");

static __always_inline __s64 sum(const __u8 *bytes, __u32 count)
{
	__u64 sum = count;

	for (__u32 i = 0; i < count; i++)
		sum = sum * 31 + bytes[i];
	return sum >> 8;
}

static __noinline __s64 loads(struct xdp_md *ctx, __u32 offset)
{
	__u8 bytes[LONG];
	long error = bpf_xdp_load_bytes(ctx, offset, bytes, LONG);

	return error ? error : sum(bytes, LONG);
}

static __noinline __s64 stores(struct xdp_md *ctx, __u32 offset)
{
	__u8 bytes[LONG];

	for (__u32 i = 0; i < LONG; i++)
		bytes[i] = 0x30 + i;
	return bpf_xdp_store_bytes(ctx, offset, bytes, LONG);
}

static __noinline __s64 slices(struct xdp_md *ctx, __u32 offset)
{
	__u8 buffer[32];
	struct bpf_dynptr packet;
	__u8 *slice;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	slice = bpf_dynptr_slice(&packet, offset, buffer, sizeof(buffer));
	return slice ? sum(slice, sizeof(buffer)) : -1;
}

/* Bytes that do not lie together are changed in the buffer and written back, as the kernel wants it. */
static __noinline __s64 changes(struct xdp_md *ctx, __u32 offset)
{
	__u8 buffer[32];
	struct bpf_dynptr packet;
	__u8 *slice;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	slice = bpf_dynptr_slice_rdwr(&packet, offset, buffer, sizeof(buffer));
	if (!slice)
		return -1;
	for (int i = 0; i < 32; i++)
		slice[i] ^= 0x11 * i;
	return slice == buffer ? bpf_dynptr_write(&packet, offset, buffer, sizeof(buffer), 0) : 0;
}

static __noinline __s64 reads(struct xdp_md *ctx, __u32 offset)
{
	__u8 bytes[64];
	struct bpf_dynptr packet;
	long error;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	error = bpf_dynptr_read(bytes, sizeof(bytes), &packet, offset, 0);
	return error ? error : sum(bytes, sizeof(bytes));
}

static __noinline __s64 writes(struct xdp_md *ctx, __u32 offset)
{
	__u8 bytes[64];
	struct bpf_dynptr packet;

	for (__u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0xa0 + i;
	bpf_dynptr_from_xdp(ctx, 0, &packet);
	return bpf_dynptr_write(&packet, offset, bytes, sizeof(bytes), 0);
}

static __noinline __s64 fills(struct xdp_md *ctx, __u32 offset)
{
	struct bpf_dynptr packet;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	return bpf_dynptr_memset(&packet, offset, 1000, 0x5a);
}

static __noinline __s64 size(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	return bpf_dynptr_size(&packet);
}

/* Whether the length that bpf_check_mtu looks at is above a value, whatever the MTU. */
static __noinline __s64 fits(struct xdp_md *ctx, __s32 value)
{
	__u32 mtu = 0, ignored = 0;

	bpf_check_mtu(ctx, 0, &mtu, 0, 0);
	return bpf_check_mtu(ctx, 0, &ignored, (__s32)mtu + 14 - value, 0);
}

/* Nobody listens: what counts is whether the packet has so many bytes. */
static __noinline __s64 tells(struct xdp_md *ctx, __u32 bytes)
{
	__u64 record = 0;

	return bpf_perf_event_output(ctx, &events, (__u64)bytes << 32, &record, sizeof(record));
}

static __always_inline __s64 act(struct xdp_md *ctx, __u32 what, __s32 value)
{
	switch (what) {
	case 1:
		return bpf_xdp_adjust_head(ctx, value);
	case 2:
		return bpf_xdp_adjust_tail(ctx, value);
	case 3:
		return bpf_xdp_adjust_meta(ctx, value);
	case 4:
		return bpf_xdp_pull_data(ctx, value);
	case 5:
		return loads(ctx, value);
	case 6:
		return stores(ctx, value);
	case 7:
		return slices(ctx, value);
	case 8:
		return changes(ctx, value);
	case 9:
		return reads(ctx, value);
	case 10:
		return writes(ctx, value);
	case 11:
		return fills(ctx, value);
	case 12:
		return size(ctx);
	case 13:
		return fits(ctx, value);
	case 14:
		return tells(ctx, value);
	default:
		return 1;
	}
}

SEC("xdp.frags")
int scripted(struct xdp_md *ctx)
{
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < STEPS; i++) {
		__u64 step = argument(i);

		result(i, act(ctx, step >> 32, (__s32)step));
		result(16 + i, ctx->data_end - ctx->data);
		result(32 + i, bpf_xdp_get_buff_len(ctx));
		result(48 + i, ctx->data - ctx->data_meta);
	}
	return XDP_PASS;
}

/* Reads the last byte of the first buffer and changes it. */
SEC("xdp.frags")
int marks(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;
	__u32 last = (end - data - 1) & 0xfff;

	result(0, last);
	if (data + last + 1 > end)
		return XDP_DROP;
	data[last] ^= 0xff;
	return XDP_TX;
}

/* From one interface to the other. */
SEC("xdp.frags")
int moves(struct xdp_md *ctx)
{
	return bpf_redirect(ctx->ingress_ifindex == 1 ? 2 : 1, 0);
}

/* Without a word about fragments. */
SEC("xdp")
int sends(struct xdp_md *ctx)
{
	result(0, ctx->data_end - ctx->data);
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
