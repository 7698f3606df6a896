// SPDX-License-Identifier: GPL-2.0-only
/*
 * How workers of a scenario are frozen, stopped, and what is kept of them. All
 * that are to stop are told first, and then waited for within one bound.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "members.h"

#define FREEZE_MS		5000
#define STOP_GRACE_MS		1000	/* to stop when told, all groups */
#define STOP_KILL_MS		2000	/* then to be killed */
#define REMOVE_MS		2000

typedef void (*group_fn)(struct kt_scenario_cgroup *cg,
			 struct kt_scenario_group *grp, void *arg);

/* Calls @fn for each group that was not stopped in @top and below it. */
static void each_group(struct kt_scenario *s, struct kt_scenario_cgroup *top,
		       group_fn fn, void *arg)
{
	struct kt_scenario_group *grp;
	u32 i;

	for (i = 0; i < s->nr_cgroups; i++) {
		struct kt_scenario_cgroup *cg = &s->cgroups[i];

		if (!kt_members_is_below(cg, top))
			continue;
		for (grp = cg->groups; grp; grp = grp->next)
			if (!grp->stopped)
				fn(cg, grp, arg);
	}
}

static void note_frozen(struct kt_scenario_cgroup *cg,
			struct kt_scenario_group *grp, void *arg)
{
	(void)cg;
	(void)arg;
	if (!grp->workers.frozen_at_ns)
		kt_workers_frozen(&grp->workers);
}

static void note_thaw(struct kt_scenario_cgroup *cg,
		      struct kt_scenario_group *grp, void *arg)
{
	/* one that is frozen by a cgroup between stays so */
	if (!kt_members_is_frozen(arg, cg))
		kt_workers_thaw(&grp->workers);
}

int kt_members_freeze(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		      bool on)
{
	struct kt_scenario_cgroup *above = kt_members_above(s, cg);
	int ret;

	if (cg->frozen == on)
		return 0;
	cg->frozen = on;
	if (!on)
		each_group(s, cg, note_thaw, s);
	if (!on && above && kt_members_is_frozen(s, above)) {
		kt_scenario_fail(s, -EBUSY, "it is frozen by %.60s above it: thaw that first",
				 above->name);
		cg->frozen = true;
		return -EBUSY;
	}
	ret = kt_cgroup_freeze(&cg->dir, on, kt_scenario_scale_ms(s, FREEZE_MS));
	if (ret)
		return kt_scenario_fail(s, ret, "%s it: %s within %u ms",
					on ? "freeze" : "thaw", strerror(-ret),
					kt_scenario_scale_ms(s, FREEZE_MS));
	if (on)
		each_group(s, cg, note_frozen, NULL);
	return 0;
}

static void report(struct kt_scenario_cgroup *cg, struct kt_scenario_group *grp,
		   void *arg)
{
	(void)cg;
	(void)arg;
	kt_workers_report(&grp->workers);
}

static void tell(struct kt_scenario_cgroup *cg, struct kt_scenario_group *grp,
		 void *arg)
{
	(void)cg;
	(void)arg;
	kt_workers_signal(&grp->workers);
}

struct bounds {
	u64 grace_ns;
	u64 kill_ns;
};

/* What it did is kept, and nothing else of it. */
static void reap(struct kt_scenario_cgroup *cg, struct kt_scenario_group *grp,
		 void *arg)
{
	const struct bounds *b = arg;
	u32 i;

	if (kt_workers_reap(&grp->workers, b->grace_ns, b->kill_ns))
		kt_warn("cgroup %s: some workers did not end when killed",
			cg->name);
	grp->reports = grp->workers.reports;
	grp->workers.reports = NULL;
	for (i = 0; i < grp->nr; i++)
		grp->iterations += grp->reports[i].iterations;
	kt_workers_fini(&grp->workers);
	grp->stopped = true;
}

/* What failed before it stays what is told. */
static void thaw_all(struct kt_scenario *s, struct kt_scenario_cgroup *top)
{
	char why[sizeof(s->why)];
	u32 i;

	memcpy(why, s->why, sizeof(why));
	for (i = 0; i < s->nr_cgroups; i++) {
		struct kt_scenario_cgroup *cg = &s->cgroups[i];

		if (cg->live && cg->frozen && kt_members_is_below(cg, top) &&
		    kt_members_freeze(s, cg, false))
			kt_warn("cgroup %s: %s", cg->name, s->why);
	}
	memcpy(s->why, why, sizeof(why));
}

