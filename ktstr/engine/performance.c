// SPDX-License-Identifier: GPL-2.0-only
/*
 * Performance mode: threads, and the lines that tell of it. performance_memory.c
 * has what it does for memory.
 */
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>

#include "../base/log.h"
#include "performance.h"

#define FIFO_PRIORITY	1
#define LINE_BYTES	768
#define LIST_BYTES	256

static void add_line(struct kt_performance *pf, const char *line)
{
	size_t len = strlen(pf->text);

	snprintf(pf->text + len, sizeof(pf->text) - len, "%s\n", line);
}

void kt_performance_say(struct kt_performance *pf, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	add_line(pf, line);
	kt_info("performance: %s", line);
}

void kt_performance_refuse(struct kt_performance *pf, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	add_line(pf, line);
	kt_warn("performance: %s", line);
}

void kt_performance_prepare(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_RTPRIO, &limit) || limit.rlim_cur >= FIFO_PRIORITY)
		return;
	limit.rlim_cur = FIFO_PRIORITY;
	limit.rlim_max = max_t(rlim_t, limit.rlim_max, FIFO_PRIORITY);
	setrlimit(RLIMIT_RTPRIO, &limit);
}

/* Off the CPUs that vCPUs have for themselves. */
static int confine(struct kt_performance *pf)
{
	if (sched_setaffinity(0, sizeof(pf->place.service),
			      &pf->place.service))
		return -errno;
	pf->confined = true;
	return 0;
}

/* Where each vCPU is to be, and what else is where it is not. */
static void say_place(struct kt_performance *pf,
		      const struct kt_topology *topo)
{
	char list[LIST_BYTES];
	u32 per_llc = topo->cores * topo->threads, i, j;
	cpu_set_t set;

	for (i = 0; i < topo->llcs; i++) {
		CPU_ZERO(&set);
		for (j = 0; j < per_llc; j++)
			CPU_SET(pf->place.cpu[i * per_llc + j], &set);
		kt_performance_say(pf, "vCPUs %u to %u (LLC %u) on host CPUs %s",
				   i * per_llc, (i + 1) * per_llc - 1, i,
				   kt_cpulist_str(&set, list, sizeof(list)));
	}
	kt_performance_say(pf, "all other threads on host CPUs %s",
			   kt_cpulist_str(&pf->place.service, list,
					  sizeof(list)));
	if (!pf->place.whole_llcs)
		kt_performance_refuse(pf, "an LLC of the host for each of the guest's refused: none has %u free CPUs for each: take fewer cores in an LLC",
				      per_llc);
}

void kt_performance_begin(struct kt_performance *pf,
			  const struct kt_machine_plan *plan)
{
	struct kt_host host;
	char why[KT_WHY_MAX];
	int ret;

	pf->asked = plan->performance;
	if (!pf->asked)
		return;
	if (sched_getaffinity(0, sizeof(pf->before), &pf->before)) {
		kt_performance_refuse(pf, "pinning of vCPUs refused: sched_getaffinity: %s: hosts of more than %d CPUs are not known",
				      strerror(errno), CPU_SETSIZE);
		return;
	}
	kt_host_read(&host, KT_SYSFS_SYSTEM, &pf->before);
	if (kt_placement_plan(&host, &plan->topo, &pf->place, why,
			      sizeof(why))) {
		kt_performance_refuse(pf, "pinning of vCPUs refused: %s", why);
		return;
	}
	ret = confine(pf);
	if (ret)
		kt_performance_refuse(pf, "pinning of vCPUs refused: sched_setaffinity: %s: a CPU went away, or a filter forbids it",
				      strerror(-ret));
	pf->placed = !ret;
	if (pf->placed)
		say_place(pf, &plan->topo);
}

void kt_performance_end(struct kt_performance *pf)
{
	if (pf->confined)
		sched_setaffinity(0, sizeof(pf->before), &pf->before);
	pf->confined = false;
}

static int pin_all(struct kt_performance *pf, const pthread_t *threads, u32 nr)
{
	cpu_set_t one;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < nr; i++) {
		CPU_ZERO(&one);
		CPU_SET(pf->place.cpu[i], &one);
		ret = pthread_setaffinity_np(threads[i], sizeof(one), &one);
	}
	if (ret)
		kt_performance_refuse(pf, "pinning of vCPU %u to host CPU %u refused: %s: the CPU went away, or a filter forbids it",
				      i - 1, pf->place.cpu[i - 1],
				      strerror(ret));
	return -ret;
}

static void refuse_fifo(struct kt_performance *pf, int err)
{
	struct rlimit limit = {};

	getrlimit(RLIMIT_RTPRIO, &limit);
	if (err == EPERM && limit.rlim_cur < FIFO_PRIORITY)
		kt_performance_refuse(pf, "SCHED_FIFO refused: RLIMIT_RTPRIO is %llu; raise it (ulimit -r %d, rtprio in limits.conf), or give the runner CAP_SYS_RESOURCE to do so",
				      (unsigned long long)limit.rlim_cur,
				      FIFO_PRIORITY);
	else
		kt_performance_refuse(pf, "SCHED_FIFO refused: priority %d: %s; a cgroup with CONFIG_RT_GROUP_SCHED needs cpu.rt_runtime_us, a container a filter that allows sched_setscheduler",
				      FIFO_PRIORITY, strerror(err));
}

static void fifo_all(struct kt_performance *pf, const pthread_t *threads,
		     u32 nr)
{
	struct sched_param param = { .sched_priority = FIFO_PRIORITY };
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < nr; i++)
		ret = pthread_setschedparam(threads[i], SCHED_FIFO, &param);
	if (ret)
		refuse_fifo(pf, ret);
	else
		kt_performance_say(pf, "vCPU threads are SCHED_FIFO, priority %d",
				   FIFO_PRIORITY);
}

void kt_performance_threads(struct kt_performance *pf,
			    const pthread_t *threads, u32 nr)
{
	if (!pf->asked)
		return;
	/* one on a CPU that others need would starve them for good */
	if (!pf->placed || pin_all(pf, threads, nr))
		kt_performance_refuse(pf, "SCHED_FIFO refused: priority %d: vCPUs are not pinned",
				      FIFO_PRIORITY);
	else
		fifo_all(pf, threads, nr);
}
