/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Maps that objects share by their names. */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct counter);
	__uint(max_entries, 16);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} counts SEC(".maps");

char LICENSE[] SEC("license") = "Dual MIT/GPL";
