// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_timer_init, set_callback, start and cancel. Whether and when a timer fires only a clock shows; here it is what the helpers answer. */
#include "results.h"

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7
#define HOUR 3600000000000ULL

struct element {
	__u64 count;
	struct bpf_timer timer;
	__u32 before;
	struct bpf_spin_lock lock;
	__u64 after;
};

struct plain {
	struct bpf_timer timer;
	__u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, struct element);
	__uint(max_entries, 16);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct plain);
	__uint(max_entries, 4);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u32);
	__type(value, struct plain);
	__uint(max_entries, 4);
} lru SEC(".maps");

static int fired(void *map, __u32 *key, struct plain *value)
{
	value->count++;
	return 0;
}

static int fired_in_hash(void *map, __u64 *key, struct element *value)
{
	value->count += *key;
	return 0;
}

/* Arguments: flags of init, delay, flags of start. */
SEC("xdp")
int starts(struct xdp_md *ctx)
{
	__u32 index = 1;
	struct plain *value = bpf_map_lookup_elem(&array, &index);

	if (!value)
		return XDP_DROP;
	result(0, bpf_timer_start(&value->timer, HOUR, 0));
	result(1, bpf_timer_set_callback(&value->timer, fired));
	result(2, bpf_timer_cancel(&value->timer));
	result(3, bpf_timer_init(&value->timer, &array, argument(0)));
	result(4, bpf_timer_init(&value->timer, &array, CLOCK_MONOTONIC));
	result(5, bpf_timer_start(&value->timer, HOUR, 0));
	result(6, bpf_timer_set_callback(&value->timer, fired));
	result(7, bpf_timer_start(&value->timer, HOUR + argument(1), argument(2)));
	result(8, bpf_timer_start(&value->timer, 2 * HOUR, 0));
	result(9, bpf_timer_cancel(&value->timer));
	result(10, bpf_timer_cancel(&value->timer));
	result(11, bpf_timer_start(&value->timer, HOUR, 0));
	result(12, bpf_timer_set_callback(&value->timer, fired));
	result(13, bpf_timer_start(&value->timer, HOUR, 0));
	result(14, value->count);
	return XDP_PASS;
}

/* With a value beside the timer that is copied around it. Argument: what to do with the element of a running timer. */
SEC("xdp")
int loses(struct xdp_md *ctx)
{
	struct element fresh = {.count = 5, .before = 6, .after = 7};
	__u64 key = 9;
	struct element *value;

	bpf_map_update_elem(&hash, &key, &fresh, BPF_ANY);
	value = bpf_map_lookup_elem(&hash, &key);
	if (!value)
		return XDP_DROP;
	result(0, bpf_timer_init(&value->timer, &hash, CLOCK_BOOTTIME));
	result(1, bpf_timer_set_callback(&value->timer, fired_in_hash));
	result(2, bpf_timer_start(&value->timer, HOUR, 0));
	fresh.after = 8;
	switch (argument(0)) {
	case 1:
		result(3, bpf_map_update_elem(&hash, &key, &fresh, BPF_EXIST));
		break;
	case 2:
		result(3, bpf_map_delete_elem(&hash, &key));
		bpf_map_update_elem(&hash, &key, &fresh, BPF_ANY);
		break;
	case 3:
		result(3, bpf_map_update_elem(&hash, &key, &fresh, BPF_F_LOCK));
		break;
	}
	value = bpf_map_lookup_elem(&hash, &key);
	if (!value)
		return XDP_DROP;
	result(4, value->after);
	result(5, value->before);
	result(6, bpf_timer_init(&value->timer, &hash, CLOCK_BOOTTIME));
	result(7, bpf_timer_cancel(&value->timer));
	return XDP_PASS;
}

