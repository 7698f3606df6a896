// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dynamic: cgroups, workers, weights, quotas and CPUs that come and go while
 * others work.
 */
#include "families.h"

#define FAMILY	.family = "dynamic", .duration_ms = 1000, TWO_CPUS

static const struct ktstr_step cgroup_add[] = {
	KTSTR_STEP(HALF,
		   { .name = "early", SPINNERS(2) }),
	KTSTR_STEP(HALF,
		   { .name = "late", SPINNERS(2) },
		   { .name = "later", .workers = 2, .work = { KTSTR_BURSTY } }),
};

static const struct ktstr_step cgroup_remove[] = {
	KTSTR_STEP(HALF,
		   { .name = "stays", SPINNERS(2) },
		   { .name = "goes", SPINNERS(2) },
		   { .name = "goes_too", .workers = 2, .work = { KTSTR_BURSTY } }),
	KTSTR_CHANGE(HALF,
		     KTSTR_REMOVE_CGROUP("goes"), KTSTR_REMOVE_CGROUP("goes_too")),
};

static const struct ktstr_step cgroup_cycle[] = {
	KTSTR_STEP(QUARTER,
		   { .name = "stays", SPINNERS(2) },
		   { .name = "cycles", SPINNERS(2) }),
	KTSTR_LOOP(KTSTR_HOLD_PERMILLE(750), 250,
		   KTSTR_REMOVE_CGROUP("cycles"),
		   KTSTR_ADD_CGROUP(.name = "cycles", SPINNERS(2))),
};

static const struct ktstr_step workers_late[] = {
	KTSTR_STEP(HALF,
		   { .name = "host", SPINNERS(2) }),
	KTSTR_CHANGE(HALF,
		     KTSTR_SPAWN("host", .nr = 2, .work = { KTSTR_SPIN_WAIT }),
		     KTSTR_SPAWN("host", .nr = 2, .work = { KTSTR_BURSTY })),
};

static const struct ktstr_step weight_change[] = {
	KTSTR_STEP(HALF,
		   { .name = "light", .weight = 50, SPINNERS(2) },
		   { .name = "heavy", .weight = 200, SPINNERS(2) }),
	KTSTR_CHANGE(HALF,
		     KTSTR_SET_WEIGHT("light", 200), KTSTR_SET_WEIGHT("heavy", 50)),
};

static const struct ktstr_step bandwidth_change[] = {
	KTSTR_STEP(QUARTER,
		   { .name = "limited", SPINNERS(2) },
		   { .name = "free", SPINNERS(1) }),
	KTSTR_CHANGE(HALF, KTSTR_SET_BANDWIDTH("limited", 50000, 100000)),
	KTSTR_CHANGE(QUARTER, KTSTR_SET_BANDWIDTH("limited", 0, 0)),
};

static const struct ktstr_step freeze_thaw[] = {
	KTSTR_STEP(QUARTER,
		   { .name = "sleepers", .workers = 2, .work = { KTSTR_MIXED } },
		   { .name = "awake", SPINNERS(2) }),
	KTSTR_CHANGE(QUARTER, KTSTR_FREEZE_CGROUP("sleepers")),
	KTSTR_CHANGE(HALF, KTSTR_THAW_CGROUP("sleepers")),
};

static const struct ktstr_step cpu_hotplug[] = {
	KTSTR_STEP(QUARTER,
		   { .name = "spin", SPINNERS(2) },
		   { .name = "bursts", .workers = 2, .work = { KTSTR_BURSTY } }),
	KTSTR_CHANGE(HALF, KTSTR_CPU_OFFLINE(1)),
	KTSTR_CHANGE(QUARTER, KTSTR_CPU_ONLINE(1)),
};

static const struct ktstr_canned table[] = {
	KT_CANNED(cgroup_add, FAMILY,
		  .desc = "two cgroups arrive at half time"),
	KT_CANNED(cgroup_remove, FAMILY,
		  .desc = "two of three cgroups go at half time"),
	KT_CANNED(cgroup_cycle, FAMILY,
		  .desc = "a cgroup is removed with its workers and made anew, again and again"),
	KT_CANNED(workers_late, FAMILY,
		  .desc = "workers of two kinds join a busy cgroup at half time"),
	KT_CANNED(weight_change, FAMILY,
		  .desc = "a light cgroup becomes the heavy one at half time"),
	KT_CANNED(bandwidth_change, FAMILY,
		  .desc = "a cgroup's CPU time is limited, and the limit lifted"),
	KT_CANNED(freeze_thaw, FAMILY,
		  .desc = "a cgroup is frozen for a quarter of the time"),
	KT_CANNED(cpu_hotplug, FAMILY,
		  .desc = "a CPU goes offline under load and comes back"),
};

KT_CANNED_FAMILY(dynamic, table);
