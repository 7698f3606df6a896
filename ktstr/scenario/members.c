// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cgroups of a scenario by name, and how they and their workers come to be.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "../base/near.h"
#include "affinity.h"
#include "members.h"

#define SET_UP_MS	10000	/* workers, to take their places */
#define NAMES_SHOWN	160

const char kt_leaves_only[] =
	"; cgroup v2 has workers in cgroups with none below them alone";

static u32 hash(const char *name)
{
	u32 h = 2166136261u;

	while (*name)
		h = (h ^ (u8)*name++) * 16777619u;
	return h;
}

struct kt_scenario_cgroup *kt_members_find(struct kt_scenario *s,
					   const char *name)
{
	u32 i = s->buckets[hash(name) % KT_CGROUP_BUCKETS];

	while (i && strcmp(s->cgroups[i - 1].name, name))
		i = s->cgroups[i - 1].next;
	return i ? &s->cgroups[i - 1] : NULL;
}

static struct kt_scenario_cgroup *new_cgroup(struct kt_scenario *s,
					     const char *name)
{
	u32 *bucket = &s->buckets[hash(name) % KT_CGROUP_BUCKETS];
	struct kt_scenario_cgroup *cg = &s->cgroups[s->nr_cgroups++];

	cg->name = name;
	cg->next = *bucket;
	*bucket = s->nr_cgroups;
	return cg;
}

static int no_such(struct kt_scenario *s, const char *name)
{
	static struct kt_name_list names;
	struct kt_strbuf text;
	u32 i;

	names.nr = 0;
	for (i = 0; i < s->nr_cgroups; i++)
		if (s->cgroups[i].live)
			kt_name_list_add(&names, s->cgroups[i].name);
	kt_strbuf_init(&text, NAMES_SHOWN);
	kt_name_list_text(&names, name, &text);
	kt_scenario_fail(s, -ENOENT, "there is no cgroup \"%.60s\" now; there are: %s",
			 name, kt_strbuf_str(&text));
	kt_strbuf_fini(&text);
	return -ENOENT;
}

int kt_members_get(struct kt_scenario *s, const char *name,
		   struct kt_scenario_cgroup **cg)
{
	*cg = name ? kt_members_find(s, name) : NULL;
	return *cg && (*cg)->live ? 0 : no_such(s, name ?: "");
}

bool kt_members_is_below(const struct kt_scenario_cgroup *cg,
			 const struct kt_scenario_cgroup *top)
{
	size_t len = top ? strlen(top->name) : 0;

	return !top || cg == top ||
	       (!strncmp(cg->name, top->name, len) && cg->name[len] == '/');
}

struct kt_scenario_cgroup *
kt_members_above(struct kt_scenario *s, const struct kt_scenario_cgroup *cg)
{
	char name[KT_CGROUP_NAME_MAX];
	struct kt_scenario_cgroup *above = NULL;
	char *slash;

	snprintf(name, sizeof(name), "%s", cg->name);
	while (!above && (slash = strrchr(name, '/')) && slash > name) {
		*slash = '\0';
		above = kt_members_find(s, name);
		if (above && !above->live)
			above = NULL;
	}
	return above;
}

bool kt_members_is_frozen(struct kt_scenario *s, struct kt_scenario_cgroup *cg)
{
	while (cg && !cg->frozen)
		cg = kt_members_above(s, cg);
	return cg;
}

int kt_members_cpus(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		    struct kt_cpumask *cpus, bool *confined)
{
	struct kt_scenario_cgroup *c = cg;
	int ret;

	while (c && !c->has_cpuset)
		c = kt_members_above(s, c);
	*confined = c;
	*cpus = s->now.online;
	if (!c)
		return 0;
	ret = kt_cgroup_effective_cpus(&cg->dir, cpus);
	if (ret)
		return kt_scenario_fail(s, ret, "cgroup %s: read its CPUs: %s",
					cg->name, strerror(-ret));
	return 0;
}

static int confine_one(struct kt_scenario *s, struct kt_scenario_cgroup *cg)
{
	struct kt_scenario_group *grp;
	struct kt_cpumask cpus;
	bool confined;
	int ret;

	ret = kt_members_cpus(s, cg, &cpus, &confined);
	for (grp = cg->groups; grp && !ret; grp = grp->next) {
		if (grp->stopped)
			continue;
		grp->unconfined |= !confined;
		kt_cpumask_or(&grp->allowed, &grp->allowed, &cpus);
	}
	return ret;
}

int kt_members_confine(struct kt_scenario *s, struct kt_scenario_cgroup *top)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < s->nr_cgroups && !ret; i++) {
		struct kt_scenario_cgroup *cg = &s->cgroups[i];

		if (cg->live && cg->groups && kt_members_is_below(cg, top))
			ret = confine_one(s, cg);
	}
	return ret;
}

