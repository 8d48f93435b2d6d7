/* A program and the loop over a burst as one piece of native code: the limit that the compiled bytecode is measured against.
 * Compiled with -DSOURCE="FILE.c" -DPROGRAM=FUNCTION -DMAPS_FILE="FILE", of which the last defines MAPS(F), an F(name, type, entries, key size, value
 * size) for each map, and INNERS(F), an F(map, slot, inner map) for each slot of a map of maps. */
#include "burst.h"
#include SOURCE
#include MAPS_FILE

#define DEFINE_MEMORY(name, type, ...) \
	_Static_assert(IS_KNOWN(type), "map " #name " is of a kind that native code does not have"); \
	static _Alignas(128) char name##_memory[MEMORY_SIZE(type, __VA_ARGS__)];
MAPS(DEFINE_MEMORY)

static __always_inline struct map_size size_of(const void *map)
{
#define RETURN_SIZE(name, type, ...) if (type != BPF_MAP_TYPE_PROG_ARRAY && map == &name) return (struct map_size) { type, __VA_ARGS__ };
	MAPS(RETURN_SIZE)
	__builtin_unreachable();
}

static __always_inline char *memory_of(const void *map)
{
#define RETURN_MEMORY(name, type, ...) if (type != BPF_MAP_TYPE_PROG_ARRAY && map == &name) return name##_memory;
	MAPS(RETURN_MEMORY)
	__builtin_unreachable();
}

static __always_inline int is_inner(const void *map)
{
	return (unsigned long)map & INNER_MAP;
}

static __always_inline void *lookup(const void *map, const void *key)
{
	return is_inner(map) ? map_lookup((struct map_size) { INNER_SIZE }, (char *)map - INNER_MAP, key) : map_lookup(size_of(map), memory_of(map), key);
}

static __always_inline long update(const void *map, const void *key, const void *value, __u64 flags)
{
	return is_inner(map) ? map_update((struct map_size) { INNER_SIZE }, (char *)map - INNER_MAP, key, value, flags) :
		map_update(size_of(map), memory_of(map), key, value, flags);
}

/* What control planes do, for each map: the entry's value of CPU 0 where there are several. */
#define DEFINE_WRITE(name, type, ...) \
	EXPORTED long write_##name(const void *key, const void *value) \
	{ \
		if (type == BPF_MAP_TYPE_DEVMAP || type == BPF_MAP_TYPE_CPUMAP) { \
			((__u64 *)name##_memory)[*(const __u32 *)key] = *(const __u32 *)value; \
			return 0; \
		} \
		return map_update((struct map_size) { type == BPF_MAP_TYPE_DEVMAP || type == BPF_MAP_TYPE_CPUMAP || \
			type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_PROG_ARRAY ? BPF_MAP_TYPE_ARRAY : type, __VA_ARGS__ }, \
			name##_memory, key, value, BPF_ANY); \
	}
MAPS(DEFINE_WRITE)

/* The same for sections of variables, each of which is an F(variable, offset, size) of PUT_section(F). */
#define COPY_VARIABLE(variable, offset, size) __builtin_memcpy((void *)&variable, (const char *)value + offset, size);
#define DEFINE_SECTION(name) \
	EXPORTED long write_##name(const void *key, const void *value) \
	{ \
		PUT_##name(COPY_VARIABLE) \
		return 0; \
	}
SECTIONS(DEFINE_SECTION)

EXPORTED void set_up(void)
{
#define PUT_INNER(map, slot, inner) ((unsigned long *)map##_memory)[slot] = (unsigned long)inner##_memory | INNER_MAP;
	INNERS(PUT_INNER)
}

/* The consumer's part. */
EXPORTED void drain(void)
{
#define DRAIN(name, type, ...) if (type == BPF_MAP_TYPE_RINGBUF) *(__u64 *)name##_memory = *(__u64 *)(name##_memory + 128);
	MAPS(DRAIN)
}

EXPORTED void run_burst(struct burst *burst)
{
	__u32 count = burst->count;

	current_cpu = burst->cpu;
	for (__u32 i = 0; i < count; i++) {
		struct burst_packet *packet = &burst->packets[i];
		struct xdp_md context = {
			.data = packet->data,
			.data_end = packet->data + packet->length,
			.data_meta = packet->data - packet->meta_length,
			.ingress_ifindex = burst->ingress_ifindex,
			.rx_queue_index = burst->rx_queue,
			.frame = packet->frame,
			.frame_end = packet->frame + packet->frame_size,
		};
		__u32 verdict = PROGRAM(&context);

		packet->verdict = verdict;
		if (context.moved) {
			packet->data = context.data;
			packet->length = context.data_end - context.data;
		}
		if (verdict == XDP_REDIRECT)
			packet->redirect_target = redirect_target;
	}
}
