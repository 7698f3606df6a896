// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor's bounds, findings and last samples.
 */
#include "monitor.h"
#include "noise.h"
#include "timeline.h"

#define IMBALANCE_PCT	400
#define LOCAL_DSQ_DEPTH	50
#define FALLBACK_PER_S	200
#define KEEP_LAST_PER_S	100
#define SUSTAINED	5
#define MAX_TOLD	8
#define LAST_SAMPLES	10
#define LINE_BYTES	512
#define WHY_BYTES	256

/* Inherited (0) leaves it as it is. */
static void merge_one(struct kt_monitor_bounds *b, enum kt_monitor_rule rule,
		      s32 value)
{
	if (!value)
		return;
	b->of[rule].most = value < 0 ? 0 : value;
	b->of[rule].fails = value > 0;
}

static void merge_layer(struct kt_monitor_bounds *b,
			const struct ktstr_checks *c)
{
	merge_one(b, KT_RULE_IMBALANCE, c->imbalance_pct);
	merge_one(b, KT_RULE_LOCAL_DSQ, c->local_dsq_depth);
	merge_one(b, KT_RULE_STALL, c->cpu_stall);
	merge_one(b, KT_RULE_FALLBACK, c->fallback_per_s);
	merge_one(b, KT_RULE_KEEP_LAST, c->keep_last_per_s);
	if (c->sustained_samples)
		b->sustained = max(c->sustained_samples, 1);
}

void kt_monitor_bounds(struct kt_monitor_bounds *b,
		       const struct ktstr_checks *sched,
		       const struct ktstr_checks *test, u32 scale_pct)
{
	*b = (struct kt_monitor_bounds){
		.of = {
			[KT_RULE_IMBALANCE] = { .most = IMBALANCE_PCT },
			[KT_RULE_LOCAL_DSQ] = { .most = LOCAL_DSQ_DEPTH },
			[KT_RULE_STALL] = { .most = 1 },
			[KT_RULE_FALLBACK] = { .most = FALLBACK_PER_S },
			[KT_RULE_KEEP_LAST] = { .most = KEEP_LAST_PER_S },
		},
		.sustained = SUSTAINED,
	};
	if (sched)
		merge_layer(b, sched);
	merge_layer(b, test);
	b->sustained = min_t(u64, (u64)b->sustained * scale_pct / 100,
			     UINT32_MAX);
}

static bool any_fails(const struct kt_monitor_bounds *b)
{
	u32 i;

	for (i = 0; i < KT_NR_RULES; i++)
		if (b->of[i].fails)
			return true;
	return false;
}

bool kt_monitor_wanted(const struct ktstr_test *test)
{
	struct kt_monitor_bounds b;

	kt_monitor_bounds(&b, test->sched ? &test->sched->checks : NULL,
			  &test->checks, 100);
	return any_fails(&b);
}

bool kt_monitor_failed(const struct kt_monitor *mon, char *why, size_t size)
{
	u32 nr = mon->judge.failed;

	if (!nr)
		return false;
	snprintf(why, size, "the monitor found %u violation%s of the case's checks",
		 nr, nr > 1 ? "s" : "");
	return true;
}

static u32 print_findings(FILE *out, const struct kt_monitor_judge *j,
			  bool fails, u32 told)
{
	char line[LINE_BYTES];
	u32 i;

	for (i = 0; i < j->nr && told < MAX_TOLD; i++) {
		if (j->findings[i].fails != fails)
			continue;
		fprintf(out, "%smonitor: %s\n", fails ? "" : "note: ",
			kt_monitor_finding_str(&j->findings[i], line,
					       sizeof(line)));
		told++;
	}
	return told;
}

/* That a check of the case could not be made. */
static void print_missing(FILE *out, const struct kt_monitor *mon)
{
	const struct kt_monitor_bounds *b = &mon->opts.bounds;

	if (!mon->taken && any_fails(b))
		fprintf(out, "monitor: no samples, so nothing was judged by them%s%s\n",
			*mon->why ? ": " : "", mon->why);
	if (mon->judge.ran_unknown && b->of[KT_RULE_STALL].fails)
		fprintf(out, "monitor: stalls were not judged: the host does not say how long it ran each vCPU\n");
	if (mon->taken && !mon->judge.has_events &&
	    (b->of[KT_RULE_FALLBACK].fails || b->of[KT_RULE_KEEP_LAST].fails))
		fprintf(out, "monitor: fallbacks and keep-lasts were not judged: nothing counts them in this kernel\n");
}

