/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual time that is counted in instructions, so that the same machine with
 * the same input does the same every time, whatever the host does meanwhile.
 */
#ifndef KTSTR_ENGINE_ICOUNT_H
#define KTSTR_ENGINE_ICOUNT_H

#include "../base/types.h"

struct kt_icount {
	bool on;
	u32 shift;		/* an instruction takes 1 << shift ns */
	u64 seed;		/* of all that is random in the machine */
};

/* Where the clocks of such a machine begin, CLOCK_REALTIME in seconds. */
#define KT_ICOUNT_EPOCH_S	1767225600u	/* 2026-01-01T00:00:00Z */
#define KT_ICOUNT_TSC_KHZ	1000000u	/* a cycle for each nanosecond */

/*
 * The shift for @nr_vcpus, which take turns: such that one of them executes
 * some 31 million instructions a second when all are busy, as far as there is
 * a shift for it.
 */
u32 kt_icount_shift(u32 nr_vcpus);

/* What all vCPUs together execute in a second of virtual time, in millions. */
u32 kt_icount_mips(u32 shift);

#endif /* KTSTR_ENGINE_ICOUNT_H */
