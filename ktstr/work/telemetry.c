// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker's account of itself. Everything here runs in the worker, often, and
 * allocates nothing.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/fd.h"
#include "telemetry.h"

/* Looking at CPU time is a system call: not at every tick. */
#define REFRESH_NS	KT_NSEC_PER_MSEC

static u64 cpu_time_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts))
		return 0;
	return ts.tv_sec * KT_NSEC_PER_SEC + ts.tv_nsec;
}

static void read_schedstat(struct kt_meter *m)
{
	unsigned long long run, delay, slices;
	char buf[80];
	ssize_t n;

	if (m->schedstat_fd < 0)
		return;
	n = pread(m->schedstat_fd, buf, sizeof(buf) - 1, 0);
	if (n <= 0)
		return;
	buf[n] = '\0';
	if (sscanf(buf, "%llu %llu %llu", &run, &delay, &slices) != 3)
		return;
	WRITE_ONCE(m->tm->run_delay_ns, delay);
	WRITE_ONCE(m->tm->slices, slices);
}

void kt_meter_refresh(struct kt_meter *m)
{
	WRITE_ONCE(m->tm->cpu_ns, cpu_time_ns());
	read_schedstat(m);
	m->refresh_ns = kt_now_ns() + REFRESH_NS;
}

void kt_meter_init(struct kt_meter *m, struct kt_telemetry *tm)
{
	m->tm = tm;
	m->schedstat_fd = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	tm->tid = getpid();
	tm->cpu = sched_getcpu();
	kt_cpumask_set(&tm->cpus, tm->cpu);
	kt_meter_refresh(m);
}

static void account_gap(struct kt_telemetry *tm, u64 now, u64 gap_ns)
{
	if (gap_ns > tm->gap_ns) {
		WRITE_ONCE(tm->gap_cpu, tm->cpu);
		WRITE_ONCE(tm->gap_at_ns, now - gap_ns);
		WRITE_ONCE(tm->gap_ns, gap_ns);
	}
	WRITE_ONCE(tm->seen_ns, now);
}

static void account_cpu(struct kt_telemetry *tm)
{
	u32 cpu = sched_getcpu();

	if (cpu == tm->cpu)
		return;
	kt_cpumask_set(&tm->cpus, cpu);
	WRITE_ONCE(tm->migrations, tm->migrations + 1);
	WRITE_ONCE(tm->cpu, cpu);
}

void kt_meter_tick(struct kt_meter *m)
{
	struct kt_telemetry *tm = m->tm;
	u64 now = kt_now_ns();

	account_cpu(tm);
	account_gap(tm, now, now > tm->seen_ns ? now - tm->seen_ns : 0);
	if (now >= m->refresh_ns)
		kt_meter_refresh(m);
}

void kt_meter_sleep(struct kt_meter *m, u64 until_ns)
{
	kt_meter_tick(m);
	WRITE_ONCE(m->tm->seen_ns, until_ns);
}

void kt_meter_block(struct kt_meter *m)
{
	kt_meter_tick(m);
	WRITE_ONCE(m->tm->blocked, 1);
}

void kt_meter_unblock(struct kt_meter *m)
{
	struct kt_telemetry *tm = m->tm;
	u64 now = kt_now_ns();
	u64 wall_ns = now > tm->seen_ns ? now - tm->seen_ns : 0;
	u64 delay_before = tm->run_delay_ns;
	u64 delay_ns = 0;

	WRITE_ONCE(tm->blocked, 0);
	account_cpu(tm);
	/*
	 * The delay was last read at most REFRESH_NS before the wait began, so
	 * this is right to within that. A shorter wait holds no gap to speak of.
	 */
	if (wall_ns > REFRESH_NS) {
		kt_meter_refresh(m);
		delay_ns = tm->run_delay_ns - delay_before;
	}
	account_gap(tm, now, min(wall_ns, delay_ns));
}
