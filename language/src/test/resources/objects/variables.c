/* Variables of all kinds for debuggers: in registers, on the stack, in an inlined function and in one that is called, and some without a trace. */
#include "bpf.h"

struct ethernet {
    __u8 destination[6];
    __u8 source[6];
    __u16 type;
};

struct ip {
    __u8 words : 4;
    __u8 version : 4;
    __u8 service;
    __u16 length;
    __u32 rest[2];
    __u32 source;
    __u32 destination;
};

enum direction { IN = 1, OUT = 2 };

struct flow {
    __u32 source;
    __u32 destination;
    enum direction direction;
};

struct {
    __uint(type, 1);
    __type(key, struct flow);
    __type(value, __u64);
    __uint(max_entries, 16);
} flows SEC(".maps");

static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;

static inline __attribute__((always_inline)) int parse(struct ip *ip, void *end, struct flow *flow)
{
    if ((void *)(ip + 1) > end)
        return -1;
    int bytes = ip->words * 4;
    flow->source = ip->source;
    flow->destination = ip->destination;
    return bytes;
}

static __noinline __u64 weigh(__u32 bytes)
{
    __u64 weight = 1;

    for (__u32 i = 0; i < (bytes & 7); i++)
        weight = weight * 3 + bytes;
    return weight;
}

SEC("xdp") int count(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *end = (void *)(long)ctx->data_end;
    struct ethernet *eth = data;
    struct flow flow = { .direction = OUT };

    if ((void *)(eth + 1) > end)
        return XDP_DROP;
    if (eth->type != 8)
        return XDP_PASS;
    int bytes = parse((struct ip *)(eth + 1), end, &flow);
    if (bytes < 0)
        return XDP_DROP;
    __u64 *packets = bpf_map_lookup_elem(&flows, &flow);
    __u64 weight = weigh(bytes);
    if (packets) {
        *packets += weight;
        return XDP_PASS;
    }
    bpf_map_update_elem(&flows, &flow, &weight, 0);
    return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
