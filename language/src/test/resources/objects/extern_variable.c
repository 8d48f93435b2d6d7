/* A variable that nobody defines. */
#include "bpf.h"

extern int elsewhere;

SEC("xdp")
int program(struct xdp_md *ctx)
{
    return elsewhere;
}
