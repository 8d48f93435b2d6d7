// The reference for AF_XDP ports: the same loop by the same system calls, without libraries. It drops packets or sends them back until it is killed, and
// says how many there were so far whenever no more come.
//     xsk INTERFACE drop|l2fwd [BURST]
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>

// So many empty rounds take longer than packets stay away while some are sent: to be woken up costs the sender.
enum { RING = 2048, CHUNK = 4096, FRAMES = 3 * RING + 128, BATCH = 32, IDLE_ROUNDS = 20000, QUIET = 100 /* ms */ };

struct ring {
    uint32_t *producer, *consumer, *flags;
    void *entries;
    uint32_t own, other;
};

static struct ring rx, tx, fill, completion;
static char *area;
static uint64_t stack[FRAMES];
static int available;

static long must(long result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

static long bpf(int command, union bpf_attr *attributes) {
    return syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static void map(int fd, struct ring *ring, struct xdp_ring_offset *offset, size_t entry, off_t page) {
    char *start = mmap(NULL, offset->desc + RING * entry, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, page);
    if (start == MAP_FAILED) {
        must(-1, "mmap");
    }
    *ring = (struct ring) {(void *) (start + offset->producer), (void *) (start + offset->consumer), (void *) (start + offset->flags),
        start + offset->desc, 0, 0};
}

static uint32_t filled(struct ring *ring, uint32_t most) {
    if (ring->other - ring->own < most) {
        ring->other = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
    }
    uint32_t count = ring->other - ring->own;
    return count < most ? count : most;
}

static uint32_t room(struct ring *ring) {
    ring->other = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
    return RING - (ring->own - ring->other);
}

static void refill(uint32_t least) {
    uint32_t count = room(&fill);
    if (count > (uint32_t) available) {
        count = available;
    }
    if (count >= least) {
        for (uint32_t i = 0; i < count; i++) {
            ((uint64_t *) fill.entries)[fill.own++ & (RING - 1)] = stack[--available];
        }
        __atomic_store_n(fill.producer, fill.own, __ATOMIC_RELEASE);
    }
}

static int reap(void) {
    uint32_t count = filled(&completion, RING);
    for (uint32_t i = 0; i < count; i++) {
        stack[available++] = ((uint64_t *) completion.entries)[completion.own++ & (RING - 1)] & -CHUNK;
    }
    __atomic_store_n(completion.consumer, completion.own, __ATOMIC_RELEASE);
    return count;
}

static void attach(int ifindex, int fd) {
    union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4, .max_entries = 1};
    int sockets = must(bpf(BPF_MAP_CREATE, &attributes), "map");
    struct bpf_insn code[] = {
        {.code = 0x61, .dst_reg = 2, .src_reg = 1, .off = 16}, {.code = 0x18, .dst_reg = 1, .src_reg = 1, .imm = sockets}, {0},
        {.code = 0xb7, .dst_reg = 3, .imm = XDP_PASS}, {.code = 0x85, .imm = BPF_FUNC_redirect_map}, {.code = 0x95}};
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_XDP;
    attributes.insn_cnt = sizeof code / sizeof *code;
    attributes.insns = (uintptr_t) code;
    attributes.license = (uintptr_t) "GPL";
    attributes.expected_attach_type = BPF_XDP;
    int program = must(bpf(BPF_PROG_LOAD, &attributes), "program");
    memset(&attributes, 0, sizeof attributes);
    attributes.link_create.prog_fd = program;
    attributes.link_create.target_ifindex = ifindex;
    attributes.link_create.attach_type = BPF_XDP;
    attributes.link_create.flags = XDP_FLAGS_DRV_MODE;
    must(bpf(BPF_LINK_CREATE, &attributes), "link");
    uint32_t key = 0;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_fd = sockets;
    attributes.key = (uintptr_t) &key;
    attributes.value = (uintptr_t) &fd;
    must(bpf(BPF_MAP_UPDATE_ELEM, &attributes), "socket");
}

static int open_socket(int ifindex) {
    int fd = must(socket(AF_XDP, SOCK_RAW, 0), "socket");
    area = mmap(NULL, (size_t) FRAMES * CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    struct xdp_umem_reg memory = {.addr = (uintptr_t) area, .len = (uint64_t) FRAMES * CHUNK, .chunk_size = CHUNK};
    must(setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &memory, sizeof memory), "memory");
    int size = RING;
    must(setsockopt(fd, SOL_XDP, XDP_UMEM_FILL_RING, &size, sizeof size), "fill ring");
    must(setsockopt(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &size, sizeof size), "completion ring");
    must(setsockopt(fd, SOL_XDP, XDP_RX_RING, &size, sizeof size), "rx ring");
    must(setsockopt(fd, SOL_XDP, XDP_TX_RING, &size, sizeof size), "tx ring");
    setsockopt(fd, SOL_XDP, 9 /* XDP_MAX_TX_SKB_BUDGET */, &size, sizeof size);
    struct xdp_mmap_offsets offsets;
    socklen_t length = sizeof offsets;
    must(getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length), "offsets");
    map(fd, &rx, &offsets.rx, sizeof(struct xdp_desc), XDP_PGOFF_RX_RING);
    map(fd, &tx, &offsets.tx, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING);
    map(fd, &fill, &offsets.fr, sizeof(uint64_t), XDP_UMEM_PGOFF_FILL_RING);
    map(fd, &completion, &offsets.cr, sizeof(uint64_t), XDP_UMEM_PGOFF_COMPLETION_RING);
    for (int i = 0; i < FRAMES; i++) {
        stack[available++] = (uint64_t) (FRAMES - 1 - i) * CHUNK;
    }
    refill(1);
    struct sockaddr_xdp address = {.sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP, .sxdp_ifindex = ifindex};
    must(bind(fd, (struct sockaddr *) &address, sizeof address), "bind");
    return fd;
}

