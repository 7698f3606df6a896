// SPDX-License-Identifier: GPL-2.0-only
/*
 * Affinity: workers that may not run on every CPU of their cgroup, which a
 * scheduler must know when it places them.
 */
#include "families.h"

#define FAMILY	.family = "affinity", .duration_ms = 1000

#define PIN_EACH	.with = { .affinity = { KTSTR_AFFINITY_ONE } }

/* The free ones come first: where they starve, they would not even begin. */
static const struct ktstr_step affinity_pinned[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "free", .workers = 2, .work = { KTSTR_BURSTY } },
		   { .name = "pinned", SPINNERS(4), PIN_EACH }),
};

static const struct ktstr_step affinity_change[] = {
	KTSTR_STEP(QUARTER,
		   { .name = "spin", SPINNERS(4) },
		   { .name = "bursts", .workers = 2, .work = { KTSTR_BURSTY } }),
	KTSTR_CHANGE(QUARTER,
		     KTSTR_SET_AFFINITY("spin", { KTSTR_AFFINITY_ONE }),
		     KTSTR_SET_AFFINITY("bursts", { KTSTR_AFFINITY_LLC })),
	KTSTR_CHANGE(HALF,
		     KTSTR_SET_AFFINITY("spin", { KTSTR_AFFINITY_INHERIT }),
		     KTSTR_SET_AFFINITY("bursts", { KTSTR_AFFINITY_INHERIT })),
};

static const struct ktstr_step affinity_random[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "spin", SPINNERS(6),
		     .with = { .affinity = { KTSTR_AFFINITY_RANDOM, .count = 2 } } }),
};

static const struct ktstr_step affinity_llc[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "spin", SPINNERS(4),
		     .with = { .affinity = { KTSTR_AFFINITY_LLC } } },
		   { .name = "pipes", .workers = 4, .work = { KTSTR_PIPE_IO },
		     .with = { .affinity = { KTSTR_AFFINITY_LLC } } }),
};

static const struct ktstr_step affinity_churn[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "own", .workers = 2, .work = { KTSTR_AFFINITY_CHURN } },
		   { .name = "cross", .workers = 2,
		     .work = { KTSTR_CROSS_AFFINITY_CHURN } },
		   { .name = "spin", SPINNERS(2) }),
};

static const struct ktstr_step affinity_smt[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "siblings", .workers = 4,
		     .work = { KTSTR_SMT_SIBLING_SPIN } },
		   { .name = "cores", .workers = 4, .work = { KTSTR_BURSTY },
		     .with = { .affinity = { KTSTR_AFFINITY_SMT } } }),
};

static const struct ktstr_canned table[] = {
	/* longer than the longest gap that is allowed */
	KT_CANNED(affinity_pinned, .family = "affinity", .duration_ms = 3000,
		  TWO_CPUS,
		  .desc = "spinners pinned to a CPU each, and some that are not"),
	KT_CANNED(affinity_change, FAMILY, TWO_LLCS,
		  .desc = "busy workers are pinned, and let go again"),
	KT_CANNED(affinity_random, FAMILY, TWO_LLCS,
		  .desc = "spinners that may use two CPUs each, drawn by lot"),
	KT_CANNED(affinity_llc, FAMILY, TWO_LLCS,
		  .desc = "spinners and pairs that keep to an LLC each"),
	KT_CANNED(affinity_churn, FAMILY, TWO_CPUS,
		  .desc = "workers pin themselves and each other every millisecond"),
	KT_CANNED(affinity_smt, FAMILY, .topology = "1n1l2c2t",
		  .needs = { .cpus = 4, .smt = true },
		  .desc = "pairs on the two threads of a core"),
};

KT_CANNED_FAMILY(affinity, table);
