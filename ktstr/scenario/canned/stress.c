// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stress: much of one thing that goes through the scheduler: tasks made and
 * gone, yields, faults, changes of class and weight, waits for files, moves.
 */
#include "families.h"

/* emulated, a worker may take a second to its first child's end, or to its file */
#define FAMILY	.family = "stress", .duration_ms = 3000, TWO_CPUS

static const struct ktstr_step fork_storm[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "forks", .workers = 4, .work = { KTSTR_FORK_EXIT } },
		   { .name = "pool", .workers = 2,
		     .work = { KTSTR_BURSTY, .form = KTSTR_POOL } }),
};

static const struct ktstr_step yield_storm[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "yield", .workers = 6, .work = { KTSTR_YIELD_HEAVY } },
		   { .name = "walk", .workers = 2, .work = { KTSTR_CACHE_YIELD } }),
};

static const struct ktstr_step page_fault_storm[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "faults", .workers = 4, .work = { KTSTR_PAGE_FAULT_CHURN } }),
};

static const struct ktstr_step policy_storm[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "policies", .workers = 4, .work = { KTSTR_POLICY_CHURN } },
		   { .name = "spin", SPINNERS(1) }),
};

static const struct ktstr_step nice_storm[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "nice", .workers = 4, .work = { KTSTR_NICE_SWEEP } }),
};

static const struct ktstr_step io_storm[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "writes", .workers = 2, .work = { KTSTR_IO_SYNC_WRITE } },
		   { .name = "reads", .workers = 2, .work = { KTSTR_IO_RAND_READ } },
		   { .name = "convoy", .workers = 3, .work = { KTSTR_IO_CONVOY } }),
};

static const struct ktstr_step cgroup_storm[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "moves", .workers = 4, .work = { KTSTR_CGROUP_CHURN } },
		   { .name = "spin", SPINNERS(1) }),
};

static const struct ktstr_canned table[] = {
	KT_CANNED(fork_storm, FAMILY,
		  .desc = "children that live for one burst, from six parents"),
	KT_CANNED(yield_storm, FAMILY,
		  .desc = "workers that yield after every short burst"),
	KT_CANNED(page_fault_storm, FAMILY,
		  .desc = "memory is mapped, touched and unmapped all the time"),
	KT_CANNED(policy_storm, FAMILY,
		  .desc = "workers change their policy every millisecond"),
	KT_CANNED(nice_storm, FAMILY,
		  .desc = "workers go through all nice values"),
	KT_CANNED(io_storm, FAMILY,
		  .desc = "files are written, read at random, and fought for"),
	KT_CANNED(cgroup_storm, FAMILY,
		  .desc = "workers move between cgroups every other millisecond"),
};

KT_CANNED_FAMILY(stress, table);
