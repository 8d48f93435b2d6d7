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

/* As many values have maps of TruffleBPF. */
#define CPUS 16

#define PADDED(size) (((size) + 7u) & ~7u)
/* Power of two: 6 to 12 per element of a small table, else 3 to 6. */
#define HEADS(entries) (1u << (31 - __builtin_clz(((entries) <= 4096 ? 12 : 6) * (entries) - 1)))
#define PREFIX_BITS(key) (8 * ((key) - 4))
/* One on the way to each rule below the root, at most. */
#define PREFIX_NODES(entries, key) ((entries) * ((PREFIX_BITS(key) - 16) / 8) + 1)
#define PREFIX_ROOT (1u << 16)
#define PREFIX_NODE (1u << 8)
#define HASH_MEMORY(entries, key, value) (64ull + 4 * HEADS(entries) + (entries) * (16ull + PADDED(key) + CPUS * PADDED(value)))
#define MEMORY_SIZE(type, entries, key, value) \
	((type) == BPF_MAP_TYPE_ARRAY ? (__u64)(entries) * PADDED(value) : \
	 (type) == BPF_MAP_TYPE_PERCPU_ARRAY ? (__u64)(entries) * PADDED(value) * CPUS : \
	 (type) == BPF_MAP_TYPE_HASH || (type) == BPF_MAP_TYPE_LRU_HASH ? HASH_MEMORY(entries, key, value) : \
	 (type) == BPF_MAP_TYPE_PERCPU_HASH || (type) == BPF_MAP_TYPE_LRU_PERCPU_HASH ? HASH_MEMORY(entries, key, value) : \
	 (type) == BPF_MAP_TYPE_LPM_TRIE ? 64 + 4ull * PREFIX_ROOT + 4ull * PREFIX_NODE * PREFIX_NODES(entries, (key) < 6 ? 6 : (key)) + \
		 (entries) * (8ull + PADDED(value)) : \
	 (type) == BPF_MAP_TYPE_RINGBUF ? 256 + 2ull * (entries) : 8ull * (entries))

/* The number of the processor that runs the program, the index into per-CPU maps. */
static __u32 current_cpu;

/* Device maps, CPU maps and program arrays only have slots. */
#define IS_KNOWN(type) ((type) <= BPF_MAP_TYPE_PROG_ARRAY || (type) == BPF_MAP_TYPE_PERCPU_HASH || (type) == BPF_MAP_TYPE_PERCPU_ARRAY || \
	(type) == BPF_MAP_TYPE_LRU_HASH || (type) == BPF_MAP_TYPE_LRU_PERCPU_HASH || (type) == BPF_MAP_TYPE_LPM_TRIE || \
	(type) == BPF_MAP_TYPE_ARRAY_OF_MAPS || (type) == BPF_MAP_TYPE_DEVMAP || (type) == BPF_MAP_TYPE_CPUMAP || (type) == BPF_MAP_TYPE_RINGBUF)

/* A hash table's memory: the number of elements taken, heads from byte 64 on, elements from number 1 on: tag, next, mark of LRU tables, key in
 * words, value. Number 0 ends a chain. Per-CPU tables have a value for each CPU. */
struct element {
	__u32 tag;
	__u32 next;
	__u64 words[];
};

