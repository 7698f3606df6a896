// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules over samples. A streak is a rule violated in samples in a row, of one
 * CPU or of all together; it becomes a finding when it is long enough, and the
 * finding grows with it.
 */
#include <stdio.h>

#include "../base/strbuf.h"
#include "monitor_judge.h"

#define MAX_RATE	1000000000000ULL	/* events of one interval */
#define MAX_NOTES	(KT_MONITOR_MAX_FINDINGS / 2)

struct kt_monitor_streak {
	struct kt_monitor_finding so_far;	/* samples 0: there is none */
	u64 ran_ns;
	s32 finding;		/* what it has become; below 0: nothing yet */
};

static const char *const rule_names[] = {
	[KT_RULE_IMBALANCE] = "imbalance",
	[KT_RULE_LOCAL_DSQ] = "local DSQ depth",
	[KT_RULE_STALL] = "stall",
	[KT_RULE_FALLBACK] = "select_cpu fallbacks",
	[KT_RULE_KEEP_LAST] = "dispatch keep-lasts",
};

const char *kt_monitor_rule_str(enum kt_monitor_rule rule)
{
	return rule_names[rule];
}

static void end_streak(struct kt_monitor_streak *k)
{
	memset(k, 0, sizeof(*k));
	k->finding = -1;
}

int kt_monitor_judge_init(struct kt_monitor_judge *j,
			  const struct kt_monitor_bounds *bounds,
			  u64 interval_ns, u32 nr_cpus, bool has_online)
{
	u64 interval_ms = interval_ns / KT_NSEC_PER_MSEC, sustained;
	u32 i;

	*j = (struct kt_monitor_judge){
		.bounds = *bounds, .interval_ns = interval_ns,
		.nr_cpus = nr_cpus, .has_online = has_online,
	};
	if (interval_ms && interval_ms < KT_MONITOR_SAMPLE_MS) {
		sustained = (u64)bounds->sustained * KT_MONITOR_SAMPLE_MS /
			    interval_ms;
		j->bounds.sustained = min_t(u64, sustained, UINT32_MAX);
	}
	j->streaks = calloc((size_t)KT_NR_RULES * nr_cpus,
			    sizeof(*j->streaks));
	if (!j->streaks)
		return -ENOMEM;
	for (i = 0; i < KT_NR_RULES * nr_cpus; i++)
		end_streak(&j->streaks[i]);
	return 0;
}

void kt_monitor_judge_fini(struct kt_monitor_judge *j)
{
	free(j->streaks);
	j->streaks = NULL;
}

static struct kt_monitor_streak *streak(struct kt_monitor_judge *j,
					enum kt_monitor_rule rule, u32 cpu)
{
	return &j->streaks[rule * j->nr_cpus + cpu];
}

/* A place for a new one, below 0 when there is no room. */
static s32 new_finding(struct kt_monitor_judge *j, bool fails)
{
	u32 i, notes = 0;

	if (fails)
		j->failed++;
	for (i = 0; i < j->nr; i++)
		notes += !j->findings[i].fails;
	if (j->nr == KT_MONITOR_MAX_FINDINGS || (!fails && notes == MAX_NOTES)) {
		j->dropped++;
		return -1;
	}
	return j->nr++;
}

/* The rule was violated by @f in one more sample. */
static void go_on(struct kt_monitor_judge *j, struct kt_monitor_streak *k,
		  const struct kt_monitor_sample *s,
		  const struct kt_monitor_finding *f, bool told)
{
	struct kt_monitor_finding *sf = &k->so_far;
	u64 from_ns = sf->samples ? sf->from_ns : s->workload_ns;
	u32 samples = sf->samples + 1;

	if (!sf->samples || f->worst >= sf->worst)
		*sf = *f;
	sf->samples = samples;
	sf->from_ns = from_ns;
	sf->to_ns = s->workload_ns;
	sf->bound = j->bounds.of[f->rule].most;
	sf->fails = j->bounds.of[f->rule].fails;
	if (samples < j->bounds.sustained || !told)
		return;
	if (k->finding == -1) {
		k->finding = new_finding(j, sf->fails);
		if (k->finding < 0)
			k->finding = -2;	/* counted: not again */
	}
	if (k->finding >= 0)
		j->findings[k->finding] = *sf;
}

static bool online(const struct kt_cpu_sample *c, bool has_online)
{
	return !has_online || c->rq[KT_RQ_ONLINE];
}

