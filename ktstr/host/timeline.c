// SPDX-License-Identifier: GPL-2.0-only
/*
 * Phases of a workload. Of counters the difference between a phase's first and
 * last sample counts, so what happened outside of them is left out.
 */
#include "../base/strbuf.h"
#include "../wire/result.h"
#include "cgroups.h"
#include "timeline.h"

#define CPUS_TOLD	8	/* one by one in a line */

static u64 since(u64 at_ns, u64 from_ns)
{
	return at_ns - min(at_ns, from_ns);
}

/* Counters of 4 bytes begin anew at 0. */
static u64 grown(u64 from, u64 to)
{
	return to >= from ? to - from : from <= UINT32_MAX ? (u32)(to - from) : 0;
}

static void add_counters(struct kt_timeline_phase *p,
			 const struct kt_monitor_sample *first,
			 const struct kt_monitor_sample *last)
{
	u32 i;

	p->counted_ns = since(last->running_ns, first->running_ns);
	for (i = 0; i < p->nr_cpus; i++) {
		const u64 *from = first->sched.cpus[i].rq;
		const u64 *to = last->sched.cpus[i].rq;

		p->switches += grown(from[KT_RQ_NR_SWITCHES],
				     to[KT_RQ_NR_SWITCHES]);
		p->wakeups += grown(from[KT_RQ_TTWU_COUNT],
				    to[KT_RQ_TTWU_COUNT]);
		p->run_delay_ns += grown(from[KT_RQ_RUN_DELAY],
					 to[KT_RQ_RUN_DELAY]);
	}
}

static void add_sample(struct kt_timeline_phase *p,
		       struct kt_timeline_cpu *cpus,
		       const struct kt_monitor_sample *s, bool has_online)
{
	struct kt_monitor_finding f = {};
	u64 n;
	u32 i;

	p->samples++;
	p->imbalance_pct = max(p->imbalance_pct,
			       kt_monitor_imbalance(&s->sched, has_online, &f));
	for (i = 0; i < p->nr_cpus; i++) {
		n = s->sched.cpus[i].rq[KT_RQ_NR_RUNNING];
		cpus[i].nr_running += n;
		cpus[i].most_running = max(cpus[i].most_running, n);
	}
}

/* Fills in what the samples from @from_ns to @to_ns of the run say. */
static void add_samples(struct kt_timeline_phase *p,
			struct kt_timeline_cpu *cpus,
			const struct kt_coord *c, u64 from_ns, u64 to_ns)
{
	const struct kt_monitor_sample *s, *first = NULL, *last = NULL;
	const struct kt_monitor *mon = &c->monitor;
	u32 i;

	memset(cpus, 0, mon->nr_cpus * sizeof(*cpus));
	p->nr_cpus = mon->nr_cpus;
	p->cpus = cpus;
	for (i = 0; (s = kt_monitor_get(mon, i)); i++) {
		if (s->at_ns < from_ns || s->at_ns >= to_ns ||
		    kt_sched_sample_early(&s->sched))
			continue;
		add_sample(p, cpus, s, mon->judge.has_online);
		first = first ? first : s;
		last = s;
	}
	if (first)
		add_counters(p, first, last);
}

/* The next Stimulus from @*frame on, and when it came. */
static bool next_stimulus(const struct kt_coord *c, u32 *frame,
			  struct kt_stimulus *s, u64 *at_ns)
{
	const struct kt_bucket *b = &c->bucket;

	while (*frame < b->nr_frames) {
		const struct kt_kept_frame *f = b->frames[(*frame)++];

		*at_ns = f->at_ns;
		if (f->msg_type == KT_TAG_STIMULUS && f->crc_ok &&
		    !kt_stimulus_decode(s, f->payload, f->len_bytes))
			return true;
	}
	return false;
}

/* A deterministic machine's frames and samples have the times of its own clock. */
static u64 start_ns(const struct kt_coord *c)
{
	return c->trace.on ? c->trace.start_ns : c->sinks.start_ns;
}

static u64 end_ns(const struct kt_coord *c)
{
	if (c->trace.on)
		return c->trace.end_ns ? c->trace.end_ns : c->trace.last_ns;
	return c->workload_end_ns ? c->workload_end_ns : c->ended_ns;
}

