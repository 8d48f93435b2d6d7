// SPDX-License-Identifier: MIT OR GPL-2.0
/* Push, pop and peek on the kinds of maps without keys. */
#include "steps.h"

#define KEYLESS(NAME, TYPE)                            \
	struct {                                       \
		__uint(type, BPF_MAP_TYPE_##TYPE);     \
		__uint(key_size, 0);                   \
		__uint(value_size, 8);                 \
		__uint(max_entries, 3);                \
	} NAME SEC(".maps");                           \
	PROGRAM(on_##NAME, NAME, perform_keyless)

KEYLESS(queue, QUEUE)
KEYLESS(stack, STACK)

/* A Bloom filter has no pop. */
struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(value_size, 8);
	__uint(max_entries, 100);
	__uint(map_extra, 3);
} filter SEC(".maps");

static __always_inline void perform_on_filter(void *map, const struct step *step, struct answer *answer)
{
	answer->value = step->value;
	if (step->operation == PUSH)
		answer->result = bpf_map_push_elem(map, &step->value, step->flags);
	else
		answer->result = bpf_map_peek_elem(map, &answer->value);
}

PROGRAM(on_filter, filter, perform_on_filter)

char _license[] SEC("license") = "Dual MIT/GPL";
