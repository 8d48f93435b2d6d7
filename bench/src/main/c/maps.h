/* Maps for one thread, with the structures of TruffleBPF's own and without what other writers would need. All sizes are constants where they
 * are used, so that after inlining nothing is left of the choices. */
#pragma once

#include <linux/bpf.h>

/* <linux/stddef.h> only asks for inlining. */
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

struct map_size {
	__u32 type;
	__u32 entries;
	__u32 key;
	__u32 value;
};

#define BYTES_PER_ENTRY 64
#define MAP_MEMORY(entries) _Alignas(128) char memory[BYTES_PER_ENTRY * (entries)]

/* The number of the processor that runs the program, the index into per-CPU maps. */
static __u32 current_cpu;

static __always_inline __u32 padded(__u32 size)
{
	return (size + 7) & ~7u;
}

/* A hash table's memory: the number of elements taken, heads, elements from number 1 on. Number 0 ends a chain. */
struct element {
	__u32 tag;
	__u32 next;
	__u64 key;
	char value[];
};

static __always_inline __u32 heads(struct map_size size)
{
	return 1u << (31 - __builtin_clz((size.entries <= 4096 ? 12 : 6) * size.entries - 1));
}

static __always_inline struct element *element(struct map_size size, char *memory, __u32 number)
{
	return (struct element *)(memory + 8 + 4 * heads(size) + (number - 1) * (sizeof(struct element) + padded(size.value)));
}

static __always_inline __u64 key_word(struct map_size size, const void *key)
{
	__u64 word = 0;

	__builtin_memcpy(&word, key, size.key);
	return word;
}

static __always_inline __u32 key_tag(__u64 key)
{
	unsigned __int128 product = (unsigned __int128)(key ^ 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;

	return ((__u32)(product >> 64) ^ (__u32)product) | 0x80000000;
}

static __always_inline __u32 *head(struct map_size size, char *memory, __u32 tag)
{
	return (__u32 *)(memory + 8) + (tag & (heads(size) - 1));
}

static __always_inline void *hash_lookup(struct map_size size, char *memory, const void *key)
{
	__u64 word = key_word(size, key);
	__u32 tag = key_tag(word);

	for (__u32 number = *head(size, memory, tag); number;) {
		struct element *found = element(size, memory, number);

		if (found->tag == tag && found->key == word)
			return found->value;
		number = found->next;
	}
	return 0;
}

static __always_inline long hash_update(struct map_size size, char *memory, const void *key, const void *value, __u64 flags)
{
	__u32 *taken = (__u32 *)memory;
	void *old = hash_lookup(size, memory, key);

	if (old) {
		if (flags == BPF_NOEXIST)
			return -17;
		__builtin_memcpy(old, value, size.value);
		return 0;
	}
	if (flags == BPF_EXIST)
		return -2;
	if (*taken == size.entries)
		return -7;

	struct element *new = element(size, memory, ++*taken);
	__u64 word = key_word(size, key);

	new->key = word;
	new->tag = key_tag(word);
	new->next = *head(size, memory, new->tag);
	__builtin_memcpy(new->value, value, size.value);
	*head(size, memory, new->tag) = *taken;
	return 0;
}

/* Fails to link for kinds and sizes that are not here yet. */
extern void *no_such_map(void);

static __always_inline void *map_lookup(struct map_size size, char *memory, const void *key)
{
	__u32 stride = padded(size.value);
	__u32 index = *(const __u32 *)key;

	switch (size.type) {
	case BPF_MAP_TYPE_ARRAY:
		return index < size.entries ? memory + index * stride : 0;
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return index < size.entries ? memory + (current_cpu * size.entries + index) * stride : 0;
	case BPF_MAP_TYPE_HASH:
		return size.key <= 8 && size.value <= 16 ? hash_lookup(size, memory, key) : no_such_map();
	default:
		return no_such_map();
	}
}

static __always_inline long map_update(struct map_size size, char *memory, const void *key, const void *value, __u64 flags)
{
	return size.type == BPF_MAP_TYPE_HASH && size.key <= 8 && size.value <= 16 ? hash_update(size, memory, key, value, flags) : (long)no_such_map();
}
