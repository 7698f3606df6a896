// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a sample is taken, what it is stamped with, and where it goes. Nothing
 * is allocated behind the first one.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "coord.h"
#include "monitor.h"
#include "serve.h"

void kt_monitor_init(struct kt_monitor *mon, const struct kt_monitor_opts *opts)
{
	memset(mon, 0, sizeof(*mon));
	mon->opts = *opts;
	mon->opts.bounds.sustained = max(mon->opts.bounds.sustained, 1u);
	mon->ended = !opts->sample_ms;
}

void kt_monitor_fini(struct kt_monitor *mon)
{
	kt_vcpu_time_fini(&mon->vcpu_time);
	kt_monitor_judge_fini(&mon->judge);
	free(mon->ring);
	mon->ring = NULL;
}

u64 kt_monitor_left_ns(const struct kt_monitor *mon, u64 now_ns)
{
	if (mon->ended || mon->by_tick)
		return UINT64_MAX;
	return mon->next_at_ns - min(now_ns, mon->next_at_ns);
}

int kt_monitor_prepare(struct kt_monitor *mon, u32 nr_cpus, bool has_online)
{
	mon->nr_cpus = nr_cpus;
	mon->sample_bytes = kt_monitor_sample_bytes(nr_cpus);
	mon->nr_ring = clamp((u32)(KT_MONITOR_RING_BYTES / mon->sample_bytes),
			     (u32)KT_MONITOR_MIN_RING, (u32)KT_MONITOR_MAX_RING);
	mon->ring = calloc(mon->nr_ring, mon->sample_bytes);
	if (!mon->ring)
		return -ENOMEM;
	return kt_monitor_judge_init(&mon->judge, &mon->opts.bounds,
				     mon->opts.sample_ms * KT_NSEC_PER_MSEC,
				     nr_cpus, has_online);
}

static struct kt_monitor_sample *at(const struct kt_monitor *mon, u64 i)
{
	return (void *)(mon->ring + i % mon->nr_ring * mon->sample_bytes);
}

u32 kt_monitor_nr(const struct kt_monitor *mon)
{
	return min_t(u64, mon->taken, mon->nr_ring);
}

const struct kt_monitor_sample *kt_monitor_get(const struct kt_monitor *mon,
					       u32 i)
{
	if (i >= kt_monitor_nr(mon))
		return NULL;
	return at(mon, mon->taken - kt_monitor_nr(mon) + i);
}

struct kt_monitor_sample *kt_monitor_next(struct kt_monitor *mon)
{
	return at(mon, mon->taken);
}

void kt_monitor_put(struct kt_monitor *mon)
{
	const struct kt_monitor_sample *prev;

	prev = mon->taken ? at(mon, mon->taken - 1) : NULL;
	kt_monitor_judge_add(&mon->judge, prev, at(mon, mon->taken));
	mon->taken++;
}

/* How long the machine has run by the host's clock at @now_ns since the start. */
static u64 running_ns(const struct kt_coord *c, u64 now_ns)
{
	return now_ns - min(now_ns, c->sinks.frozen_total_ns);
}

static void stamp(const struct kt_coord *c, struct kt_monitor_sample *s,
		  u64 now_ns)
{
	const struct kt_sinks *sinks = &c->sinks;

	s->at_ns = c->trace.on ? c->trace.last_ns : now_ns;
	s->running_ns = running_ns(c, now_ns);
	s->workload_ns = kt_serve_workload_ns(c, now_ns);
	/* Pairs with the release of dispatch. */
	s->phase = atomic_load_explicit(&sinks->phase, memory_order_acquire);
	s->in_workload = sinks->start_ns && !sinks->pause_ns &&
			 !c->workload_end_ns;
}

/*
 * Whether there is something to sample. Before the guest's init has spoken its
 * memory may hold anything, which a kernel must not be looked for in.
 */
