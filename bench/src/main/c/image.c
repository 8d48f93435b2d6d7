/* Calls a program's machine code, copied from the kernel, once per packet. */
#include <string.h>
#include <sys/mman.h>
#include "burst.h"

struct xdp_buff {
	void *data;
	void *data_end;
	void *data_meta;
	void *data_hard_start;
	void *rxq;
	void *txq;
	__u32 frame_sz;
	__u32 flags;
};

typedef __u32 program(struct xdp_buff *buff);

/* Memory that can be executed and holds the code until the process ends, or 0. */
EXPORTED program *load_image(const void *code, size_t size)
{
	void *image = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (image == MAP_FAILED)
		return 0;
	memcpy(image, code, size);
	return mprotect(image, size, PROT_READ | PROT_EXEC) ? 0 : (program *)image;
}

EXPORTED void run_image(struct burst *burst, program *image)
{
	__u32 count = burst->count;

	for (__u32 i = 0; i < count; i++) {
		struct burst_packet *packet = &burst->packets[i];
		char *data = (char *)packet->data;
		struct xdp_buff buff = {
			.data = data,
			.data_end = data + packet->length,
			.data_meta = data - packet->meta_length,
			.data_hard_start = (void *)packet->frame,
			.frame_sz = packet->frame_size,
		};
		packet->verdict = image(&buff);
	}
}
