/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Metrics of a payload program: read from its output, held against their
 * bounds.
 */
#ifndef KTSTR_CHECK_METRICS_H
#define KTSTR_CHECK_METRICS_H

#include "ktstr/include/ktstr_payload.h"
#include "verdict.h"

/*
 * The value of @m in @text. -ENOENT when there is none, -EINVAL when it is no
 * number or @m is not in order; the reason in @why.
 */
int kt_metric_read(const struct ktstr_metric *m, const char *text, double *value,
		   char *why, size_t size);

/* All of @p's in @text, each a detail of @v: a note, or what failed. */
void kt_metrics_judge(struct kt_verdict *v, const struct ktstr_payload *p,
		      const char *text);

#endif /* KTSTR_CHECK_METRICS_H */
