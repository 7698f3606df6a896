// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cpuset: cgroups confined to CPUs, and confined otherwise while they run. No
 * worker may be seen where its cgroup never was.
 */
#include "families.h"

#define FAMILY	.family = "cpuset", .duration_ms = 1000, TWO_LLCS

static const struct ktstr_step cpuset_apply[] = {
	KTSTR_STEP(HALF,
		   { .name = "left", SPINNERS(3) },
		   { .name = "right", .workers = 3, .work = { KTSTR_BURSTY } }),
	KTSTR_CHANGE(HALF,
		     KTSTR_SET_CPUSET("left", KTSTR_LLC(0)),
		     KTSTR_SET_CPUSET("right", KTSTR_LLC(1))),
};

static const struct ktstr_step cpuset_clear[] = {
	KTSTR_STEP(HALF,
		   { .name = "left", .cpuset = KTSTR_LLC(0), SPINNERS(3) },
		   { .name = "right", .cpuset = KTSTR_LLC(1),
		     .workers = 3, .work = { KTSTR_BURSTY } }),
	KTSTR_CHANGE(HALF,
		     KTSTR_CLEAR_CPUSET("left"), KTSTR_CLEAR_CPUSET("right")),
};

static const struct ktstr_step cpuset_resize[] = {
	KTSTR_STEP(QUARTER,
		   { .name = "left", .cpuset = KTSTR_CPU_RANGE(0, 25), SPINNERS(3) },
		   { .name = "right", .cpuset = KTSTR_CPU_RANGE(25, 100), SPINNERS(3) }),
	KTSTR_CHANGE(QUARTER,
		     KTSTR_SET_CPUSET("left", KTSTR_CPU_RANGE(0, 75)),
		     KTSTR_SET_CPUSET("right", KTSTR_CPU_RANGE(75, 100))),
	KTSTR_CHANGE(HALF,
		     KTSTR_SET_CPUSET("left", KTSTR_CPU_RANGE(0, 50)),
		     KTSTR_SET_CPUSET("right", KTSTR_CPU_RANGE(50, 100))),
};

static const struct ktstr_step cpuset_swap[] = {
	KTSTR_STEP(QUARTER,
		   { .name = "left", .cpuset = KTSTR_LLC(0), SPINNERS(3) },
		   { .name = "right", .cpuset = KTSTR_LLC(1),
		     .workers = 3, .work = { KTSTR_MIXED } }),
	KTSTR_LOOP(KTSTR_HOLD_PERMILLE(750), 150,
		   KTSTR_SWAP_CPUSETS("left", "right")),
};

static const struct ktstr_step cpuset_disjoint[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "spin", .cpuset = KTSTR_DISJOINT(0, 3), SPINNERS(4) },
		   { .name = "bursts", .cpuset = KTSTR_DISJOINT(1, 3),
		     .workers = 2, .work = { KTSTR_BURSTY } },
		   { .name = "pipes", .cpuset = KTSTR_DISJOINT(2, 3),
		     .workers = 2, .work = { KTSTR_PIPE_IO } }),
};

static const struct ktstr_step cpuset_overlap[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "left", .cpuset = KTSTR_OVERLAP(0, 2, 50), SPINNERS(3) },
		   { .name = "right", .cpuset = KTSTR_OVERLAP(1, 2, 50), SPINNERS(3) }),
};

static const struct ktstr_canned table[] = {
	KT_CANNED(cpuset_apply, FAMILY,
		  .desc = "two cgroups are confined to an LLC each at half time"),
	KT_CANNED(cpuset_clear, FAMILY,
		  .desc = "two cgroups confined to an LLC each get all CPUs at half time"),
	KT_CANNED(cpuset_resize, FAMILY,
		  .desc = "one cgroup's CPUs grow and shrink at the other's expense"),
	KT_CANNED(cpuset_swap, FAMILY,
		  .desc = "two cgroups exchange their LLCs again and again"),
	KT_CANNED(cpuset_disjoint, FAMILY,
		  .desc = "three cgroups on disjoint shares that do not follow LLCs"),
	KT_CANNED(cpuset_overlap, FAMILY,
		  .desc = "two cgroups whose CPUs overlap by half"),
};

KT_CANNED_FAMILY(cpuset, table);
