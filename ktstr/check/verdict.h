/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building a test's result, and deriving its outcome. A verdict lies in
 * memory shared between the test's process and init: what was recorded before
 * a crash is kept. So it holds no pointers, and init checks it before use.
 */
#ifndef KTSTR_CHECK_VERDICT_H
#define KTSTR_CHECK_VERDICT_H

#include "../wire/result.h"

struct kt_verdict {
	struct kt_result result;
	u32 failing[KT_NR_DETAIL_KINDS];	/* details, also dropped ones */
	u32 failed_claims;			/* also dropped ones */
	u32 judged;				/* checks that ran */
	u32 unjudged;				/* kinds that could not, told */
	bool timed_out;
	bool broken;				/* the harness, not the test */
	u8 skipped;				/* 1: what it needs is not there */
};

void kt_verdict_init(struct kt_verdict *v, const char *test);

/* Records a detail; any kind but KT_DETAIL_INFO fails the test. */
void kt_verdict_detail(struct kt_verdict *v, enum kt_detail_kind kind,
		       const char *fmt, ...) __printf(3, 4);

/* The harness could not do its part: the outcome is KT_ERROR. */
void kt_verdict_broken(struct kt_verdict *v, const char *fmt, ...)
	__printf(2, 3);

/* The test cannot run here: a SKIP, unless something failed. */
void kt_verdict_skip(struct kt_verdict *v, const char *fmt, ...)
	__printf(2, 3);

/* What a SKIP's reason begins with, among the details. */
#define KT_SKIP_PREFIX	"skipped: "

void kt_verdict_claim(struct kt_verdict *v, bool ok, const char *file,
		      int line, const char *label, s64 value, s64 bound);

/* A check ran on something, whatever it found. */
void kt_verdict_judged(struct kt_verdict *v);

/* A check of @kind found nothing to judge: a note, the first time. */
void kt_verdict_unjudged(struct kt_verdict *v, enum kt_detail_kind kind,
			 const char *fmt, ...) __printf(3, 4);

/* Details about workers and claims no longer count: INFO. */
void kt_verdict_excuse_workers(struct kt_verdict *v);

/*
 * Makes a verdict whose writer may have gone wild safe to read: counts within
 * bounds, texts terminated, kinds known.
 */
void kt_verdict_sanitize(struct kt_verdict *v, const char *test);

/* ERROR also when nothing was expected of the test. Stores it as well. */
enum kt_outcome kt_verdict_finish(struct kt_verdict *v);

#endif /* KTSTR_CHECK_VERDICT_H */
