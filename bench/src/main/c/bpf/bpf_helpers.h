/* What libbpf's <bpf/bpf_helpers.h> declares, as native code that the compiler inlines into the program. */
#pragma once

#include "../maps.h"

#define SEC(name)
#define __type(name, type) __typeof__(type) *name
/* The declaration of a map's size is also that of its memory, so that the map's address is a constant of the code. */
#define __uint(name, value) int (*name)[value]; MEMORY_FOR_##name(value)
#define MEMORY_FOR_type(value)
#define MEMORY_FOR_max_entries(entries) MAP_MEMORY(entries)

#define SIZE_OF(map) ((struct map_size) { sizeof(*(map)->type) / sizeof(int), sizeof(*(map)->max_entries) / sizeof(int), \
	sizeof(*(map)->key), sizeof(*(map)->value) })
#define bpf_map_lookup_elem(map, key) map_lookup(SIZE_OF(map), (map)->memory, key)
#define bpf_map_update_elem(map, key, value, flags) map_update(SIZE_OF(map), (map)->memory, key, value, flags)

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
