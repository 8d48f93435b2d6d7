// Sends TCP packets of 64 bytes from an interface as fast as the kernel can, for as long as wanted or as many as wanted: BPF_PROG_TEST_RUN with live frames.
// Says how many it sent and how long it took.
//     flood INTERFACE SECONDS [COUNT]
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/bpf.h>

#define BATCH (1 << 20)

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    if (count < 3) {
        return 2;
    }
    double start = seconds();
    double end = start + atof(arguments[2]);
    uint64_t left = count > 3 ? strtoull(arguments[3], NULL, 10) : UINT64_MAX;
    struct bpf_insn code[] = {{.code = 0xb7, .imm = XDP_TX}, {.code = 0x95}};
    union bpf_attr attributes = {.prog_type = BPF_PROG_TYPE_XDP, .insn_cnt = 2, .insns = (uintptr_t) code, .license = (uintptr_t) "GPL"};
    int program = syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
    uint8_t packet[64] = {
        2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
        0x45, 0, 0, 50, 0, 0, 0, 0, 64, 6, 0x66, 0xc4, 10, 0, 0, 1, 10, 0, 0, 2,
        0, 9, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0x50};
    struct xdp_md context = {.data_end = sizeof packet, .ingress_ifindex = if_nametoindex(arguments[1])};
    uint64_t sent = 0;
    while (left > 0 && seconds() < end) {
        // The kernel waits for some 20 ms at the start of each call, longer on a busy machine, while receivers have nothing to do.
        uint32_t some = left < BATCH ? left : BATCH;
        memset(&attributes, 0, sizeof attributes);
        attributes.test.prog_fd = program;
        attributes.test.data_in = (uintptr_t) packet;
        attributes.test.data_size_in = sizeof packet;
        attributes.test.ctx_in = (uintptr_t) &context;
        attributes.test.ctx_size_in = sizeof context;
        attributes.test.repeat = some;
        attributes.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
        attributes.test.batch_size = 64;
        if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attributes, sizeof attributes) < 0) {
            perror("run");
            return 1;
        }
        sent += some;
        left -= some;
    }
    printf("%lu frames, %.3f s\n", sent, seconds() - start);
    return 0;
}
