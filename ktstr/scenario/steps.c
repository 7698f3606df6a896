// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps of a scenario. Frames: ScenarioStart at the first hold or pause,
 * ScenarioPause and ScenarioResume around a pause, a Stimulus after each step,
 * ScenarioEnd behind the last one.
 */
#include <poll.h>
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../wire/msg.h"
#include "steps.h"

#define STOP_GRACE_MS		1000	/* to stop when told, all groups */
#define STOP_KILL_MS		2000	/* then to be killed */
#define REMOVE_MS		2000

static u32 scaled_ms(const struct kt_scenario *s, u32 ms)
{
	u32 speed = clamp(s->speed_pct, 1u, 100u);

	/* a slow machine stops slowly; ten times the bound is enough for any */
	return ms * min_t(u32, 100 / speed, 10);
}

static void emit(struct kt_scenario *s, u32 tag, const void *payload,
		 size_t len_bytes)
{
	if (s->emit)
		s->emit(s->emit_arg, tag, payload, len_bytes);
}

static int place(void *arg, pid_t pid)
{
	return kt_cgroup_add(arg, pid);
}

static int set_up_cpus(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		       const struct ktstr_cgroup *decl)
{
	char list[KT_CPUMASK_STR];
	int ret;

	ret = kt_cpuset_resolve(&decl->cpuset, s->topo, &cg->cpus, s->why,
				sizeof(s->why));
	if (ret)
		return ret;
	cg->has_cpuset = decl->cpuset.kind != KTSTR_CPUSET_NONE;
	if (!cg->has_cpuset)
		return 0;
	kt_cpumask_str(&cg->cpus, list, sizeof(list));
	ret = kt_cgroup_set_cpus(&cg->dir, list);
	if (ret)
		snprintf(s->why, sizeof(s->why), "cgroup %s: set CPUs %.100s: %s",
			 decl->name, list, strerror(-ret));
	return ret;
}

static int set_up_workers(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
			  const struct ktstr_cgroup *decl)
{
	int ret;

	if (!decl->workers)
		return 0;
	ret = kt_workers_fork(&cg->group, &decl->work, decl->workers);
	if (!ret)
		ret = kt_workers_place(&cg->group, place, &cg->dir);
	if (!ret)
		ret = kt_workers_go(&cg->group);
	if (ret)
		snprintf(s->why, sizeof(s->why),
			 "cgroup %s: start %u workers: %s", decl->name,
			 decl->workers, strerror(-ret));
	return ret;
}

static int set_up_cgroup(struct kt_scenario *s,
			 const struct ktstr_cgroup *decl)
{
	struct kt_scenario_cgroup *cg;
	int ret;

	if (s->nr_cgroups == KT_MAX_CGROUPS || kt_scenario_find(s, decl->name)) {
		snprintf(s->why, sizeof(s->why),
			 "cgroup %s: a name is used once, and there are %u cgroups at most",
			 decl->name, KT_MAX_CGROUPS);
		return -EINVAL;
	}
	cg = &s->cgroups[s->nr_cgroups++];
	cg->name = decl->name;
	cg->group = (struct kt_worker_group){ .go_fd = -1, .alive_fd = -1 };
	ret = kt_cgroup_make(&cg->dir, decl->name);
	if (ret) {
		snprintf(s->why, sizeof(s->why), "cgroup %s: make it: %s",
			 decl->name, strerror(-ret));
		return ret;
	}
	ret = set_up_cpus(s, cg, decl);
	return ret ? ret : set_up_workers(s, cg, decl);
}

static int set_up(struct kt_scenario *s, const struct ktstr_step *step)
{
	const struct ktstr_cgroup *decl;
	int ret = 0;

	for (decl = step->cgroups; decl && decl->name && !ret; decl++)
		ret = set_up_cgroup(s, decl);
	return ret;
}

