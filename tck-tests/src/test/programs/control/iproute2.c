// SPDX-License-Identifier: MIT OR GPL-2.0
/* Maps as iproute2 shares them: with everybody, with copies of this object, and not at all. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_elf_map {
	__u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};

#define PIN_OBJECT_NS 1
#define PIN_GLOBAL_NS 2
#define VALUES .type = BPF_MAP_TYPE_ARRAY, .size_key = 4, .size_value = 4, .max_elem = 1

struct bpf_elf_map SEC("maps") everybody = {VALUES, .pinning = PIN_GLOBAL_NS, .inner_idx = -1};
struct bpf_elf_map SEC("maps") copies = {VALUES, .pinning = PIN_OBJECT_NS, .inner_idx = -1};
struct bpf_elf_map SEC("maps") nobody = {VALUES, .inner_idx = -1};
struct bpf_elf_map SEC("maps") inner = {VALUES, .id = 7, .inner_idx = 2};
struct bpf_elf_map SEC("maps") outer = {
	.type = BPF_MAP_TYPE_ARRAY_OF_MAPS, .size_key = 4, .size_value = 4, .max_elem = 4, .inner_id = 7, .pinning = PIN_OBJECT_NS,
};

SEC("xdp") int finds_eight(struct xdp_md *ctx)
{
	__u32 slot = 2, key = 0, *value;
	void *map = bpf_map_lookup_elem(&outer, &slot);

	if (!map)
		return XDP_ABORTED;
	value = bpf_map_lookup_elem(map, &key);
	return value && *value == 8 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
