/* A program and the loop over a burst as one piece of native code: the limit that the compiled bytecode is measured against.
 * Compiled with -DSOURCE="FILE.c" -DPROGRAM=FUNCTION. */
#include "burst.h"
#include SOURCE

EXPORTED void run_burst(struct burst *burst)
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
