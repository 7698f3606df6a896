/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A case as the host sees it: its declaration, checked, and what the options
 * make of it. Everything is resolved here, before a machine is thought of.
 */
#ifndef KTSTR_HOST_CASE_H
#define KTSTR_HOST_CASE_H

#include <limits.h>

#include "../coord/monitor.h"
#include "../engine/engine.h"
#include "../include/ktstr.h"
#include "../wire/plan.h"
#include "disks.h"
#include "initramfs.h"
#include "options.h"
#include "writes.h"

#define KT_MAX_SCHEDS	8		/* beside the case's own */

struct kt_case {
	const struct ktstr_test *test;
	struct kt_topology topo;
	u32 memory_mib;
	bool kaslr;
	bool performance;
	struct kt_icount icount;
	bool chased;			/* see coord/chase.h */
	u32 host_cpu;			/* of a machine with icount.on */
	u64 identity;			/* likewise, once it is made */
	const char *real_time;		/* why not, though asked for; or NULL */
	char sched[PATH_MAX];		/* host path; "" for none */
	struct kt_initramfs_sched scheds[KT_MAX_SCHEDS + 1];	/* test->scheds */
	u32 nr_scheds;
	char **files;			/* host paths, NULL-terminated */
	struct kt_disks disks;
	struct kt_machine_memory memory;	/* once the machine has ended */
	struct kt_write writes[KT_MAX_WRITES];
	u32 nr_writes;
	struct kt_plan plan;
	u32 scale_pct;			/* of the plan's times, 100: as set */
	u32 slowdown_pct;		/* of its wake latencies and rates */
	struct kt_monitor_opts monitor;
	u64 boot_budget_ns;
	u64 attach_budget_ns;
	u64 workload_budget_ns;
	u64 teardown_budget_ns;
};

/*
 * All declared cases, in order of declaration. -EINVAL and an error with file
 * and line for a record that is not in order.
 */
int kt_cases_check(void);
u32 kt_cases_count(void);
const struct ktstr_test *kt_cases_get(u32 i);

/*
 * What @test is under @o for an engine with @caps, but for its files. -EINVAL,
 * reported, for a topology that is none.
 */
int kt_case_init(struct kt_case *c, const struct ktstr_test *test,
		 const struct kt_options *o,
		 const struct kt_engine_caps *caps);
/* Finds its scheduler and files. -ENOENT or -E2BIG, reported. */
int kt_case_resolve(struct kt_case *c, const struct kt_options *o);

/*
 * Behind all waiting: the time of day for its machine. One that is deterministic
 * has a clock that begins where all of them do.
 */
void kt_case_set_clock(struct kt_case *c);
void kt_case_fini(struct kt_case *c);

/* All budgets together: no run takes longer. */
u64 kt_case_limit_ns(const struct kt_case *c);

/*
 * Host CPUs that keep one machine of @topo busy on an engine with @caps; in
 * performance mode it has all of them for itself.
 */
u32 kt_case_host_cpus(const struct kt_topology *topo,
		      const struct kt_options *o,
		      const struct kt_engine_caps *caps);

/* The guest memory that @test has on @topo. */
u32 kt_case_memory_mib(const struct ktstr_test *test,
		       const struct kt_topology *topo);

/* What a machine takes of the host's memory besides its guest's. */
#define KT_MACHINE_SLACK_MIB	128

/*
 * Whether the captures and writes of @test fit the duration that it has under @o; -EINVAL
 * and the reason in @why.
 */
int kt_case_fits(const struct ktstr_test *test, const struct kt_options *o,
		 char *why, size_t why_size);

/* The topology that @test has under @o; -EINVAL and the reason in @why. */
int kt_case_topology(const struct ktstr_test *test, const struct kt_options *o,
		     struct kt_topology *topo, char *why, size_t why_size);

#endif /* KTSTR_HOST_CASE_H */
