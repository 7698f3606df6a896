// SPDX-License-Identifier: GPL-2.0-only
/*
 * Basic: loads that stay as they are, with no cpuset or one for each LLC. A
 * scheduler that fails here need not be tried further.
 */
#include "families.h"

#define FAMILY	.family = "basic", .duration_ms = 1000

static const struct ktstr_step steady[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "left", SPINNERS(1) },
		   { .name = "right", SPINNERS(1) }),
};

static const struct ktstr_step steady_llc[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "left", .cpuset = KTSTR_LLC(0), SPINNERS(2) },
		   { .name = "right", .cpuset = KTSTR_LLC(1), SPINNERS(2) }),
};

static const struct ktstr_step oversubscribed[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "crowd", SPINNERS(8) }),
};

static const struct ktstr_step bursty[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "bursts", .workers = 3, .work = { KTSTR_BURSTY } },
		   { .name = "naps", .workers = 2, .work = { KTSTR_IDLE_CHURN } }),
};

static const struct ktstr_step messages[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "pipes", .workers = 2, .work = { KTSTR_PIPE_IO } },
		   { .name = "futexes", .workers = 2, .work = { KTSTR_FUTEX_PING_PONG } },
		   { .name = "spin", SPINNERS(2) }),
};

static const struct ktstr_step mixed_workloads[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "spin", SPINNERS(2) },
		   { .name = "yield", .workers = 2, .work = { KTSTR_YIELD_HEAVY } },
		   { .name = "bursts", .workers = 2, .work = { KTSTR_BURSTY } },
		   { .name = "pipes", .workers = 2, .work = { KTSTR_PIPE_IO } },
		   { .name = "files", .workers = 2, .work = { KTSTR_IO_SYNC_WRITE } },
		   { .name = "mixed", .workers = 2, .work = { KTSTR_MIXED } }),
};

static const struct ktstr_step host_contention[] = {
	{
		.ops = KTSTR_OPS(KTSTR_SPAWN(NULL, .nr = 2,
					     .work = { KTSTR_SPIN_WAIT })),
		.cgroups = (const struct ktstr_cgroup[]){
			{ .name = "tenant", SPINNERS(2) },
			{ .name = NULL },
		},
		.hold = KTSTR_HOLD_ALL,
	},
};

static const struct ktstr_canned table[] = {
	KT_CANNED(steady, FAMILY, TWO_CPUS,
		  .desc = "as many spinners as CPUs, in two cgroups"),
	KT_CANNED(steady_llc, FAMILY, TWO_LLCS,
		  .desc = "as many spinners as CPUs, in a cgroup for each LLC"),
	KT_CANNED(oversubscribed, .family = "basic", .duration_ms = 2000,
		  TWO_CPUS,
		  .desc = "four spinners for each CPU share it evenly",
		  .checks = { .fairness_spread_pct = 40 }),
	KT_CANNED(bursty, FAMILY, TWO_CPUS,
		  .desc = "workers that sleep now and then beside some that only nap"),
	KT_CANNED(messages, FAMILY, TWO_CPUS,
		  .desc = "pairs that wake each other get on beside spinners"),
	KT_CANNED(mixed_workloads, FAMILY, TWO_LLCS,
		  .desc = "six cgroups that spin, yield, sleep, wake and write"),
	KT_CANNED(host_contention, FAMILY, TWO_CPUS,
		  .desc = "a cgroup against spinners of the root cgroup"),
};

KT_CANNED_FAMILY(basic, table);