u64 kt_monitor_imbalance(const struct kt_sched_sample *s, bool has_online,
			 struct kt_monitor_finding *f)
{
	u64 most = 0, least = UINT64_MAX, n;
	u32 i;

	for (i = 0; i < s->nr_cpus; i++) {
		if (!online(&s->cpus[i], has_online))
			continue;
		n = min_t(u64, s->cpus[i].rq[KT_RQ_NR_RUNNING], UINT32_MAX);
		if (n >= most) {
			most = n;
			f->cpu = i;
		}
		if (n < least) {
			least = n;
			f->other_cpu = i;
		}
	}
	f->nr_running = most;
	f->other_running = least == UINT64_MAX ? 0 : least;
	return most * 100 / max_t(u64, f->other_running, 1);
}

static void judge_imbalance(struct kt_monitor_judge *j,
			    const struct kt_monitor_sample *s)
{
	struct kt_monitor_streak *k = streak(j, KT_RULE_IMBALANCE, 0);
	struct kt_monitor_finding f = { .rule = KT_RULE_IMBALANCE };

	f.worst = kt_monitor_imbalance(&s->sched, j->has_online, &f);
	if (f.worst > j->bounds.of[f.rule].most)
		go_on(j, k, s, &f, true);
	else
		end_streak(k);
}

static void judge_local_dsq(struct kt_monitor_judge *j,
			    const struct kt_monitor_sample *s, u32 cpu)
{
	const struct kt_cpu_sample *c = &s->sched.cpus[cpu];
	struct kt_monitor_streak *k = streak(j, KT_RULE_LOCAL_DSQ, cpu);
	struct kt_monitor_finding f = {
		.rule = KT_RULE_LOCAL_DSQ, .cpu = cpu,
		.worst = c->rq[KT_RQ_LOCAL_DSQ],
		.nr_running = c->rq[KT_RQ_NR_RUNNING],
	};

	if (online(c, j->has_online) && f.worst > j->bounds.of[f.rule].most)
		go_on(j, k, s, &f, true);
	else
		end_streak(k);
}

/*
 * Whether @cpu has something to run in both samples and has not looked at the
 * clock in between, as each tick and each switch does.
 */
static bool stands_still(const struct kt_monitor_judge *j,
			 const struct kt_cpu_sample *before,
			 const struct kt_cpu_sample *c)
{
	return online(c, j->has_online) && before->rq[KT_RQ_NR_RUNNING] &&
	       c->rq[KT_RQ_NR_RUNNING] && c->curr_known && c->curr_pid &&
	       before->rq[KT_RQ_CLOCK] == c->rq[KT_RQ_CLOCK];
}

/*
 * A vCPU that the host does not run has no way to look at its clock. So what
 * counts is the time that it ran while its clock stood still.
 */
static void judge_stall(struct kt_monitor_judge *j,
			const struct kt_monitor_sample *prev,
			const struct kt_monitor_sample *s, u32 cpu)
{
	const struct kt_cpu_sample *c = &s->sched.cpus[cpu];
	struct kt_monitor_streak *k = streak(j, KT_RULE_STALL, cpu);
	u64 from = kt_monitor_ran(prev)[cpu], to = kt_monitor_ran(s)[cpu];
	struct kt_monitor_finding f = {
		.rule = KT_RULE_STALL, .cpu = cpu, .pid = c->curr_pid,
		.nr_running = c->rq[KT_RQ_NR_RUNNING],
	};

	if (!stands_still(j, &prev->sched.cpus[cpu], c)) {
		end_streak(k);
		return;
	}
	if (from == KT_RAN_UNKNOWN || to == KT_RAN_UNKNOWN || to < from) {
		j->ran_unknown = true;
		end_streak(k);
		return;
	}
	memcpy(f.comm, c->curr_comm, KT_COMM_BYTES);
	k->ran_ns += to - from;
	f.worst = k->ran_ns;
	go_on(j, k, s, &f,
	      k->ran_ns >= j->bounds.sustained * j->interval_ns / 2);
}

