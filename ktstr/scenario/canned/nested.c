// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested: cgroups below cgroups, whose CPUs and weights count for what is below
 * them.
 */
#include "families.h"

#define FAMILY	.family = "nested", .duration_ms = 1000

static const struct ktstr_step nested_steady[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "top/one", SPINNERS(1) },
		   { .name = "top/two", .workers = 2, .work = { KTSTR_BURSTY } },
		   { .name = "top/deep/er", SPINNERS(1) },
		   { .name = "other", .workers = 2, .work = { KTSTR_MIXED } }),
};

static const struct ktstr_step nested_task_move[] = {
	KTSTR_STEP(QUARTER,
		   { .name = "top/one", SPINNERS(2) },
		   { .name = "top/two" },
		   { .name = "other/one" },
		   { .name = "stays", SPINNERS(1) }),
	KTSTR_CHANGE(QUARTER, KTSTR_MOVE_ALL("top/one", "top/two")),
	KTSTR_CHANGE(QUARTER, KTSTR_MOVE_ALL("top/two", "other/one")),
	KTSTR_CHANGE(QUARTER, KTSTR_MOVE_ALL("other/one", "top/one")),
};

static const struct ktstr_step nested_cpusets[] = {
	KTSTR_STEP(HALF,
		   { .name = "top", .cpuset = KTSTR_CPU_RANGE(0, 75) },
		   { .name = "top/llc", .cpuset = KTSTR_LLC(0), SPINNERS(2) },
		   { .name = "top/all", .workers = 2, .work = { KTSTR_BURSTY } },
		   { .name = "rest", .cpuset = KTSTR_CPU_RANGE(75, 100), SPINNERS(1) }),
	KTSTR_CHANGE(HALF,
		     KTSTR_CLEAR_CPUSET("top/llc"),
		     KTSTR_SET_CPUSET("top", KTSTR_LLC(0))),
};

static const struct ktstr_step nested_weights[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "heavy", .weight = 300 },
		   { .name = "heavy/one", SPINNERS(2) },
		   { .name = "heavy/two", .weight = 50, SPINNERS(2) },
		   { .name = "light", .weight = 100 },
		   { .name = "light/one", SPINNERS(2) }),
};

static const struct ktstr_canned table[] = {
	KT_CANNED(nested_steady, FAMILY, TWO_CPUS,
		  .desc = "cgroups of one, two and three levels side by side"),
	KT_CANNED(nested_task_move, FAMILY, TWO_CPUS,
		  .desc = "spinners are moved beside, across and back in a tree of cgroups"),
	KT_CANNED(nested_cpusets, FAMILY, TWO_LLCS,
		  .desc = "cpusets within a cpuset that shrinks at half time"),
	KT_CANNED(nested_weights, FAMILY, TWO_CPUS,
		  .desc = "weights of cgroups and of cgroups within them"),
};

KT_CANNED_FAMILY(nested, table);
