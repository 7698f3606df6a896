// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canned scenarios: found by name and family, and each makes sense on the
 * machine that it says it is for: what it asks of cpusets, affinities and
 * groups of workers can be had there.
 */
#include <kselftest_harness.h>

#include "ktstr/base/topology.h"
#include "ktstr/scenario/affinity.h"
#include "ktstr/scenario/cgroup.h"
#include "ktstr/scenario/cpuset.h"
#include "ktstr/scenario/ops.h"
#include "ktstr/work/group.h"

#define NR_SCENARIOS	50
#define MAX_NAMES	32

static struct kt_guest_topology topo;
static struct kt_topology shape;
static char why[1024];

/* Cgroups that a scenario has declared so far. */
static const char *names[MAX_NAMES];
static u32 nr_names;

/* The machine that @s describes, as its kernel numbers it. */
static void machine(const char *s)
{
	u32 cpu, per_llc;

	memset(&topo, 0, sizeof(topo));
	if (kt_topology_parse(s, &shape, why, sizeof(why)))
		return;
	per_llc = shape.cores * shape.threads;
	topo.nr_cpus = kt_topology_cpus(&shape);
	topo.nr_llcs = shape.llcs;
	topo.nr_nodes = shape.nodes;
	topo.nodes_online = (1ULL << shape.nodes) - 1;
	for (cpu = 0; cpu < topo.nr_cpus; cpu++) {
		u32 llc = cpu / per_llc;

		kt_cpumask_set(&topo.online, cpu);
		kt_cpumask_set(&topo.llcs[llc], cpu);
		kt_cpumask_set(&topo.nodes[llc * shape.nodes / shape.llcs], cpu);
		topo.core[cpu] = cpu - cpu % shape.threads;
	}
}