static void judge_rate(struct kt_monitor_judge *j, enum kt_monitor_rule rule,
		       const struct kt_monitor_sample *prev,
		       const struct kt_monitor_sample *s, u64 from, u64 to)
{
	struct kt_monitor_streak *k = streak(j, rule, 0);
	u64 us = (s->running_ns - prev->running_ns) / 1000;
	struct kt_monitor_finding f = { .rule = rule };

	/* a new scheduler counts from 0 */
	if (prev->sched.has_events && s->sched.has_events && to >= from && us)
		f.worst = min_t(u64, to - from, MAX_RATE) * 1000000 / us;
	if (f.worst > j->bounds.of[rule].most)
		go_on(j, k, s, &f, true);
	else
		end_streak(k);
}

static void judge_pair(struct kt_monitor_judge *j,
		       const struct kt_monitor_sample *prev,
		       const struct kt_monitor_sample *s)
{
	u32 i;

	for (i = 0; j->bounds.of[KT_RULE_STALL].most && i < j->nr_cpus; i++)
		judge_stall(j, prev, s, i);
	if (j->bounds.of[KT_RULE_FALLBACK].most)
		judge_rate(j, KT_RULE_FALLBACK, prev, s, prev->sched.fallbacks,
			   s->sched.fallbacks);
	if (j->bounds.of[KT_RULE_KEEP_LAST].most)
		judge_rate(j, KT_RULE_KEEP_LAST, prev, s,
			   prev->sched.keep_lasts, s->sched.keep_lasts);
}

void kt_monitor_judge_add(struct kt_monitor_judge *j,
			  const struct kt_monitor_sample *prev,
			  const struct kt_monitor_sample *s)
{
	bool early = kt_sched_sample_early(&s->sched);
	u32 i;

	j->early += early;
	j->has_events |= s->sched.has_events;
	if (early || !s->in_workload) {
		for (i = 0; i < KT_NR_RULES * j->nr_cpus; i++)
			end_streak(&j->streaks[i]);
		return;
	}
	if (j->bounds.of[KT_RULE_IMBALANCE].most)
		judge_imbalance(j, s);
	for (i = 0; j->bounds.of[KT_RULE_LOCAL_DSQ].most && i < j->nr_cpus; i++)
		judge_local_dsq(j, s, i);
	if (prev && prev->in_workload && !kt_sched_sample_early(&prev->sched))
		judge_pair(j, prev, s);
}

static unsigned long long to_ms(u64 ns)
{
	return ns / KT_NSEC_PER_MSEC;
}

/* A task's name is the guest's: one line, whatever is in it. */
static const char *name_of(const char *comm, char *buf, size_t size)
{
	size_t i;

	kt_utf8_copy(buf, size, comm);
	kt_text_sanitize(buf, strlen(buf));
	for (i = 0; buf[i]; i++)
		if (buf[i] == '\n' || buf[i] == '\t')
			buf[i] = '?';
	return buf;
}

static void say_what(const struct kt_monitor_finding *f, char *buf, size_t size)
{
	unsigned long long worst = f->worst, running = f->nr_running;
	char comm[sizeof(f->comm)];

	switch (f->rule) {
	case KT_RULE_IMBALANCE:
		snprintf(buf, size,
			 "imbalance %llu.%02llu over %u.%02u: cpu%u has %llu runnable tasks, cpu%u %llu",
			 worst / 100, worst % 100, f->bound / 100,
			 f->bound % 100, f->cpu, running, f->other_cpu,
			 (unsigned long long)f->other_running);
		break;
	case KT_RULE_LOCAL_DSQ:
		snprintf(buf, size, "local DSQ of cpu%u %llu tasks deep, over %u",
			 f->cpu, worst, f->bound);
		break;
	case KT_RULE_STALL:
		memcpy(comm, f->comm, sizeof(comm));
		kt_text_sanitize(comm, strnlen(comm, sizeof(comm) - 1));
		snprintf(buf, size,
			 "stall: the clock of cpu%u stands still with %llu runnable tasks, %s[%u] on it, while the host ran it for %llu ms",
			 f->cpu, running, name_of(f->comm, comm, sizeof(comm)),
			 f->pid, to_ms(f->worst));
		break;
	default:
		snprintf(buf, size, "%s %llu/s over %u/s",
			 kt_monitor_rule_str(f->rule), worst, f->bound);
	}
}

const char *kt_monitor_finding_str(const struct kt_monitor_finding *f,
				   char *buf, size_t size)
{
	char what[320];

	say_what(f, what, sizeof(what));
	snprintf(buf, size, "%s, for %llu ms from +%llu ms (%u samples)", what,
		 to_ms(f->to_ns - f->from_ns), to_ms(f->from_ns), f->samples);
	return buf;
}
