// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the workers of a cgroup did, in sum.
 */
#include "../base/strbuf.h"
#include "judge_priv.h"
#include "spread.h"

u32 kt_share_pct(const struct kt_worker_report *r)
{
	u64 pct = r->wall_ns ? r->cpu_ns / max_t(u64, r->wall_ns / 100, 1) : 0;

	return min_t(u64, pct, 100);
}

static u32 off_cpu_pct(const struct kt_judge_input *in)
{
	u64 wall_ns = 0, cpu_ns = 0;
	u32 i;

	for (i = 0; i < in->nr; i++) {
		wall_ns += in->reports[i].wall_ns;
		cpu_ns += min(in->reports[i].cpu_ns, in->reports[i].wall_ns);
	}
	return kt_spread_pct(wall_ns - cpu_ns, wall_ns);
}

static void add_wakes(const struct kt_judge_input *in,
		      struct kt_cgroup_stats *s)
{
	struct kt_wake_stats w = kt_wake_stats_of(in);

	s->wakes = w.nr;
	s->wake_p50_us = w.p50_us;
	s->wake_p99_us = w.p99_us;
	s->wake_max_us = w.max_us;
	s->wake_cv_pct = w.cv_pct;
}

static void add_pages(const struct kt_judge_input *in,
		      struct kt_cgroup_stats *s)
{
	struct kt_page_stats p = kt_page_stats_of(in);

	s->pages = p.nr;
	s->local_pct = kt_spread_pct(p.local, p.nr);
	s->slow_pct = kt_spread_pct(p.slow, p.nr);
}

static void add_shares(const struct kt_judge_input *in,
		       struct kt_cgroup_stats *s)
{
	u32 i;

	s->min_share_pct = in->nr ? 100 : 0;
	for (i = 0; i < in->nr; i++) {
		u32 share = kt_share_pct(&in->reports[i]);

		s->min_share_pct = min(s->min_share_pct, share);
		s->max_share_pct = max(s->max_share_pct, share);
	}
	s->spread_pct = s->max_share_pct - s->min_share_pct;
	s->off_cpu_pct = off_cpu_pct(in);
}

void kt_judge_stats(const struct kt_judge_input *in, struct kt_cgroup_stats *s)
{
	struct kt_cpumask cpus = {};
	u64 gap_ns = 0;
	u32 i;

	memset(s, 0, sizeof(*s));
	kt_utf8_copy(s->name, sizeof(s->name), in->cgroup);
	s->workers = in->nr;
	for (i = 0; i < in->nr; i++) {
		const struct kt_worker_report *r = &in->reports[i];

		s->iterations += r->iterations;
		s->work_units += r->work_units;
		s->cpu_ns += r->cpu_ns;
		s->run_delay_ns += r->run_delay_ns;
		s->slices += r->slices;
		s->migrations += r->migrations;
		s->cross_node += r->cross_node;
		kt_cpumask_or(&cpus, &cpus, &r->cpus);
		if (r->gap_ns >= gap_ns) {
			gap_ns = r->gap_ns;
			s->gap_cpu = r->gap_cpu;
		}
	}
	s->longest_gap_ms = gap_ns / KT_NSEC_PER_MSEC;
	s->cpus_used = kt_cpumask_weight(&cpus);
	s->throughput_cv_pct = kt_throughput_of(in).cv_pct;
	add_shares(in, s);
	add_wakes(in, s);
	add_pages(in, s);
}
