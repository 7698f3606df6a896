/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's state, CPU by CPU, as the kernel's runqueues have it. Where
 * the fields lie is found once for a kernel; a sample then costs a few loads
 * for each CPU, and may be taken while the guest runs.
 */
#ifndef KTSTR_INSPECT_SCHED_H
#define KTSTR_INSPECT_SCHED_H

#include "events.h"
#include "fields.h"
#include "json.h"
#include "kernel.h"

#define KT_SAMPLE_MAX_CPUS	512	/* more are left out */
#define KT_COMM_BYTES		16

/* What is sampled of struct rq; a kernel may lack all but the first three. */
enum kt_rq_field {
	KT_RQ_NR_RUNNING,
	KT_RQ_CLOCK,
	KT_RQ_CURR,
	KT_RQ_ONLINE,
	KT_RQ_NR_SWITCHES,
	KT_RQ_SCX_NR_RUNNING,
	KT_RQ_SCX_FLAGS,
	KT_RQ_LOCAL_DSQ,	/* tasks in it */
	KT_RQ_RUN_DELAY,	/* from here on: schedstats */
	KT_RQ_PCOUNT,
	KT_RQ_YLD_COUNT,
	KT_RQ_SCHED_COUNT,
	KT_RQ_SCHED_GOIDLE,
	KT_RQ_TTWU_COUNT,
	KT_RQ_TTWU_LOCAL,
	KT_RQ_NR_FIELDS,
};

struct kt_sched_layout {
	bool known;
	const char *why_not;
	u64 jiffies_kva;
	u64 percpu_offsets_kva;
	u64 runqueues_kva;		/* of the per-CPU variable */
	u32 rq_bytes;
	struct kt_field rq[KT_RQ_NR_FIELDS];
	struct kt_field sd;		/* rq's lowest sched_domain */
	struct kt_field pid, comm;
	struct kt_events events;
};

struct kt_cpu_sample {
	u64 rq[KT_RQ_NR_FIELDS];	/* 0 where the kernel has it not */
	bool curr_known;		/* it may end while it is read */
	u32 curr_pid;
	char curr_comm[KT_COMM_BYTES];	/* not terminated when it is full */
};

struct kt_sched_sample {
	u64 jiffies;
	bool has_events;		/* a scheduler counts them */
	u64 fallbacks, keep_lasts;	/* of all CPUs */
	u32 nr_cpus;			/* sampled */
	struct kt_cpu_sample cpus[];
};

/*
 * Finds where everything is. -ENOENT and the reason in l->why_not when the
 * runqueues are not to be found; what else is not is absent.
 */
int kt_sched_layout_init(struct kt_sched_layout *l,
			 const struct kt_guest_kernel *k);

static inline bool kt_sched_has(const struct kt_sched_layout *l,
				enum kt_rq_field f)
{
	return kt_field_known(&l->rq[f]);
}

/* CPUs of a sample of @k, and the bytes that it takes. */
u32 kt_sched_nr_cpus(const struct kt_guest_kernel *k);
size_t kt_sched_sample_bytes(u32 nr_cpus);

/*
 * Fills @s of kt_sched_sample_bytes(kt_sched_nr_cpus(@k)). -errno and the
 * reason in @why when a runqueue cannot be read.
 */
int kt_sched_sample(const struct kt_guest_kernel *k,
		    const struct kt_sched_layout *l, struct kt_sched_sample *s,
		    char *why, size_t size);

/*
 * Whether @s was taken before the runqueues were in use: every clock the same,
 * or a local queue of a depth that cannot be. Its numbers mean nothing then.
 */
bool kt_sched_sample_early(const struct kt_sched_sample *s);

/*
 * Where the runqueue of @cpu is. -EFAULT: what the kernel says of it cannot be.
 */
int kt_sched_rq(const struct kt_guest_kernel *k,
		const struct kt_sched_layout *l, u32 cpu, u64 *kva);

/* The member "cpus" of a capture, with the scheduling domains of each CPU. */
json_t *kt_sched_json(const struct kt_guest_kernel *k,
		      const struct kt_sched_layout *l,
		      const struct kt_sched_sample *s, json_t *absent);

/*
 * sched_domains.c: the domains of the runqueue at @rq_kva, lowest first; the
 * balancer's counters only with @counters. NULL when the kernel has none.
 */
struct kt_domains {
	const struct kt_guest_kernel *k;
	struct kt_field *fields;	/* of struct sched_domain */
	struct kt_field sd;		/* of struct rq */
};

int kt_domains_init(struct kt_domains *d, const struct kt_guest_kernel *k,
		    const struct kt_sched_layout *l, json_t *absent);
void kt_domains_fini(struct kt_domains *d);
json_t *kt_domains_json(const struct kt_domains *d, u64 rq_kva, bool counters);

#endif /* KTSTR_INSPECT_SCHED_H */
