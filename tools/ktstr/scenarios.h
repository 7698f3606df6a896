/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Canned scenarios on the command line: cases of the test program "scenarios".
 */
#ifndef KTSTR_TOOLS_SCENARIOS_H
#define KTSTR_TOOLS_SCENARIOS_H

#include "ktstr/base/strv.h"

#define KT_SCENARIOS_PROGRAM	"scenarios"

/*
 * Adds to @names, as "scenarios/NAME", what @what means: a scenario, a family
 * of them, or all. -ENOENT, reported with what there is.
 */
int kt_scenarios_add(const char *what, struct kt_strv *names);

/* Prints them all by family; 0. */
int kt_scenarios_list(void);

#endif /* KTSTR_TOOLS_SCENARIOS_H */
