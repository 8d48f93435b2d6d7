/* Maps as iproute2's struct bpf_elf_map: inner maps by id, and programs in the slots of an array by the names of their sections. */
#include "bpf.h"

struct bpf_elf_map {
    __u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};

struct bpf_elf_map SEC("maps") jumps = {.type = 3, .size_key = 4, .size_value = 4, .max_elem = 32, .id = 2, .inner_idx = -1};
struct bpf_elf_map SEC("maps") records = {.type = 1, .size_key = 260, .size_value = 8, .max_elem = 65536, .flags = 1, .pinning = 2};
struct bpf_elf_map SEC("maps") outer = {.type = 12, .size_key = 4, .size_value = 4, .max_elem = 8, .inner_id = 7, .pinning = 1};
struct bpf_elf_map SEC("maps") inner = {.type = 2, .size_key = 4, .size_value = 4, .max_elem = 1, .id = 7, .inner_idx = 3};

SEC("2/16")
int tail(struct xdp_md *ctx)
{
    __u32 key = 0;
    return bpf_map_lookup_elem(&records, &key) ? XDP_PASS : XDP_DROP;
}

SEC("0x2/017")
int other_tail(struct xdp_md *ctx)
{
    return XDP_DROP;
}

SEC("from-netdev")
int entry(struct xdp_md *ctx)
{
    __u32 key = 3;
    if (bpf_map_lookup_elem(&outer, &key) && bpf_map_lookup_elem(&inner, &key))
        bpf_tail_call(ctx, &jumps, 16);
    return XDP_ABORTED;
}
