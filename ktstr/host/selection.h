/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program is to run: cells, each one case on one machine, flat or in
 * groups that are printed as a test with subtests.
 */
#ifndef KTSTR_HOST_SELECTION_H
#define KTSTR_HOST_SELECTION_H

#include "../include/ktstr.h"
#include "../base/types.h"
#include "options.h"

struct kt_session;

struct kt_cell {
	const struct ktstr_test *test;	/* as this cell runs it */
	const struct kt_session *session;
	u32 seed;			/* of several; 0: as the options say */
	char *name;			/* of its result */
	char *pattern;			/* chooses it, with its session's kernel */
	void *own;			/* what @test is in, if it is the cell's */
};

struct kt_group {
	const char *name;
	u32 nr;				/* of its cells, which lie in a row */
};

struct kt_selection {
	struct kt_cell *cells;
	u32 nr;
	struct kt_group *groups;	/* NULL: flat */
	u32 nr_groups;
};

void kt_selection_fini(struct kt_selection *sel);

/* Adds @test as it is declared. 0 or -ENOMEM, reported. */
int kt_selection_add(struct kt_selection *sel, const struct kt_session *s,
		     const struct ktstr_test *test);

/*
 * Adds a cell that has all but its place; takes over what it owns, also when
 * that fails. 0 or -ENOMEM, reported.
 */
int kt_selection_add_cell(struct kt_selection *sel, struct kt_cell *cell);

/* Makes the last @nr cells a group. 0 or -ENOMEM, reported. */
int kt_selection_group(struct kt_selection *sel, const char *name, u32 nr);

/*
 * The declared cases that @o chooses, flat, each as often as it wants seeds. -ENOENT
 * and others, reported.
 */
int kt_selection_cases(struct kt_selection *sel, const struct kt_session *s,
		       const struct kt_options *o);

#endif /* KTSTR_HOST_SELECTION_H */
