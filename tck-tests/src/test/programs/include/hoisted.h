/* Loops over what the packet says, and fields, with INSIDE or WITHIN before each access and BYTE after a number that is one: what the kernel wants to
 * see, or nothing. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define TABLE 64

struct table {
	__u8 bytes[TABLE];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct table);
	__uint(max_entries, 1);
} tables SEC(".maps");

/* What a program found: 0 a sum, 1 rounds begun. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 2);
} results SEC(".maps");

static __always_inline __u64 *result(__u32 number)
{
	return bpf_map_lookup_elem(&results, &number);
}

/* Byte 14 of the packet says how many bytes from byte 16 on a program looks at, at most 255; clang does not know that it is one byte. */
#define BEGIN(ctx)                                                             \
	void *data = (void *)(long)ctx->data;                                  \
	void *data_end = (void *)(long)ctx->data_end;                          \
	__u8 *bytes = data;                                                    \
	__u64 *sum = result(0), *rounds = result(1);                           \
                                                                               \
	if (!sum || !rounds || data + 16 > data_end)                           \
		return XDP_PASS;                                               \
	__u32 count = bytes[14];                                               \
	bytes += 16

/* The bytes are added up; a round that leaves the packet leaves the sum as it was. */
SEC("xdp") int sum_up(struct xdp_md *ctx)
{
	BEGIN(ctx);
	__u64 found = 0;

	for (__u32 i = 0; i < count; i++) {
		__u8 *at = bytes + i;

		INSIDE(at, 1);
		found += *at;
	}
	*sum = found;
	return XDP_PASS;
}

/* Each round leaves traces: in the packet and in a map. */
SEC("xdp") int mark(struct xdp_md *ctx)
{
	BEGIN(ctx);

	for (__u32 i = 0; i < count; i++) {
		__u8 *at = bytes + i;

		*(volatile __u64 *)rounds += 1;
		INSIDE(at, 1);
		*at ^= 0xff;
	}
	return XDP_TX;
}

/* The last byte first. */
SEC("xdp") int backwards(struct xdp_md *ctx)
{
	BEGIN(ctx);

	for (__u32 i = count; i > 0; i--) {
		__u32 index = i;
		BYTE(index);
		__u8 *at = bytes + index;

		*(volatile __u64 *)rounds += 1;
		INSIDE(at, 1);
		*at += 1;
	}
	return XDP_TX;
}

/* Ends early where a byte is 0xee. */
SEC("xdp") int search(struct xdp_md *ctx)
{
	BEGIN(ctx);

	for (__u32 i = 0; i < count; i++) {
		__u8 *at = bytes + i;

		*(volatile __u64 *)rounds += 1;
		INSIDE(at, 1);
		if (*at == 0xee)
			return XDP_DROP;
	}
	return XDP_PASS;
}

/* Numbers of two bytes; with an odd count the last one is half beyond it. */
SEC("xdp") int halves(struct xdp_md *ctx)
{
	BEGIN(ctx);
	__u64 found = 0;

	for (__u32 i = 0; i < count; i += 2) {
		__u8 *at = bytes + i;

		*(volatile __u64 *)rounds += 1;
		INSIDE(at, 2);
		found += *(__u16 *)at;
	}
	*sum = found;
	return XDP_PASS;
}

/* Two places at once: packet and value of a map. */
SEC("xdp") int copy_to_value(struct xdp_md *ctx)
{
	BEGIN(ctx);
	__u32 key = 0;
	struct table *table = bpf_map_lookup_elem(&tables, &key);

	if (!table)
		return XDP_PASS;
	for (__u32 i = 0; i < count; i++) {
		__u8 *at = bytes + i;

		*(volatile __u64 *)rounds += 1;
		INSIDE(at, 1);
		WITHIN(i);
		table->bytes[i] = *at;
	}
	return XDP_PASS;
}

/* Five fields, of which stores go before loads that may be outside. */
SEC("xdp") int fields(struct xdp_md *ctx)
{
	BEGIN(ctx);
	__u8 *second = bytes + 4, *third = bytes + 10, *fourth = bytes + 2, *fifth = bytes + 12;

	INSIDE(bytes, 2);
	*(volatile __u16 *)bytes = 0x1122;
	INSIDE(second, 4);
	*(volatile __u32 *)second = 0x33445566;
	*(volatile __u64 *)rounds += 1;
	INSIDE(third, 2);
	*(volatile __u64 *)sum = *(volatile __u16 *)third;
	INSIDE(fourth, 2);
	*(volatile __u16 *)fourth = count;
	INSIDE(fifth, 4);
	*(volatile __u32 *)fifth = 0x778899aa;
	return XDP_TX;
}
