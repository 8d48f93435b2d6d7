// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * What workers do to one map of each kind while others change it. A packet holds the key. What can be told wrong at once is counted as a failure; the
 * rest adds up at the end.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define KEYS 64
/* A value's check of its key: a value of another key is told by it. */
#define CHECK(key) ((__u64)(key) * 0x9e3779b97f4a7c15ull)

enum { SEEN, FAILED, SENT, DROPPED, PUSHED, PUSHED_SUM, POPPED, POPPED_SUM, NUMBERS };

struct packet {
	__u32 key;
	__u32 random;
};

struct entry {
	__u64 check;
	__u64 count;
	__u64 check_again;
};

struct pair {
	__u64 number;
	__u64 inverse;
};

struct event {
	__u64 cpu;
	__u64 number;
	__u64 check;
};

struct rule {
	__u32 length;
	__u32 address;
};

/* So that the object knows the type, which no map has. */
struct event *event_type __attribute__((unused));

#define MAP(name, kind, entries, more...)                                                                                                     \
	struct {                                                                                                                              \
		__uint(type, BPF_MAP_TYPE_##kind);                                                                                            \
		__uint(max_entries, entries);                                                                                                 \
		more;                                                                                                                         \
	} name SEC(".maps")

MAP(numbers, PERCPU_ARRAY, NUMBERS, __type(key, __u32); __type(value, __u64));
MAP(hash, HASH, 2 * KEYS, __type(key, __u32); __type(value, struct entry));
MAP(lru, LRU_HASH, KEYS / 2, __type(key, __u32); __type(value, struct entry));
MAP(rules, LPM_TRIE, 1024, __type(key, struct rule); __type(value, __u64); __uint(map_flags, BPF_F_NO_PREALLOC));
MAP(percpu, PERCPU_HASH, 2 * KEYS, __type(key, __u32); __type(value, __u64));
MAP(counters, ARRAY, KEYS, __type(key, __u32); __type(value, __u64));
MAP(words, ARRAY, KEYS, __type(key, __u32); __type(value, struct pair));
MAP(ring, RINGBUF, 1 << 16);
MAP(queue, QUEUE, 256, __type(value, struct pair));

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, KEYS);
} inner_a SEC(".maps"), inner_b SEC(".maps"), inner_c SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 1);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = {[0] = &inner_a},
};

static __always_inline void add(__u32 number, __u64 amount)
{
	__u64 *sum = bpf_map_lookup_elem(&numbers, &number);

	if (sum)
		*sum += amount;
}

static __always_inline int begin(struct xdp_md *ctx, struct packet *packet)
{
	struct packet *data = (void *)(long)ctx->data;

	if (data + 1 > (struct packet *)(long)ctx->data_end)
		return 0;
	*packet = *data;
	packet->key %= KEYS;
	add(SEEN, 1);
	return 1;
}

/* Odd keys are there all the time, even ones come and go. */
SEC("xdp") int hashes(struct xdp_md *ctx)
{
	struct packet packet;
	struct entry *entry;

	if (!begin(ctx, &packet))
		return XDP_ABORTED;
	entry = bpf_map_lookup_elem(&hash, &packet.key);
	if (packet.key & 1) {
		if (!entry || entry->check != CHECK(packet.key) || entry->check_again != CHECK(packet.key))
			add(FAILED, 1);
		else
			__sync_fetch_and_add(&entry->count, 1);
	} else if (packet.random & 1) {
		bpf_map_delete_elem(&hash, &packet.key);
	} else {
		struct entry fresh = {CHECK(packet.key), 0, CHECK(packet.key)};

		if (bpf_map_update_elem(&hash, &packet.key, &fresh, packet.random & 2 ? BPF_NOEXIST : BPF_ANY) == -7)
			add(FAILED, 1);
	}
	return XDP_PASS;
}

