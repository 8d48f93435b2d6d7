/* A program and the loop over a burst as one piece of native code: the limit that the compiled bytecode is measured against.
 * Compiled with -DSOURCE="FILE.c" -DPROGRAM=FUNCTION. Bursts are those of org.trufflebpf.io.burst.Burst. */
#include <stddef.h>
#include SOURCE

struct packet {
	__u64 data;
	__u32 length;
	__u32 verdict;
	__u64 frame;
	__u32 frame_size;
	__u32 meta_length;
	__u64 rest[4];
};

struct burst {
	__u32 count;
	__u32 ingress_ifindex;
	__u32 rx_queue;
	__u32 cpu;
	__u64 rest[6];
	struct packet packets[];
};

_Static_assert(sizeof(struct packet) == 64 && offsetof(struct burst, packets) == 64, "as in Burst");

__attribute__((visibility("default"))) void run_burst(struct burst *burst)
{
	__u32 count = burst->count;

	current_cpu = burst->cpu;
	for (__u32 i = 0; i < count; i++) {
		struct packet *packet = &burst->packets[i];
		struct xdp_md context = {
			.data = packet->data,
			.data_end = packet->data + packet->length,
			.data_meta = packet->data - packet->meta_length,
			.ingress_ifindex = burst->ingress_ifindex,
			.rx_queue_index = burst->rx_queue,
		};
		packet->verdict = PROGRAM(&context);
	}
}
