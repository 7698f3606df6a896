/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading what another test says: TAP 13, KTAP, and what kselftests make of
 * it. Only results at the left margin count; what is nested below them is
 * theirs. Any text is taken, a line at a time.
 */
#ifndef KTSTR_KSELFTEST_KTAP_READ_H
#define KTSTR_KSELFTEST_KTAP_READ_H

#include "../ktstr/base/outcome.h"

#define KT_KTAP_TEXT	160	/* of names and reasons, which are cut to it */

enum kt_ktap_kind {
	KT_KTAP_OTHER,		/* also diagnostics */
	KT_KTAP_HEADER,
	KT_KTAP_PLAN,
	KT_KTAP_RESULT,
	KT_KTAP_BAIL,
};

struct kt_ktap_line {
	enum kt_ktap_kind kind;
	u32 number;		/* of a plan or result; 0: none was given */
	bool ok;
	enum kt_outcome outcome;	/* of a result */
	char name[KT_KTAP_TEXT];
	char reason[KT_KTAP_TEXT];	/* behind a directive or "Bail out!" */
};

/* @text up to its newline or end. Control characters in texts become '?'. */
void kt_ktap_read_line(struct kt_ktap_line *l, const char *text);

/* What a whole output said. */
struct kt_ktap_sum {
	bool has_plan;
	u32 planned;
	u32 results;
	u32 counts[KT_NR_OUTCOMES];
	bool bailed;
	char first_bad[KT_KTAP_TEXT];	/* name of the first failure */
	char skip_reason[KT_KTAP_TEXT];	/* of the last SKIP, also of a plan's */
};

void kt_ktap_sum_add(struct kt_ktap_sum *s, const struct kt_ktap_line *l);

/*
 * The outcome of a kselftest that exited with @code and said @s: neither 0 nor 4
 * is believed when its results say worse, and 0 is no pass when it skipped all
 * that it had. Why it is not a pass, in @why.
 */
enum kt_outcome kt_ktap_judge(const struct kt_ktap_sum *s, int code, char *why,
			      size_t size);

#endif /* KTSTR_KSELFTEST_KTAP_READ_H */
