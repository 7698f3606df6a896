// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy, affinity and memory policy of a worker, by system calls that are
 * newer than many a libc.
 */
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "place.h"

#define POLICY_EXT		7	/* SCHED_EXT */
#define POLICY_DEADLINE		6	/* SCHED_DEADLINE */
#define FLAG_RESET_ON_FORK	0x01
#define MAX_RT_PRIORITY		99
#define NSEC_PER_USEC		1000ULL

/* struct sched_attr, its first version */
struct attr {
	u32 size;
	u32 policy;
	u64 flags;
	s32 nice;
	u32 priority;
	u64 runtime;
	u64 deadline;
	u64 period;
};

static const struct {
	u32 number;
	const char *name;
} policies[] = {
	[KTSTR_POLICY_INHERIT] = { SCHED_OTHER, "SCHED_OTHER" },
	[KTSTR_POLICY_NORMAL] = { SCHED_OTHER, "SCHED_OTHER" },
	[KTSTR_POLICY_BATCH] = { SCHED_BATCH, "SCHED_BATCH" },
	[KTSTR_POLICY_IDLE] = { SCHED_IDLE, "SCHED_IDLE" },
	[KTSTR_POLICY_FIFO] = { SCHED_FIFO, "SCHED_FIFO" },
	[KTSTR_POLICY_RR] = { SCHED_RR, "SCHED_RR" },
	[KTSTR_POLICY_DEADLINE] = { POLICY_DEADLINE, "SCHED_DEADLINE" },
	[KTSTR_POLICY_EXT] = { POLICY_EXT, "SCHED_EXT" },
};

/* As in linux/mempolicy.h. */
static const struct {
	u32 mode;
	const char *name;
	bool nodes;
} mempolicies[] = {
	[KTSTR_MEM_INHERIT] = { 0, "MPOL_DEFAULT", false },
	[KTSTR_MEM_DEFAULT] = { 0, "MPOL_DEFAULT", false },
	[KTSTR_MEM_LOCAL] = { 4, "MPOL_LOCAL", false },
	[KTSTR_MEM_BIND] = { 2, "MPOL_BIND", true },
	[KTSTR_MEM_PREFERRED] = { 1, "MPOL_PREFERRED", true },
	[KTSTR_MEM_INTERLEAVE] = { 3, "MPOL_INTERLEAVE", true },
	[KTSTR_MEM_WEIGHTED] = { 6, "MPOL_WEIGHTED_INTERLEAVE", true },
};

bool kt_place_is_empty(const struct kt_worker_setup *s)
{
	return s->policy == KTSTR_POLICY_INHERIT && !s->nice && !s->cpus &&
	       s->mem == KTSTR_MEM_INHERIT;
}

static bool is_rt(enum ktstr_policy policy)
{
	return policy == KTSTR_POLICY_FIFO || policy == KTSTR_POLICY_RR;
}

static int check_policy(const struct ktstr_workers *w, char *why, size_t size)
{
	if ((u32)w->policy >= ARRAY_SIZE(policies))
		return snprintf(why, size, "policy %d: there is none such",
				w->policy);
	if (w->nice < -20 || w->nice > 19)
		return snprintf(why, size, "nice %d: -20 to 19 are possible",
				w->nice);
	if (is_rt(w->policy) && w->rt_priority > MAX_RT_PRIORITY)
		return snprintf(why, size, "%s at priority %u: 1 to %u are possible",
				policies[w->policy].name, w->rt_priority,
				MAX_RT_PRIORITY);
	if (w->policy == KTSTR_POLICY_DEADLINE &&
	    (!w->dl_runtime_us || w->dl_runtime_us > w->dl_period_us))
		return snprintf(why, size,
				"SCHED_DEADLINE with %u us every %u us: give .dl_runtime_us, at most .dl_period_us",
				w->dl_runtime_us, w->dl_period_us);
	return 0;
}

