/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The KTAP of a selection, as its results come in order: a line a cell, or a
 * test for each group with its cells as subtests.
 */
#ifndef KTSTR_HOST_RESULTS_H
#define KTSTR_HOST_RESULTS_H

#include "../../kselftest/ktap.h"
#include "selection.h"

struct kt_results {
	const struct kt_selection *sel;
	struct kt_ktap all;
	struct kt_ktap group;		/* the one that is open */
	u32 group_nr;
};

void kt_results_begin(struct kt_results *r, const struct kt_selection *sel,
		      FILE *out);

/* Where diagnostics of the next result go. */
struct kt_ktap *kt_results_ktap(struct kt_results *r);

/* The next cell's result; @why follows its directive, if it has one. */
void kt_results_add(struct kt_results *r, enum kt_outcome outcome,
		    const char *name, const char *why);

/* Prints the totals, in which cells count; the exit status. */
int kt_results_end(struct kt_results *r);

#endif /* KTSTR_HOST_RESULTS_H */
