/* Keys and values of every kind of type, as control programs read and write them. */
#include "bpf.h"

typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef char name_t[16];
typedef _Bool bool;

enum state { CLOSED, OPEN, BROKEN = -7 };
enum mask { LOW = 1, TOP = 0x80000000 };
enum wide { SMALL = 1, HUGE = 0xfedcba9876543210 };

struct address {
    __u8 family;
    union {
        __be32 v4;
        __u8 v6[16];
        struct {
            __be64 prefix;
            __be64 interface;
        };
    };
};

struct flow {
    struct address source;
    struct address destination;
    __be16 ports[2];
    __u32 protocol : 8;
    __s32 urgency : 5;
    __u64 spread : 45;
    bool fragment : 1;
    enum state state : 4;
};

struct bpf_spin_lock {
    __u32 val;
};

struct bpf_timer {
    __u64 opaque[2];
} __attribute__((aligned(8)));

struct value {
    unsigned __int128 total;
    __int128 balance;
    __u64 packets;
    __s64 offset;
    name_t name;
    char letter;
    bool active;
    enum state state;
    enum mask mask;
    enum wide wide;
    float ratio;
    double average;
    void *owner;
    const volatile __u16 history[3];
    struct {
        __s8 level;
        __be16 length;
    } steps[2];
    __be64 serial;
    struct bpf_spin_lock lock;
    struct bpf_timer timer;
};

union number {
    __u32 whole;
    float broken;
    struct {
        __u16 low;
        __u16 high;
    } halves;
};

struct {
    __uint(type, 1);
    __uint(max_entries, 16);
    __type(key, struct flow);
    __type(value, struct value);
} flows SEC(".maps");

struct {
    __uint(type, 2);
    __uint(max_entries, 4);
    __type(key, __u32);
    __type(value, union number);
} numbers SEC(".maps");

struct {
    __uint(type, 5);
    __uint(max_entries, 16);
    __type(key, enum state);
    __type(value, __u64);
} counters SEC(".maps");

struct {
    __uint(type, 22);
    __uint(max_entries, 4);
    __type(value, name_t);
} names SEC(".maps");

struct {
    __uint(type, 1);
    __uint(max_entries, 4);
    __uint(key_size, 4);
    __uint(value_size, 12);
} plain SEC(".maps");

struct {
    __uint(type, 27);
    __uint(max_entries, 4096);
} events SEC(".maps");

const volatile __u32 limit = 1500;
const volatile char greeting[] = "hello";
volatile struct address self = {.family = 4, .v4 = 0x0100007f};
volatile struct flow flow = {
    .source = {.family = 6, .v6 = {0x20, 1, 0xd, 0xb8, [15] = 1}},
    .destination = {.family = 6, .prefix = __builtin_bswap64(0x20010db800000000), .interface = __builtin_bswap64(2)},
    .ports = {__builtin_bswap16(443), __builtin_bswap16(50000)},
    .protocol = 17,
    .urgency = -3,
    .spread = 0x123456789abc,
    .fragment = 1,
    .state = BROKEN,
};
volatile struct value value = {
    .total = ((unsigned __int128)0xffffffffffffffff << 64) | 1,
    .balance = -((__int128)1 << 100),
    .packets = 0xffffffffffffffff,
    .offset = -5,
    .name = "eth0",
    .letter = 'x',
    .active = 1,
    .state = BROKEN,
    .mask = TOP,
    .wide = HUGE,
    .ratio = 0.1f,
    .average = -2.5,
    .owner = (void *)0xdeadbeef00,
    .history = {1, 2, 65535},
    .steps = {{-1, __builtin_bswap16(1500)}, {127, __builtin_bswap16(9000)}},
    .serial = __builtin_bswap64(0x8000000000000001),
};
volatile enum state current = OPEN;
volatile __u64 seen;
volatile __u8 macs[2][6];

SEC("xdp")
int count(struct xdp_md *ctx)
{
    __u32 index = 0;
    union number *number = bpf_map_lookup_elem(&numbers, &index);
    if (number) {
        number->whole++;
    }
    static volatile __u32 packets = 7;
    packets++;
    seen += limit + greeting[0] + self.family + current + macs[1][2];
    return XDP_PASS;
}

SEC("license") char _license[] = "GPL";
