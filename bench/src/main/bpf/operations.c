// SPDX-License-Identifier: MIT OR GPL-2.0
/* One operation on a map, and ten: the difference is what nine operations cost. Sizes of the maps, and the kind of `hash` and `array`, are chosen
 * by who loads this. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The packet: what the next keys are made of, and what became of the operations. It is used again and again as the last run left it. */
struct request {
	__u8 ethernet[16];
	__u64 state;
	/* Keys are numbered from 0; each has a value that begins with its number and 1. */
	__u32 keys;
	/* The sum of what was found. */
	__u32 found;
};

struct key {
	__u64 flow;
	__u64 server;
};

struct value {
	__u32 found;
	__u32 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct key);
	__type(value, struct value);
	__uint(max_entries, 1000);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct value);
	__uint(max_entries, 1000);
} array SEC(".maps");

struct prefix4 {
	__u32 length;
	__u32 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix4);
	__type(value, struct value);
	__uint(max_entries, 1000);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} rules4 SEC(".maps");

struct prefix6 {
	__u32 length;
	__u32 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix6);
	__type(value, struct value);
	__uint(max_entries, 1000);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} rules6 SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct value);
	__uint(max_entries, 64);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 64);
	__array(values, struct inner);
} array_of_maps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 64);
	__array(values, struct inner);
} hash_of_maps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(key_size, 0);
	__uint(value_size, sizeof(struct value));
	__uint(max_entries, 1000);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(value_size, sizeof(struct key));
	__uint(max_entries, 1000);
} filter SEC(".maps");

/* The steps of a Weyl sequence, mixed: they look random, and do not wait for each other. */
static __always_inline __u32 number(__u64 state, __u32 keys)
{
	__u64 mixed = (state ^ state >> 32) * 0xd6e8feb86659fd93;

	return (mixed >> 32) * keys >> 32;
}

static __always_inline struct key key(__u32 number)
{
	return (struct key) {number, 0x50c6336401};
}

/* What is looked up is in the prefix of this number; as rules have it, too. */
static __always_inline __u32 address4(__u32 number)
{
	__u32 mixed = number * 0x9e3779b1;

	return (mixed ^ mixed >> 15) * 0x85ebca77;
}

/* In 2a00::/11, as many are. */
static __always_inline __u64 address6(__u32 number)
{
	__u64 mixed = (number + 1) * 0x9e3779b97f4a7c15;

	return 0x2a00000000000000 | (mixed ^ mixed >> 29) >> 11;
}

/* What is left of an operation without it: the key is where a helper would look for it. */
static __always_inline __u32 made(const void *key, __u32 number)
{
	asm volatile("" : : "r"(key) : "memory");
	return number;
}

static __always_inline __u32 index_keys(__u32 number)
{
	return made(&number, number);
}

static __always_inline __u32 flow_keys(__u32 number)
{
	struct key flow = key(number);

	return made(&flow, number);
}

static __always_inline struct prefix4 prefix4(__u32 number)
{
	return (struct prefix4) {32, __builtin_bswap32(address4(number))};
}

static __always_inline __u32 prefix4_keys(__u32 number)
{
	struct prefix4 address = prefix4(number);

	return made(&address, number);
}

static __always_inline struct prefix6 prefix6(__u32 number)
{
	__u64 high = address6(number);

	return (struct prefix6) {128, {__builtin_bswap32(high >> 32), __builtin_bswap32(high), 0, number}};
}

static __always_inline __u32 prefix6_keys(__u32 number)
{
	struct prefix6 address = prefix6(number);

	return made(&address, number);
}

static __always_inline __u32 lookup(void *map, const void *key)
{
	struct value *value = bpf_map_lookup_elem(map, key);

	return value ? value->found : 0;
}

static __always_inline __u32 hash_lookup(__u32 number)
{
	struct key flow = key(number);

	return lookup(&hash, &flow);
}

static __always_inline __u32 hash_update(__u32 number)
{
	struct key flow = key(number);
	struct value value = {number + 1};

	return bpf_map_update_elem(&hash, &flow, &value, BPF_ANY) ? 0 : value.found;
}

