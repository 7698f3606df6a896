// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ktstr.h offers to the body of a test; runs in the test's process.
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../check/judge.h"
#include "../scenario/members.h"
#include "ctx.h"
#include "payload.h"
#include "services.h"

static void send_frame(void *arg, u32 tag, const void *payload,
		       size_t len_bytes)
{
	struct ktstr_ctx *t = arg;

	kt_test_frame_send(t->frames_fd, tag, payload, len_bytes, 0);
}

/* @cg as the checks want it; none of its workers confined: no isolation. */
static struct kt_judge_input judge_input(const struct kt_scenario *s,
					 const struct kt_scenario_cgroup *cg)
{
	struct kt_judge_input in = {
		.cgroup = cg->name,
		.reports = cg->reports,
		.nr = cg->nr_reports,
		.topo = s->topo,
		.start_ns = s->start_ns,
		.speed_pct = s->speed_pct,
	};
	u32 i;

	for (i = 0; i < in.nr && !in.cpus; i++)
		if (in.reports[i].allowed)
			in.cpus = &s->topo->online;
	return in;
}

static void judge(struct ktstr_ctx *t)
{
	struct kt_scenario *s = &t->scenario;
	struct kt_verdict *v = &t->shared->verdict;
	u32 i;

	for (i = 0; i < s->nr_cgroups; i++) {
		struct kt_judge_input in = judge_input(s, &s->cgroups[i]);

		kt_judge_cgroup(v, &t->plan->thresholds, &in);
	}
	if (s->nr_cgroups > KT_MAX_CGROUP_STATS)
		ktstr_note(t, "%u cgroups were judged; statistics are told of the first %u",
			   s->nr_cgroups, KT_MAX_CGROUP_STATS);
	v->result.duration_ms = (s->end_ns - s->start_ns) / KT_NSEC_PER_MSEC;
}

void ktstr_run_steps(struct ktstr_ctx *t, const struct ktstr_step *steps,
		     size_t nr_steps)
{
	struct kt_verdict *v = &t->shared->verdict;
	struct kt_scenario *s = &t->scenario;
	int ret;

	if (t->ran_steps || !nr_steps) {
		kt_verdict_detail(v, KT_DETAIL_TEST,
				  "%s: called with %zu steps, %s; once and with one at least is right",
				  __func__, nr_steps,
				  t->ran_steps ? "again" : "the first time");
		ktstr_leave(t);
	}
	t->ran_steps = true;
	s->topo = &t->topo;
	s->duration_ms = t->plan->duration_ms;
	s->speed_pct = t->plan->speed_pct;
	s->seed = t->plan->seed;
	s->workers_pct = t->plan->workers_pct;
	s->start_spread_us = t->plan->start_spread_us;
	s->stop_fd = t->stop_fd;
	s->emit = send_frame;
	s->emit_arg = t;
	s->services = &kt_guest_services;
	s->services_arg = t;
	ret = kt_scenario_run(s, steps, nr_steps);
	kt_payloads_end(t);
	if (ret) {
		kt_verdict_detail(v, s->sched_failed ? KT_DETAIL_SCHED :
				  KT_DETAIL_ENV, "%s", s->why);
		ktstr_leave(t);
	}
	if (s->stopped_early)
		ktstr_note(t, "the workload was ended early, after %llu ms of %u",
			   (unsigned long long)((s->end_ns - s->start_ns) /
						KT_NSEC_PER_MSEC),
			   t->plan->duration_ms);
	judge(t);
}

struct ktstr_stats ktstr_cgroup_stats(struct ktstr_ctx *t, const char *name)
{
	const struct kt_scenario_cgroup *cg = kt_members_find(&t->scenario, name);
	struct kt_judge_input in;
	struct kt_cgroup_stats s;

	if (!cg) {
		kt_verdict_detail(&t->shared->verdict, KT_DETAIL_TEST,
				  "%s: no cgroup \"%s\" was run by ktstr_run_steps()",
				  __func__, name);
		ktstr_leave(t);
	}
	in = judge_input(&t->scenario, cg);
	kt_judge_stats(&in, &s);
	return (struct ktstr_stats){
		.workers = s.workers,
		.iterations = s.iterations,
		.cpu_ns = s.cpu_ns,
		.spread_pct = s.spread_pct,
		.longest_gap_ms = s.longest_gap_ms,
		.migrations = s.migrations,
		.work_units = s.work_units,
		.throughput_cv_pct = s.throughput_cv_pct,
		.off_cpu_pct = s.off_cpu_pct,
		.run_delay_ns = s.run_delay_ns,
		.slices = s.slices,
		.cpus_used = s.cpus_used,
		.cross_node_migrations = s.cross_node,
		.wakes = s.wakes,
		.wake_p50_us = s.wake_p50_us,
		.wake_p99_us = s.wake_p99_us,
		.wake_max_us = s.wake_max_us,
		.wake_cv_pct = s.wake_cv_pct,
		.pages = s.pages,
		.local_pages_pct = s.local_pct,
		.slow_pages_pct = s.slow_pct,
	};
}

uint32_t ktstr_nr_cpus(const struct ktstr_ctx *t)
{
	return t->topo.nr_cpus;
}

uint32_t ktstr_nr_llcs(const struct ktstr_ctx *t)
{
	return t->topo.nr_llcs;
}

void ktstr_note(struct ktstr_ctx *t, const char *fmt, ...)
{
	char text[KT_DETAIL_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kt_verdict_detail(&t->shared->verdict, KT_DETAIL_INFO, "%s", text);
}

bool ktstr_claim(struct ktstr_ctx *t, bool ok, const char *file, int line,
		 const char *label, int64_t value, int64_t bound)
{
	const char *base = strrchr(file, '/');

	kt_verdict_claim(&t->shared->verdict, ok, base ? base + 1 : file, line,
			 label, value, bound);
	return ok;
}

void kt_ctx_finish(struct ktstr_ctx *t)
{
	kt_scenario_fini(&t->scenario);
	fflush(NULL);
	atomic_store_explicit(&t->shared->finished, true,
			      memory_order_release);
	_exit(0);
}

void ktstr_leave(struct ktstr_ctx *t)
{
	kt_ctx_finish(t);
}
