// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks on workers. Each line carries what was seen and the bound. Of one
 * kind and cgroup only the first few are told one by one: a scheduler that
 * starves a thousand workers must not push out what else went wrong.
 */
#include <stdio.h>
#include <sys/wait.h>

#include "../base/proc.h"
#include "../base/strbuf.h"
#include "judge.h"

#define MAX_TOLD	8

/* How many of one kind were told, and how many not. */
struct told {
	struct kt_verdict *v;
	const struct kt_judge_input *in;
	enum kt_detail_kind kind;
	const char *what;		/* "starved" */
	u32 nr;
};

static bool tell(struct told *t)
{
	return ++t->nr <= MAX_TOLD;
}

static void tell_rest(const struct told *t)
{
	if (t->nr > MAX_TOLD)
		kt_verdict_detail(t->v, t->kind, "cgroup %s: %u more workers %s",
				  t->in->cgroup, t->nr - MAX_TOLD, t->what);
}

static unsigned long long to_ms(u64 ns)
{
	return ns / KT_NSEC_PER_MSEC;
}

static u32 share_pct(const struct kt_worker_report *r)
{
	u64 pct = r->wall_ns ? r->cpu_ns / max_t(u64, r->wall_ns / 100, 1) : 0;

	return min_t(u64, pct, 100);
}

/* Wait statuses of workers that ended untold: an OOM kill is one. */
static void judge_deaths(struct kt_verdict *v, const struct kt_judge_input *in)
{
	struct told t = { v, in, KT_DETAIL_ENV, "ended before they were told to" };
	char how[48];
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];

		if (r->died && tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d in cgroup %s ended before it was told to: %s",
					  r->tid, in->cgroup,
					  kt_proc_status_str(r->status, how,
							     sizeof(how)));
	}
	tell_rest(&t);
}

static void judge_starvation(struct kt_verdict *v,
			     const struct kt_judge_input *in)
{
	struct told t = { v, in, KT_DETAIL_STARVED, "completed no work" };
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];

		if (!r->iterations && tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d completed no work in %llums (at least 1 iteration expected)",
					  r->tid, to_ms(r->wall_ns));
	}
	tell_rest(&t);
	kt_verdict_judged(v);
}

static void judge_gaps(struct kt_verdict *v, const struct kt_judge_input *in,
		       s32 bound_ms)
{
	struct told t = { v, in, KT_DETAIL_GAP, "were stuck for longer" };
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];
		u64 at = r->gap_at_ns > in->start_ns ?
			 r->gap_at_ns - in->start_ns : 0;

		if (r->gap_ns > (u64)bound_ms * KT_NSEC_PER_MSEC && tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d stuck %llums on cpu%u at +%llums (threshold %dms)",
					  r->tid, to_ms(r->gap_ns), r->gap_cpu,
					  to_ms(at), bound_ms);
	}
	tell_rest(&t);
	kt_verdict_judged(v);
}

static void judge_isolation(struct kt_verdict *v,
			    const struct kt_judge_input *in)
{
	struct told t = { v, in, KT_DETAIL_ISOLATION, "ran outside it" };
	char list[KT_CPUMASK_STR];
	u32 i;

	kt_cpumask_str(in->cpus, list, sizeof(list));
	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];
		struct kt_cpumask outside;
		u32 cpu;

		kt_cpumask_andnot(&outside, &r->cpus, in->cpus);
		cpu = kt_cpumask_next(&outside, 0);
		if (cpu < KT_MAX_CPUS && tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d in cgroup %s ran on cpu%u, outside its cpuset %s",
					  r->tid, in->cgroup, cpu, list);
	}
	tell_rest(&t);
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

		if (share_pct(r) < share_pct(min_r))
			min_r = r;
		if (share_pct(r) > share_pct(max_r))
			max_r = r;
	}
	spread = share_pct(max_r) - share_pct(min_r);
	if (spread > (u32)bound_pct)
		kt_verdict_detail(v, KT_DETAIL_UNFAIR,
				  "cgroup %s: CPU share spread %upp (bound %dpp; min %u%% tid %d, max %u%% tid %d)",
				  in->cgroup, spread, bound_pct,
				  share_pct(min_r), min_r->tid,
				  share_pct(max_r), max_r->tid);
	kt_verdict_judged(v);
}

static void add_stats(struct kt_verdict *v, const struct kt_judge_input *in)
{
	struct kt_result *res = &v->result;
	struct kt_cgroup_stats *s;
	u64 gap_ns = 0;
	u32 i;

	if (res->nr_cgroups >= KT_MAX_CGROUP_STATS)
		return;
	s = &res->cgroups[res->nr_cgroups];
	memset(s, 0, sizeof(*s));
	kt_utf8_copy(s->name, sizeof(s->name), in->cgroup);
	s->workers = in->nr;
	s->min_share_pct = in->nr ? 100 : 0;
	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];

		s->iterations += r->iterations;
		s->cpu_ns += r->cpu_ns;
		s->migrations += r->migrations;
		s->min_share_pct = min(s->min_share_pct, share_pct(r));
		s->max_share_pct = max(s->max_share_pct, share_pct(r));
		if (r->gap_ns >= gap_ns) {
			gap_ns = r->gap_ns;
			s->gap_cpu = r->gap_cpu;
		}
	}
	s->longest_gap_ms = gap_ns / KT_NSEC_PER_MSEC;
	s->spread_pct = s->max_share_pct - s->min_share_pct;
	res->nr_cgroups++;
}

void kt_judge_cgroup(struct kt_verdict *v, const struct kt_thresholds *th,
		     const struct kt_judge_input *in)
{
	add_stats(v, in);
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
}
