/* A call of a function that nobody defines. */
#include "bpf.h"

int checksum(const void *data, __u32 size);

__u8 copy[256];

SEC("xdp")
int program(struct xdp_md *ctx)
{
    return checksum(copy, ctx->rx_queue_index);
}
