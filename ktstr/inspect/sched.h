/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's state, CPU by CPU, as the kernel's runqueues have it.
 */
#ifndef KTSTR_INSPECT_SCHED_H
#define KTSTR_INSPECT_SCHED_H

#include "kernel.h"

#define KT_SAMPLE_MAX_CPUS	64	/* of a sample; more are left out */

struct kt_cpu_sample {
	u32 nr_running;
	u32 scx_nr_running;	/* 0 when the kernel has no sched_ext */
	u64 clock_ns;
	u32 curr_pid;
	char curr_comm[17];
};

struct kt_sched_sample {
	u64 jiffies;
	u32 nr_cpus;		/* sampled */
	struct kt_cpu_sample cpus[KT_SAMPLE_MAX_CPUS];
};

/* -errno and the reason in @why when a runqueue cannot be read. */
int kt_sched_sample(const struct kt_guest_kernel *k, struct kt_sched_sample *s,
		    char *why, size_t size);

#endif /* KTSTR_INSPECT_SCHED_H */