/* Until so long has passed or stop_fd says so. */
static void wait_ms(struct kt_scenario *s, u64 ms)
{
	u64 deadline = kt_now_ns() + ms * KT_NSEC_PER_MSEC;
	struct pollfd pfd = { .fd = s->stop_fd, .events = POLLIN };
	u64 now;

	while ((now = kt_now_ns()) < deadline) {
		u64 left_ns = deadline - now;
		struct timespec ts = {
			.tv_sec = left_ns / KT_NSEC_PER_SEC,
			.tv_nsec = left_ns % KT_NSEC_PER_SEC,
		};

		if (ppoll(&pfd, 1, &ts, NULL) > 0) {
			s->stopped_early = true;
			return;
		}
	}
}

static void hold(struct kt_scenario *s, const struct ktstr_hold *h)
{
	wait_ms(s, (u64)s->duration_ms * h->permille / 1000 + h->ms);
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
	wait_ms(s, ms);
	emit(s, KT_TAG_SCENARIO_RESUME, NULL, 0);
}

static void emit_stimulus(struct kt_scenario *s, size_t step_index)
{
	struct kt_stimulus stim = {
		.elapsed_ms = (kt_now_ns() - s->start_ns) / KT_NSEC_PER_MSEC,
		.step_index = min_t(size_t, step_index, UINT16_MAX),
		.cgroup_count = s->nr_cgroups,
	};
	u8 buf[KT_STIMULUS_BYTES];
	u32 i, workers = 0;

	for (i = 0; i < s->nr_cgroups; i++) {
		workers += s->cgroups[i].group.nr;
		stim.total_iterations +=
			kt_workers_iterations(&s->cgroups[i].group);
	}
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

static int run_steps(struct kt_scenario *s, const struct ktstr_step *steps,
		     size_t nr_steps)
{
	size_t i;
	int ret;

	for (i = 0; i < nr_steps && !s->stopped_early; i++) {
		if (steps[i].pause_ms)
			pause_clock(s, steps[i].pause_ms);
		if (s->stopped_early)
			break;
		ret = set_up(s, &steps[i]);
		if (ret)
			return ret;
		start(s);
		hold(s, &steps[i].hold);
		emit_stimulus(s, i + 1);
	}
	return 0;
}

/* Reports first, all of them: stopping one worker makes room for others. */
static void stop_workers(struct kt_scenario *s)
{
	u64 grace_ns, kill_ns;
	u32 i;

	for (i = 0; i < s->nr_cgroups; i++)
		kt_workers_report(&s->cgroups[i].group);
	for (i = 0; i < s->nr_cgroups; i++)
		kt_workers_signal(&s->cgroups[i].group);
	grace_ns = kt_now_ns() + scaled_ms(s, STOP_GRACE_MS) * KT_NSEC_PER_MSEC;
	kill_ns = grace_ns + scaled_ms(s, STOP_KILL_MS) * KT_NSEC_PER_MSEC;
	for (i = 0; i < s->nr_cgroups; i++)
		if (s->cgroups[i].group.nr &&
		    kt_workers_reap(&s->cgroups[i].group, grace_ns, kill_ns))
			kt_warn("cgroup %s: some workers did not end when killed",
				s->cgroups[i].name);
}

int kt_scenario_run(struct kt_scenario *s, const struct ktstr_step *steps,
		    size_t nr_steps)
{
	int ret = kt_cgroup_setup_root();

	if (ret) {
		snprintf(s->why, sizeof(s->why), "set up %s: %s",
			 KT_CGROUP_ROOT, strerror(-ret));
		return ret;
	}
	ret = run_steps(s, steps, nr_steps);
	s->end_ns = kt_now_ns();
	if (s->start_ns)
		emit_end(s);
	stop_workers(s);
	return ret;
}

void kt_scenario_fini(struct kt_scenario *s)
{
	u32 i;

	for (i = 0; i < s->nr_cgroups; i++) {
		kt_workers_fini(&s->cgroups[i].group);
		kt_cgroup_remove(&s->cgroups[i].dir, scaled_ms(s, REMOVE_MS));
	}
	s->nr_cgroups = 0;
	kt_cgroup_remove_root(scaled_ms(s, REMOVE_MS));
}

const struct kt_scenario_cgroup *
kt_scenario_find(const struct kt_scenario *s, const char *name)
{
	u32 i;

	for (i = 0; i < s->nr_cgroups; i++)
		if (!strcmp(s->cgroups[i].name, name))
			return &s->cgroups[i];
	return NULL;
}
