// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker's CPUs, as the kernel has them.
 */
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "step.h"

int kt_work_get_cpus(struct kt_cpumask *cpus)
{
	memset(cpus, 0, sizeof(*cpus));
	/* libc's cpu_set_t is larger, and may grow */
	if (syscall(SYS_sched_getaffinity, 0, sizeof(*cpus), cpus) < 0)
		return -errno;
	return 0;
}

int kt_work_set_cpus(pid_t tid, const struct kt_cpumask *cpus)
{
	if (syscall(SYS_sched_setaffinity, tid, sizeof(*cpus), cpus) < 0)
		return -errno;
	return 0;
}

int kt_work_pin(pid_t tid, u32 cpu)
{
	struct kt_cpumask one = {};

	kt_cpumask_set(&one, cpu);
	return kt_work_set_cpus(tid, &one);
}

u32 kt_work_nth_cpu(const struct kt_cpumask *cpus, u32 n)
{
	u32 cpu = kt_cpumask_next(cpus, 0);

	for (n %= kt_cpumask_weight(cpus); n; n--)
		cpu = kt_cpumask_next(cpus, cpu + 1);
	return cpu;
}