/* The phases that a Stimulus ends, then what is left. */
static int each_phase(const struct kt_coord *c, struct kt_timeline_cpu *cpus,
		      int (*fn)(void *arg, const struct kt_timeline_phase *p),
		      void *arg)
{
	u64 start = start_ns(c), from = start, at, iterations = 0;
	u64 end = end_ns(c);
	struct kt_timeline_phase p;
	struct kt_stimulus s;
	u32 frame = 0, nr = 1;
	int ret;

	while (nr < KT_TIMELINE_MAX_PHASES && next_stimulus(c, &frame, &s, &at)) {
		p = (struct kt_timeline_phase){
			.step = s.step_index, .from_ns = since(from, start),
			.to_ns = since(at, start),
			.iterations = since(s.total_iterations, iterations),
		};
		add_samples(&p, cpus, c, from, at);
		/* 0 is the state before the first step */
		ret = p.step && at >= from ? fn(arg, &p) : 0;
		if (ret)
			return ret;
		nr += !!p.step;
		from = max(from, at);
		iterations = s.total_iterations;
	}
	p = (struct kt_timeline_phase){
		.from_ns = since(from, start), .to_ns = since(end, start),
	};
	add_samples(&p, cpus, c, from, end);
	return p.samples ? fn(arg, &p) : 0;
}

int kt_timeline_for_each(const struct kt_coord *c,
			 int (*fn)(void *arg,
				   const struct kt_timeline_phase *p),
			 void *arg)
{
	struct kt_timeline_cpu *cpus;
	int ret;

	if (!c->sinks.start_ns)
		return -ENODATA;
	cpus = calloc(max(c->monitor.nr_cpus, 1u), sizeof(*cpus));
	if (!cpus)
		return -ENOMEM;
	ret = each_phase(c, cpus, fn, arg);
	free(cpus);
	return ret;
}

static unsigned long long to_ms(u64 ns)
{
	return ns / KT_NSEC_PER_MSEC;
}

/* @n in the phase as a number a second. */
static u64 per_s(const struct kt_timeline_phase *p, u64 n)
{
	u64 us = p->counted_ns / 1000;

	return us ? min_t(u64, n, UINT64_MAX / 1000000) * 1000000 / us : 0;
}

static void add_cpus(struct kt_strbuf *sb, const struct kt_timeline_phase *p)
{
	unsigned long long mean_pct;
	u32 i;

	for (i = 0; i < p->nr_cpus && i < CPUS_TOLD; i++) {
		mean_pct = min_t(u64, p->cpus[i].nr_running, UINT32_MAX) * 100 /
			   p->samples;
		kt_strbuf_addf(sb, "%scpu%u %llu.%02llu/%llu",
			       i ? ", " : " (mean/max ", i, mean_pct / 100,
			       mean_pct % 100,
			       (unsigned long long)p->cpus[i].most_running);
	}
	if (i)
		kt_strbuf_addf(sb, "%s)", i < p->nr_cpus ? ", ..." : "");
}

static void add_line(struct kt_strbuf *sb, const struct kt_timeline_phase *p)
{
	if (p->step)
		kt_strbuf_addf(sb, "step %u", p->step);
	else
		kt_strbuf_addf(sb, "then");
	kt_strbuf_addf(sb, ", %llu..%llu ms: %u samples", to_ms(p->from_ns),
		       to_ms(p->to_ns), p->samples);
	if (p->samples) {
		kt_strbuf_addf(sb, ", runnable");
		add_cpus(sb, p);
		kt_strbuf_addf(sb, ", imbalance %llu.%02llu",
			       (unsigned long long)p->imbalance_pct / 100,
			       (unsigned long long)p->imbalance_pct % 100);
	}
	if (p->counted_ns)
		kt_strbuf_addf(sb, ", a second: %llu switches, %llu wakeups, %llu ms waited",
			       (unsigned long long)per_s(p, p->switches),
			       (unsigned long long)per_s(p, p->wakeups),
			       to_ms(per_s(p, p->run_delay_ns)));
	if (p->step)
		kt_strbuf_addf(sb, "; %llu iterations",
			       (unsigned long long)p->iterations);
	kt_strbuf_addf(sb, "\n");
}

struct print {
	FILE *out;
	u32 lines, max_lines;
};

