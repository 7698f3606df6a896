// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps of a scenario. Frames: ScenarioStart at the first hold or pause,
 * ScenarioPause and ScenarioResume around a pause, a Stimulus after each step,
 * ScenarioEnd behind the last one.
 */
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../wire/msg.h"
#include "hotplug.h"
#include "members.h"
#include "ops.h"

/* How the caller was scheduled before. */
struct priority {
	int policy;
	struct sched_param param;
};

u32 kt_scenario_scale_ms(const struct kt_scenario *s, u32 ms)
{
	u32 speed = clamp(s->speed_pct, 1u, 100u);

	/* a slow machine stops slowly; ten times the bound is enough for any */
	return ms * min_t(u32, 100 / speed, 10);
}

int kt_scenario_fail(struct kt_scenario *s, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	return err;
}

static void emit(struct kt_scenario *s, u32 tag, const void *payload,
		 size_t len_bytes)
{
	if (s->emit)
		s->emit(s->emit_arg, tag, payload, len_bytes);
}

bool kt_scenario_told_to_stop(struct kt_scenario *s)
{
	struct pollfd pfd = { .fd = s->stop_fd, .events = POLLIN };

	if (!s->stopped_early && poll(&pfd, 1, 0) > 0)
		s->stopped_early = true;
	return s->stopped_early;
}

static int set_up(struct kt_scenario *s, const struct ktstr_cgroup *decl)
{
	int ret = 0;

	for (; decl && decl->name && !ret; decl++)
		ret = kt_members_add(s, decl);
	if (!ret)
		kt_members_go(s);
	return ret;
}

/* Until then, or until the workload is to end. */
static void wait_until(struct kt_scenario *s, u64 deadline_ns)
{
	struct pollfd pfd = { .fd = s->stop_fd, .events = POLLIN };
	u64 now;

	while (!s->stopped_early && (now = kt_now_ns()) < deadline_ns) {
		u64 left_ns = deadline_ns - now;
		struct timespec ts = {
			.tv_sec = left_ns / KT_NSEC_PER_SEC,
			.tv_nsec = left_ns % KT_NSEC_PER_SEC,
		};

		if (ppoll(&pfd, 1, &ts, NULL) > 0)
			s->stopped_early = true;
	}
}

static u64 in_ms(u64 ms)
{
	return kt_now_ns() + ms * KT_NSEC_PER_MSEC;
}

/* A loop's turns begin at equal distances; one that takes longer misses some. */
static int hold(struct kt_scenario *s, const struct ktstr_step *step)
{
	u64 end = in_ms((u64)s->duration_ms * step->hold.permille / 1000 +
			step->hold.ms);
	u64 turn_ns = step->loop_ms * KT_NSEC_PER_MSEC;
	u64 next = kt_now_ns() + turn_ns;
	int ret = 0;

	while (turn_ns && step->loop && next < end && !ret) {
		wait_until(s, next);
		if (s->stopped_early)
			return 0;
		ret = kt_ops_run(s, step->loop);
		while (next <= kt_now_ns())
			next += turn_ns;
	}
	if (!ret)
		wait_until(s, end);
	return ret;
}

static void start(struct kt_scenario *s)
{
	if (s->start_ns)
		return;
	s->start_ns = kt_now_ns();
	emit(s, KT_TAG_SCENARIO_START, NULL, 0);
}

/* Before the start no clock runs that could stand still. */
static void pause_clock(struct kt_scenario *s, u32 ms)
{
	start(s);
	emit(s, KT_TAG_SCENARIO_PAUSE, NULL, 0);
	wait_until(s, in_ms(ms));
	emit(s, KT_TAG_SCENARIO_RESUME, NULL, 0);
}