/* Reports first, all of them: stopping one worker makes room for others. */
void kt_members_stop(struct kt_scenario *s, struct kt_scenario_cgroup *cg)
{
	struct bounds b;

	s->waiting = NULL;	/* of a step that failed */
	each_group(s, cg, report, NULL);
	thaw_all(s, cg);
	each_group(s, cg, tell, NULL);
	b.grace_ns = kt_now_ns() +
		     kt_scenario_scale_ms(s, STOP_GRACE_MS) * KT_NSEC_PER_MSEC;
	b.kill_ns = b.grace_ns +
		    kt_scenario_scale_ms(s, STOP_KILL_MS) * KT_NSEC_PER_MSEC;
	each_group(s, cg, reap, &b);
}

int kt_members_remove(struct kt_scenario *s, struct kt_scenario_cgroup *top)
{
	int ret;
	u32 i;

	kt_members_stop(s, top);
	ret = kt_cgroup_remove(&top->dir, kt_scenario_scale_ms(s, REMOVE_MS));
	if (ret)
		return kt_scenario_fail(s, ret, "remove it: %s",
					strerror(-ret));
	for (i = 0; i < s->nr_cgroups; i++) {
		struct kt_scenario_cgroup *cg = &s->cgroups[i];

		if (kt_members_is_below(cg, top)) {
			cg->dir.path[0] = '\0';
			cg->live = false;
			cg->has_cpuset = false;
			cg->frozen = false;
		}
	}
	return 0;
}

/* The first that were started come first. */
static int gather(struct kt_scenario_cgroup *cg)
{
	struct kt_scenario_group *grp;
	u32 nr = 0, i;

	for (grp = cg->groups; grp; grp = grp->next)
		nr += grp->nr;
	cg->reports = calloc(max(nr, 1u), sizeof(*cg->reports));
	if (!cg->reports)
		return -ENOMEM;
	cg->nr_reports = nr;
	for (grp = cg->groups; grp; grp = grp->next) {
		nr -= grp->nr;
		for (i = 0; i < grp->nr; i++) {
			cg->reports[nr + i] = grp->reports[i];
			cg->reports[nr + i].allowed =
				grp->unconfined ? NULL : &grp->allowed;
		}
	}
	return 0;
}

int kt_members_gather(struct kt_scenario *s)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < s->nr_cgroups && !ret; i++)
		ret = gather(&s->cgroups[i]);
	return ret ? kt_scenario_fail(s, ret, "no memory for what the workers of %u cgroups did",
				      s->nr_cgroups) : 0;
}

void kt_members_count(const struct kt_scenario *s, u32 *cgroups, u32 *workers,
		      u64 *iterations)
{
	const struct kt_scenario_group *grp;
	u32 i;

	*cgroups = 0;
	*workers = 0;
	*iterations = 0;
	for (i = 0; i < s->nr_cgroups; i++) {
		const struct kt_scenario_cgroup *cg = &s->cgroups[i];

		*cgroups += cg->live && cg->dir.path[0];
		for (grp = cg->groups; grp; grp = grp->next) {
			*workers += grp->stopped ? 0 : grp->nr;
			*iterations += grp->stopped ? grp->iterations :
				       kt_workers_iterations(&grp->workers);
		}
	}
}

static void free_groups(struct kt_scenario_cgroup *cg)
{
	struct kt_scenario_group *grp;

	while ((grp = cg->groups)) {
		cg->groups = grp->next;
		kt_workers_fini(&grp->workers);
		free(grp->reports);
		free(grp);
	}
	free(cg->reports);
	cg->reports = NULL;
	cg->nr_reports = 0;
}

void kt_members_fini(struct kt_scenario *s)
{
	u32 i;

	for (i = 0; i < s->nr_cgroups; i++) {
		free_groups(&s->cgroups[i]);
		s->cgroups[i].live = false;
	}
	s->nr_cgroups = 0;
	memset(s->buckets, 0, sizeof(s->buckets));
	kt_cgroup_remove_root(kt_scenario_scale_ms(s, REMOVE_MS));
}
