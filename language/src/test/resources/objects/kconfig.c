/* Externs that the kernel's configuration gives values. */
#include "bpf.h"

enum libbpf_tristate { TRI_NO, TRI_YES, TRI_MODULE };

extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig;
extern _Bool CONFIG_BPF_JIT __kconfig;
extern enum libbpf_tristate CONFIG_VETH __kconfig;
extern char CONFIG_LETTER __kconfig;
extern char CONFIG_DEFAULT_HOSTNAME[8] __kconfig;
extern __u64 CONFIG_MISSING __kconfig __weak;

SEC("xdp")
int program(struct xdp_md *ctx)
{
    return LINUX_KERNEL_VERSION + CONFIG_HZ + CONFIG_BPF_JIT + CONFIG_VETH + CONFIG_LETTER + CONFIG_DEFAULT_HOSTNAME[ctx->rx_queue_index & 7]
           + CONFIG_MISSING;
}
