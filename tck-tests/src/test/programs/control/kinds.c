// SPDX-License-Identifier: MIT OR GPL-2.0
/* A map of every kind, and programs for those that hold programs. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u16 port;
	__u8 protocol;
	__u32 address;
};

struct value {
	__u64 packets;
	__s16 level;
	char name[6];
	__u8 bytes[9];
	_Bool active;
	float ratio;
};

struct locked {
	struct bpf_spin_lock lock;
	__u32 number;
};

struct rule {
	__u32 length;
	__u8 address[4];
};

#define MAP(name, kind, entries, more...)                                                                                                     \
	struct {                                                                                                                              \
		__uint(type, BPF_MAP_TYPE_##kind);                                                                                            \
		__uint(max_entries, entries);                                                                                                 \
		more;                                                                                                                         \
	} name SEC(".maps")

MAP(hash, HASH, 32, __type(key, struct key); __type(value, struct value));
MAP(percpu_hash, PERCPU_HASH, 8, __type(key, __u64); __type(value, struct value));
MAP(lru_hash, LRU_HASH, 8, __type(key, __u32); __type(value, __u64));
MAP(lru_percpu_hash, LRU_PERCPU_HASH, 8, __type(key, __u32); __type(value, __u64));
MAP(locks, HASH, 8, __type(key, __u32); __type(value, struct locked));
MAP(array, ARRAY, 8, __type(key, __u32); __type(value, struct value));
MAP(percpu_array, PERCPU_ARRAY, 4, __type(key, __u32); __type(value, __u32));
MAP(rules, LPM_TRIE, 32, __type(key, struct rule); __type(value, __u32); __uint(map_flags, BPF_F_NO_PREALLOC));
MAP(queue, QUEUE, 8, __type(value, struct value));
MAP(stack, STACK, 8, __type(value, __u32));
MAP(filter, BLOOM_FILTER, 64, __type(value, __u32));
MAP(ports, DEVMAP, 4, __type(key, __u32); __type(value, struct bpf_devmap_val));
MAP(port_hash, DEVMAP_HASH, 4, __type(key, __u32); __type(value, struct bpf_devmap_val));
MAP(plain_ports, DEVMAP, 4, __type(key, __u32); __type(value, __u32));
MAP(cpus, CPUMAP, 4, __type(key, __u32); __type(value, struct bpf_cpumap_val));
MAP(sockets, XSKMAP, 4, __type(key, __u32); __type(value, __u32));
MAP(programs, PROG_ARRAY, 4, __uint(key_size, 4); __uint(value_size, 4));
MAP(perf, PERF_EVENT_ARRAY, 4, __uint(key_size, 4); __uint(value_size, 4));
MAP(ring, RINGBUF, 4096);
MAP(user_ring, USER_RINGBUF, 4096);

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} inner_a SEC(".maps"), inner_b SEC(".maps");

MAP(array_of_maps, ARRAY_OF_MAPS, 4, __type(key, __u32); __array(values, struct inner));
MAP(hash_of_maps, HASH_OF_MAPS, 4, __type(key, __u32); __array(values, struct inner));

SEC("xdp") int first(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp") int second(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("xdp/devmap") int at_port(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp/cpumap") int on_cpu(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