static bool is_declared(const char *name)
{
	u32 i;

	for (i = 0; i < nr_names; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool cpus_of(const struct ktstr_cpuset *set, struct kt_cpumask *cpus)
{
	return !kt_cpuset_resolve(set, &topo, cpus, why, sizeof(why));
}

static bool workers_ok(const struct ktstr_workers *w,
		       const struct kt_cpumask *cpus)
{
	static struct kt_cpumask each[KT_MAX_WORKERS];
	struct ktstr_work params = kt_work_defaults(&w->work);

	return w->nr && w->nr <= KT_MAX_WORKERS &&
	       !kt_work_check(kt_work_type(w->work.type), &params, w->nr) &&
	       !kt_place_check(w, why, sizeof(why)) &&
	       !kt_affinity_resolve(&w->affinity, &topo, cpus, 1, 0, w->nr,
				    each, why, sizeof(why));
}

static bool cgroup_ok(const struct ktstr_cgroup *cg)
{
	struct ktstr_workers first = cg->with;
	struct kt_cpumask cpus;
	u64 nodes;

	first.nr = cg->workers;
	first.work = cg->work;
	if (nr_names < MAX_NAMES)
		names[nr_names++] = cg->name;
	return kt_cgroup_name_ok(cg->name) && cpus_of(&cg->cpuset, &cpus) &&
	       (!cg->mems || !kt_nodes_resolve(cg->mems, &topo, &nodes, why,
					       sizeof(why))) &&
	       (!first.nr || workers_ok(&first, &cpus));
}

static bool op_ok(const struct ktstr_op *op)
{
	struct kt_cpumask cpus = topo.online;

	if (!kt_op_name(op->kind) ||
	    (op->cgroup && !is_declared(op->cgroup)) ||
	    (op->other && !is_declared(op->other)))
		return false;
	switch (op->kind) {
	case KTSTR_OP_ADD_CGROUP:
		return cgroup_ok(op->add);
	case KTSTR_OP_SPAWN:
		return workers_ok(op->workers, &cpus);
	case KTSTR_OP_SET_CPUSET:
		return cpus_of(&op->cpuset, &cpus);
	case KTSTR_OP_CPU_OFFLINE:
	case KTSTR_OP_CPU_ONLINE:
		return kt_cpumask_test(&topo.online, op->value);
	default:
		return true;
	}
}

static bool ops_ok(const struct ktstr_op *ops)
{
	for (; ops && ops->kind != KTSTR_OP_END; ops++)
		if (!op_ok(ops))
			return false;
	return true;
}

static bool step_ok(const struct ktstr_step *step)
{
	const struct ktstr_cgroup *cg;

	if (!ops_ok(step->ops))
		return false;
	for (cg = step->cgroups; cg && cg->name; cg++)
		if (!cgroup_ok(cg))
			return false;
	return ops_ok(step->loop);
}

TEST(names_are_unique)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	const struct ktstr_canned *a, *b;
	u32 i, j;

	for (i = 0; (a = ktstr_canned_get(i)); i++) {
		EXPECT_EQ(strlen(a->name), strspn(a->name, letters));
		EXPECT_NE(0, strcmp(a->name, "all"));
		for (j = 0; (b = ktstr_canned_get(j)); j++) {
			EXPECT_TRUE(i == j || strcmp(a->name, b->name));
			EXPECT_NE(0, strcmp(a->name, b->family));
		}
	}
	EXPECT_EQ(NR_SCENARIOS, i);
	EXPECT_EQ(NULL, ktstr_canned_get(UINT32_MAX));
}

TEST(each_is_possible_on_its_machine)
{
	const struct ktstr_canned *c;
	size_t s;
	u32 i;

	for (i = 0; (c = ktstr_canned_get(i)); i++) {
		u32 permille = 0;

		machine(c->topology);
		nr_names = 0;
		EXPECT_TRUE(topo.nr_cpus > 0 && c->desc[0] && c->duration_ms);
		for (s = 0; s < c->nr_steps; s++) {
			why[0] = '\0';
			permille += c->steps[s].hold.permille;
			EXPECT_TRUE(step_ok(&c->steps[s])) {
				TH_LOG("%s, step %zu: %s", c->name, s, why);
			}
		}
		EXPECT_EQ(1000, permille);
	}
}

/* Nothing smaller than its own topology may do: needs say what is special. */
TEST(needs_fit_the_topology)
{
	const struct ktstr_canned *c;
	u32 i;

	for (i = 0; (c = ktstr_canned_get(i)); i++) {
		machine(c->topology);
		EXPECT_EQ(topo.nr_cpus, c->needs.cpus);
		EXPECT_EQ(shape.threads > 1, c->needs.smt);
		EXPECT_TRUE(shape.llcs == 1 || c->needs.llcs == shape.llcs ||
			    c->needs.nodes == shape.nodes);
	}
}

TEST(found_by_name)
{
	EXPECT_STREQ("steady_llc", ktstr_canned_find("steady_llc")->name);
	EXPECT_STREQ("nested", ktstr_canned_find("nested_task_move")->family);
	EXPECT_EQ(NULL, ktstr_canned_find("nested"));
	EXPECT_EQ(NULL, ktstr_canned_find(""));
}

static u32 count(const char *what)
{
	const struct ktstr_canned *c;
	u32 i, nr = 0;

	for (i = 0; (c = ktstr_canned_get(i)); i++)
		nr += ktstr_canned_matches(c, what);
	return nr;
}

TEST(matched_by_family)
{
	static const char *const families[] = {
		"basic", "cpuset", "dynamic", "stress", "interaction",
		"affinity", "nested", "performance",
	};
	u32 i, sum = 0;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		EXPECT_LE(4, count(families[i]));
		sum += count(families[i]);
	}
	EXPECT_EQ(NR_SCENARIOS, sum);
	EXPECT_EQ(NR_SCENARIOS, count("all"));
	EXPECT_EQ(1, count("cgroup_add"));
	EXPECT_EQ(0, count("cgroup"));
}

TEST(unknown_names_are_told_of_near_ones)
{
	static const char start[] =
		"there is no scenario \"cpuset_aply\"; there are: cpuset_apply, ";

	ktstr_canned_unknown("cpuset_aply", why, sizeof(why));
	EXPECT_EQ(0, strncmp(why, start, strlen(start)));
}

TEST_HARNESS_MAIN
