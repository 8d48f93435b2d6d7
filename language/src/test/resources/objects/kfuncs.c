/* Functions and variables of the kernel. */
#include "bpf.h"

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym;
extern int bpf_not_everywhere(const struct xdp_md *ctx) __ksym __weak;
extern const void kernel_variable __ksym __weak;

SEC("xdp")
int program(struct xdp_md *ctx)
{
    __u64 timestamp = 0;
    bpf_xdp_metadata_rx_timestamp(ctx, &timestamp);
    if (bpf_not_everywhere)
        return bpf_not_everywhere(ctx);
    return &kernel_variable ? XDP_PASS : timestamp;
}
