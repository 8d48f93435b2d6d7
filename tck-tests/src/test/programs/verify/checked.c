// SPDX-License-Identifier: MIT OR GPL-2.0
/* Programs that look before each access whether it is inside, as the kernel demands. */
#define INSIDE(place, size)                                                    \
	if ((void *)(place) + (size) > data_end)                               \
	return XDP_ABORTED
#define WITHIN(index)                                                          \
	if ((index) >= TABLE)                                                  \
	return XDP_ABORTED
#include "hoisted.h"
