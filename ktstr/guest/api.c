// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ktstr.h offers to the body of a test; runs in the test's process.
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../check/judge.h"
#include "ctx.h"

static void send_frame(void *arg, u32 tag, const void *payload,
		       size_t len_bytes)
{
	struct ktstr_ctx *t = arg;

	kt_test_frame_send(t->frames_fd, tag, payload, len_bytes, 0);
}

static void judge(struct ktstr_ctx *t)
{
	struct kt_scenario *s = &t->scenario;
	struct kt_verdict *v = &t->shared->verdict;
	u32 i;

	for (i = 0; i < s->nr_cgroups; i++) {
		struct kt_scenario_cgroup *cg = &s->cgroups[i];
		struct kt_judge_input in = {
			.cgroup = cg->name,
			.cpus = cg->has_cpuset ? &cg->cpus : NULL,
			.reports = cg->group.reports,
			.nr = cg->group.nr,
			.start_ns = s->start_ns,
		};

		kt_judge_cgroup(v, &t->plan->thresholds, &in);
	}
	v->result.duration_ms = (s->end_ns - s->start_ns) / KT_NSEC_PER_MSEC;
}

void ktstr_run_steps(struct ktstr_ctx *t, const struct ktstr_step *steps,
		     size_t nr_steps)
{
	struct kt_verdict *v = &t->shared->verdict;
	struct kt_scenario *s = &t->scenario;

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
	s->stop_fd = t->stop_fd;
	s->emit = send_frame;
	s->emit_arg = t;
	if (kt_scenario_run(s, steps, nr_steps)) {
		kt_verdict_detail(v, KT_DETAIL_ENV, "%s", s->why);
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
	struct kt_result *r = &t->shared->verdict.result;
	u32 i;

	for (i = 0; i < r->nr_cgroups; i++) {
		const struct kt_cgroup_stats *s = &r->cgroups[i];

		if (!strcmp(s->name, name))
			return (struct ktstr_stats){
				.workers = s->workers,
				.iterations = s->iterations,
				.cpu_ns = s->cpu_ns,
				.spread_pct = s->spread_pct,
				.longest_gap_ms = s->longest_gap_ms,
				.migrations = s->migrations,
			};
	}
	kt_verdict_detail(&t->shared->verdict, KT_DETAIL_TEST,
			  "%s: no cgroup \"%s\" was run by ktstr_run_steps()",
			  __func__, name);
	ktstr_leave(t);
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
