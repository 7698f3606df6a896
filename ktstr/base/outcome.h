/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a test can end. One table maps each outcome to its KTAP line and to the
 * exit status of the program.
 */
#ifndef KTSTR_BASE_OUTCOME_H
#define KTSTR_BASE_OUTCOME_H

#include "types.h"

/* The values travel in TestResult frames: never renumber. */
enum kt_outcome {
	KT_PASS = 0,
	KT_FAIL = 1,
	KT_SKIP = 2,
	KT_XFAIL = 3,		/* failed as declared: counts as a pass */
	KT_TIMEOUT = 4,
	KT_ERROR = 5,		/* the harness broke, or no verdict came */
	KT_NR_OUTCOMES,
};

struct kt_outcome_info {
	const char *name;	/* "pass" */
	bool ok;		/* "ok" or "not ok" */
	const char *directive;	/* "SKIP", or NULL */
	int exit_code;		/* 0, 1 or 4 (KSFT_*) */
};

/* Never NULL; an unknown value is KT_ERROR's. */
const struct kt_outcome_info *kt_outcome_info(u32 outcome);

#endif /* KTSTR_BASE_OUTCOME_H */
