/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Operations on a map, as a test file lists them, and what they answered. */
#pragma once

#include "results.h"

#define STEPS 8

enum operation { END, LOOKUP, UPDATE, DELETE, WRITE_THROUGH, PUSH, POP, PEEK, REDIRECT };

struct step {
	__u32 operation;
	__u32 flags;
	__u64 key;
	__u64 value;
};

/* The number that the helper gave (for a lookup whether there was something), and the value that was found. */
struct answer {
	__s64 result;
	__u64 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct step);
	__uint(max_entries, STEPS);
} steps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct answer);
	__uint(max_entries, STEPS);
} answers SEC(".maps");

static __always_inline void perform(void *map, const struct step *step, struct answer *answer)
{
	__u64 *found;

	switch (step->operation) {
	case LOOKUP:
	case WRITE_THROUGH:
		found = bpf_map_lookup_elem(map, &step->key);
		answer->result = found != 0;
		answer->value = found ? *found : 0;
		if (found && step->operation == WRITE_THROUGH)
			*found = step->value;
		break;
	case UPDATE:
		answer->result = bpf_map_update_elem(map, &step->key, &step->value, step->flags);
		break;
	case DELETE:
		answer->result = bpf_map_delete_elem(map, &step->key);
		break;
	}
}

static __always_inline void perform_keyless(void *map, const struct step *step, struct answer *answer)
{
	answer->value = step->value;
	switch (step->operation) {
	case PUSH:
		answer->result = bpf_map_push_elem(map, &step->value, step->flags);
		break;
	case POP:
		answer->result = bpf_map_pop_elem(map, &answer->value);
		break;
	case PEEK:
		answer->result = bpf_map_peek_elem(map, &answer->value);
		break;
	}
}

/* A program that does all steps on a map. */
#define PROGRAM(NAME, MAP, PERFORM)                                                    \
	SEC("xdp") int NAME(struct xdp_md *ctx)                                        \
	{                                                                              \
		_Pragma("clang loop unroll(disable)")                                  \
		for (__u32 i = 0; i < STEPS; i++) {                                    \
			__u32 index = i;                                               \
			struct step *given = bpf_map_lookup_elem(&steps, &index);      \
			struct answer *answer = bpf_map_lookup_elem(&answers, &index); \
			struct step step;                                              \
			struct answer got = {};                                        \
                                                                                       \
			if (!given || !answer || given->operation == END)              \
				break;                                                 \
			step = *given;                                                 \
			PERFORM(&MAP, &step, &got);                                    \
			*answer = got;                                                 \
		}                                                                      \
		return XDP_PASS;                                                       \
	}