void kt_monitor_report(FILE *out, const struct kt_monitor *mon, bool own_clock)
{
	char why[WHY_BYTES];
	const struct kt_monitor_judge *j = &mon->judge;
	u32 told;

	told = print_findings(out, j, true, 0);
	told = print_findings(out, j, false, told);
	if (j->nr + j->dropped > told)
		fprintf(out, "monitor: %u more findings\n",
			j->nr + j->dropped - told);
	print_missing(out, mon);
	if (kt_noise_starved(&mon->noise, !own_clock, why, sizeof(why)))
		fprintf(out, "note: %s\n", why);
}

static json_t *finding_json(const struct kt_monitor_finding *f)
{
	json_t *o = json_object();
	char line[LINE_BYTES];

	kt_json_set_text(o, "rule", kt_monitor_rule_str(f->rule));
	kt_json_set(o, "fails", json_boolean(f->fails));
	kt_json_set_u64(o, "worst", f->worst);
	kt_json_set_u64(o, "bound", f->bound);
	kt_json_set_u64(o, "cpu", f->cpu);
	kt_json_set_u64(o, "from_ms", f->from_ns / KT_NSEC_PER_MSEC);
	kt_json_set_u64(o, "to_ms", f->to_ns / KT_NSEC_PER_MSEC);
	kt_json_set_u64(o, "samples", f->samples);
	kt_json_set_text(o, "text", kt_monitor_finding_str(f, line,
							   sizeof(line)));
	return o;
}

static json_t *numbers_json(const struct kt_sched_sample *s,
			    enum kt_rq_field field)
{
	json_t *all = json_array();
	u32 i;

	for (i = 0; i < s->nr_cpus; i++)
		json_array_append_new(all, kt_json_u64(s->cpus[i].rq[field]));
	return all;
}

static json_t *sample_json(const struct kt_monitor_sample *s)
{
	json_t *o = json_object();

	kt_json_set_u64(o, "at_ms", s->at_ns / KT_NSEC_PER_MSEC);
	kt_json_set_u64(o, "workload_ms", s->workload_ns / KT_NSEC_PER_MSEC);
	kt_json_set_u64(o, "phase", s->phase);
	kt_json_set(o, "nr_running", numbers_json(&s->sched, KT_RQ_NR_RUNNING));
	kt_json_set(o, "local_dsq", numbers_json(&s->sched, KT_RQ_LOCAL_DSQ));
	kt_json_set(o, "clock_ns", numbers_json(&s->sched, KT_RQ_CLOCK));
	return o;
}

json_t *kt_monitor_json(const struct kt_coord *c)
{
	const struct kt_monitor *mon = &c->monitor;
	json_t *o = json_object(), *findings = json_array(), *last;
	u32 nr = kt_monitor_nr(mon), i;

	kt_json_set_u64(o, "interval_ms", mon->opts.sample_ms);
	kt_json_set_u64(o, "samples", mon->taken);
	kt_json_set_u64(o, "kept", nr);
	kt_json_set_u64(o, "failed", mon->failed);
	kt_json_set_u64(o, "ns_each", mon->spent_ns / max_t(u64, mon->taken, 1));
	kt_json_set_u64(o, "ns_most", mon->spent_max_ns);
	kt_json_set(o, "noise", kt_noise_json(&mon->noise));
	if (*mon->why)
		kt_json_set_text(o, "why", mon->why);
	for (i = 0; i < mon->judge.nr; i++)
		json_array_append_new(findings,
				      finding_json(&mon->judge.findings[i]));
	kt_json_set(o, "findings", findings);
	kt_json_set(o, "timeline", kt_timeline_json(c));
	last = json_array();
	for (i = nr - min_t(u32, nr, LAST_SAMPLES); i < nr; i++)
		json_array_append_new(last, sample_json(kt_monitor_get(mon, i)));
	kt_json_set(o, "last", last);
	return o;
}