static bool ready(struct kt_coord *c, struct kt_machine *m)
{
	struct kt_monitor *mon = &c->monitor;
	struct kt_subject *s = &c->subject;
	int ret;

	if (mon->ring)
		return true;
	if (c->watchdog.stage < KT_STAGE_INIT)
		return false;
	ret = kt_subject_locate(s, m, &c->sinks, mon->why, sizeof(mon->why));
	/* neither a missing vmlinux nor a missing symbol comes back */
	mon->ended = ret == -ENOENT;
	if (ret)
		return false;
	if (!s->sched.known) {
		snprintf(mon->why, sizeof(mon->why), "%s", s->sched.why_not);
		mon->ended = true;
		return false;
	}
	if (kt_monitor_prepare(mon, kt_sched_nr_cpus(&s->kernel),
			       kt_sched_has(&s->sched, KT_RQ_ONLINE))) {
		snprintf(mon->why, sizeof(mon->why), "no memory");
		mon->ended = true;
		return false;
	}
	mon->why[0] = '\0';
	return true;
}

/* All by the machine's own clock, which stands when the host does not run it. */
static void restamp(const struct kt_coord *c, struct kt_monitor_sample *s,
		    u64 now_ns)
{
	u32 i;

	s->at_ns = now_ns;
	s->running_ns = now_ns;
	s->workload_ns = kt_trace_workload_at(&c->trace, now_ns);
	for (i = 0; i < s->sched.nr_cpus; i++)
		kt_monitor_ran(s)[i] = now_ns;
}

/* What the host gave each vCPU, and what it did to all of them. */
static void read_host(struct kt_coord *c, const struct kt_machine *m,
		      struct kt_monitor_sample *s, u64 now_ns)
{
	struct kt_noise_point p = {
		.running_ns = running_ns(c, now_ns),
		.jiffies = s->sched.jiffies,
	};
	struct kt_monitor *mon = &c->monitor;

	if (!mon->vcpu_time_known)
		mon->vcpu_time_known =
			kt_vcpu_time_init(&mon->vcpu_time, m) != -EAGAIN;
	kt_vcpu_time_read(&mon->vcpu_time, kt_monitor_ran(s), s->sched.nr_cpus,
			  &p.waited_ns);
	mon->noise.waits_known = mon->vcpu_time.nr_threads;
	mon->noise.hz = c->subject.opts.hz;
	kt_noise_add(&mon->noise, &p);
}

/* @tick_ns: the machine's time; 0 while it runs. */
static void take(struct kt_coord *c, struct kt_machine *m, u64 tick_ns)
{
	struct kt_monitor *mon = &c->monitor;
	struct kt_monitor_sample *s;
	u64 begin_ns, spent;

	if (!ready(c, m))
		return;
	begin_ns = kt_now_ns();
	s = kt_monitor_next(mon);
	if (kt_sched_sample(&c->subject.kernel, &c->subject.sched, &s->sched,
			    mon->why, sizeof(mon->why))) {
		mon->failed++;
		return;
	}
	stamp(c, s, begin_ns - c->started_at_ns);
	read_host(c, m, s, begin_ns - c->started_at_ns);
	if (tick_ns)
		restamp(c, s, tick_ns);
	kt_monitor_put(mon);
	spent = kt_now_ns() - begin_ns;
	mon->spent_ns += spent;
	mon->spent_max_ns = max(mon->spent_max_ns, spent);
}

void kt_monitor_turn(struct kt_coord *c, struct kt_machine *m)
{
	u64 now_ns = kt_now_ns() - c->started_at_ns;
	struct kt_monitor *mon = &c->monitor;

	if (kt_monitor_left_ns(mon, now_ns))
		return;
	mon->next_at_ns = now_ns + mon->opts.sample_ms * KT_NSEC_PER_MSEC;
	/* to read the types takes as long as the Plan: as it boots, or behind that */
	if (!c->begun)
		kt_subject_load_types(&c->subject);
	else if (!c->answer_ns)
		return;
	take(c, m, 0);
}

void kt_monitor_tick(struct kt_coord *c, struct kt_machine *m, u64 now_ns)
{
	struct kt_monitor *mon = &c->monitor;

	if (mon->ended || now_ns < mon->next_at_ns)
		return;
	mon->next_at_ns = now_ns + mon->opts.sample_ms * KT_NSEC_PER_MSEC;
	take(c, m, now_ns);
}
