/* What libbpf's <bpf/bpf_helpers.h> declares, as native code that the compiler inlines into the program. */
#pragma once

#include <time.h>
#include "../maps.h"

#define SEC(name)
#define __uint(name, value) int (*name)[value]
#define __type(name, type) __typeof__(type) *name
#define __array(name, type) __typeof__(type) *name[]
#define barrier_var(var) __asm__ volatile("" : "+r"(var))

/* burst.c defines them, after the maps. A variable's address is a constant, so that nothing is left of the choice. */
static __always_inline struct map_size size_of(const void *map);
static __always_inline char *memory_of(const void *map);
static __always_inline void *lookup(const void *map, const void *key);
static __always_inline long update(const void *map, const void *key, const void *value, __u64 flags);

#define bpf_map_lookup_elem(map, key) lookup(map, key)
#define bpf_map_update_elem(map, key, value, flags) update(map, key, value, flags)
#define bpf_ringbuf_reserve(map, length, flags) ring_reserve(size_of(map), memory_of(map), length)
#define bpf_ringbuf_submit(record, flags) ring_submit(record)
#define bpf_get_smp_processor_id() current_cpu
/* Programs in slots are not measured here. */
#define bpf_tail_call(ctx, map, slot) ((void)(slot))

static __always_inline long ring_output(struct map_size size, char *memory, const void *data, __u64 length)
{
	void *record = ring_reserve(size, memory, length);

	if (!record)
		return -11;
	__builtin_memcpy(record, data, length);
	ring_submit(record);
	return 0;
}

#define bpf_ringbuf_output(map, data, length, flags) ring_output(size_of(map), memory_of(map), data, length)

static __always_inline __u64 bpf_ktime_get_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static __always_inline int redirect_to(const __u32 *target, __u64 flags)
{
	if (!target || !*target)
		return flags & 3;
	redirect_target = *target;
	return XDP_REDIRECT;
}

/* Device maps and CPU maps hold a number by slot. */
#define bpf_redirect_map(map, key, flags) redirect_to((key) < size_of(map).entries ? (__u32 *)memory_of(map) + 2 * (key) : 0, flags)

static __always_inline long bpf_xdp_adjust_head(struct xdp_md *ctx, int delta)
{
	unsigned long data = ctx->data + delta;

	if (data < ctx->frame + FRAME_HEADER || data > ctx->data_end - 14)
		return -22;
	ctx->data = data;
	ctx->data_meta = data;
	ctx->moved = 1;
	return 0;
}

static __always_inline long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta)
{
	unsigned long end = ctx->data_end + delta;

	if (end > ctx->frame_end - TAIL_RESERVE || end < ctx->data + 14)
		return -22;
	if (delta > 0)
		__builtin_memset((void *)ctx->data_end, 0, delta);
	ctx->data_end = end;
	ctx->moved = 1;
	return 0;
}

static __always_inline long bpf_xdp_load_bytes(struct xdp_md *ctx, __u32 offset, void *target, __u32 length)
{
	if ((__u64)offset + length > ctx->data_end - ctx->data)
		return -22;
	__builtin_memcpy(target, (const char *)ctx->data + offset, length);
	return 0;
}

static __always_inline long bpf_strncmp(const char *text, __u32 length, const char *other)
{
	for (__u32 i = 0; i < length; i++) {
		if (text[i] != other[i])
			return (unsigned char)text[i] < (unsigned char)other[i] ? -1 : 1;
		if (!text[i])
			break;
	}
	return 0;
}

static __always_inline __u64 sum_words(const __be32 *words, __u32 size, __u64 sum)
{
	for (__u32 i = 0; i < size / 4; i++)
		sum += words[i];
	sum = (sum & 0xffffffff) + (sum >> 32);
	return (sum & 0xffffffff) + (sum >> 32);
}

/* As in Linux 6.13 and later, folded to 16 bits. */
static __always_inline __s64 bpf_csum_diff(const __be32 *from, __u32 from_size, const __be32 *to, __u32 to_size, __u32 seed)
{
	__u64 sum = seed;

	if ((from_size | to_size) & 3)
		return -22;
	if (to_size) {
		sum = sum_words(to, to_size, seed);
		if (from_size)
			sum = sum_words(0, 0, sum + (__u32)~sum_words(from, from_size, 0));
	} else if (from_size) {
		sum = (__u32)~sum_words(from, from_size, (__u32)~seed);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}
