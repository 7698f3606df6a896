/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run's record keeps so that it can be run again and compared: its
 * command, its identity and its trace; and the comparison.
 */
#ifndef KTSTR_HOST_RERUN_H
#define KTSTR_HOST_RERUN_H

#include <stdio.h>

#include "../base/strv.h"
#include "../coord/trace.h"
#include "case.h"
#include "record.h"

/* Files of a record. */
#define KT_RERUN_COMMAND	"command"	/* directory, then arguments; NULs */
#define KT_RERUN_IDENTITY	"identity"	/* of a deterministic run */
#define KT_RERUN_TRACE		"trace"		/* a line, as kt_rerun_report() */

/* @argv does the run again, but for its program: that is this one. */
void kt_rerun_record(const struct kt_record *r, const struct kt_strv *argv);
void kt_rerun_record_trace(const struct kt_record *r, const struct kt_case *cs,
			   const struct kt_trace *t);

/* A line: identity and trace, or why the run does not come again as it was. */
void kt_rerun_report(FILE *out, const struct kt_case *cs,
		     const struct kt_trace *t);

/* When the last frame of the record @dir was sent, by its clock. -errno, reported. */
int kt_rerun_end(const char *dir, u64 *ns);

struct kt_rerun {
	char *dir;		/* to be run in */
	struct kt_strv argv;
};

/* The command of the record @dir; kt_rerun_fini() in any case. -errno, reported. */
int kt_rerun_load(struct kt_rerun *rr, const char *dir);
void kt_rerun_fini(struct kt_rerun *rr);

enum kt_rerun_result {
	KT_RERUN_IDENTICAL,
	KT_RERUN_DIFFERENT,
	KT_RERUN_TRACED,	/* they differ as they may, see below */
	KT_RERUN_NOT_COMPARABLE,	/* no two runs of one identity */
};

/*
 * Compares the records @a and @b, and says on @out what came of it. When events
 * were traced in one of them, they are the same up to the Plan and go ways of
 * their own from there on: with the same verdict that is KT_RERUN_TRACED.
 */
enum kt_rerun_result kt_rerun_compare(FILE *out, const char *a, const char *b);

#endif /* KTSTR_HOST_RERUN_H */
