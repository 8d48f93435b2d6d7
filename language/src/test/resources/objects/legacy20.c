/* Maps as libbpf's struct bpf_map_def, with the key and value types that BPF_ANNOTATE_KV_PAIR leaves. */
#include "bpf.h"

struct bpf_map_def {
    __u32 type, key_size, value_size, max_entries, map_flags;
};

struct pair {
    __u32 a, b;
};

struct bpf_map_def SEC("maps") annotated = {.type = 1, .key_size = 4, .value_size = 8, .max_entries = 10, .map_flags = 1};
struct bpf_map_def SEC("maps") plain = {.type = 2, .key_size = 4, .value_size = 260, .max_entries = 0x80000000};

struct ____btf_map_annotated {
    __u32 key;
    struct pair value;
};
struct ____btf_map_annotated SEC(".maps.annotated") ____btf_map_annotated = {};

SEC("xdp1")
int program(struct xdp_md *ctx)
{
    __u32 key = 0;
    return bpf_map_lookup_elem(&plain, &key) && bpf_map_lookup_elem(&annotated, &key) ? XDP_PASS : XDP_DROP;
}
