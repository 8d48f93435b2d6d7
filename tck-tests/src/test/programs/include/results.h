/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* How a test file talks with a test program: it writes arguments before a packet and reads results after it. */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Values that a compiler cannot know, so that what is called with them is not worked out by it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} arguments SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __s64);
	__uint(max_entries, 64);
} results SEC(".maps");

static __always_inline __u64 argument(__u32 index)
{
	__u64 *value = bpf_map_lookup_elem(&arguments, &index);

	return value ? *value : 0;
}

static __always_inline void result(__u32 index, __s64 value)
{
	__s64 *slot = bpf_map_lookup_elem(&results, &index);

	if (slot)
		*slot = value;
}

/* A program that answers with a number only: it is stored, and the packet passes. */
static __always_inline int done(__s64 value)
{
	result(0, value);
	return XDP_PASS;
}
