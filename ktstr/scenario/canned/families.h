/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The families of canned scenarios, a file each, and what their tables are
 * written with.
 */
#ifndef KTSTR_SCENARIO_CANNED_FAMILIES_H
#define KTSTR_SCENARIO_CANNED_FAMILIES_H

#include "ktstr/include/ktstr.h"
#include "../../base/types.h"

struct kt_canned_family {
	const struct ktstr_canned *scenarios;
	u32 nr;
};

extern const struct kt_canned_family kt_canned_basic;
extern const struct kt_canned_family kt_canned_cpuset;
extern const struct kt_canned_family kt_canned_dynamic;
extern const struct kt_canned_family kt_canned_stress;
extern const struct kt_canned_family kt_canned_interaction;
extern const struct kt_canned_family kt_canned_affinity;
extern const struct kt_canned_family kt_canned_nested;
extern const struct kt_canned_family kt_canned_performance;

#define KT_CANNED_FAMILY(id, table)					\
	const struct kt_canned_family kt_canned_##id = {		\
		.scenarios = (table), .nr = ARRAY_SIZE(table),		\
	}

/* The name of a scenario is that of its array of steps. */
#define KT_CANNED(id, ...)						\
	{ .name = #id, .steps = id, .nr_steps = ARRAY_SIZE(id), __VA_ARGS__ }

#define HALF	KTSTR_HOLD_PERMILLE(500)
#define QUARTER	KTSTR_HOLD_PERMILLE(250)

#define TWO_CPUS	.topology = "1n1l2c1t", .needs = { .cpus = 2 }
#define TWO_LLCS	.topology = "1n2l2c1t",				\
			.needs = { .cpus = 4, .llcs = 2 }

/* Workers who spin, of a cgroup. */
#define SPINNERS(n)	.workers = (n), .work = { KTSTR_SPIN_WAIT }

#endif /* KTSTR_SCENARIO_CANNED_FAMILIES_H */
