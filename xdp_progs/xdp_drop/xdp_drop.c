// SPDX-License-Identifier: MIT OR GPL-2.0
/* Drops TCP over IPv4 after parsing its headers, and passes everything else. A frame that ends inside a header is aborted. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int xdp_drop(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip;
	struct tcphdr *tcp;
	__u32 ip_size;
	__u32 tcp_size;

	if ((void *)(eth + 1) > data_end)
		return XDP_ABORTED;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;

	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > data_end)
		return XDP_ABORTED;
	ip_size = ip->ihl * 4;
	if (ip_size < sizeof(*ip) || (void *)ip + ip_size > data_end)
		return XDP_ABORTED;
	if (ip->protocol != IPPROTO_TCP)
		return XDP_PASS;

	tcp = (void *)ip + ip_size;
	if ((void *)(tcp + 1) > data_end)
		return XDP_ABORTED;
	tcp_size = tcp->doff * 4;
	if (tcp_size < sizeof(*tcp) || (void *)tcp + tcp_size > data_end)
		return XDP_ABORTED;
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
