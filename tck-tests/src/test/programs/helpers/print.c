// SPDX-License-Identifier: MIT OR GPL-2.0
/* bpf_snprintf, bpf_trace_printk and bpf_trace_vprintk: what each format gives. */
#include "results.h"

struct text {
	char bytes[64];
};

/* What case i printed; its result is results[i]. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct text);
	__uint(max_entries, 64);
} texts SEC(".maps");

static __always_inline void *text(__u32 index)
{
	return bpf_map_lookup_elem(&texts, &index);
}

#define PRINT(NUMBER, SIZE, FORMAT, ...)                                                          \
	do {                                                                                      \
		char *into = text(NUMBER);                                                        \
                                                                                                  \
		if (into)                                                                         \
			result(NUMBER, BPF_SNPRINTF(into, SIZE, FORMAT, ##__VA_ARGS__));          \
	} while (0)

static const char word[] = "word";
static const __u8 address4[] = {10, 0, 200, 7};
static const __u8 address6[] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 1};

SEC("xdp")
int numbers(struct xdp_md *ctx)
{
	__u64 small = argument(0), large = argument(1);

	PRINT(0, 64, "%d|%i|%u|%x|%X", small, small, small, small, small);
	PRINT(1, 64, "%ld|%lu|%lx", large, large, large);
	PRINT(2, 64, "%lld|%llu|%llX", large, large, large);
	PRINT(3, 64, "[%8d] [%-8d] [%08d] [%+d] [% d]", small, small, small, small, small);
	PRINT(4, 64, "[%c] [%5c] [%-5c]", small, small, small);
	PRINT(5, 64, "%%100%%");
	PRINT(6, 64, "");
	PRINT(7, 64, "%px %20px %-20px", small, small, small);
	PRINT(8, 64, "%d%d%d%d%d%d%d%d%d%d%d%d", small, small, small, small, small, small, small, small, small, small, small,
	      small);
	return XDP_PASS;
}

/* Strings on the stack, in global data, in a map and in the packet. */
SEC("xdp")
int strings(struct xdp_md *ctx)
{
	char *data = (char *)(long)ctx->data, *end = (char *)(long)ctx->data_end;
	char local[16] = "on the stack";
	char *first = text(63);

	if (!first || data + 24 > end)
		return XDP_ABORTED;
	local[3] = 'T';
	__builtin_memcpy(first, "in a map", 9);
	PRINT(0, 64, "%s %s", word, "literal");
	PRINT(1, 64, "[%s] [%s]", local, first);
	PRINT(2, 64, "[%10s] [%-10s] [%2s] [%010s]", word, word, word, word);
	PRINT(3, 64, "[%s]", data + 14);
	PRINT(4, 64, "[%pks] [%s.] [%s,]", local, word, word);
	PRINT(5, 64, "[%s] [%pks] [%s]", 0, 8, 4096);
	PRINT(6, 64, "%pI4 %pi4", address4, address4);
	PRINT(7, 64, "%pI6", address6);
	PRINT(8, 64, "%pi6", address6);
	PRINT(9, 64, "[%pI4] [%pi4]", 0, 4);
	PRINT(10, 64, "[%20pI4] [%-20pI4]", address4, address4);
	PRINT(11, 64, "[%pS] [%ps] [%pB] [%10pS]", 16, 16, 16, 16);
	PRINT(12, 64, "[%p] [%pK]", 0, 0);
	PRINT(13, 64, "%pI4x%pI4 y", address4, address4);
	PRINT(14, 64, "%pxy.", argument(0));
	PRINT(15, 64, "%pxy. %pxx.", argument(0), argument(0));
	return XDP_PASS;
}

/* What does not fit. */
SEC("xdp")
int sizes(struct xdp_md *ctx)
{
	__u64 small = argument(0);

	PRINT(0, 4, "%d", small);
	PRINT(1, 3, "%d", small);
	PRINT(2, 1, "%d", small);
	PRINT(3, 0, "%d", small);
	PRINT(4, 5, "%s%s", word, word);
	PRINT(5, 8, "%100d", small);
	PRINT(6, 8, "12345678%pI4.", address4);
	PRINT(7, 9, "12345678%pI4.", address4);
	PRINT(8, 10, "12345678%pI4.", address4);
	PRINT(9, 0, "%s", word);
	{
		static const char none[] = "no values";

		result(10, bpf_snprintf(0, 0, none, 0, 0));
	}
	return XDP_PASS;
}

static const char long_text[] = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
				"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
				"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
				"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
				"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
				"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

/* The values and their texts have 512 bytes. */
SEC("xdp")
int room(struct xdp_md *ctx)
{
	PRINT(0, 64, "%s", long_text);
	PRINT(1, 64, "%s%s", long_text + 500, long_text + 500);
	PRINT(2, 64, "%s%c", long_text + 90, 'c');
	PRINT(3, 64, "%s%c", long_text + 88, 'c');
	PRINT(4, 64, "%s%d", long_text + 92, 1);
	PRINT(5, 64, "%s%d", long_text + 93, 1);
	PRINT(6, 64, "%s%lld", long_text + 98, 1);
	PRINT(7, 64, "%s%lld", long_text + 97, 1);
	PRINT(8, 64, "%s%s", long_text, word);
	PRINT(9, 64, "%s%pI4", long_text + 93, address4);
	PRINT(10, 64, "%s%pI4", long_text + 92, address4);
	return XDP_PASS;
}

/* Results: what the helpers return, which is the length of the line or an error. */
SEC("xdp")
int traces(struct xdp_md *ctx)
{
	static const char three[] = "%d %x %s";
	static const char four[] = "%d %x %s %lld\n";
	static const char wrong[] = "%d %q";
	char on_stack[] = "from %s: %u";
	char local[8] = "stack";
	__u64 values[] = {argument(0), argument(0), (unsigned long)word, argument(1)};

	result(0, bpf_trace_printk(three, sizeof(three), values[0], values[1], word));
	result(1, bpf_trace_printk(on_stack, sizeof(on_stack), local, values[0]));
	result(2, bpf_trace_printk(wrong, sizeof(wrong), 1, 2));
	result(3, bpf_trace_printk(three, 4, values[0], values[1]));
	result(4, bpf_trace_vprintk(four, sizeof(four), values, sizeof(values)));
	result(5, bpf_trace_vprintk(four, sizeof(four), values, 24));
	result(6, bpf_trace_vprintk(four, sizeof(four), values, 30));
	result(7, bpf_trace_vprintk(wrong, 3, values, 8));
	result(8, bpf_trace_vprintk(wrong, sizeof(wrong), 0, 0));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
