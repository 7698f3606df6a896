// SPDX-License-Identifier: GPL-2.0-only
/*
 * Performance: loads that are judged by a number, with bounds that a scheduler
 * has to miss by far to fail: it is no benchmark.
 */
#include "families.h"

#define FAMILY	.family = "performance", .duration_ms = 1000

static const struct ktstr_step throughput_parity[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "equals", .workers = 4, .work = { KTSTR_ALU_HOT } }),
};

static const struct ktstr_step wake_latency[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "pairs", .workers = 2, .work = { KTSTR_FUTEX_PING_PONG } },
		   { .name = "pipes", .workers = 2, .work = { KTSTR_CACHE_PIPE } }),
};

static const struct ktstr_step cache_pressure[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "left", .cpuset = KTSTR_LLC(0), .workers = 2,
		     .work = { KTSTR_CACHE_PRESSURE } },
		   { .name = "right", .cpuset = KTSTR_LLC(1), .workers = 2,
		     .work = { KTSTR_CACHE_PRESSURE, .size_kib = 256 } }),
};

static const struct ktstr_step ipc_variance[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "ipc", .workers = 3, .work = { KTSTR_IPC_VARIANCE } },
		   { .name = "alu", .workers = 1, .work = { KTSTR_ALU_HOT } }),
};

static const struct ktstr_step numa_local[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "near", .cpuset = KTSTR_NODE(0), .mems = "0",
		     .workers = 2, .work = { KTSTR_CACHE_PRESSURE } },
		   { .name = "far", .cpuset = KTSTR_NODE(1), .mems = "1",
		     .workers = 2, .work = { KTSTR_CACHE_PRESSURE } }),
};

static const struct ktstr_canned table[] = {
	KT_CANNED(throughput_parity, .family = "performance",
		  .duration_ms = 2000, TWO_CPUS, .needs.real_time = true,
		  .desc = "equal workers do equal work in the CPU time that each gets",
		  .checks = { .throughput_cv_pct = 50, .fairness_spread_pct = 40 }),
	KT_CANNED(wake_latency, FAMILY, TWO_CPUS,
		  .desc = "pairs that wake each other do not wait for long",
		  .checks = { .wake_p99_us = 10000 }),
	KT_CANNED(cache_pressure, FAMILY, TWO_LLCS,
		  .desc = "working sets of two sizes, in an LLC each",
		  .checks = { .iterations_per_s = 1 }),
	KT_CANNED(ipc_variance, FAMILY, TWO_CPUS, .needs.real_time = true,
		  .desc = "workers whose instructions go fast and slow in turn",
		  .checks = { .iterations_per_s = 1 }),
	KT_CANNED(numa_local, FAMILY, .topology = "2n2l2c1t",
		  .needs = { .cpus = 4, .nodes = 2 },
		  .desc = "cgroups whose CPUs and memory are of one node",
		  .checks = { .page_locality_pct = 90 }),
};

KT_CANNED_FAMILY(performance, table);
