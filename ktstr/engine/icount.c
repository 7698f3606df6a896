// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast virtual time goes. The fewer instructions there are in a second, the
 * less a second costs the host, and the slower the machine seems to be.
 */
#include "icount.h"

/* From this many vCPUs on, the shift; more of them than that get 0. */
static const struct {
	u32 nr_vcpus;
	u32 shift;
} shifts[] = {
	{ 17, 0 },	/* 1000 million instructions a second */
	{ 9, 1 },
	{ 5, 2 },
	{ 3, 3 },	/* 125 million */
	{ 2, 4 },
	{ 1, 5 },	/* 31 million */
};

u32 kt_icount_shift(u32 nr_vcpus)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shifts) - 1; i++)
		if (nr_vcpus >= shifts[i].nr_vcpus)
			break;
	return shifts[i].shift;
}

u32 kt_icount_mips(u32 shift)
{
	return 1000 >> shift;
}
