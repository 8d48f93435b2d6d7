/* What expressions in debuggers calculate with: packet headers behind pointers, all kinds of integers, an array, an enum, maps by number and struct. */
#include "bpf.h"

typedef __u16 __be16;
typedef __u32 __be32;

struct ethernet {
    __u8 destination[6];
    __u8 source[6];
    __be16 type;
};

struct ip {
    __u8 words : 4;
    __u8 version : 4;
    __u8 service;
    __be16 length;
    __u32 rest;
    __u8 ttl;
    __u8 protocol;
    __u16 checksum;
    __be32 saddr;
    __be32 daddr;
};

struct tcp {
    __be16 source;
    __be16 dest;
};

enum state { IDLE = 1, BUSY = 2 };

struct key {
    __be32 address;
    __be16 port;
    __u16 zero;
};

struct record {
    __u64 huge;
    __s32 balance;
    __s8 small;
    enum state state;
    __u16 ports[4];
};

struct {
    __uint(type, 1);
    __type(key, struct key);
    __type(value, struct record);
    __uint(max_entries, 16);
} records SEC(".maps");

struct {
    __uint(type, 1);
    __type(key, __u32);
    __type(value, __u64);
    __uint(max_entries, 16);
} sizes SEC(".maps");

static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;

__u64 packets;

static __noinline int look(struct xdp_md *ctx, struct tcp *tcp, struct record *record)
{
    /* All variables are alive here, as they are read below. */
    packets++;
    return record->balance + tcp->dest + ctx->ingress_ifindex;
}

SEC("xdp") int expressions(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *data_end = (void *)(long)ctx->data_end;
    struct ethernet *eth = data;
    struct ip *iph = (void *)(eth + 1);
    struct tcp *tcp = (void *)(iph + 1);
    struct record record = { .huge = -1, .balance = -5, .small = -1, .state = BUSY, .ports = { 7, 80, 443, 8080 } };

    if ((void *)(tcp + 1) > data_end)
        return XDP_DROP;
    if (eth->type != 8 || iph->protocol != 6)
        return XDP_PASS;
    struct key key = { .address = iph->daddr, .port = tcp->dest };
    __u32 length = data_end - data;
    __u64 one = 1;
    bpf_map_update_elem(&records, &key, &record, 0);
    bpf_map_update_elem(&sizes, &length, &one, 0);
    if (look(ctx, tcp, &record) == 0)
        return XDP_DROP;
    return iph->ttl > 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
