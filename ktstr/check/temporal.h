/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patterns over the samples of a run: does a number only grow, settle, stay
 * within bounds. Pure: from samples to a verdict and the words for it.
 */
#ifndef KTSTR_CHECK_TEMPORAL_H
#define KTSTR_CHECK_TEMPORAL_H

#include "ktstr/include/ktstr.h"
#include "../base/strbuf.h"

struct kt_sample {
	const char *tag;	/* of the capture */
	u64 workload_ns;
	/* wide enough for every u64, s64 and double to be itself */
	long double value;
	const char *gap;	/* NULL, or why there is no value */
};

struct kt_samples {
	const char *label;	/* what they are of */
	const struct kt_sample *v;
	u32 nr;
};

/*
 * Whether @s keeps to @p, whose other series is @over (else NULL). Lines of
 * @text say what broke it, at most eight, or if nothing did, nothing; and in any
 * case which samples are missing. p->over is not looked at.
 */
bool kt_temporal_judge(const struct kt_samples *s,
		       const struct ktstr_pattern *p,
		       const struct kt_samples *over, struct kt_strbuf *text);

/* "nondecreasing", "within 3..9 a second", ...: what @s should be. */
void kt_temporal_describe(const struct ktstr_pattern *p,
			  const struct kt_samples *over,
			  struct kt_strbuf *text);

#endif /* KTSTR_CHECK_TEMPORAL_H */
