/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What became of a run: the outcome, judged from what the coordinator kept,
 * and the lines that explain it.
 */
#ifndef KTSTR_HOST_REPORT_H
#define KTSTR_HOST_REPORT_H

#include <stdio.h>

#include "../coord/coord.h"
#include "../wire/result.h"
#include "case.h"

/* The guest's result of this very case; NULL: none. The caller frees it. */
struct kt_result *kt_report_result(const struct kt_coord *c,
				   const struct kt_case *cs);

/* The outcome; the reason in words in @why when no result says it itself. */
enum kt_outcome kt_report_outcome(const struct kt_coord *c,
				  const struct kt_case *cs, char *why,
				  size_t size);

/*
 * The diagnostics of a finished run, the most telling first. @dump, of that
 * run, may be NULL.
 */
void kt_report_print(FILE *out, const struct kt_coord *c,
		     const struct kt_case *cs, enum kt_outcome outcome,
		     const char *why, const json_t *dump);

#endif /* KTSTR_HOST_REPORT_H */
