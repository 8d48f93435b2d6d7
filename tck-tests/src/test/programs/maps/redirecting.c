// SPDX-License-Identifier: MIT OR GPL-2.0
/* The kinds of maps that packets are redirected through: by the key and flags in the arguments. */
#include "results.h"

#define TARGETS(NAME, TYPE, VALUE_SIZE)                                        \
	struct {                                                               \
		__uint(type, BPF_MAP_TYPE_##TYPE);                             \
		__uint(key_size, 4);                                           \
		__uint(value_size, VALUE_SIZE);                                \
		__uint(max_entries, 4);                                        \
	} NAME SEC(".maps");                                                   \
	SEC("xdp") int to_##NAME(struct xdp_md *ctx)                           \
	{                                                                      \
		long answer = bpf_redirect_map(&NAME, argument(0), argument(1)); \
                                                                               \
		result(0, answer);                                             \
		return answer;                                                 \
	}

TARGETS(ports, DEVMAP, 4)
TARGETS(ports_by_name, DEVMAP_HASH, 4)
TARGETS(cpus, CPUMAP, 4)
TARGETS(sockets, XSKMAP, 4)

/* Programs can look up what a port map has, not change it. */
static __always_inline int find(void *map)
{
	__u32 key = argument(0);
	__u32 *found = bpf_map_lookup_elem(map, &key);

	result(0, found != 0);
	result(1, found ? *found : 0);
	return XDP_PASS;
}

SEC("xdp") int finds_port(struct xdp_md *ctx)
{
	return find(&ports);
}

SEC("xdp") int finds_port_by_name(struct xdp_md *ctx)
{
	return find(&ports_by_name);
}

char _license[] SEC("license") = "Dual MIT/GPL";
