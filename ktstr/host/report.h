/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What became of a run: the outcome, judged from what the coordinator kept,
 * and the lines that explain it.
 */
#ifndef KTSTR_HOST_REPORT_H
#define KTSTR_HOST_REPORT_H

#include <stdio.h>

#include "../coord/coord.h"
#include "case.h"

/* The outcome; the reason in words in @why when no result says it itself. */
enum kt_outcome kt_report_outcome(const struct kt_coord *c,
				  const struct kt_case *cs, char *why,
				  size_t size);

/* The diagnostics of a finished run, the most telling first. */
void kt_report_print(FILE *out, const struct kt_coord *c,
		     const struct kt_case *cs, enum kt_outcome outcome,
		     const char *why);

#endif /* KTSTR_HOST_REPORT_H */