SEC("xdp")
int loses_in_array(struct xdp_md *ctx)
{
	struct plain fresh = {.count = 5};
	__u32 index = 2;
	struct plain *value = bpf_map_lookup_elem(&array, &index);

	if (!value)
		return XDP_DROP;
	result(0, bpf_timer_init(&value->timer, &array, CLOCK_REALTIME));
	result(1, bpf_timer_set_callback(&value->timer, fired));
	result(2, bpf_timer_start(&value->timer, HOUR, 0));
	result(3, bpf_map_update_elem(&array, &index, &fresh, BPF_ANY));
	result(4, bpf_timer_cancel(&value->timer));
	result(5, bpf_timer_init(&value->timer, &array, CLOCK_REALTIME));
	result(6, value->count);
	return XDP_PASS;
}

SEC("xdp")
int in_lru(struct xdp_md *ctx)
{
	struct plain fresh = {.count = 5};
	__u32 key = 1;
	struct plain *value;

	bpf_map_update_elem(&lru, &key, &fresh, BPF_ANY);
	value = bpf_map_lookup_elem(&lru, &key);
	if (!value)
		return XDP_DROP;
	result(0, bpf_timer_init(&value->timer, &lru, CLOCK_MONOTONIC));
	result(1, bpf_timer_set_callback(&value->timer, fired));
	result(2, bpf_timer_start(&value->timer, HOUR, 0));
	result(3, bpf_map_delete_elem(&lru, &key));
	bpf_map_update_elem(&lru, &key, &fresh, BPF_ANY);
	value = bpf_map_lookup_elem(&lru, &key);
	if (!value)
		return XDP_DROP;
	result(4, bpf_timer_cancel(&value->timer));
	result(5, bpf_timer_init(&value->timer, &lru, CLOCK_MONOTONIC));
	return XDP_PASS;
}

/* What fires when: arguments are interval, number of turns, flags. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 64);
} times SEC(".maps");

static int tick(void *map, __u32 *key, struct plain *value)
{
	__u32 turn = value->count;
	__u64 now = bpf_ktime_get_ns();

	value->count++;
	bpf_map_update_elem(&times, &turn, &now, BPF_ANY);
	result(8, bpf_timer_cancel(&value->timer));
	result(9, *key);
	if (value->count < argument(1))
		result(10, bpf_timer_start(&value->timer, argument(0), argument(2)));
	return 0;
}

/* The first packet starts it; each says how often it has fired before. */
SEC("xdp")
int fires(struct xdp_md *ctx)
{
	__u32 index = 3;
	struct plain *value = bpf_map_lookup_elem(&array, &index);
	static __u32 packets;

	if (!value)
		return XDP_DROP;
	if (!bpf_timer_init(&value->timer, &array, CLOCK_MONOTONIC)) {
		bpf_timer_set_callback(&value->timer, tick);
		bpf_timer_start(&value->timer, argument(0), argument(2));
	}
	result(32 + (packets++ & 31), value->count);
	return XDP_PASS;
}

/* Each element has a timer; one cancels the other, and deletes its own. */
static int removes(void *map, __u64 *key, struct element *value)
{
	__u64 other = *key + 1;
	struct element *next = bpf_map_lookup_elem(map, &other);

	if (next)
		result(1, bpf_timer_cancel(&next->timer));
	result(2, bpf_map_delete_elem(map, key));
	return 0;
}

SEC("xdp")
int removes_itself(struct xdp_md *ctx)
{
	struct element fresh = {};
	__u64 key = 40;

	if (bpf_map_update_elem(&hash, &key, &fresh, BPF_NOEXIST) < 0 || argument(3))
		return XDP_PASS;
	key = 41;
	bpf_map_update_elem(&hash, &key, &fresh, BPF_NOEXIST);
	for (key = 40; key < 42; key++) {
		struct element *value = bpf_map_lookup_elem(&hash, &key);

		if (!value)
			return XDP_DROP;
		bpf_timer_init(&value->timer, &hash, CLOCK_MONOTONIC);
		bpf_timer_set_callback(&value->timer, removes);
		bpf_timer_start(&value->timer, argument(0), 0);
	}
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
