/* Maps with slots that are filled from the start: inner maps and programs. */
#include "bpf.h"

int target_a(struct xdp_md *ctx);
int target_b(struct xdp_md *ctx);

struct inner {
    __uint(type, 1);
    __uint(max_entries, 8);
    __type(key, __u32);
    __type(value, __u64);
};

struct inner inner_a SEC(".maps"), inner_b SEC(".maps");

struct {
    __uint(type, 12);
    __uint(max_entries, 4);
    __type(key, __u32);
    __array(values, struct inner);
} outer SEC(".maps") = {
    .values = {[0] = &inner_b, [2] = &inner_a},
};

struct {
    __uint(type, 3);
    __uint(max_entries, 5);
    __type(key, __u32);
    __array(values, int(void *));
} targets SEC(".maps") = {
    .values = {[1] = (void *)&target_a, [4] = (void *)&target_b},
};

struct {
    __uint(type, 13);
    __uint(max_entries, 4);
    __type(key, __u32);
    __type(value, __u32);
} filled_later SEC(".maps");

SEC("xdp")
int target_a(struct xdp_md *ctx)
{
    return XDP_PASS;
}

SEC("xdp")
int target_b(struct xdp_md *ctx)
{
    return XDP_DROP;
}

SEC("xdp")
int entry(struct xdp_md *ctx)
{
    __u32 key = 2;
    if (bpf_map_lookup_elem(&outer, &key) && bpf_map_lookup_elem(&filled_later, &key))
        bpf_tail_call(ctx, &targets, 1);
    return XDP_ABORTED;
}