/* The affinity of each of @w, in memory of its own; NULL for none. */
static int resolve_affinity(struct kt_scenario *s,
			    struct kt_scenario_cgroup *cg,
			    const struct ktstr_workers *w,
			    struct kt_cpumask **each)
{
	struct kt_cpumask cpus;
	bool confined;
	int ret;

	*each = NULL;
	if (w->affinity.kind == KTSTR_AFFINITY_INHERIT)
		return 0;
	ret = kt_members_cpus(s, cg, &cpus, &confined);
	if (ret)
		return ret;
	*each = calloc(w->nr, sizeof(**each));
	if (!*each)
		return kt_scenario_fail(s, -ENOMEM, "no memory for the affinity of %u workers",
					w->nr);
	return kt_affinity_resolve(&w->affinity, &s->now, &cpus,
				   s->seed ^ hash(cg->name), cg->nr_spawned,
				   w->nr, *each, s->why, sizeof(s->why));
}

static int resolve_setup(struct kt_scenario *s, const struct ktstr_workers *w,
			 struct kt_worker_setup *setup)
{
	int ret = kt_place_check(w, s->why, sizeof(s->why));

	*setup = (struct kt_worker_setup){
		.policy = w->policy,
		.rt_priority = w->rt_priority,
		.dl_runtime_us = w->dl_runtime_us,
		.dl_period_us = w->dl_period_us,
		.nice = w->nice,
		.cpus_if_possible = w->affinity.kind == KTSTR_AFFINITY_CROSS,
		.mem = w->mem.kind,
	};
	if (!ret && w->mem.kind >= KTSTR_MEM_BIND)
		ret = kt_nodes_resolve(w->mem.nodes, s->topo, &setup->nodes,
				       s->why, sizeof(s->why));
	return ret;
}

static int place(void *arg, pid_t pid)
{
	return kt_cgroup_add(arg, pid);
}

void kt_members_go(struct kt_scenario *s)
{
	struct kt_scenario_group *grp;

	while ((grp = s->waiting)) {
		s->waiting = grp->next_waiting;
		kt_workers_go(&grp->workers);
	}
}

static int fork_workers(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
			const struct ktstr_workers *w,
			const struct kt_worker_setup *setup,
			struct kt_worker_group *g)
{
	u64 deadline;
	int ret;

	s->why[0] = '\0';
	ret = kt_workers_fork(g, &w->work, w->nr, setup);
	if (!ret)
		ret = kt_workers_place(g, place, &cg->dir);
	deadline = kt_now_ns() + kt_scenario_scale_ms(s, SET_UP_MS) *
		   KT_NSEC_PER_MSEC;
	if (!ret)
		ret = kt_workers_set_up(g, deadline, s->why, sizeof(s->why));
	/* the memory is the caller's, and used no more */
	g->setup.cpus = NULL;
	if (ret && !s->why[0])
		kt_scenario_fail(s, ret, "start %u workers: %s%s", w->nr,
				 strerror(-ret),
				 ret == -EBUSY ? kt_leaves_only : "");
	return ret;
}

/* Of @nr workers; those that work together stay so, and one group is left. */
static u32 fewer(const struct kt_scenario *s, const struct ktstr_work *work,
		 u32 nr)
{
	const struct kt_work_type *type = kt_work_type(work->type);
	struct ktstr_work params;
	u32 size, part;

	if (!s->workers_pct || !type)
		return nr;
	params = kt_work_defaults(work);
	size = kt_work_group_size(type, &params, nr);
	part = (u64)nr * s->workers_pct / 100;
	return size ? min(nr, max(part - part % size, size)) : nr;
}

static int spawn(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		 const struct ktstr_workers *decl)
{
	struct ktstr_workers many = *decl, *w = &many;
	struct kt_scenario_group *grp;
	struct kt_worker_setup setup;
	struct kt_cpumask *each = NULL;
	int ret;

	if (kt_members_is_frozen(s, cg))
		return kt_scenario_fail(s, -EBUSY, "it is frozen: thaw it before it gets workers");
	many.nr = fewer(s, &many.work, many.nr * max(s->factor, 1u));
	grp = calloc(1, sizeof(*grp));
	if (!grp)
		return kt_scenario_fail(s, -ENOMEM, "no memory for %u workers",
					w->nr);
	grp->nr = w->nr;
	grp->next = cg->groups;
	cg->groups = grp;
	ret = resolve_setup(s, w, &setup);
	if (!ret && w->nr <= KT_MAX_WORKERS)
		ret = resolve_affinity(s, cg, w, &each);
	setup.cpus = each;
	setup.seed = s->seed ^ hash(cg->name);
	setup.first = cg->nr_spawned;
	setup.spread_us = s->start_spread_us;
	if (!ret)
		ret = fork_workers(s, cg, w, &setup, &grp->workers);
	free(each);
	if (ret) {
		kt_workers_fini(&grp->workers);
		cg->groups = grp->next;
		free(grp);
		return ret;
	}
	cg->nr_spawned += w->nr;
	grp->next_waiting = s->waiting;
	s->waiting = grp;
	return confine_one(s, cg);
}