static void emit_stimulus(struct kt_scenario *s, size_t step_index)
{
	struct kt_stimulus stim = {
		.elapsed_ms = (kt_now_ns() - s->start_ns) / KT_NSEC_PER_MSEC,
		.step_index = min_t(size_t, step_index, UINT16_MAX),
		.op_count = min_t(u32, s->nr_ops, UINT16_MAX),
		.op_kinds = s->op_kinds,
	};
	u8 buf[KT_STIMULUS_BYTES];
	u32 cgroups, workers;

	kt_members_count(s, &cgroups, &workers, &stim.total_iterations);
	stim.cgroup_count = min_t(u32, cgroups, UINT16_MAX);
	stim.worker_count = min_t(u32, workers, UINT16_MAX);
	if (kt_stimulus_encode(&stim, buf, sizeof(buf)) == sizeof(buf))
		emit(s, KT_TAG_STIMULUS, buf, sizeof(buf));
}

static void emit_end(struct kt_scenario *s)
{
	u8 buf[sizeof(u64)];
	u64 ms = (s->end_ns - s->start_ns) / KT_NSEC_PER_MSEC;

	if (kt_u64_encode(ms, buf, sizeof(buf)) == sizeof(buf))
		emit(s, KT_TAG_SCENARIO_END, buf, sizeof(buf));
}

/* A scheduler that has gone is told by who watches it; here all just ends. */
static bool go_on(struct kt_scenario *s)
{
	const struct kt_scenario_services *sv = s->services;

	if (!kt_scenario_told_to_stop(s) && sv && sv->alive &&
	    !sv->alive(s->services_arg))
		s->stopped_early = true;
	return !s->stopped_early;
}

static int run_step(struct kt_scenario *s, const struct ktstr_step *step)
{
	int ret;

	s->nr_ops = 0;
	s->op_kinds = 0;
	if (step->pause_ms)
		pause_clock(s, step->pause_ms);
	if (s->stopped_early)
		return 0;
	ret = kt_ops_run(s, step->ops);
	if (!ret)
		ret = set_up(s, step->cgroups);
	if (ret)
		return ret;
	start(s);
	return hold(s, step);
}

static int run_steps(struct kt_scenario *s, const struct ktstr_step *steps,
		     size_t nr_steps)
{
	size_t i;
	int ret;

	for (i = 0; i < nr_steps && go_on(s); i++) {
		ret = run_step(s, &steps[i]);
		/* what fails while a scheduler dies is the scheduler's */
		if (ret && !go_on(s))
			return 0;
		if (ret)
			return ret;
		if (s->start_ns)
			emit_stimulus(s, i + 1);
	}
	return 0;
}

/*
 * Whatever the workers do and the scheduler under test does not: the scenario
 * goes on in time. Workers do not inherit it.
 */
static void raise_priority(struct priority *before)
{
	struct sched_param most = {
		.sched_priority = sched_get_priority_max(SCHED_FIFO),
	};

	before->policy = sched_getscheduler(0);
	if (before->policy < 0 || sched_getparam(0, &before->param) ||
	    sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &most))
		kt_warn("real-time priority for the scenario: %m");
}

static void restore_priority(const struct priority *before)
{
	if (before->policy >= 0 &&
	    sched_setscheduler(0, before->policy, &before->param))
		kt_warn("priority as before the scenario: %m");
}

int kt_scenario_run(struct kt_scenario *s, const struct ktstr_step *steps,
		    size_t nr_steps)
{
	struct priority before;
	int ret, err;

	ret = kt_cgroup_setup_root();
	if (ret)
		return kt_scenario_fail(s, ret, "set up %s: %s", KT_CGROUP_ROOT,
					strerror(-ret));
	s->now = *s->topo;
	raise_priority(&before);
	ret = run_steps(s, steps, nr_steps);
	s->end_ns = kt_now_ns();
	if (s->start_ns)
		emit_end(s);
	kt_members_stop(s, NULL);
	kt_hotplug_restore(s);
	restore_priority(&before);
	err = ret ? 0 : kt_members_gather(s);
	return ret ? ret : err;
}

void kt_scenario_fini(struct kt_scenario *s)
{
	kt_members_fini(s);
}
