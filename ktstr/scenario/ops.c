// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations: from a declaration to the function that makes it. What all of
 * them check of their arguments is in the table; what is left to a handler is
 * a line or two.
 */
#include <stdio.h>

#include "hotplug.h"
#include "members.h"
#include "ops.h"

/* An operation on its way: its cgroups looked up. */
struct op {
	const struct ktstr_op *decl;
	struct kt_scenario_cgroup *cg;		/* NULL: none, or the root */
	struct kt_scenario_cgroup *other;
};

/* What an operation needs. */
enum {
	CGROUP = 1 << 0,	/* a cgroup of the scenario */
	OTHER = 1 << 1,		/* a second one */
	ROOT_TOO = 1 << 2,	/* either may be the machine's root cgroup */
	TEXT = 1 << 3,
};

struct op_kind {
	const char *name;
	u32 needs;
	int (*make)(struct kt_scenario *s, const struct op *op);
};

static int missing(struct kt_scenario *s, const char *what)
{
	return kt_scenario_fail(s, -EINVAL, "%s is not given", what);
}

static int add_cgroup(struct kt_scenario *s, const struct op *op)
{
	if (!op->decl->add || !op->decl->add->name)
		return missing(s, "its name");
	return kt_members_add(s, op->decl->add);
}

static int remove_cgroup(struct kt_scenario *s, const struct op *op)
{
	return kt_members_remove(s, op->cg);
}

static int stop_cgroup(struct kt_scenario *s, const struct op *op)
{
	kt_members_stop(s, op->cg);
	return 0;
}

static int set_cpuset(struct kt_scenario *s, const struct op *op)
{
	return kt_members_set_cpus(s, op->cg, &op->decl->cpuset);
}

static int clear_cpuset(struct kt_scenario *s, const struct op *op)
{
	return kt_members_set_cpus(s, op->cg, NULL);
}

static int swap_cpusets(struct kt_scenario *s, const struct op *op)
{
	return kt_members_swap_cpus(s, op->cg, op->other);
}

static int spawn(struct kt_scenario *s, const struct op *op)
{
	if (!op->decl->workers)
		return missing(s, "what workers they are");
	return kt_members_spawn(s, op->decl->cgroup, op->decl->workers);
}

static int set_affinity(struct kt_scenario *s, const struct op *op)
{
	return kt_members_set_affinity(s, op->cg, &op->decl->affinity);
}

static int move_all(struct kt_scenario *s, const struct op *op)
{
	return kt_members_move_all(s, op->cg, op->other);
}

static int freeze(struct kt_scenario *s, const struct op *op)
{
	return kt_members_freeze(s, op->cg, true);
}

static int thaw(struct kt_scenario *s, const struct op *op)
{
	return kt_members_freeze(s, op->cg, false);
}

static int set_weight(struct kt_scenario *s, const struct op *op)
{
	return kt_members_set_weight(s, op->cg, op->decl->value);
}

static int set_bandwidth(struct kt_scenario *s, const struct op *op)
{
	return kt_members_set_bandwidth(s, op->cg, op->decl->value,
					op->decl->period_us);
}

static int unsupported(struct kt_scenario *s, const char *what)
{
	return kt_scenario_fail(s, -EOPNOTSUPP, "no %s here", what);
}

static int payload(struct kt_scenario *s, const struct op *op)
{
	const struct kt_scenario_services *sv = s->services;
	struct kt_scenario_cgroup *cg = NULL;
	int ret = 0;

	if (!op->decl->payload)
		return missing(s, "the payload");
	if (!sv || !sv->payload)
		return unsupported(s, "payload support");
	if (op->decl->cgroup)
		ret = kt_members_get(s, op->decl->cgroup, &cg);
	if (ret)
		return ret;
	return sv->payload(s->services_arg, op->decl,
			   cg ? cg->dir.path : KT_CGROUP_MOUNT, s->why,
			   sizeof(s->why));
}