/* Puts in front of the sentence what it is about. */
static int about(struct kt_scenario *s, const char *name, int ret)
{
	char why[sizeof(s->why)];

	if (!ret)
		return 0;
	memcpy(why, s->why, sizeof(why));
	return kt_scenario_fail(s, ret, "cgroup %.60s: %.420s", name, why);
}

static int spawn_all(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		     const struct ktstr_cgroup *decl)
{
	const struct ktstr_workers *w;
	struct ktstr_workers first = decl->with;
	int ret = 0;

	first.nr = decl->workers;
	first.work = decl->work;
	if (first.nr)
		ret = spawn(s, cg, &first);
	for (w = decl->more; w && w->nr && !ret; w++)
		ret = spawn(s, cg, w);
	return ret;
}

static int set_limits(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		      const struct ktstr_cgroup *decl)
{
	u64 nodes;
	int ret = 0;

	if (decl->mems)
		ret = kt_nodes_resolve(decl->mems, s->topo, &nodes, s->why,
				       sizeof(s->why));
	if (decl->mems && !ret) {
		ret = kt_cgroup_set_mems(&cg->dir, decl->mems);
		if (ret)
			kt_scenario_fail(s, ret, "set nodes \"%.60s\": %s",
					 decl->mems, strerror(-ret));
	}
	if (!ret && decl->weight)
		ret = kt_members_set_weight(s, cg, decl->weight);
	if (!ret && decl->quota_us)
		ret = kt_members_set_bandwidth(s, cg, decl->quota_us,
					       decl->period_us);
	return ret;
}

static int make(struct kt_scenario *s, struct kt_scenario_cgroup **cg,
		const char *name)
{
	int ret;

	*cg = kt_members_find(s, name);
	if (*cg && (*cg)->live)
		return kt_scenario_fail(s, -EEXIST, "there is one of that name already");
	if (!kt_cgroup_name_ok(name))
		return kt_scenario_fail(s, -EINVAL,
					"a name has levels without a dot in front, and less than %u bytes",
					KT_CGROUP_NAME_MAX);
	if (!*cg && s->nr_cgroups == KT_MAX_CGROUPS)
		return kt_scenario_fail(s, -E2BIG, "a case has at most %u",
					KT_MAX_CGROUPS);
	if (!*cg)
		*cg = new_cgroup(s, name);
	ret = kt_cgroup_make(&(*cg)->dir, name);
	if (ret)
		return kt_scenario_fail(s, ret, "make it: %s%s", strerror(-ret),
					ret == -EBUSY ?
					"; what it is below must have no workers" : "");
	(*cg)->live = true;
	return 0;
}

int kt_members_add(struct kt_scenario *s, const struct ktstr_cgroup *decl)
{
	struct kt_scenario_cgroup *cg;
	int ret;

	ret = make(s, &cg, decl->name);
	if (!ret && decl->cpuset.kind != KTSTR_CPUSET_NONE)
		ret = kt_members_set_cpus(s, cg, &decl->cpuset);
	if (!ret)
		ret = set_limits(s, cg, decl);
	if (!ret)
		ret = spawn_all(s, cg, decl);
	return about(s, decl->name, ret);
}

/* Made when it is wanted: it is there, and stays. */
static struct kt_scenario_cgroup *root_cgroup(struct kt_scenario *s)
{
	struct kt_scenario_cgroup *cg = kt_members_find(s, KT_ROOT_CGROUP);

	if (cg || s->nr_cgroups == KT_MAX_CGROUPS)
		return cg;
	cg = new_cgroup(s, KT_ROOT_CGROUP);
	snprintf(cg->dir.path, sizeof(cg->dir.path), "%s", KT_CGROUP_MOUNT);
	cg->live = true;
	return cg;
}

int kt_members_spawn(struct kt_scenario *s, const char *name,
		     const struct ktstr_workers *workers)
{
	struct kt_scenario_cgroup *cg;
	int ret;

	if (name) {
		ret = kt_members_get(s, name, &cg);
		if (ret)
			return ret;
	} else {
		cg = root_cgroup(s);
		if (!cg)
			return kt_scenario_fail(s, -E2BIG, "a case has at most %u cgroups",
						KT_MAX_CGROUPS);
	}
	return about(s, cg->name, spawn(s, cg, workers));
}
