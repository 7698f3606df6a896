/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations of a step: one table, an entry a kind.
 */
#ifndef KTSTR_SCENARIO_OPS_H
#define KTSTR_SCENARIO_OPS_H

#include "steps.h"

/* "KTSTR_SET_CPUSET", as its macro is called; NULL for what is no operation. */
const char *kt_op_name(enum ktstr_op_kind kind);

/*
 * Makes @ops in order, up to the first that fails or until the workload is to
 * end. -errno and a sentence in @s->why that begins with the operation.
 */
int kt_ops_run(struct kt_scenario *s, const struct ktstr_op *ops);

#endif /* KTSTR_SCENARIO_OPS_H */
