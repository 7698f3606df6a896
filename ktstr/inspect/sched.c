// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runqueues, one after the other.
 */
#include <stdio.h>

#include "sched.h"

struct offsets {
	s64 nr_running, scx_nr_running, clock, curr;	/* struct rq */
	s64 pid, comm;					/* struct task_struct */
};

static int find_offsets(const struct kt_types *t, struct offsets *o)
{
	o->nr_running = kt_types_offset(t, "rq", "nr_running");
	o->scx_nr_running = kt_types_offset(t, "rq", "scx.nr_running");
	o->clock = kt_types_offset(t, "rq", "clock");
	o->curr = kt_types_offset(t, "rq", "curr");
	o->pid = kt_types_offset(t, "task_struct", "pid");
	o->comm = kt_types_offset(t, "task_struct", "comm");
	return o->nr_running < 0 || o->clock < 0 || o->curr < 0 ||
	       o->pid < 0 || o->comm < 0 ? -ENOENT : 0;
}

static int read_curr(const struct kt_guest_kernel *k, const struct offsets *o,
		     u64 task, struct kt_cpu_sample *c)
{
	int ret;

	ret = kt_guest_kernel_read_u32(k, task + o->pid, &c->curr_pid);
	if (ret)
		return ret;
	return kt_guest_kernel_read(k, task + o->comm, c->curr_comm,
				    sizeof(c->curr_comm) - 1);
}

static int read_rq(const struct kt_guest_kernel *k, const struct offsets *o,
		   u32 cpu, struct kt_cpu_sample *c)
{
	u64 rq, task;
	int ret;

	ret = kt_guest_kernel_percpu(k, "runqueues", cpu, &rq);
	if (!ret)
		ret = kt_guest_kernel_read_u32(k, rq + o->nr_running,
					       &c->nr_running);
	if (!ret && o->scx_nr_running >= 0)
		ret = kt_guest_kernel_read_u32(k, rq + o->scx_nr_running,
					       &c->scx_nr_running);
	if (!ret)
		ret = kt_guest_kernel_read_u64(k, rq + o->clock, &c->clock_ns);
	if (!ret)
		ret = kt_guest_kernel_read_u64(k, rq + o->curr, &task);
	return ret ? ret : read_curr(k, o, task, c);
}

int kt_sched_sample(const struct kt_guest_kernel *k, struct kt_sched_sample *s,
		    char *why, size_t size)
{
	struct offsets o;
	u64 jiffies;
	int ret;
	u32 i;

	memset(s, 0, sizeof(*s));
	if (!k->types || find_offsets(k->types, &o)) {
		snprintf(why, size, "runqueues are not described by the BTF");
		return -ENOENT;
	}
	ret = kt_guest_kernel_symbol(k, "jiffies_64", &jiffies);
	if (!ret)
		ret = kt_guest_kernel_read_u64(k, jiffies, &s->jiffies);
	if (ret) {
		snprintf(why, size, "jiffies_64 cannot be read");
		return ret;
	}
	s->nr_cpus = min_t(u32, k->nr_cpus, KT_SAMPLE_MAX_CPUS);
	for (i = 0; i < s->nr_cpus && !ret; i++)
		ret = read_rq(k, &o, i, &s->cpus[i]);
	if (ret)
		snprintf(why, size, "the runqueue of CPU %u cannot be read",
			 i - 1);
	return ret;
}
