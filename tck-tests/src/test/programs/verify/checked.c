// SPDX-License-Identifier: MIT OR GPL-2.0
/* Programs that look before each access whether it is inside, as the kernel demands. Clang would take the comparison out of the loop in a way that
 * the kernel's verifier does not follow, did it know what is compared. */
#define INSIDE(place, size)                                                    \
	asm volatile("" : "+r"(place));                                        \
	if ((void *)(place) + (size) > data_end)                               \
	return XDP_ABORTED
#define WITHIN(index)                                                          \
	if ((index) >= TABLE)                                                  \
	return XDP_ABORTED
#define BYTE(number)                                                           \
	asm volatile("" : "+r"(number));                                       \
	number &= 0xff
#include "hoisted.h"
