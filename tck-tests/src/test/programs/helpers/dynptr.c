// SPDX-License-Identifier: MIT OR GPL-2.0
/* Dynptrs to the packet, to a map value and to ring buffer records: what each call answers, and what it changes. */
#include "dynptr.h"
#include "results.h"

extern int bpf_kernel_has_no_such_function(void) __ksym __weak;

#define CAPACITY 64

struct area {
	__u8 bytes[CAPACITY];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct area);
	__uint(max_entries, 1);
} areas SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static __always_inline void describe(__u32 first, const struct bpf_dynptr *ptr)
{
	result(first, bpf_dynptr_is_null(ptr));
	result(first + 1, bpf_dynptr_is_rdonly(ptr));
	result(first + 2, bpf_dynptr_size(ptr));
}

/* Arguments: flags of creation, offset, flags of the access, value. */
SEC("xdp")
int reads_packet(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;
	__u32 bytes = 0x55555555;

	result(0, bpf_dynptr_from_xdp(ctx, argument(0), &packet));
	describe(1, &packet);
	result(4, bpf_dynptr_read(&bytes, sizeof(bytes), &packet, argument(1), argument(2)));
	result(5, bytes);
	bytes = argument(3);
	result(6, bpf_dynptr_write(&packet, argument(1), &bytes, sizeof(bytes), argument(2)));
	result(7, bpf_dynptr_data(&packet, 0, 1) != 0);
	return XDP_PASS;
}

/* Arguments: offset, value. Eight bytes of the packet, read and then written where they lie. */
SEC("xdp")
int slices_packet(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;
	__u32 *bytes;

	if (bpf_dynptr_from_xdp(ctx, 0, &packet))
		return XDP_ABORTED;
	bytes = bpf_dynptr_slice(&packet, argument(0), 0, 8);
	result(0, bytes != 0);
	if (!bytes)
		return XDP_DROP;
	result(1, bytes[0]);
	result(2, bytes[1]);
	bytes = bpf_dynptr_slice_rdwr(&packet, argument(0), 0, 8);
	if (!bytes)
		return XDP_DROP;
	bytes[1] = argument(1);
	return XDP_TX;
}

/* Arguments: start, end, offset in what is left. A clone keeps the whole. */
SEC("xdp")
int adjusts(struct xdp_md *ctx)
{
	struct bpf_dynptr packet, clone;
	__u8 *byte;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	result(0, bpf_dynptr_clone(&packet, &clone));
	result(1, bpf_dynptr_adjust(&packet, argument(0), argument(1)));
	describe(2, &packet);
	describe(5, &clone);
	byte = bpf_dynptr_slice(&packet, argument(2), 0, 1);
	result(8, byte ? *byte : -1);
	result(9, bpf_dynptr_adjust(&packet, 1, bpf_dynptr_size(&packet)));
	result(10, bpf_dynptr_size(&packet));
	byte = bpf_dynptr_slice(&packet, argument(2), 0, 1);
	result(11, byte ? *byte : -1);
	byte = bpf_dynptr_slice(&clone, 0, 0, 1);
	result(12, byte ? *byte : -1);
	return XDP_PASS;
}

/* Arguments: by how much the packet's start and end move. A dynptr stays; its length is that of before. */
SEC("xdp")
int packet_moves(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;
	__u8 *byte, read = 0x55;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	result(0, bpf_xdp_adjust_head(ctx, (__s32)argument(0)));
	result(1, bpf_xdp_adjust_tail(ctx, (__s32)argument(1)));
	result(2, bpf_dynptr_size(&packet));
	byte = bpf_dynptr_slice(&packet, 0, 0, 1);
	result(3, byte ? *byte : -1);
	result(4, bpf_dynptr_read(&read, 1, &packet, argument(2), 0));
	result(5, read);
	result(6, bpf_dynptr_write(&packet, argument(2), &read, 1, 0));
	return XDP_PASS;
}

/* Arguments: size, flags, offset, value, whether to submit. */
SEC("xdp")
int record(struct xdp_md *ctx)
{
	struct bpf_dynptr record;
	__u64 number = argument(3), *found;

	result(0, bpf_ringbuf_reserve_dynptr(&ring, argument(0), argument(1), &record));
	describe(1, &record);
	result(4, bpf_dynptr_write(&record, argument(2), &number, sizeof(number), 0));
	number = 0;
	result(5, bpf_dynptr_read(&number, sizeof(number), &record, argument(2), 0));
	result(6, number);
	found = bpf_dynptr_data(&record, argument(2), sizeof(number));
	result(7, found != 0);
	if (found) {
		result(8, *found);
		*found += 1;
	}
	found = bpf_dynptr_slice(&record, argument(2), 0, sizeof(number));
	result(9, found ? *found : -1);
	if (argument(4))
		bpf_ringbuf_submit_dynptr(&record, 0);
	else
		bpf_ringbuf_discard_dynptr(&record, 0);
	result(10, bpf_ringbuf_query(&ring, BPF_RB_PROD_POS));
	return XDP_PASS;
}