static __always_inline int is_lru(struct map_size size)
{
	return size.type == BPF_MAP_TYPE_LRU_HASH || size.type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static __always_inline int is_hash(struct map_size size)
{
	return size.type == BPF_MAP_TYPE_HASH || size.type == BPF_MAP_TYPE_PERCPU_HASH || is_lru(size);
}

static __always_inline __u32 value_size(struct map_size size)
{
	return size.type == BPF_MAP_TYPE_PERCPU_HASH || size.type == BPF_MAP_TYPE_LRU_PERCPU_HASH ? CPUS * PADDED(size.value) : PADDED(size.value);
}

static __always_inline struct element *element(struct map_size size, char *memory, __u32 number)
{
	__u64 stride = sizeof(struct element) + 8 * is_lru(size) + PADDED(size.key) + value_size(size);

	return (struct element *)(memory + 64 + 4 * HEADS(size.entries) + (number - 1) * stride);
}

static __always_inline __u64 *element_key(struct map_size size, struct element *element)
{
	return element->words + is_lru(size);
}

static __always_inline void *element_value(struct map_size size, struct element *element)
{
	char *values = (char *)element_key(size, element) + PADDED(size.key);

	return value_size(size) == PADDED(size.value) ? values : values + current_cpu * PADDED(size.value);
}

static __always_inline __u64 key_word(struct map_size size, const void *key, __u32 index)
{
	__u64 word = 0;

	if (8 * index < size.key)
		__builtin_memcpy(&word, (const char *)key + 8 * index, size.key - 8 * index < 8 ? size.key - 8 * index : 8);
	return word;
}

static __always_inline __u64 mix_words(__u64 a, __u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (__u64)(product >> 64) ^ (__u64)product;
}

static __always_inline __u32 key_tag(struct map_size size, const void *key)
{
	__u64 hash = 0x9e3779b97f4a7c15;

#pragma clang loop unroll(full)
	for (__u32 i = 0; 8 * i < size.key; i += 2)
		hash = mix_words(key_word(size, key, i) ^ hash, key_word(size, key, i + 1) ^ 0xd6e8feb86659fd93);
	return (__u32)hash | 0x80000000;
}

static __always_inline int has_key(struct map_size size, struct element *element, const void *key)
{
	__u64 difference = 0;

#pragma clang loop unroll(full)
	for (__u32 i = 0; 8 * i < size.key; i++)
		difference |= element_key(size, element)[i] ^ key_word(size, key, i);
	return difference == 0;
}

static __always_inline __u32 *head(struct map_size size, char *memory, __u32 tag)
{
	return (__u32 *)(memory + 64) + (tag & (HEADS(size.entries) - 1));
}

static __always_inline void *hash_lookup(struct map_size size, char *memory, const void *key)
{
	__u32 tag = key_tag(size, key);

	for (__u32 number = *head(size, memory, tag); number;) {
		struct element *found = element(size, memory, number);

		if (found->tag == tag && has_key(size, found, key)) {
			if (is_lru(size) && !found->words[0])
				found->words[0] = 1;
			return element_value(size, found);
		}
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

	for (__u32 i = 0; 8 * i < size.key; i++)
		element_key(size, new)[i] = key_word(size, key, i);
	new->tag = key_tag(size, key);
	new->next = *head(size, memory, new->tag);
	__builtin_memcpy(element_value(size, new), value, size.value);
	*head(size, memory, new->tag) = *taken;
	return 0;
}

/* A prefix table's memory: rules and nodes taken; the root, indexed by the first 16 bits; nodes of 256 entries; each rule's length and value. An
 * entry is 0 or the number of a rule, or a node's with the uppermost bit set. */
#define NODE 0x80000000

static __always_inline __u32 *prefix_node(char *memory, __u32 number)
{
	return (__u32 *)(memory + 64) + PREFIX_ROOT + (__u64)number * PREFIX_NODE;
}

static __always_inline __u32 *prefix_rule(struct map_size size, char *memory, __u32 number)
{
	char *rules = (char *)prefix_node(memory, PREFIX_NODES(size.entries, size.key));

	return (__u32 *)(rules + (number - 1) * (8ull + PADDED(size.value)));
}

static __always_inline void *prefix_lookup(struct map_size size, char *memory, const void *key)
{
	const unsigned char *address = (const unsigned char *)key + 4;
	__u32 entry = ((__u32 *)(memory + 64))[address[0] << 8 | address[1]];

	for (__u32 at = 2; entry & NODE && at < size.key - 4; at++)
		entry = prefix_node(memory, entry & ~NODE)[address[at]];
	return entry ? prefix_rule(size, memory, entry) + 2 : 0;
}

static __always_inline void prefix_paint(struct map_size size, char *memory, __u32 *entries, __u32 count, __u32 rule)
{
	/* No node has children when its parent was painted at once: rules come with the shortest prefixes first. */
	for (__u32 i = 0; i < count; i++)
		entries[i] = rule;
}

static __always_inline long prefix_update(struct map_size size, char *memory, const void *key, const void *value)
{
	__u32 *taken = (__u32 *)memory;
	const unsigned char *address = (const unsigned char *)key + 4;
	__u32 length = *(const __u32 *)key;
	__u32 *entries = (__u32 *)(memory + 64);
	__u32 at = address[0] << 8 | address[1];
	__u32 rule = ++taken[0];
	__u32 depth = 16;

	for (; length > depth; depth += 8) {
		if (!(entries[at] & NODE)) {
			prefix_paint(size, memory, prefix_node(memory, taken[1]), PREFIX_NODE, entries[at]);
			entries[at] = NODE | taken[1]++;
		}
		entries = prefix_node(memory, entries[at] & ~NODE);
		at = address[depth / 8];
	}
	prefix_paint(size, memory, entries + (at >> (depth - length) << (depth - length)), 1u << (depth - length), rule);
	*prefix_rule(size, memory, rule) = length;
	__builtin_memcpy(prefix_rule(size, memory, rule) + 2, value, size.value);
	return 0;
}

/* A ring's memory: the consumer's position, from byte 128 on the producers', from byte 256 on records, with as much room behind for the one that
 * goes past the end. */
static __always_inline void *ring_reserve(struct map_size size, char *memory, __u64 length)
{
	__u64 *consumer = (__u64 *)memory;
	__u64 *producer = (__u64 *)(memory + 128);
	__u64 total = PADDED(length + 8);
	char *record = memory + 256 + (*producer & (size.entries - 1));

	if (*producer + total - *consumer > size.entries)
		return 0;
	*producer += total;
	*(__u32 *)record = length;
	return record + 8;
}

static __always_inline void ring_submit(void *record)
{
	((volatile __u32 *)record)[-1] = 1;
}

/* Maps of maps give addresses of memory with the lowest bit set, which no variable has. */
#define INNER_MAP 1ul

static __always_inline void *map_lookup(struct map_size size, char *memory, const void *key)
{
	__u32 stride = PADDED(size.value);
	__u32 index;

	if (is_hash(size))
		return hash_lookup(size, memory, key);
	if (size.type == BPF_MAP_TYPE_LPM_TRIE)
		return prefix_lookup(size, memory, key);
	index = *(const __u32 *)key;
	switch (size.type) {
	case BPF_MAP_TYPE_ARRAY:
		return index < size.entries ? memory + (__u64)index * stride : 0;
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return index < size.entries ? memory + ((__u64)current_cpu * size.entries + index) * stride : 0;
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
		return index < size.entries ? ((void **)memory)[index] : 0;
	default:
		__builtin_unreachable();
	}
}

static __always_inline long map_update(struct map_size size, char *memory, const void *key, const void *value, __u64 flags)
{
	void *element;

	if (is_hash(size))
		return hash_update(size, memory, key, value, flags);
	if (size.type == BPF_MAP_TYPE_LPM_TRIE)
		return prefix_update(size, memory, key, value);
	element = map_lookup(size, memory, key);
	if (!element)
		return -7;
	__builtin_memcpy(element, value, size.value);
	return 0;
}
