// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the workers of a scenario may run, and how much: cpusets, weight and
 * bandwidth of their cgroups, their own affinity, the cgroup they are in.
 */
#include <stdio.h>

#include "affinity.h"
#include "members.h"

#define DEFAULT_PERIOD_US	100000
#define MIN_BANDWIDTH_US	1000
#define MAX_PERIOD_US		1000000

/*
 * @cpus NULL: none of its own. The kernel does not take a cpuset away from a
 * cgroup with workers: it gets all CPUs there ever are, of which it may use
 * those of the cgroup above.
 */
static int write_cpus(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		      const struct kt_cpumask *cpus)
{
	char list[KT_CPUMASK_STR];
	int ret;

	kt_cpumask_str(cpus ?: &s->topo->online, list, sizeof(list));
	ret = kt_cgroup_set_cpus(&cg->dir, list);
	if (ret)
		return kt_scenario_fail(s, ret, "set CPUs \"%.100s\": %s", list,
					strerror(-ret));
	cg->has_cpuset = cpus;
	if (cpus)
		cg->cpus = *cpus;
	return 0;
}

int kt_members_set_cpus(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
			const struct ktstr_cpuset *set)
{
	struct kt_cpumask cpus;
	bool none = !set || set->kind == KTSTR_CPUSET_NONE;
	int ret = 0;

	if (!none)
		ret = kt_cpuset_resolve(set, &s->now, &cpus, s->why,
					sizeof(s->why));
	if (!ret)
		ret = write_cpus(s, cg, none ? NULL : &cpus);
	return ret ? ret : kt_members_confine(s, cg);
}

int kt_members_swap_cpus(struct kt_scenario *s, struct kt_scenario_cgroup *a,
			 struct kt_scenario_cgroup *b)
{
	struct kt_cpumask of_a = a->cpus, of_b = b->cpus;
	bool has_a = a->has_cpuset, has_b = b->has_cpuset;
	int ret;

	ret = write_cpus(s, a, has_b ? &of_b : NULL);
	if (!ret)
		ret = write_cpus(s, b, has_a ? &of_a : NULL);
	if (!ret)
		ret = kt_members_confine(s, a);
	return ret ? ret : kt_members_confine(s, b);
}

/*
 * A cpuset none of whose CPUs is left has those of the cgroup above; the kernel
 * sees to that behind the write that took the CPU away. What it says now may be
 * what it said before, so all that is online counts for such a one.
 */
int kt_members_cpus_changed(struct kt_scenario *s)
{
	struct kt_scenario_group *grp;
	struct kt_cpumask left;
	u32 i;

	for (i = 0; i < s->nr_cgroups; i++) {
		struct kt_scenario_cgroup *cg = &s->cgroups[i];

		kt_cpumask_and(&left, &cg->cpus, &s->now.online);
		if (!cg->live || !cg->has_cpuset || !kt_cpumask_empty(&left))
			continue;
		for (grp = cg->groups; grp; grp = grp->next)
			kt_cpumask_or(&grp->allowed, &grp->allowed,
				      &s->now.online);
	}
	return kt_members_confine(s, NULL);
}

static int set_group(struct kt_scenario *s, struct kt_scenario_group *grp,
		     const struct kt_cpumask *each, bool if_possible)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < grp->nr && !ret; i++) {
		pid_t tid = grp->workers.telemetry[i].tid;

		ret = kt_place_affinity(tid, &each[i]);
		if (ret == -ESRCH || (ret == -EINVAL && if_possible))
			ret = 0;
		if (ret)
			kt_scenario_fail(s, ret, "affinity of tid %d: %s", tid,
					 strerror(-ret));
	}
	return ret;
}

int kt_members_set_affinity(struct kt_scenario *s,
			    struct kt_scenario_cgroup *cg,
			    const struct ktstr_affinity *affinity)
{
	struct kt_scenario_group *grp;
	struct kt_cpumask cpus, *each;
	u32 first = 0;
	bool confined;
	int ret;

	ret = kt_members_cpus(s, cg, &cpus, &confined);
	for (grp = cg->groups; grp && !ret; grp = grp->next) {
		if (grp->stopped)
			continue;
		each = calloc(grp->nr, sizeof(*each));
		if (!each)
			return kt_scenario_fail(s, -ENOMEM, "no memory for %u affinities",
						grp->nr);
		ret = kt_affinity_resolve(affinity, &s->now, &cpus, s->seed,
					  first, grp->nr, each, s->why,
					  sizeof(s->why));
		if (!ret)
			ret = set_group(s, grp, each, affinity->kind ==
					KTSTR_AFFINITY_CROSS);
		free(each);
		first += grp->nr;
	}
	return ret;
}

/* From here on they are @to's, also in what is told of them. */
static void hand_over(struct kt_scenario_cgroup *from,
		      struct kt_scenario_cgroup *to)
{
	struct kt_scenario_group **link = &from->groups, *grp;

	while ((grp = *link)) {
		if (grp->stopped) {
			link = &grp->next;
			continue;
		}
		*link = grp->next;
		grp->next = to->groups;
		to->groups = grp;
	}
}

int kt_members_move_all(struct kt_scenario *s, struct kt_scenario_cgroup *from,
			struct kt_scenario_cgroup *to)
{
	int ret;

	if (from == to)
		return kt_scenario_fail(s, -EINVAL, "it is where it would be moved to");
	if (kt_members_is_frozen(s, from) || kt_members_is_frozen(s, to))
		return kt_scenario_fail(s, -EBUSY, "it or %.60s is frozen: thaw it before workers are moved",
					to->name);
	ret = kt_cgroup_move_all(&from->dir, &to->dir);
	if (ret)
		return kt_scenario_fail(s, ret, "move to %.60s: %s%s", to->name,
					strerror(-ret),
					ret == -EBUSY ? kt_leaves_only : "");
	hand_over(from, to);
	return kt_members_confine(s, to);
}

int kt_members_set_weight(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
			  u32 weight)
{
	int ret;

	if (!weight || weight > KT_CGROUP_WEIGHT_MAX)
		return kt_scenario_fail(s, -EINVAL, "weight %u: 1 to %u are possible",
					weight, KT_CGROUP_WEIGHT_MAX);
	ret = kt_cgroup_set_weight(&cg->dir, weight);
	if (ret)
		kt_scenario_fail(s, ret, "set weight %u: %s", weight,
				 strerror(-ret));
	return ret;
}

int kt_members_set_bandwidth(struct kt_scenario *s,
			     struct kt_scenario_cgroup *cg, u32 quota_us,
			     u32 period_us)
{
	int ret;

	period_us = period_us ?: DEFAULT_PERIOD_US;
	if (period_us < MIN_BANDWIDTH_US || period_us > MAX_PERIOD_US ||
	    (quota_us && quota_us < MIN_BANDWIDTH_US))
		return kt_scenario_fail(s, -EINVAL,
					"bandwidth of %u us every %u us: a quota of %u us at least, 0 for none, and a period of %u to %u us",
					quota_us, period_us, MIN_BANDWIDTH_US,
					MIN_BANDWIDTH_US, MAX_PERIOD_US);
	ret = kt_cgroup_set_bandwidth(&cg->dir, quota_us, period_us);
	if (ret)
		kt_scenario_fail(s, ret, "set bandwidth %u us every %u us: %s",
				 quota_us, period_us, strerror(-ret));
	return ret;
}
