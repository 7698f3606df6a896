/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's CPUs as sysfs tells of them: which share a core, a last-level cache
 * and a node. What it says is taken with care: odd or missing files make a
 * plainer host, never a failure.
 */
#ifndef KTSTR_ENGINE_HOST_TOPOLOGY_H
#define KTSTR_ENGINE_HOST_TOPOLOGY_H

#include <sched.h>

#include "../base/types.h"

#define KT_SYSFS_SYSTEM	"/sys/devices/system"

/* A CPU's groups, each called by the number of its first CPU. */
struct kt_host_cpu {
	u16 id;
	u16 core;
	u16 llc;
	u16 node;		/* the node's own number */
	u16 thread;		/* how many of its core come before it */
};

struct kt_host {
	struct kt_host_cpu cpus[CPU_SETSIZE];	/* by id */
	u32 nr;
};

/*
 * Those of @allowed that are online, from @sysfs (KT_SYSFS_SYSTEM). Without a
 * word on it, a CPU is a core of its own, in the one LLC of node 0.
 */
void kt_host_read(struct kt_host *h, const char *sysfs,
		  const cpu_set_t *allowed);

/* "0-3,8,10-11", as sysfs writes it. -EINVAL, also for a CPU out of range. */
int kt_cpulist_parse(const char *s, cpu_set_t *set);

/* Likewise the other way, cut when @size is too small; returns @buf. */
const char *kt_cpulist_str(const cpu_set_t *set, char *buf, size_t size);

#endif /* KTSTR_ENGINE_HOST_TOPOLOGY_H */
