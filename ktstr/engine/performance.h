/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Performance mode, as far as it is no engine's own: a host CPU for each vCPU
 * and none of them for other threads, real-time priority, huge pages, memory
 * near its CPUs. The host may refuse any of it: that is one line with the
 * remedy, and the machine runs without.
 */
#ifndef KTSTR_ENGINE_PERFORMANCE_H
#define KTSTR_ENGINE_PERFORMANCE_H

#include <pthread.h>

#include "engine.h"
#include "placement.h"

#define KT_PERFORMANCE_TEXT	4096

struct kt_performance {
	bool asked;
	bool placed;			/* @place is what holds */
	struct kt_placement place;
	bool confined;			/* @before is to be restored */
	cpu_set_t before;
	bool no_huge;			/* refused once: not tried again */
	char text[KT_PERFORMANCE_TEXT];	/* a line for each part */
};

/*
 * While there are privileges: lets this process give its threads real-time
 * priority without any. What it may not, kt_performance_threads() tells.
 */
void kt_performance_prepare(void);

/*
 * For a new machine, zeroed before; does nothing unless @plan asks. Plans, and
 * takes the calling thread, with all that it starts from now on, off the vCPUs'
 * CPUs. Other functions do nothing without it.
 */
void kt_performance_begin(struct kt_performance *pf,
			  const struct kt_machine_plan *plan);

/*
 * performance_memory.c: takes plan->memory_mib at @base, mapped, private and
 * untouched, and makes it what performance mode wants. -errno, reported, when
 * nothing is mapped there any more.
 */
int kt_performance_map(struct kt_performance *pf,
		       const struct kt_machine_plan *plan, void *base);

/*
 * Likewise node @node's memory as a file of huge pages, inherited by exec. 0,
 * or -ENODEV: not asked for, or refused; a plain one will do.
 */
int kt_performance_file(struct kt_performance *pf,
			const struct kt_machine_plan *plan, u32 node, int *fd);

/* Pins them, in the order of vCPUs, and makes them SCHED_FIFO. */
void kt_performance_threads(struct kt_performance *pf,
			    const pthread_t *threads, u32 nr);

/* The calling thread may run everywhere again. */
void kt_performance_end(struct kt_performance *pf);

/* A line of the record: what is in effect, and what was refused. */
void kt_performance_say(struct kt_performance *pf, const char *fmt, ...)
	__printf(2, 3);
void kt_performance_refuse(struct kt_performance *pf, const char *fmt, ...)
	__printf(2, 3);

#endif /* KTSTR_ENGINE_PERFORMANCE_H */
