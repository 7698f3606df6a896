/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ktstr_series.h - patterns over the periodic captures of a run, for a case's
 * .after; part of ktstr.h
 *
 *	struct ktstr_series *s = ktstr_series_var(a, "nr_dispatched", NULL);
 *
 *	KTSTR_STRICTLY_INCREASING(a, s);
 *	KTSTR_RATE_WITHIN(a, s, 100, 100000);
 *
 * A capture that has no such number is a gap. Gaps are told; only
 * KTSTR_ALWAYS_TRUE and KTSTR_EACH fail for them. A series with too few samples
 * for a pattern fails it.
 */
#ifndef KTSTR_SERIES_H
#define KTSTR_SERIES_H

#include "ktstr_after.h"

struct ktstr_series;

/**
 * ktstr_series() - one number of every periodic capture, in order
 * @a: the run
 * @path: as for ktstr_at(): "cpus[0].nr_running"
 *
 * Return: the series, good until the .after returns; NULL without memory,
 * which fails what is claimed of it.
 */
struct ktstr_series *ktstr_series(struct ktstr_after *a, const char *path);

/* As ktstr_series(), of variable @name; @path within it, or NULL. */
struct ktstr_series *ktstr_series_var(struct ktstr_after *a, const char *name,
				      const char *path);

/* As ktstr_series(), of what @look finds in a capture; @label names it. */
struct ktstr_series *
ktstr_series_of(struct ktstr_after *a, const char *label,
		struct ktstr_value (*look)(struct ktstr_value capture,
					   void *arg), void *arg);

/**
 * enum ktstr_pattern_kind - what is claimed of a series
 * @KTSTR_P_NONDECREASING: no sample is below the one before
 * @KTSTR_P_STRICTLY_INCREASING: each sample is above the one before
 * @KTSTR_P_RATE_WITHIN: from each sample to the next it changes by @low to
 *	@high for each second of workload
 * @KTSTR_P_STEADY_WITHIN: samples from @ms of workload on are within
 *	@tolerance percent of their mean
 * @KTSTR_P_CONVERGES_TO: three samples in a row, the last of them not after @ms
 *	of workload, are within @tolerance of @target
 * @KTSTR_P_ALWAYS_TRUE: no sample is 0, none is missing
 * @KTSTR_P_RATIO_WITHIN: each sample divided by that of series @over is within
 *	@low and @high
 * @KTSTR_P_EACH: each sample is within @low and @high, none is missing
 * @KTSTR_NR_PATTERNS: how many there are
 */
enum ktstr_pattern_kind {
	KTSTR_P_NONDECREASING,
	KTSTR_P_STRICTLY_INCREASING,
	KTSTR_P_RATE_WITHIN,
	KTSTR_P_STEADY_WITHIN,
	KTSTR_P_CONVERGES_TO,
	KTSTR_P_ALWAYS_TRUE,
	KTSTR_P_RATIO_WITHIN,
	KTSTR_P_EACH,
	KTSTR_NR_PATTERNS,
};

/**
 * struct ktstr_pattern - a pattern with its bounds, which all are included
 * @kind: which
 * @low: see @kind
 * @high: see @kind
 * @target: see @kind
 * @tolerance: see @kind
 * @ms: see @kind
 * @over: see @kind
 */
struct ktstr_pattern {
	enum ktstr_pattern_kind kind;
	double low;
	double high;
	double target;
	double tolerance;
	uint32_t ms;
	const struct ktstr_series *over;
};

/**
 * ktstr_claim_pattern() - claim a pattern; use the macros below
 * @a: the run
 * @s: the series
 * @p: the pattern
 * @file: where
 * @line: where
 *
 * Return: whether it held. If not, the samples that broke it are told with
 * their captures and the bound.
 */
bool ktstr_claim_pattern(struct ktstr_after *a, const struct ktstr_series *s,
			 const struct ktstr_pattern *p, const char *file,
			 int line);

#define KTSTR_PATTERN_(a, s, ...)					\
	ktstr_claim_pattern((a), (s),					\
			    &(const struct ktstr_pattern){ __VA_ARGS__ }, \
			    __FILE__, __LINE__)

#define KTSTR_NONDECREASING(a, s)					\
	KTSTR_PATTERN_(a, s, .kind = KTSTR_P_NONDECREASING)
#define KTSTR_STRICTLY_INCREASING(a, s)					\
	KTSTR_PATTERN_(a, s, .kind = KTSTR_P_STRICTLY_INCREASING)
#define KTSTR_RATE_WITHIN(a, s, low_, high_)				\
	KTSTR_PATTERN_(a, s, .kind = KTSTR_P_RATE_WITHIN,		\
		       .low = (low_), .high = (high_))
#define KTSTR_STEADY_WITHIN(a, s, warmup_ms, percent)			\
	KTSTR_PATTERN_(a, s, .kind = KTSTR_P_STEADY_WITHIN,		\
		       .ms = (warmup_ms), .tolerance = (percent))
#define KTSTR_CONVERGES_TO(a, s, target_, tolerance_, deadline_ms)	\
	KTSTR_PATTERN_(a, s, .kind = KTSTR_P_CONVERGES_TO,		\
		       .target = (target_), .tolerance = (tolerance_),	\
		       .ms = (deadline_ms))
#define KTSTR_ALWAYS_TRUE(a, s)						\
	KTSTR_PATTERN_(a, s, .kind = KTSTR_P_ALWAYS_TRUE)
#define KTSTR_RATIO_WITHIN(a, s, over_, low_, high_)			\
	KTSTR_PATTERN_(a, s, .kind = KTSTR_P_RATIO_WITHIN,		\
		       .over = (over_), .low = (low_), .high = (high_))
#define KTSTR_EACH(a, s, low_, high_)					\
	KTSTR_PATTERN_(a, s, .kind = KTSTR_P_EACH,			\
		       .low = (low_), .high = (high_))

#endif /* KTSTR_SERIES_H */