SEC("xdp") int evictions(struct xdp_md *ctx)
{
	struct packet packet;

	if (!begin(ctx, &packet))
		return XDP_ABORTED;
	if (!bpf_map_lookup_elem(&lru, &packet.key)) {
		struct entry fresh = {CHECK(packet.key), packet.random, CHECK(packet.key)};

		if (bpf_map_update_elem(&lru, &packet.key, &fresh, BPF_ANY) == -7)
			add(FAILED, 1);
	} else if (packet.random % 16 == 0) {
		bpf_map_delete_elem(&lru, &packet.key);
	}
	return XDP_PASS;
}

/* 10.KEY/16 is always there, and longer ones of its own come and go. */
SEC("xdp") int prefixes(struct xdp_md *ctx)
{
	struct packet packet;

	if (!begin(ctx, &packet))
		return XDP_ABORTED;
	struct rule rule = {32, bpf_htonl(10 << 24 | packet.key << 16 | (packet.random & 0xffff))};
	__u64 *value;

	/* An element may be another rule's by the time that it is read, but not again and again. */
	for (int attempt = 0; attempt < 8; attempt++) {
		value = bpf_map_lookup_elem(&rules, &rule);
		if (!value)
			break;
		if (*value == CHECK(packet.key))
			return XDP_PASS;
	}
	add(FAILED, 1);
	return XDP_PASS;
}

SEC("xdp") int per_cpu(struct xdp_md *ctx)
{
	struct packet packet;
	__u64 *count;

	if (!begin(ctx, &packet))
		return XDP_ABORTED;
	packet.key |= 1;
	count = bpf_map_lookup_elem(&percpu, &packet.key);
	if (count)
		*count += 1;
	else
		add(FAILED, 1);
	return XDP_PASS;
}

/* Counts that both add to, and pairs that the control plane writes: a word is never torn. */
SEC("xdp") int arrays(struct xdp_md *ctx)
{
	struct packet packet;
	struct pair *pair;
	__u64 *count, number;

	if (!begin(ctx, &packet))
		return XDP_ABORTED;
	count = bpf_map_lookup_elem(&counters, &packet.key);
	pair = bpf_map_lookup_elem(&words, &packet.key);
	if (!count || !pair) {
		add(FAILED, 1);
		return XDP_PASS;
	}
	__sync_fetch_and_add(count, 1);
	number = *(volatile __u64 *)&pair->number;
	if ((__u32)number != (__u32)(number >> 32))
		add(FAILED, 1);
	return XDP_PASS;
}

SEC("xdp") int events(struct xdp_md *ctx)
{
	__u32 sent = SENT, cpu = bpf_get_smp_processor_id();
	__u64 *number = bpf_map_lookup_elem(&numbers, &sent);
	struct packet packet;
	struct event *event;

	if (!number || !begin(ctx, &packet))
		return XDP_ABORTED;
	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event) {
		add(DROPPED, 1);
		return XDP_PASS;
	}
	event->cpu = cpu;
	event->number = *number;
	event->check = CHECK(*number) ^ cpu;
	if (packet.random % 8) {
		*number += 1;
		bpf_ringbuf_submit(event, 0);
	} else {
		bpf_ringbuf_discard(event, 0);
	}
	return XDP_PASS;
}

SEC("xdp") int inner_maps(struct xdp_md *ctx)
{
	struct packet packet;
	__u32 slot = 0;
	__u64 *count;
	void *map;

	if (!begin(ctx, &packet))
		return XDP_ABORTED;
	map = bpf_map_lookup_elem(&outer, &slot);
	count = map ? bpf_map_lookup_elem(map, &packet.key) : 0;
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		add(FAILED, 1);
	return XDP_PASS;
}

SEC("xdp") int queues(struct xdp_md *ctx)
{
	struct packet packet;
	struct pair pair;

	if (!begin(ctx, &packet))
		return XDP_ABORTED;
	if (packet.random & 1) {
		pair.number = CHECK(packet.random);
		pair.inverse = ~pair.number;
		if (!bpf_map_push_elem(&queue, &pair, BPF_ANY)) {
			add(PUSHED, 1);
			add(PUSHED_SUM, pair.number);
		}
	} else if (!bpf_map_pop_elem(&queue, &pair)) {
		add(POPPED, 1);
		add(POPPED_SUM, pair.number);
		if (pair.number != ~pair.inverse)
			add(FAILED, 1);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
