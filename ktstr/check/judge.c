// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks on workers: that they lived, worked, were not stuck, stayed on
 * their CPUs, had equal shares. judge_*.c have more of them. Each line carries
 * what was seen and the bound. Of one kind and cgroup only the first few are
 * told one by one: a scheduler that starves a thousand workers must not push
 * out what else went wrong.
 */
#include <stdio.h>
#include <sys/wait.h>

#include "../base/proc.h"
#include "../base/strbuf.h"
#include "judge_priv.h"

#define MAX_TOLD	8
#define MIN_LIFE_NS	(100 * KT_NSEC_PER_MSEC) /* of who can be starved */
#define MOST_SLOWER	5	/* or who lives for a whole step could not be */

bool kt_tell(struct kt_told *t)
{
	return ++t->nr <= MAX_TOLD;
}

void kt_tell_rest(const struct kt_told *t)
{
	if (t->nr > MAX_TOLD)
		kt_verdict_detail(t->v, t->kind, "cgroup %s: %u more workers %s",
				  t->in->cgroup, t->nr - MAX_TOLD, t->what);
}

static unsigned long long to_ms(u64 ns)
{
	return ns / KT_NSEC_PER_MSEC;
}

/* Wait statuses of workers that ended untold: an OOM kill is one. */
static void judge_deaths(struct kt_verdict *v, const struct kt_judge_input *in)
{
	struct kt_told t = { v, in, KT_DETAIL_ENV, "ended before they were told to" };
	char how[48];
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];

		if (r->died && kt_tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d in cgroup %s ended before it was told to: %s",
					  r->tid, in->cgroup,
					  kt_proc_status_str(r->status, how,
							     sizeof(how)));
	}
	kt_tell_rest(&t);
}

/* On a slow machine the first round takes longer. */
static u64 min_life_ns(const struct kt_judge_input *in)
{
	u32 slower = 100 / clamp(in->speed_pct ?: 100u, 1u, 100u);

	return MIN_LIFE_NS * min_t(u32, slower, MOST_SLOWER);
}

static void judge_starvation(struct kt_verdict *v,
			     const struct kt_judge_input *in)
{
	struct kt_told t = { v, in, KT_DETAIL_STARVED, "completed no work" };
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];

		/* of one that died its end was told */
		if (!r->iterations && !r->died &&
		    r->wall_ns >= min_life_ns(in) && kt_tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d completed no work in %llums (at least 1 iteration expected)",
					  r->tid, to_ms(r->wall_ns));
	}
	kt_tell_rest(&t);
	kt_verdict_judged(v);
}

static void judge_gaps(struct kt_verdict *v, const struct kt_judge_input *in,
		       s32 bound_ms)
{
	struct kt_told t = { v, in, KT_DETAIL_GAP, "were stuck for longer" };
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];
		u64 at = r->gap_at_ns > in->start_ns ?
			 r->gap_at_ns - in->start_ns : 0;

		if (r->gap_ns > (u64)bound_ms * KT_NSEC_PER_MSEC && kt_tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d stuck %llums on cpu%u at +%llums (threshold %dms)",
					  r->tid, to_ms(r->gap_ns), r->gap_cpu,
					  to_ms(at), bound_ms);
	}
	kt_tell_rest(&t);
	kt_verdict_judged(v);
}

static void judge_isolation(struct kt_verdict *v,
			    const struct kt_judge_input *in)
{
	struct kt_told t = { v, in, KT_DETAIL_ISOLATION, "ran outside it" };
	char list[KT_CPUMASK_STR];
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];
		const struct kt_cpumask *cpus = r->allowed ?: in->cpus;
		struct kt_cpumask outside;
		u32 cpu;

		if (!cpus)
			continue;
		kt_cpumask_andnot(&outside, &r->cpus, cpus);
		cpu = kt_cpumask_next(&outside, 0);
		if (cpu < KT_MAX_CPUS && kt_tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d in cgroup %s ran on cpu%u, outside its cpuset %s",
					  r->tid, in->cgroup, cpu,
					  kt_cpumask_str(cpus, list,
							 sizeof(list)));
	}
	kt_tell_rest(&t);
	kt_verdict_judged(v);
}

static void judge_fairness(struct kt_verdict *v,
			   const struct kt_judge_input *in, s32 bound_pct)
{
	const struct kt_worker_report *min_r = &in->reports[0];
	const struct kt_worker_report *max_r = &in->reports[0];
	u32 i, spread;

	for (i = 1; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];

		if (kt_share_pct(r) < kt_share_pct(min_r))
			min_r = r;
		if (kt_share_pct(r) > kt_share_pct(max_r))
			max_r = r;
	}
	spread = kt_share_pct(max_r) - kt_share_pct(min_r);
	if (spread > (u32)bound_pct)
		kt_verdict_detail(v, KT_DETAIL_UNFAIR,
				  "cgroup %s: CPU share spread %upp (bound %dpp; min %u%% tid %d, max %u%% tid %d)",
				  in->cgroup, spread, bound_pct,
				  kt_share_pct(min_r), min_r->tid,
				  kt_share_pct(max_r), max_r->tid);
	kt_verdict_judged(v);
}

void kt_judge_cgroup(struct kt_verdict *v, const struct kt_thresholds *th,
		     const struct kt_judge_input *in)
{
	struct kt_result *res = &v->result;

	if (res->nr_cgroups < KT_MAX_CGROUP_STATS)
		kt_judge_stats(in, &res->cgroups[res->nr_cgroups++]);
	if (!in->nr)
		return;
	judge_deaths(v, in);
	if (th->starvation > 0)
		judge_starvation(v, in);
	if (th->longest_gap_ms > 0)
		judge_gaps(v, in, th->longest_gap_ms);
	if (th->isolation > 0 && in->cpus)
		judge_isolation(v, in);
	if (th->fairness_spread_pct > 0 && in->nr > 1)
		judge_fairness(v, in, th->fairness_spread_pct);
	kt_judge_rates(v, th, in);
	kt_judge_wakes(v, th, in);
	kt_judge_numa(v, th, in);
}
