/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a deterministic machine stands still for its host: times in the
 * workload's own time, as the Plan has them. Pure.
 */
#ifndef KTSTR_GUEST_HOLDS_H
#define KTSTR_GUEST_HOLDS_H

#include "../wire/plan.h"

struct kt_holds {
	const struct kt_plan *plan;	/* NULL: none */
	u32 next;		/* of the plan's, the first that is to come */
	u64 start_ns;		/* of the workload; 0 before */
	u64 pause_ns;		/* open pause; 0 none */
	u64 paused_ns;
	bool ended;
};

/* A frame of the test's process, and the stamp that it was sent with. */
void kt_holds_note(struct kt_holds *h, u32 tag, u64 at_ns);

/* Until the next one; 0: it is due. UINT64_MAX: none comes. */
u64 kt_holds_left_ns(const struct kt_holds *h, u64 now_ns);

/* All that are due by now are made. */
void kt_holds_made(struct kt_holds *h, u64 now_ns);

#endif /* KTSTR_GUEST_HOLDS_H */