/* Of keys that are not there. */
static __always_inline __u32 hash_insert_delete(__u32 number)
{
	struct key flow = key(~number);
	struct value value = {number + 1};

	return bpf_map_update_elem(&hash, &flow, &value, BPF_ANY) || bpf_map_delete_elem(&hash, &flow) ? 0 : value.found;
}

/* Writes the value, as statistics do; for values of one CPU. */
static __always_inline __u32 hash_count(__u32 number)
{
	struct key flow = key(number);
	struct value *value = bpf_map_lookup_elem(&hash, &flow);

	if (!value)
		return 0;
	value->packets++;
	return value->found;
}

static __always_inline __u32 array_lookup(__u32 number)
{
	return lookup(&array, &number);
}

static __always_inline __u32 rules4_lookup(__u32 number)
{
	struct prefix4 address = prefix4(number);

	return lookup(&rules4, &address);
}

static __always_inline __u32 rules6_lookup(__u32 number)
{
	struct prefix6 address = prefix6(number);

	return lookup(&rules6, &address);
}

static __always_inline __u32 inner_lookup(void *outer, __u32 number)
{
	__u32 map = number % 64, index = number / 64;
	void *inner = bpf_map_lookup_elem(outer, &map);

	return inner ? lookup(inner, &index) : 0;
}

static __always_inline __u32 array_of_maps_lookup(__u32 number)
{
	return inner_lookup(&array_of_maps, number);
}

static __always_inline __u32 hash_of_maps_lookup(__u32 number)
{
	return inner_lookup(&hash_of_maps, number);
}

static __always_inline __u32 ring_output(__u32 number)
{
	struct value value = {number + 1};

	return bpf_ringbuf_output(&ring, &value, sizeof(value), 0) ? 0 : value.found;
}

static __always_inline __u32 ring_submit(__u32 number)
{
	struct value *value = bpf_ringbuf_reserve(&ring, sizeof(*value), 0);

	if (!value)
		return 0;
	*value = (struct value) {number + 1};
	bpf_ringbuf_submit(value, 0);
	return number + 1;
}

static __always_inline __u32 queue_push_pop(__u32 number)
{
	struct value value = {number + 1}, first;

	return bpf_map_push_elem(&queue, &value, 0) || bpf_map_pop_elem(&queue, &first) ? 0 : first.found;
}

static __always_inline __u32 filter_peek(__u32 number)
{
	struct key flow = key(number);

	return bpf_map_peek_elem(&filter, &flow) ? 0 : number + 1;
}

#define OPERATE(OPERATION, TIMES)                                                        \
	SEC("xdp") int OPERATION##_##TIMES(struct xdp_md *ctx)                           \
	{                                                                                \
		struct request *request = (void *)(long)ctx->data;                       \
		__u32 keys, found = 0;                                                   \
		__u64 state;                                                             \
                                                                                         \
		if ((void *)(request + 1) > (void *)(long)ctx->data_end)                 \
			return XDP_ABORTED;                                              \
		state = request->state;                                                  \
		keys = request->keys;                                                    \
		_Pragma("unroll") for (int i = 0; i < TIMES; i++)                        \
			found += OPERATION(number(state += 0x9e3779b97f4a7c15, keys));   \
		request->state = state;                                                  \
		request->found += found;                                                 \
		return XDP_PASS;                                                         \
	}

#define OPERATION(NAME) OPERATE(NAME, 1) OPERATE(NAME, 10)

OPERATION(index_keys)
OPERATION(flow_keys)
OPERATION(prefix4_keys)
OPERATION(prefix6_keys)
OPERATION(hash_lookup)
OPERATION(hash_update)
OPERATION(hash_insert_delete)
OPERATION(hash_count)
OPERATION(array_lookup)
OPERATION(rules4_lookup)
OPERATION(rules6_lookup)
OPERATION(array_of_maps_lookup)
OPERATION(hash_of_maps_lookup)
OPERATION(ring_output)
OPERATION(ring_submit)
OPERATION(queue_push_pop)
OPERATION(filter_peek)

char _license[] SEC("license") = "Dual MIT/GPL";