int main(int count, char **arguments) {
    if (count < 3) {
        return 2;
    }
    int forward = strcmp(arguments[2], "l2fwd") == 0;
    uint32_t burst = count > 3 ? atoi(arguments[3]) : 64;
    int ifindex = if_nametoindex(arguments[1]);
    int fd = open_socket(ifindex);
    attach(ifindex, fd);
    printf("0 packets\n");
    fflush(stdout);

    uint64_t received = 0;
    uint64_t reported = 0;
    int sending = 0;
    int idle = 0;
    while (1) {
        if (sending > 0) {
            sending -= reap();
        }
        uint32_t packets = filled(&rx, burst);
        if (packets == 0) {
            refill(1);
            if (sending > 0) {
                sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
            }
            if (++idle > IDLE_ROUNDS) {
                struct pollfd wanted = {.fd = fd, .events = POLLIN};
                if (poll(&wanted, 1, QUIET) == 0 && received != reported) {
                    reported = received;
                    printf("%lu packets\n", reported);
                    fflush(stdout);
                }
            }
            continue;
        }
        idle = 0;
        for (uint32_t i = 0; i < packets; i++) {
            struct xdp_desc *in = &((struct xdp_desc *) rx.entries)[rx.own++ & (RING - 1)];
            uint8_t *packet = (uint8_t *) area + in->addr;
            if (forward && sending < RING) {
                uint8_t old[6];
                memcpy(old, packet, 6);
                memcpy(packet, packet + 6, 6);
                memcpy(packet + 6, old, 6);
                struct xdp_desc *out = &((struct xdp_desc *) tx.entries)[tx.own++ & (RING - 1)];
                *out = (struct xdp_desc) {.addr = in->addr, .len = in->len};
                sending++;
            } else {
                stack[available++] = in->addr & -CHUNK;
            }
        }
        received += packets;
        __atomic_store_n(rx.consumer, rx.own, __ATOMIC_RELEASE);
        refill(BATCH);
        if (forward) {
            __atomic_store_n(tx.producer, tx.own, __ATOMIC_RELEASE);
            sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
            sending -= reap();
        }
    }
}