static int print_phase(void *arg, const struct kt_timeline_phase *p)
{
	struct print *pr = arg;
	struct kt_strbuf sb;

	if (pr->lines++ >= pr->max_lines)
		return 0;
	kt_strbuf_init(&sb, 1024);
	add_line(&sb, p);
	fprintf(pr->out, "  %s", kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
	return 0;
}

void kt_timeline_print(FILE *out, const struct kt_coord *c, u32 max_lines)
{
	const struct kt_monitor *mon = &c->monitor;
	struct print pr = { .out = out, .max_lines = max_lines };

	if (!mon->taken || !c->sinks.start_ns)
		return;
	fprintf(out, "timeline, since the workload's start:\n");
	if (mon->taken > mon->nr_ring)
		fprintf(out, "  the first %llu samples are not kept\n",
			(unsigned long long)(mon->taken - mon->nr_ring));
	kt_timeline_for_each(c, print_phase, &pr);
	if (pr.lines > max_lines)
		fprintf(out, "  %u more phases\n", pr.lines - max_lines);
}

static struct kt_result *find_result(const struct kt_coord *c)
{
	const struct kt_kept_frame *f;
	struct kt_result *r;

	f = kt_bucket_last(&c->bucket, KT_TAG_TEST_RESULT);
	r = f ? malloc(sizeof(*r)) : NULL;
	if (r && !kt_result_decode(r, f->payload, f->len_bytes))
		return r;
	free(r);
	return NULL;
}

static json_t *phase_cpus_json(const struct kt_timeline_phase *p)
{
	json_t *all = json_array(), *o;
	u32 i;

	for (i = 0; p->samples && i < p->nr_cpus; i++) {
		o = json_object();
		kt_json_set(o, "mean", json_real((double)p->cpus[i].nr_running /
						 p->samples));
		kt_json_set_u64(o, "max", p->cpus[i].most_running);
		json_array_append_new(all, o);
	}
	return all;
}

static int phase_json(void *arg, const struct kt_timeline_phase *p)
{
	json_t *o = json_object();

	kt_json_set_u64(o, "step", p->step);
	kt_json_set_u64(o, "from_ms", to_ms(p->from_ns));
	kt_json_set_u64(o, "to_ms", to_ms(p->to_ns));
	kt_json_set_u64(o, "iterations", p->iterations);
	kt_json_set_u64(o, "samples", p->samples);
	kt_json_set_u64(o, "imbalance_pct", p->imbalance_pct);
	kt_json_set(o, "nr_running", phase_cpus_json(p));
	kt_json_set_u64(o, "switches_per_s", per_s(p, p->switches));
	kt_json_set_u64(o, "wakeups_per_s", per_s(p, p->wakeups));
	kt_json_set_u64(o, "run_delay_ns_per_s", per_s(p, p->run_delay_ns));
	json_array_append_new(arg, o);
	return 0;
}

static json_t *cgroup_json(const struct kt_cgroup_stats *g)
{
	json_t *o = json_object();

	kt_json_set_text(o, "name", g->name);
	kt_json_set_u64(o, "workers", g->workers);
	kt_json_set_u64(o, "iterations", g->iterations);
	kt_json_set_u64(o, "cpu_ns", g->cpu_ns);
	kt_json_set_u64(o, "min_share_pct", g->min_share_pct);
	kt_json_set_u64(o, "max_share_pct", g->max_share_pct);
	kt_json_set_u64(o, "longest_gap_ms", g->longest_gap_ms);
	kt_json_set_u64(o, "gap_cpu", g->gap_cpu);
	kt_json_set_u64(o, "migrations", g->migrations);
	kt_cgroups_json(o, g);
	return o;
}

json_t *kt_timeline_json(const struct kt_coord *c)
{
	json_t *o, *phases = json_array(), *cgroups = json_array();
	struct kt_result *r = find_result(c);
	u32 i;

	for (i = 0; r && i < r->nr_cgroups; i++)
		json_array_append_new(cgroups, cgroup_json(&r->cgroups[i]));
	free(r);
	if (kt_timeline_for_each(c, phase_json, phases)) {
		json_decref(phases);
		json_decref(cgroups);
		return NULL;
	}
	o = json_object();
	kt_json_set(o, "phases", phases);
	kt_json_set(o, "cgroups", cgroups);
	return o;
}

char *kt_timeline_text(const struct kt_coord *c)
{
	struct kt_result *r;
	char *text = NULL;
	size_t len;
	FILE *out;
	u32 i;

	if (!c->sinks.start_ns)
		return NULL;
	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	kt_timeline_print(out, c, KT_TIMELINE_MAX_PHASES);
	if (c->monitor.taken)
		fprintf(out, "  %llu samples, %llu us each, %llu us at most\n",
			(unsigned long long)c->monitor.taken,
			(unsigned long long)(c->monitor.spent_ns / 1000 /
					     c->monitor.taken),
			(unsigned long long)c->monitor.spent_max_ns / 1000);
	r = find_result(c);
	for (i = 0; r && i < r->nr_cgroups; i++) {
		const struct kt_cgroup_stats *g = &r->cgroups[i];

		fprintf(out, "  cgroup %s: %u workers, %llu iterations, CPU time %llu ms, longest gap %u ms on cpu%u, %u migrations\n",
			g->name, g->workers, (unsigned long long)g->iterations,
			to_ms(g->cpu_ns), g->longest_gap_ms, g->gap_cpu,
			g->migrations);
	}
	free(r);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
