/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What became of the scheduler, against what the case says must become of it.
 * Pure.
 */
#ifndef KTSTR_GUEST_EXPECT_H
#define KTSTR_GUEST_EXPECT_H

#include "ktstr/include/ktstr.h"
#include "../check/verdict.h"
#include "kmsg.h"

struct kt_sched_facts {
	bool wanted;			/* the Plan names a scheduler */
	bool attached;			/* it was seen enabled */
	const char *attach_error;	/* why not */
	bool ended_early;		/* its process, before it was told to */
	const char *how_ended;		/* "exit 1" */
	bool state_lost;		/* enabled no more, for whatever reason */
	bool had_to_be_killed;		/* at the end, SIGKILL */
	const char *last_line;		/* of its output */
	const char *output;		/* the end of it */
	const struct kt_kmsg *kmsg;
};

/* Adds to @v what follows from the facts. */
void kt_expect_judge(struct kt_verdict *v, const struct ktstr_expect *expect,
		     const struct kt_sched_facts *facts);

#endif /* KTSTR_GUEST_EXPECT_H */
