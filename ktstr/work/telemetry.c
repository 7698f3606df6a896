// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker's account of itself. Everything here runs in the worker, often, and
 * allocates nothing.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/fd.h"
#include "pages.h"
#include "telemetry.h"

/* Looking at CPU time is a system call: not at every tick. */
#define REFRESH_NS	KT_NSEC_PER_MSEC

/*
 * Looking at pages is a walk over page tables. Each interval to the next look is
 * as long as all the time before it, or so many times what the look took: there
 * are few of them, and the last one is as a rule not older than half of the run.
 */
#define PAGES_FIRST_NS	(10 * KT_NSEC_PER_MSEC)
#define PAGES_COST	5

static u64 cpu_time_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts))
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
	WRITE_ONCE(m->tm->cpu_ns, cpu_time_ns() + m->children_ns);
	read_schedstat(m);
	m->refresh_ns = kt_now_ns() + REFRESH_NS;
}

static bool has_many_nodes(void)
{
	char list[64];

	return !kt_read_line("/sys/devices/system/node/online", list,
			     sizeof(list)) && kt_pages_many_nodes(list);
}

static void read_pages(struct kt_telemetry *tm)
{
	u32 pages[KT_MAX_NODES] = {}, node;
	int fd = open("/proc/self/numa_maps", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || kt_pages_read(fd, pages)) {
		kt_close(&fd);
		return;
	}
	kt_close(&fd);
	for (node = 0; node < KT_MAX_NODES; node++)
		WRITE_ONCE(tm->pages[node], pages[node]);
}

/* It takes CPU time of the worker's, which is no gap. */
static void look_at_pages(struct kt_meter *m, u64 now)
{
	u64 cpu_ns = cpu_time_ns(), cost_ns;

	m->pages_ns = 0;
	if (!has_many_nodes())
		return;
	read_pages(m->tm);
	cost_ns = cpu_time_ns() - cpu_ns;
	WRITE_ONCE(m->tm->seen_ns, m->tm->seen_ns + cost_ns);
	m->pages_ns = now + max(now - m->began_ns, cost_ns * PAGES_COST);
}

void kt_meter_init(struct kt_meter *m, struct kt_telemetry *tm)
{
	u64 now = kt_now_ns();

	*m = (struct kt_meter){ .tm = tm };
	m->schedstat_fd = open("/proc/thread-self/schedstat",
			       O_RDONLY | O_CLOEXEC);
	m->began_ns = now;
	m->pages_ns = now + PAGES_FIRST_NS;
	/* a sleep ends when it is meant to: what comes late is the scheduler's */
	prctl(PR_SET_TIMERSLACK, 1);
	tm->tid = gettid();
	getcpu(&tm->cpu, &tm->node);
	kt_cpumask_set(&tm->cpus, tm->cpu);
	kt_meter_refresh(m);
}

/*
 * The time, and how long the worker had been frozen by then: a freeze in between
 * begins anew. So both are of one moment, whenever the next one comes.
 */
static u64 now_and_frozen(const struct kt_telemetry *tm, u64 *frozen_ns)
{
	u64 now;

	do {
		*frozen_ns = READ_ONCE(tm->frozen_ns);
		now = kt_now_ns();
	} while (*frozen_ns != READ_ONCE(tm->frozen_ns));
	return now;
}

/* What has passed since seen_ns, without what the worker was frozen. */
static u64 passed_ns(const struct kt_telemetry *tm, u64 now, u64 frozen_ns)
{
	u64 seen = tm->seen_ns + (frozen_ns - tm->frozen_seen_ns);

	return now > seen ? now - seen : 0;
}

static void account_gap(struct kt_telemetry *tm, u64 now, u64 frozen_ns,
			u64 gap_ns)
{
	if (gap_ns > tm->gap_ns) {
		WRITE_ONCE(tm->gap_cpu, tm->cpu);
		WRITE_ONCE(tm->gap_at_ns, now - gap_ns);
		WRITE_ONCE(tm->gap_ns, gap_ns);
	}
	WRITE_ONCE(tm->frozen_seen_ns, frozen_ns);
	WRITE_ONCE(tm->seen_ns, now);
}

static void account_cpu(struct kt_telemetry *tm)
{
	u32 cpu, node;

	if (getcpu(&cpu, &node) || cpu == tm->cpu)
		return;
	kt_cpumask_set(&tm->cpus, cpu);
	WRITE_ONCE(tm->migrations, tm->migrations + 1);
	if (node != tm->node)
		WRITE_ONCE(tm->cross_node, tm->cross_node + 1);
	WRITE_ONCE(tm->node, node);
	WRITE_ONCE(tm->cpu, cpu);
}

/* The first tick behind a sleep; one that was cut short has no wake to tell. */
static void account_sleep(struct kt_meter *m, u64 now, u64 frozen_ns)
{
	struct kt_telemetry *tm = m->tm;

	m->asleep = false;
	if (now >= tm->seen_ns && frozen_ns == tm->frozen_seen_ns)
		kt_wakes_add(&tm->wakes, now - tm->seen_ns);
}

void kt_meter_tick(struct kt_meter *m)
{
	struct kt_telemetry *tm = m->tm;
	u64 frozen_ns, now = now_and_frozen(tm, &frozen_ns);

	account_cpu(tm);
	if (m->asleep)
		account_sleep(m, now, frozen_ns);
	account_gap(tm, now, frozen_ns, passed_ns(tm, now, frozen_ns));
	if (now >= m->refresh_ns)
		kt_meter_refresh(m);
	if (m->pages_ns && now >= m->pages_ns)
		look_at_pages(m, now);
}

void kt_meter_sleep(struct kt_meter *m, u64 until_ns)
{
	kt_meter_tick(m);
	m->asleep = until_ns > m->tm->seen_ns;
	WRITE_ONCE(m->tm->seen_ns, until_ns);
}

void kt_meter_block(struct kt_meter *m)
{
	kt_meter_tick(m);
	m->wait_ns = m->tm->seen_ns;
	WRITE_ONCE(m->tm->blocked, 1);
}

void kt_meter_unblock(struct kt_meter *m)
{
	struct kt_telemetry *tm = m->tm;
	u64 frozen_ns, now = now_and_frozen(tm, &frozen_ns);
	u64 wall_ns = passed_ns(tm, now, frozen_ns);
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
	m->waited_ns = now;
	m->delay_ns = wall_ns > REFRESH_NS && m->schedstat_fd >= 0 ?
		      delay_ns : wall_ns;
	account_gap(tm, now, frozen_ns, min(wall_ns, delay_ns));
}

void kt_meter_woken(struct kt_meter *m, u64 woken_ns)
{
	/*
	 * Between its note and the wake itself, the waker may have been off its
	 * CPU for a while. That the kernel knows.
	 */
	if (woken_ns > m->wait_ns && woken_ns <= m->waited_ns)
		kt_wakes_add(&m->tm->wakes,
			     min(m->waited_ns - woken_ns, m->delay_ns));
}
