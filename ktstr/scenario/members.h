/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cgroups of a running scenario and the workers in them. Each function
 * returns 0, or -errno and says in the scenario's why what could not be done.
 */
#ifndef KTSTR_SCENARIO_MEMBERS_H
#define KTSTR_SCENARIO_MEMBERS_H

#include "steps.h"

/* Why workers cannot be there (EBUSY), for the end of a sentence. */
extern const char kt_leaves_only[];

/* @cg is @top or below it; every one is below NULL. */
bool kt_members_is_below(const struct kt_scenario_cgroup *cg,
			 const struct kt_scenario_cgroup *top);

/* The one that @cg is below, NULL for none of the scenario's. */
struct kt_scenario_cgroup *
kt_members_above(struct kt_scenario *s, const struct kt_scenario_cgroup *cg);

/* What the kernel lets @cg's workers use now; all that is online without any
 * cpuset in or above it, and then @confined is false.
 */
int kt_members_cpus(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		    struct kt_cpumask *cpus, bool *confined);

/* What @cg and those below it may use now is added to their workers' lives. */
int kt_members_confine(struct kt_scenario *s, struct kt_scenario_cgroup *cg);

/* @cg or one above it is frozen. */
bool kt_members_is_frozen(struct kt_scenario *s,
			  struct kt_scenario_cgroup *cg);

/* NULL when there is none of that name, now or ever. */
struct kt_scenario_cgroup *kt_members_find(struct kt_scenario *s,
					   const char *name);

/* The live one of that name; -ENOENT with names that are near it. */
int kt_members_get(struct kt_scenario *s, const char *name,
		   struct kt_scenario_cgroup **cg);

/* Makes a cgroup, with its workers. A name that was removed may come again. */
int kt_members_add(struct kt_scenario *s, const struct ktstr_cgroup *decl);

/* NULL @name: the machine's root cgroup. */
int kt_members_spawn(struct kt_scenario *s, const char *name,
		     const struct ktstr_workers *workers);

/* Those that were added and spawned begin, all of them now. */
void kt_members_go(struct kt_scenario *s);

/* NULL or KTSTR_CPUSET_NONE: what the cgroup above has. */
int kt_members_set_cpus(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
			const struct ktstr_cpuset *set);
int kt_members_swap_cpus(struct kt_scenario *s, struct kt_scenario_cgroup *a,
			 struct kt_scenario_cgroup *b);

int kt_members_set_weight(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
			  u32 weight);
/* A quota of 0 lifts it; a period of 0 is the kernel's. */
int kt_members_set_bandwidth(struct kt_scenario *s,
			     struct kt_scenario_cgroup *cg, u32 quota_us,
			     u32 period_us);

/* CPUs went or came back: what workers may use has changed. */
int kt_members_cpus_changed(struct kt_scenario *s);

int kt_members_set_affinity(struct kt_scenario *s,
			    struct kt_scenario_cgroup *cg,
			    const struct ktstr_affinity *affinity);
int kt_members_move_all(struct kt_scenario *s, struct kt_scenario_cgroup *from,
			struct kt_scenario_cgroup *to);
int kt_members_freeze(struct kt_scenario *s, struct kt_scenario_cgroup *cg,
		      bool on);

/*
 * Stops the workers of @cg and of those below it, NULL: of all; what they did
 * is kept. Remove: the cgroups as well.
 */
void kt_members_stop(struct kt_scenario *s, struct kt_scenario_cgroup *cg);
int kt_members_remove(struct kt_scenario *s, struct kt_scenario_cgroup *cg);

/* When all have stopped: each cgroup's reports, of all its groups. */
int kt_members_gather(struct kt_scenario *s);

/* What is told in a Stimulus. */
void kt_members_count(const struct kt_scenario *s, u32 *cgroups, u32 *workers,
		      u64 *iterations);

void kt_members_fini(struct kt_scenario *s);

#endif /* KTSTR_SCENARIO_MEMBERS_H */
