// SPDX-License-Identifier: MIT OR GPL-2.0
/* The programs of checked.c without their comparisons: the machine makes these, before the loops where it can. */
#define INSIDE(place, size)
#define WITHIN(index)
#define BYTE(number)
#include "hoisted.h"
