// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types about memory nodes: a worker that moves between them, and one
 * whose memory does.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/mempolicy.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "families.h"
#include "step.h"

#define MAX_NODE_BITS	(KT_MAX_NODES + 1)	/* the kernel takes one off */

/* Nodes in @name below /sys/devices/system/node, a bit each. */
static int read_nodes(const char *name, u64 *nodes)
{
	char path[96], list[KT_CPUMASK_STR];
	struct kt_cpumask mask = {};
	int ret;

	snprintf(path, sizeof(path), "/sys/devices/system/node/%s", name);
	ret = kt_read_line(path, list, sizeof(list));
	if (!ret)
		ret = kt_cpumask_parse(&mask, list);
	*nodes = mask.bits[0];
	return ret;
}

static u32 nth_node(u64 nodes, u32 n)
{
	for (n %= __builtin_popcountll(nodes); n; n--)
		nodes &= nodes - 1;
	return __builtin_ctzll(nodes);
}

static int check_nodes(const char *type, const char *name, const char *what)
{
	u64 nodes = 0;
	int ret = read_nodes(name, &nodes);

	if (ret || __builtin_popcountll(nodes) < 2)
		return kt_err(-ENODEV,
			      "type %s: the machine has %d nodes with %s; 2 are needed, as in 2n2l2c1t",
			      type, ret ? 1 : __builtin_popcountll(nodes),
			      what);
	return 0;
}

int kt_work_numa_churn_check(const struct ktstr_work *params)
{
	(void)params;
	return check_nodes("numa_migration_churn", "has_cpu", "CPUs");
}

/* Those of the worker's CPUs that are of @node. */
static int cpus_of_node(const struct kt_work_env *env, u32 node,
			struct kt_cpumask *cpus)
{
	char path[96], list[KT_CPUMASK_STR];
	int ret;

	memset(cpus, 0, sizeof(*cpus));
	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist",
		 node);
	ret = kt_read_line(path, list, sizeof(list));
	if (!ret)
		ret = kt_cpumask_parse(cpus, list);
	kt_cpumask_and(cpus, cpus, &env->state.cpus);
	return ret;
}

int kt_work_numa_churn_setup(struct kt_work_env *env)
{
	struct kt_work_state *st = &env->state;
	u64 left = 0;
	int ret = kt_work_get_cpus(&st->cpus);

	if (!ret)
		ret = read_nodes("has_cpu", &left);
	for (; left && !ret; left &= left - 1) {
		struct kt_cpumask cpus;
		u32 node = __builtin_ctzll(left);

		ret = cpus_of_node(env, node, &cpus);
		if (!ret && !kt_cpumask_empty(&cpus))
			st->nodes |= 1ULL << node;
	}
	if (ret)
		return kt_err(ret, "%s: CPUs of nodes: %s", env->name,
			      strerror(-ret));
	if (__builtin_popcountll(st->nodes) < 2)
		return kt_err(-ENODEV, "%s: it may run on CPUs of one node only",
			      env->name);
	return kt_work_memory_setup(env);
}

int kt_work_numa_migration_churn(struct kt_work_env *env)
{
	u64 until = kt_now_ns() + env->params.interval_us * KT_NSEC_PER_USEC;
	struct kt_work_state *st = &env->state;
	u32 node = nth_node(st->nodes, st->turn++);
	u64 to = 1ULL << node, from = st->nodes & ~to;
	struct kt_cpumask cpus;
	int ret = cpus_of_node(env, node, &cpus);

	if (!ret)
		ret = kt_work_set_cpus(0, &cpus);
	if (ret)
		return kt_err(ret, "%s: go to node %u: %s", env->name, node,
			      strerror(-ret));
	if (syscall(SYS_migrate_pages, 0, MAX_NODE_BITS, &from, &to) < 0)
		return kt_err(-errno, "%s: migrate_pages to node %u: %m",
			      env->name, node);
	kt_work_count(env);
	do {
		kt_work_walk(env);
	} while (!*env->stop && kt_now_ns() < until);
	return 0;
}

int kt_work_numa_sweep_check(const struct ktstr_work *params)
{
	(void)params;
	return check_nodes("numa_working_set_sweep", "has_memory", "memory");
}

/* The pages it has follow the policy, which is set for them anew. */
int kt_work_numa_working_set_sweep(struct kt_work_env *env)
{
	struct kt_work_state *st = &env->state;
	u64 nodes, mask;
	u32 node;
	int ret = read_nodes("has_memory", &nodes);

	if (ret || !nodes)
		return kt_err(ret ?: -ENODEV, "%s: no nodes", env->name);
	node = nth_node(nodes, st->turn++);
	mask = 1ULL << node;
	if (syscall(SYS_mbind, st->mem, st->mem_bytes, MPOL_BIND, &mask,
		    MAX_NODE_BITS, MPOL_MF_MOVE))
		return kt_err(-errno, "%s: mbind to node %u: %m", env->name,
			      node);
	kt_work_count(env);
	kt_work_walk(env);
	return 0;
}