/* Arguments: size, flags, offset of the write, value. The packet's first bytes are copied behind it. */
SEC("xdp")
int map_value(struct xdp_md *ctx)
{
	struct bpf_dynptr memory, packet;
	__u32 zero = 0, number = argument(3), *found;
	struct area *area = bpf_map_lookup_elem(&areas, &zero);
	__u64 size = argument(0);

	if (!area || size > sizeof(*area))
		return XDP_ABORTED;
	result(0, bpf_dynptr_from_mem(area, size, argument(1), &memory));
	describe(1, &memory);
	result(4, bpf_dynptr_write(&memory, argument(2), &number, sizeof(number), 0));
	found = bpf_dynptr_data(&memory, argument(2), sizeof(number));
	result(5, found ? *found : -1);
	bpf_dynptr_from_xdp(ctx, 0, &packet);
	result(6, bpf_dynptr_copy(&memory, argument(2) + 4, &packet, 0, 6));
	result(7, bpf_dynptr_copy(&packet, 6, &memory, argument(2), 6));
	result(8, bpf_dynptr_copy(&memory, 1, &memory, 0, 8));
	result(9, bpf_dynptr_memset(&memory, argument(2) + 10, 3, 0xee));
	result(10, bpf_dynptr_memset(&packet, 12, 2, 0x88));
	return XDP_PASS;
}

static __noinline int first_byte(const struct bpf_dynptr *ptr, __u32 offset)
{
	__u8 *byte = bpf_dynptr_slice(ptr, offset, 0, 1);

	return byte ? *byte : -1;
}

static __noinline int make(struct xdp_md *ctx, struct bpf_dynptr *ptr)
{
	return bpf_dynptr_from_xdp(ctx, 0, ptr);
}

/* Arguments: which dynptr, offset. Functions get dynptrs of their caller. */
SEC("xdp")
int functions(struct xdp_md *ctx)
{
	struct bpf_dynptr whole, rest, *chosen;
	__u64 which = argument(0);

	result(0, make(ctx, &whole));
	result(1, make(ctx, &rest));
	result(2, bpf_dynptr_adjust(&rest, 6, bpf_dynptr_size(&rest)));
	result(3, first_byte(&whole, argument(1)));
	result(4, first_byte(&rest, argument(1)));
	chosen = which ? &whole : &rest;
	result(5, bpf_dynptr_size(chosen));
	result(6, first_byte(chosen, argument(1)));
	return XDP_PASS;
}

/* Argument: how often. A dynptr made, thrown away and made again in a loop. */
SEC("xdp")
int again(struct xdp_md *ctx)
{
	__u64 sum = 0, times = argument(0);

	for (__u32 i = 0; i < 8 && i < times; i++) {
		struct bpf_dynptr packet, record;
		__u8 *byte;

		if (bpf_ringbuf_reserve_dynptr(&ring, 8, 0, &record)) {
			bpf_ringbuf_discard_dynptr(&record, 0);
			break;
		}
		bpf_dynptr_from_xdp(ctx, 0, &packet);
		byte = bpf_dynptr_slice(&packet, i, 0, 1);
		if (byte)
			sum = sum << 8 | *byte;
		bpf_dynptr_write(&record, 0, &sum, sizeof(sum), 0);
		if (i & 1)
			bpf_ringbuf_discard_dynptr(&record, 0);
		else
			bpf_ringbuf_submit_dynptr(&record, 0);
	}
	result(1, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
	return done(sum);
}

/* Argument: a size. Dynptrs that could not be made answer all calls, and a record must be given back nevertheless. */
SEC("xdp")
int nulls(struct xdp_md *ctx)
{
	struct bpf_dynptr packet, clone, record, whole;
	__u32 bytes = 0;

	result(0, bpf_dynptr_from_xdp(ctx, 1, &packet));
	describe(1, &packet);
	result(4, bpf_dynptr_read(&bytes, sizeof(bytes), &packet, 0, 0));
	result(5, bpf_dynptr_write(&packet, 0, &bytes, sizeof(bytes), 0));
	result(6, bpf_dynptr_data(&packet, 0, 1) != 0);
	result(7, bpf_dynptr_slice(&packet, 0, 0, 1) != 0);
	result(8, bpf_dynptr_adjust(&packet, 0, 0));
	result(9, bpf_dynptr_clone(&packet, &clone));
	describe(10, &clone);
	result(13, bpf_dynptr_memset(&packet, 0, argument(0), 1));
	bpf_dynptr_from_xdp(ctx, 0, &whole);
	result(14, bpf_dynptr_copy(&packet, 0, &whole, 0, argument(0)));
	result(15, bpf_dynptr_copy(&whole, 0, &packet, 0, argument(0)));
	result(16, bpf_dynptr_copy(&packet, 0, &packet, 0, argument(0)));
	result(17, bpf_ringbuf_reserve_dynptr(&ring, -1, 0, &record));
	describe(18, &record);
	result(21, bpf_dynptr_write(&record, 0, &bytes, sizeof(bytes), 0));
	result(22, bpf_dynptr_data(&record, 0, 1) != 0);
	bpf_ringbuf_submit_dynptr(&record, 0);
	result(23, bpf_ringbuf_reserve_dynptr(&ring, 8, 1, &record));
	bpf_ringbuf_discard_dynptr(&record, 0);
	return XDP_PASS;
}

/* Arguments: to, from, size, by how much the packet's end moves before. Bytes are copied within the packet. */
SEC("xdp")
int copies(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	bpf_xdp_adjust_tail(ctx, (__s32)argument(3));
	return done(bpf_dynptr_copy(&packet, argument(0), &packet, argument(1), argument(2)));
}

/* A function that is not there is not called. */
SEC("xdp")
int exists(struct xdp_md *ctx)
{
	result(0, &bpf_dynptr_from_xdp != 0);
	if (bpf_kernel_has_no_such_function)
		return bpf_kernel_has_no_such_function();
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
