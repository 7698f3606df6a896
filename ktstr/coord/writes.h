/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Global variables of the scheduler that the host sets while a workload runs,
 * as the case declares them: how a test switches a fault on without the
 * guest's help. The machine is not frozen for it.
 */
#ifndef KTSTR_COORD_WRITES_H
#define KTSTR_COORD_WRITES_H

#include "subject.h"

#define KT_MAX_WRITES		16
#define KT_WRITE_WHY_BYTES	256

struct kt_write {
	const char *var;
	const char *map;	/* NULL: the only one that has it */
	s64 value;
	u64 at_ns;		/* of the workload's own time */
};

struct kt_write_result {
	bool made;
	bool given_up;		/* tried for long enough */
	u64 at_ns;		/* when it was made, or tried last */
	s64 before;		/* what the variable held */
	char map[KT_BPF_NAME_BYTES + 1];
	char why[KT_WRITE_WHY_BYTES];	/* not made; "" not tried yet */
};

struct kt_writes {
	const struct kt_write *list;	/* the caller's */
	u32 nr;
	struct kt_write_result results[KT_MAX_WRITES];
};

/* More than KT_MAX_WRITES are left out. */
void kt_writes_init(struct kt_writes *w, const struct kt_write *list, u32 nr);

/* Until the next one is due; 0: one is. UINT64_MAX: there is none left. */
u64 kt_writes_left(const struct kt_writes *w, u64 workload_ns);

/*
 * Makes those that are due. What cannot be found may still come: it is tried
 * again for a second of the workload. @s is NULL when the kernel cannot be
 * looked into, because of @why.
 */
void kt_writes_serve(struct kt_writes *w, struct kt_subject *s, const char *why,
		     u64 workload_ns);

/*
 * The first one that was not made, in @why: the run has not shown what it was
 * to show. False: all were.
 */
bool kt_writes_missing(const struct kt_writes *w, char *why, size_t size);

#endif /* KTSTR_COORD_WRITES_H */