static int capture(struct kt_scenario *s, const struct op *op)
{
	const struct kt_scenario_services *sv = s->services;

	if (!sv || !sv->capture)
		return unsupported(s, "captures");
	return sv->capture(s->services_arg, op->decl->text, s->why,
			   sizeof(s->why));
}

static int watch(struct kt_scenario *s, const struct op *op)
{
	const struct kt_scenario_services *sv = s->services;

	if (!sv || !sv->watch)
		return unsupported(s, "watchpoints");
	return sv->watch(s->services_arg, op->decl->text, s->why,
			 sizeof(s->why));
}

static int kernel(struct kt_scenario *s, const struct op *op)
{
	const struct kt_scenario_services *sv = s->services;

	if (!op->decl->kernel)
		return missing(s, "the kernel operation");
	if (!sv || !sv->kernel)
		return unsupported(s, "kernel operations");
	return sv->kernel(s->services_arg, op->decl->kernel, s->why,
			  sizeof(s->why));
}

static int sched(struct kt_scenario *s, const struct op *op)
{
	const struct kt_scenario_services *sv = s->services;
	int ret;

	if (op->decl->kind != KTSTR_OP_DETACH_SCHED && !op->decl->sched)
		return missing(s, "the scheduler");
	if (!sv || !sv->sched)
		return unsupported(s, "schedulers");
	ret = sv->sched(s->services_arg, op->decl, s->why, sizeof(s->why));
	s->sched_failed |= ret < 0;
	return ret;
}

static int cpu_offline(struct kt_scenario *s, const struct op *op)
{
	return kt_hotplug(s, op->decl->value, false);
}

static int cpu_online(struct kt_scenario *s, const struct op *op)
{
	return kt_hotplug(s, op->decl->value, true);
}

static const struct op_kind kinds[KTSTR_NR_OPS] = {
	[KTSTR_OP_ADD_CGROUP] = { "KTSTR_ADD_CGROUP", 0, add_cgroup },
	[KTSTR_OP_REMOVE_CGROUP] = { "KTSTR_REMOVE_CGROUP", CGROUP,
				     remove_cgroup },
	[KTSTR_OP_STOP_CGROUP] = { "KTSTR_STOP_CGROUP", CGROUP | ROOT_TOO,
				   stop_cgroup },
	[KTSTR_OP_SET_CPUSET] = { "KTSTR_SET_CPUSET", CGROUP, set_cpuset },
	[KTSTR_OP_CLEAR_CPUSET] = { "KTSTR_CLEAR_CPUSET", CGROUP,
				    clear_cpuset },
	[KTSTR_OP_SWAP_CPUSETS] = { "KTSTR_SWAP_CPUSETS", CGROUP | OTHER,
				    swap_cpusets },
	[KTSTR_OP_SPAWN] = { "KTSTR_SPAWN", 0, spawn },
	[KTSTR_OP_SET_AFFINITY] = { "KTSTR_SET_AFFINITY", CGROUP | ROOT_TOO,
				    set_affinity },
	[KTSTR_OP_MOVE_ALL] = { "KTSTR_MOVE_ALL", CGROUP | OTHER, move_all },
	[KTSTR_OP_FREEZE_CGROUP] = { "KTSTR_FREEZE_CGROUP", CGROUP, freeze },
	[KTSTR_OP_THAW_CGROUP] = { "KTSTR_THAW_CGROUP", CGROUP, thaw },
	[KTSTR_OP_SET_WEIGHT] = { "KTSTR_SET_WEIGHT", CGROUP, set_weight },
	[KTSTR_OP_SET_BANDWIDTH] = { "KTSTR_SET_BANDWIDTH", CGROUP,
				     set_bandwidth },
	[KTSTR_OP_RUN_PAYLOAD] = { "KTSTR_RUN_PAYLOAD", 0, payload },
	[KTSTR_OP_WAIT_PAYLOAD] = { "KTSTR_WAIT_PAYLOAD", 0, payload },
	[KTSTR_OP_KILL_PAYLOAD] = { "KTSTR_KILL_PAYLOAD", 0, payload },
	[KTSTR_OP_CAPTURE] = { "KTSTR_CAPTURE", TEXT, capture },
	[KTSTR_OP_WATCH] = { "KTSTR_WATCH", TEXT, watch },
	[KTSTR_OP_KERNEL] = { "KTSTR_KERNEL_OP", 0, kernel },
	[KTSTR_OP_ATTACH_SCHED] = { "KTSTR_ATTACH_SCHED", 0, sched },
	[KTSTR_OP_DETACH_SCHED] = { "KTSTR_DETACH_SCHED", 0, sched },
	[KTSTR_OP_REPLACE_SCHED] = { "KTSTR_REPLACE_SCHED", 0, sched },
	[KTSTR_OP_CPU_OFFLINE] = { "KTSTR_CPU_OFFLINE", 0, cpu_offline },
	[KTSTR_OP_CPU_ONLINE] = { "KTSTR_CPU_ONLINE", 0, cpu_online },
};

