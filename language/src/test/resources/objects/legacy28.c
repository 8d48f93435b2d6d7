/* Maps as the kernel's samples wrote them: an inner map by its index. */
#include "bpf.h"

struct bpf_map_def {
    __u32 type, key_size, value_size, max_entries, map_flags, inner_map_idx, numa_node;
};

struct bpf_map_def SEC("maps") inner = {.type = 9, .key_size = 40, .value_size = 16, .max_entries = 1000};
struct bpf_map_def SEC("maps") outer = {.type = 12, .key_size = 4, .value_size = 4, .max_entries = 64, .inner_map_idx = 0, .numa_node = 1};

SEC("prog")
int program(struct xdp_md *ctx)
{
    __u32 key = 0;
    return bpf_map_lookup_elem(&outer, &key) && bpf_map_lookup_elem(&inner, &key) ? XDP_PASS : XDP_DROP;
}
