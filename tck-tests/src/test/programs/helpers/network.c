// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_fib_lookup and bpf_check_mtu. A packet brings the arguments and takes the answers away. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ETHERNET 14

struct request {
	__u32 flags;
	__u32 size;
	__s64 result;
	struct bpf_fib_lookup parameters;
};

SEC("xdp")
int route(struct xdp_md *ctx)
{
	struct request request;

	if (bpf_xdp_load_bytes(ctx, ETHERNET, &request, sizeof(request)))
		return XDP_ABORTED;
	if (request.size == sizeof(request.parameters))
		request.result = bpf_fib_lookup(ctx, &request.parameters, sizeof(request.parameters), request.flags);
	else
		request.result = bpf_fib_lookup(ctx, &request.parameters, sizeof(request.parameters) - 4, request.flags);
	bpf_xdp_store_bytes(ctx, ETHERNET, &request, sizeof(request));
	return XDP_PASS;
}

struct question {
	__u64 flags;
	__s64 result;
	__u32 ifindex;
	__u32 length;
	__s32 difference;
};

SEC("xdp")
int mtu(struct xdp_md *ctx)
{
	struct question question;

	if (bpf_xdp_load_bytes(ctx, ETHERNET, &question, sizeof(question)))
		return XDP_ABORTED;
	question.result = bpf_check_mtu(ctx, question.ifindex, &question.length, question.difference, question.flags);
	bpf_xdp_store_bytes(ctx, ETHERNET, &question, sizeof(question));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