static const struct op_kind *kind_of(enum ktstr_op_kind kind)
{
	return (u32)kind < ARRAY_SIZE(kinds) && kinds[kind].make ?
	       &kinds[kind] : NULL;
}

const char *kt_op_name(enum ktstr_op_kind kind)
{
	const struct op_kind *k = kind_of(kind);

	return k ? k->name : NULL;
}

static int look_up(struct kt_scenario *s, const struct op_kind *k,
		   const char *name, struct kt_scenario_cgroup **cg)
{
	if (!name)
		return missing(s, "the cgroup's name");
	if (!(k->needs & ROOT_TOO) && !strcmp(name, KT_ROOT_CGROUP))
		return kt_scenario_fail(s, -EINVAL, "the machine's root cgroup cannot be changed; name one of the scenario's");
	return kt_members_get(s, name, cg);
}

static int make(struct kt_scenario *s, const struct op_kind *k,
		const struct ktstr_op *decl)
{
	struct op op = { .decl = decl };
	int ret = 0;

	if (k->needs & CGROUP)
		ret = look_up(s, k, decl->cgroup, &op.cg);
	if (!ret && k->needs & OTHER)
		ret = look_up(s, k, decl->other, &op.other);
	if (!ret && k->needs & TEXT && (!decl->text || !decl->text[0]))
		ret = missing(s, "a name");
	return ret ? ret : k->make(s, &op);
}

/* "KTSTR_SET_WEIGHT(left): weight 0: 1 to 10000 are possible" */
static int describe(struct kt_scenario *s, const struct op_kind *k,
		    const struct ktstr_op *decl, int err)
{
	const char *about = decl->cgroup ?: decl->text ?: "";
	char why[sizeof(s->why)];

	memcpy(why, s->why, sizeof(why));
	return kt_scenario_fail(s, err, "%s%s%.60s%s: %.400s", k->name,
				about[0] ? "(" : "", about,
				about[0] ? ")" : "", why);
}

int kt_ops_run(struct kt_scenario *s, const struct ktstr_op *ops)
{
	const struct op_kind *k;
	int ret;

	for (; ops && ops->kind != KTSTR_OP_END; ops++) {
		k = kind_of(ops->kind);
		if (!k)
			return kt_scenario_fail(s, -EINVAL, "operation %d: there is none such; use the macros of ktstr_scenario.h",
						ops->kind);
		if (kt_scenario_told_to_stop(s))
			return 0;
		ret = make(s, k, ops);
		if (ret)
			return describe(s, k, ops, ret);
		kt_members_go(s);
		s->nr_ops++;
		s->op_kinds |= 1u << (ops->kind - 1);
	}
	return 0;
}
