/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a case is judged by and what its cgroups did, for people and as a tree.
 */
#ifndef KTSTR_HOST_CGROUPS_H
#define KTSTR_HOST_CGROUPS_H

#include <stdio.h>

#include "../inspect/json.h"
#include "../wire/result.h"
#include "case.h"

/*
 * A line with the thresholds that the machine's slowdown has scaled, as they
 * apply; nothing when there are none.
 */
void kt_cgroups_thresholds(FILE *out, const struct kt_case *c);

/* A line for each cgroup of @r, for the first ones with what else is known. */
void kt_cgroups_report(FILE *out, const struct kt_result *r);

/* Wakes, slices, pages and so on as members of @o. */
void kt_cgroups_json(json_t *o, const struct kt_cgroup_stats *g);

#endif /* KTSTR_HOST_CGROUPS_H */
