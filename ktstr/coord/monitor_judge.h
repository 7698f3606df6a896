/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the monitor's samples say about a scheduler. Pure: samples in, findings
 * out. A rule must be violated in several samples in a row, since a sample is
 * a glimpse of a machine that runs; only the workload's time is judged.
 */
#ifndef KTSTR_COORD_MONITOR_JUDGE_H
#define KTSTR_COORD_MONITOR_JUDGE_H

#include "../inspect/sched.h"

#define KT_MONITOR_MAX_FINDINGS	32	/* kept; half of them for those that fail */
#define KT_RAN_UNKNOWN		UINT64_MAX
#define KT_MONITOR_SAMPLE_MS	100	/* unless told otherwise */

enum kt_monitor_rule {
	KT_RULE_IMBALANCE,	/* in percent */
	KT_RULE_LOCAL_DSQ,	/* tasks */
	KT_RULE_STALL,
	KT_RULE_FALLBACK,	/* a second */
	KT_RULE_KEEP_LAST,
	KT_NR_RULES,
};

struct kt_monitor_bounds {
	struct {
		u32 most;	/* 0: not judged; a stall's is 1 */
		bool fails;	/* a violation fails the run; else it is told */
	} of[KT_NR_RULES];
	u32 sustained;		/* samples in a row, at least 1 */
};

/* A sample and when it was taken, in times of the run in nanoseconds. */
struct kt_monitor_sample {
	u64 at_ns;		/* since the run began; or the guest's own clock */
	u64 running_ns;		/* without the time that the host froze */
	u64 workload_ns;	/* without pauses, too; 0 before the workload */
	u32 phase;
	bool in_workload;
	struct kt_sched_sample sched;
	/* behind it: for each CPU, how long the host ran it since it began */
};

static inline u64 *kt_monitor_ran(const struct kt_monitor_sample *s)
{
	return (u64 *)&s->sched.cpus[s->sched.nr_cpus];
}

static inline size_t kt_monitor_sample_bytes(u32 nr_cpus)
{
	return sizeof(struct kt_monitor_sample) +
	       nr_cpus * (sizeof(struct kt_cpu_sample) + sizeof(u64));
}

/* A rule that did not hold, from its first sample to its last. */
struct kt_monitor_finding {
	enum kt_monitor_rule rule;
	bool fails;
	u32 bound;
	u32 samples;
	u64 from_ns;		/* workload time */
	u64 to_ns;
	u64 worst;		/* as the bound; a stall: nanoseconds it ran */
	u32 cpu;		/* of a rule of CPUs; the fullest, at the worst */
	u32 other_cpu;		/* the emptiest then */
	u64 nr_running;		/* of @cpu */
	u64 other_running;
	u32 pid;		/* on a stalled @cpu */
	char comm[KT_COMM_BYTES + 1];
};

struct kt_monitor_streak;

struct kt_monitor_judge {
	struct kt_monitor_bounds bounds;
	u64 interval_ns;
	bool has_online;	/* the kernel says which CPUs are */
	bool ran_unknown;	/* so stalls could not be judged */
	bool has_events;	/* a sample had them */
	u32 nr_cpus;
	struct kt_monitor_streak *streaks;	/* by rule and CPU */
	u32 nr;
	struct kt_monitor_finding findings[KT_MONITOR_MAX_FINDINGS];
	u32 dropped;		/* more of them */
	u32 failed;		/* also of those */
	u32 early;		/* samples from before there was a scheduler */
};

/*
 * Samples that come faster than every KT_MONITOR_SAMPLE_MS must be as many more
 * in a row: what is sustained is so in time. -ENOMEM.
 */
int kt_monitor_judge_init(struct kt_monitor_judge *j,
			  const struct kt_monitor_bounds *bounds,
			  u64 interval_ns, u32 nr_cpus, bool has_online);
void kt_monitor_judge_fini(struct kt_monitor_judge *j);

/* The next one; @prev is the one before it, NULL for the first. */
void kt_monitor_judge_add(struct kt_monitor_judge *j,
			  const struct kt_monitor_sample *prev,
			  const struct kt_monitor_sample *s);

/* "imbalance 8.00 > 4.00 (...) for 700 ms from +1200 ms". */
const char *kt_monitor_finding_str(const struct kt_monitor_finding *f,
				   char *buf, size_t size);

/* "imbalance", "local DSQ depth", ... */
const char *kt_monitor_rule_str(enum kt_monitor_rule rule);

/* max(nr_running) / max(1, min(nr_running)) in percent; who they are in @f. */
u64 kt_monitor_imbalance(const struct kt_sched_sample *s, bool has_online,
			 struct kt_monitor_finding *f);

#endif /* KTSTR_COORD_MONITOR_JUDGE_H */
