/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Counters per CPU, which need no atomic instructions. */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Adds one to an element of a PERCPU_ARRAY of __u64. */
static __always_inline void count(void *counters, __u32 index)
{
	__u64 *counter = bpf_map_lookup_elem(counters, &index);

	if (counter)
		*counter += 1;
}