int kt_place_check(const struct ktstr_workers *w, char *why, size_t why_size)
{
	if (check_policy(w, why, why_size))
		return -EINVAL;
	if ((u32)w->mem.kind < ARRAY_SIZE(mempolicies))
		return 0;
	snprintf(why, why_size, "memory policy %d: there is none such",
		 w->mem.kind);
	return -EINVAL;
}

static int set_policy(const struct kt_worker_setup *s)
{
	struct attr a = {
		.size = sizeof(a),
		.policy = policies[s->policy].number,
	};

	if (s->policy == KTSTR_POLICY_INHERIT && !s->nice)
		return 0;
	if (is_rt(s->policy)) {
		a.priority = max(s->rt_priority, 1u);
	} else if (s->policy == KTSTR_POLICY_DEADLINE) {
		/* or it could not fork */
		a.flags = FLAG_RESET_ON_FORK;
		a.runtime = s->dl_runtime_us * NSEC_PER_USEC;
		a.period = s->dl_period_us * NSEC_PER_USEC;
		a.deadline = a.period;
	} else {
		a.nice = s->nice;
	}
	return syscall(SYS_sched_setattr, 0, &a, 0) ? -errno : 0;
}

int kt_place_affinity(pid_t tid, const struct kt_cpumask *cpus)
{
	return sched_setaffinity(tid, sizeof(*cpus), (const void *)cpus) ?
	       -errno : 0;
}

static int set_affinity(const struct kt_worker_setup *s, u32 index)
{
	int ret = s->cpus ? kt_place_affinity(0, &s->cpus[index]) : 0;

	return ret == -EINVAL && s->cpus_if_possible ? 0 : ret;
}

static int set_memory(const struct kt_worker_setup *s)
{
	unsigned long nodes[2] = { s->nodes };
	bool with = mempolicies[s->mem].nodes;

	if (s->mem == KTSTR_MEM_INHERIT)
		return 0;
	if (s->mem == KTSTR_MEM_PREFERRED)
		nodes[0] &= -nodes[0];		/* the first of them */
	return syscall(SYS_set_mempolicy, mempolicies[s->mem].mode,
		       with ? nodes : NULL, with ? 8 * sizeof(nodes) : 0) ?
	       -errno : 0;
}

int kt_place_self(const struct kt_worker_setup *s, u32 index,
		  enum kt_place_step *step)
{
	int ret;

	*step = KT_PLACE_MEMORY;
	ret = set_memory(s);
	if (ret)
		return ret;
	*step = KT_PLACE_AFFINITY;
	ret = set_affinity(s, index);
	if (ret)
		return ret;
	*step = KT_PLACE_POLICY;
	return set_policy(s);
}

static const char *remedy(const struct kt_worker_setup *s,
			  enum kt_place_step step, int err)
{
	if (step == KT_PLACE_AFFINITY)
		return "; none of its CPUs is in the cgroup's cpuset and online";
	if (step == KT_PLACE_MEMORY)
		return "; its nodes must be the cgroup's, and have memory";
	if (s->policy == KTSTR_POLICY_DEADLINE && err == -EPERM)
		return "; such a worker needs all CPUs: no cpuset, no affinity";
	if (s->policy == KTSTR_POLICY_DEADLINE && err == -EBUSY)
		return "; all of them together want more time than there is";
	if (s->policy == KTSTR_POLICY_EXT && err == -EINVAL)
		return "; the kernel needs CONFIG_SCHED_CLASS_EXT";
	return "";
}

const char *kt_place_error(const struct kt_worker_setup *s,
			   enum kt_place_step step, int err, char *buf,
			   size_t size)
{
	const char *what = step == KT_PLACE_AFFINITY ? "affinity" :
			   step == KT_PLACE_MEMORY ? mempolicies[s->mem].name :
			   policies[s->policy].name;

	snprintf(buf, size, "%s: %s%s", what, strerror(-err),
		 remedy(s, step, err));
	return buf;
}
