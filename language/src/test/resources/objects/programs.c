/* Several programs in a section, subprograms in .text and elsewhere, callbacks, maps of the BTF notation, all data sections. */
#include "bpf.h"

struct flow {
    __u32 source;
    __u32 destination;
    __u16 ports[2];
};

struct counters {
    __u64 packets;
    __u64 bytes;
    struct flow *last __attribute__((btf_type_tag("kptr")));
} __attribute__((btf_decl_tag("counters of a flow")));

struct {
    __uint(type, 9);
    __uint(max_entries, 1024);
    __uint(map_flags, 1 << 1);
    __uint(pinning, 1);
    __type(key, struct flow);
    __type(value, struct counters);
} flows SEC(".maps");

struct {
    __uint(type, 30);
    __uint(key_size, 0);
    __uint(value_size, 4);
    __uint(max_entries, 100);
    __uint(map_extra, 3);
} seen SEC(".maps");

struct {
    __uint(type, 2);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, 16);
    __uint(max_entries, 1);
    __uint(numa_node, 0);
} plain SEC(".maps");

const volatile __u32 limit = 1500;
const volatile __u8 table[4] SEC(".rodata.config") = {1, 2, 3, 4};
__u32 enabled = 1;
static volatile __u64 second = 0x1122334455667788;
__u64 packets;
__u32 scratch[16] SEC(".bss.scratch");

__noinline int add(int a, int b)
{
    return a + b + limit;
}

static __noinline int twice(int a)
{
    return add(a, a) + enabled;
}

__attribute__((section("helpers"))) static __noinline int elsewhere(int a)
{
    return a * 3 + twice(a);
}

static long count(__u32 index, void *data)
{
    packets += index;
    return 0;
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
    return twice(ctx->rx_queue_index) ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int calls_across(struct xdp_md *ctx)
{
    return elsewhere(ctx->rx_queue_index) + table[ctx->ingress_ifindex & 3];
}

SEC("xdp/entry")
int with_callback(struct xdp_md *ctx)
{
    bpf_loop(ctx->rx_queue_index, count, 0, 0);
    second++;
    return scratch[3] ? XDP_PASS : XDP_DROP;
}

SEC("2/16")
int with_maps(struct xdp_md *ctx)
{
    struct flow flow = {ctx->ingress_ifindex};
    struct counters *counters = bpf_map_lookup_elem(&flows, &flow);
    if (counters)
        counters->packets++;
    __u32 key = 0;
    return bpf_map_lookup_elem(&plain, &key) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
