/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KTAP version 1 as Documentation/dev-tools/ktap.rst has it: a header, a plan,
 * one result line per case with its diagnostics before it, a total.
 */
#ifndef KTSTR_KSELFTEST_KTAP_H
#define KTSTR_KSELFTEST_KTAP_H

#include <stdio.h>

#include "../ktstr/base/outcome.h"

struct kt_ktap {
	FILE *out;
	const char *indent;	/* before each line of it */
	u32 planned;
	u32 done;
	u32 counts[KT_NR_OUTCOMES];
};

void kt_ktap_begin(struct kt_ktap *k, FILE *out, u32 planned);

/* The same as the subtests of @name, four columns in, on the same output. */
void kt_ktap_begin_subtests(struct kt_ktap *k, FILE *out, const char *name,
			    u32 planned);

/* Each line of @text behind "# ". */
void kt_ktap_diag(struct kt_ktap *k, const char *text);

/* The next case's result; @why follows its directive, if it has one. */
void kt_ktap_result(struct kt_ktap *k, enum kt_outcome outcome,
		    const char *name, const char *why);

/* All of the plan as SKIP for one reason. @names of k->planned entries. */
void kt_ktap_skip_all(struct kt_ktap *k, const char *const *names,
		      const char *why);

/* "Bail out!": nothing more comes. */
void kt_ktap_bail(FILE *out, const char *why);

/*
 * Ends the subtests @sub, all of which have their result: that of the test
 * @name whose they are, which comes from theirs. They count in its place.
 */
void kt_ktap_end_subtests(struct kt_ktap *k, const struct kt_ktap *sub,
			  const char *name);

/* Prints the totals; the exit status: 0, 1 or 4. */
int kt_ktap_end(struct kt_ktap *k);

#endif /* KTSTR_KSELFTEST_KTAP_H */
