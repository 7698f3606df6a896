// SPDX-License-Identifier: GPL-2.0-only
/*
 * Thresholds and statistics in words.
 */
#include "../check/thresholds.h"
#include "cgroups.h"

#define TOLD_IN_FULL	16	/* cgroups */

static void say(FILE *out, const char **sep, const char *what, s32 bound,
		const char *unit)
{
	if (bound <= 0)
		return;
	fprintf(out, "%s%s %d %s", *sep, what, bound, unit);
	*sep = ", ";
}

void kt_cgroups_thresholds(FILE *out, const struct kt_case *c)
{
	const struct kt_thresholds *th = &c->plan.thresholds;
	const char *sep = ": ";

	if (!kt_thresholds_slowed(th))
		return;
	fprintf(out, "thresholds of wakes and rates for a machine %u.%02u times slower",
		c->slowdown_pct / 100, c->slowdown_pct % 100);
	say(out, &sep, "p99 wake latency", th->wake_p99_us, "us");
	say(out, &sep, "at least", th->throughput_per_s, "work units/s");
	say(out, &sep, "at least", th->iterations_per_s, "iterations/s");
	say(out, &sep, "at most", th->migrations_per_1000,
	    "migrations per 1000 iterations");
	fprintf(out, "\n");
}

static void print_more(FILE *out, const struct kt_cgroup_stats *g)
{
	if (g->wakes)
		fprintf(out, "cgroup %s: %llu wakes, latency p50 %u us, p99 %u us, longest %u us, varying by %u%%\n",
			g->name, (unsigned long long)g->wakes, g->wake_p50_us,
			g->wake_p99_us, g->wake_max_us, g->wake_cv_pct);
	fprintf(out, "cgroup %s: %llu work units, varying by %u%%, off CPU %u%%, run delay %llu ms, %llu slices on %u CPUs\n",
		g->name, (unsigned long long)g->work_units,
		g->throughput_cv_pct, g->off_cpu_pct,
		(unsigned long long)(g->run_delay_ns / KT_NSEC_PER_MSEC),
		(unsigned long long)g->slices, g->cpus_used);
	if (g->pages)
		fprintf(out, "cgroup %s: %llu pages, %u%% on nodes of its CPUs, %u%% on nodes without CPUs; %u migrations to another node\n",
			g->name, (unsigned long long)g->pages, g->local_pct,
			g->slow_pct, g->cross_node);
}

void kt_cgroups_report(FILE *out, const struct kt_result *r)
{
	u32 i;

	for (i = 0; i < r->nr_cgroups; i++) {
		const struct kt_cgroup_stats *g = &r->cgroups[i];

		fprintf(out,
			"cgroup %s: %u workers, %llu iterations, CPU share %u..%u%%, longest gap %u ms, %u migrations\n",
			g->name, g->workers, (unsigned long long)g->iterations,
			g->min_share_pct, g->max_share_pct, g->longest_gap_ms,
			g->migrations);
		if (g->workers && i < TOLD_IN_FULL)
			print_more(out, g);
	}
}

void kt_cgroups_json(json_t *o, const struct kt_cgroup_stats *g)
{
	kt_json_set_u64(o, "work_units", g->work_units);
	kt_json_set_u64(o, "throughput_cv_pct", g->throughput_cv_pct);
	kt_json_set_u64(o, "off_cpu_pct", g->off_cpu_pct);
	kt_json_set_u64(o, "run_delay_ns", g->run_delay_ns);
	kt_json_set_u64(o, "slices", g->slices);
	kt_json_set_u64(o, "cpus_used", g->cpus_used);
	kt_json_set_u64(o, "cross_node_migrations", g->cross_node);
	kt_json_set_u64(o, "wakes", g->wakes);
	kt_json_set_u64(o, "wake_p50_us", g->wake_p50_us);
	kt_json_set_u64(o, "wake_p99_us", g->wake_p99_us);
	kt_json_set_u64(o, "wake_max_us", g->wake_max_us);
	kt_json_set_u64(o, "wake_cv_pct", g->wake_cv_pct);
	kt_json_set_u64(o, "pages", g->pages);
	kt_json_set_u64(o, "local_pages_pct", g->local_pct);
	kt_json_set_u64(o, "slow_pages_pct", g->slow_pct);
}
