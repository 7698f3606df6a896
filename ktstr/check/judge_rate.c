// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks on how much was done: work units and iterations in time, alike
 * among a cgroup's workers, and not too often moved in between.
 */
#include "judge_priv.h"
#include "spread.h"

/* @nr in a second of @wall_ns. */
static u64 rate_per_s(u64 nr, u64 wall_ns)
{
	u64 wall_ms = wall_ns / KT_NSEC_PER_MSEC;

	return wall_ms ? min_t(u64, nr, UINT64_MAX / 1000) * 1000 / wall_ms : 0;
}

struct kt_throughput kt_throughput_of(const struct kt_judge_input *in)
{
	struct kt_throughput t = { .min_per_s = UINT64_MAX };
	double sum = 0, sum_sq = 0;
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];
		double rate;

		if (r->cpu_ns < KT_NSEC_PER_MSEC)
			continue;
		rate = r->work_units * (double)KT_NSEC_PER_SEC / r->cpu_ns;
		sum += rate;
		sum_sq += rate * rate;
		t.nr++;
		if (rate < t.min_per_s) {
			t.min_per_s = rate;
			t.min_tid = r->tid;
		}
		if (rate >= t.max_per_s) {
			t.max_per_s = rate;
			t.max_tid = r->tid;
		}
	}
	t.cv_pct = kt_spread_cv_pct(t.nr, sum, sum_sq);
	return t;
}

static void judge_parity(struct kt_verdict *v, const struct kt_judge_input *in,
			 s32 bound_pct)
{
	struct kt_throughput t = kt_throughput_of(in);

	if (t.nr < 2) {
		kt_verdict_unjudged(v, KT_DETAIL_RATE,
				    "cgroup %s: fewer than 2 workers had CPU time: throughput parity was not judged",
				    in->cgroup);
		return;
	}
	if (t.cv_pct > (u32)bound_pct)
		kt_verdict_detail(v, KT_DETAIL_RATE,
				  "cgroup %s: work per CPU time varies by %u%% (bound %d%%; min %llu/s tid %d, max %llu/s tid %d)",
				  in->cgroup, t.cv_pct, bound_pct,
				  (unsigned long long)t.min_per_s, t.min_tid,
				  (unsigned long long)t.max_per_s, t.max_tid);
	kt_verdict_judged(v);
}

static u64 units_of(const struct kt_worker_report *r)
{
	return r->work_units;
}

static u64 iterations_of(const struct kt_worker_report *r)
{
	return r->iterations;
}

static void judge_floor(struct kt_verdict *v, const struct kt_judge_input *in,
			s32 bound, u64 (*nr_of)(const struct kt_worker_report *),
			const char *what)
{
	struct kt_told t = { v, in, KT_DETAIL_RATE, "were as slow" };
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];
		u64 rate = rate_per_s(nr_of(r), r->wall_ns);

		if (rate < (u64)bound && kt_tell(&t))
			kt_verdict_detail(v, t.kind,
					  "tid %d in cgroup %s did %llu %s/s (at least %d/s expected)",
					  r->tid, in->cgroup,
					  (unsigned long long)rate, what,
					  bound);
	}
	kt_tell_rest(&t);
	kt_verdict_judged(v);
}

static void judge_migrations(struct kt_verdict *v,
			     const struct kt_judge_input *in, s32 bound)
{
	u64 migrations = 0, iterations = 0, ratio;
	u32 i;

	for (i = 0; i < in->nr; i++) {
		migrations += in->reports[i].migrations;
		iterations += in->reports[i].iterations;
	}
	if (!iterations) {
		kt_verdict_unjudged(v, KT_DETAIL_RATE,
				    "cgroup %s: no iteration was completed: its migrations were not judged",
				    in->cgroup);
		return;
	}
	ratio = min_t(u64, migrations, UINT64_MAX / 1000) * 1000 / iterations;
	if (ratio > (u64)bound)
		kt_verdict_detail(v, KT_DETAIL_RATE,
				  "cgroup %s: %llu migrations per 1000 iterations (bound %d; %llu in %llu)",
				  in->cgroup, (unsigned long long)ratio, bound,
				  (unsigned long long)migrations,
				  (unsigned long long)iterations);
	kt_verdict_judged(v);
}

void kt_judge_rates(struct kt_verdict *v, const struct kt_thresholds *th,
		    const struct kt_judge_input *in)
{
	if (th->throughput_cv_pct > 0)
		judge_parity(v, in, th->throughput_cv_pct);
	if (th->throughput_per_s > 0)
		judge_floor(v, in, th->throughput_per_s, units_of,
			    "work units");
	if (th->iterations_per_s > 0)
		judge_floor(v, in, th->iterations_per_s, iterations_of,
			    "iterations");
	if (th->migrations_per_1000 > 0)
		judge_migrations(v, in, th->migrations_per_1000);
}
