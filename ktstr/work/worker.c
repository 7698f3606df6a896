// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of workers, seen from their parent. What a worker itself does is
 * in child.c.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/proc.h"
#include "child.h"
#include "threads.h"
#include "worker.h"

#define RESEND_MS	50	/* a signal can come just before a wait */
#define KILL_MS		5000

static int open_group(struct kt_worker_group *g)
{
	int ret;

	g->workers = calloc(g->nr, sizeof(*g->workers));
	g->reports = calloc(g->nr, sizeof(*g->reports));
	if (!g->workers || !g->reports)
		return -ENOMEM;
	ret = kt_work_area_map(&g->area, g->nr, g->group_size);
	if (ret)
		return ret;
	g->telemetry = g->area.telemetry;
	return 0;
}

/* What worker @i works with, but for what it makes itself. */
static struct kt_work_env env_of(const struct kt_worker_group *g, u32 i)
{
	u32 role = i % g->group_size;

	return (struct kt_work_env){
		.params = g->params,
		.name = g->type->name,
		.index = i,
		.nr = g->nr,
		.role = role,
		.group_size = g->group_size,
		.shared = &g->area.shared[i / g->group_size],
		.slots = &g->area.slots[i - role],
		.members = &g->area.telemetry[i - role],
		.rfd = -1,
		.wfd = -1,
		.state = { .fd = -1 },
	};
}

static struct kt_child child_of(const struct kt_worker_group *g, u32 i)
{
	return (struct kt_child){
		.type = g->type,
		.env = env_of(g, i),
		.telemetry = &g->telemetry[i],
		.setup = kt_place_is_empty(&g->setup) ? NULL : &g->setup,
		.start = g->area.start,
		.offset_us = kt_start_offset_us(g->setup.seed,
						g->setup.first + i,
						g->setup.spread_us),
		.ready = &g->area.ready[i],
		.parent = getpid(),
	};
}

/* Forks worker @i; @links are its group's. */
static int fork_one(struct kt_worker_group *g, u32 i,
		    struct kt_work_fds *links)
{
	struct kt_child child = child_of(g, i);
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		kt_work_fds_take(&child.env, links, g->type->links);
		kt_child_run(&child);
	}
	g->workers[i].pid = pid;
	g->telemetry[i].tid = pid;
	return 0;
}

/* In the process of all of them. */
static int open_all_links(const struct kt_worker_group *g,
			  struct kt_child *children)
{
	struct kt_work_fds links;
	int ret = 0;
	u32 i;

	for (i = 0; i < g->nr && !ret; i++) {
		if (i % g->group_size == 0)
			ret = kt_work_fds_open(&links, g->type->links);
		kt_work_fds_share(&children[i].env, &links, g->type->links);
	}
	return ret;
}

/* One process, of which all workers are threads. */
static int fork_threads(struct kt_worker_group *g)
{
	struct kt_child *children = calloc(g->nr, sizeof(*children));
	pid_t pid;
	u32 i;

	if (!children)
		return -ENOMEM;
	for (i = 0; i < g->nr; i++)
		children[i] = child_of(g, i);
	pid = fork();
	if (!pid) {
		if (open_all_links(g, children))
			_exit(1);
		kt_threads_run(children, g->nr);
	}
	free(children);
	if (pid < 0)
		return -errno;
	g->workers[0].pid = pid;
	for (i = 0; i < g->nr; i++)
		g->telemetry[i].tid = pid;
	return 0;
}

static int fork_all(struct kt_worker_group *g)
{
	struct kt_work_fds links;
	u32 i = 0, end;
	int ret = 0;

	if (g->params.form == KTSTR_THREAD)
		return fork_threads(g);
	while (i < g->nr && !ret) {
		ret = kt_work_fds_open(&links, g->type->links);
		for (end = i + g->group_size; i < end && !ret; i++)
			ret = fork_one(g, i, &links);
		kt_work_fds_close(&links);
	}
	return ret;
}

int kt_workers_fork(struct kt_worker_group *g, const struct ktstr_work *work,
		    u32 nr, const struct kt_worker_setup *setup)
{
	int ret;

	*g = (struct kt_worker_group){};
	g->type = kt_work_type(work->type);
	if (!g->type)
		return kt_err(-EINVAL, "work type %u: there is none such",
			      work->type);
	g->params = kt_work_defaults(work);
	ret = kt_work_check(g->type, &g->params, nr);
	if (ret) {
		*g = (struct kt_worker_group){};
		return ret;
	}
	g->group_size = kt_work_group_size(g->type, &g->params, nr);
	if (setup)
		g->setup = *setup;
	g->nr = nr;
	fflush(NULL);		/* or each child has the text again */

	ret = open_group(g);
	if (!ret)
		ret = fork_all(g);
	/* it is not for the workers of other groups: many would fork slowly */
	if (!ret)
		madvise(g->area.map, g->area.bytes, MADV_DONTFORK);
	if (!ret)
		return 0;
	kt_workers_fini(g);
	return kt_err(ret, "start %u workers of type %s: %s", nr,
		      kt_work_type(work->type)->name, strerror(-ret));
}

int kt_workers_place(struct kt_worker_group *g,
		     int (*place)(void *arg, pid_t pid), void *arg)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < g->nr && !ret; i++)
		if (g->workers[i].pid)
			ret = place(arg, g->workers[i].pid);
	return ret;
}

/* Threads are all of the first one's. */
static pid_t process_of(const struct kt_worker_group *g, u32 i)
{
	return g->workers[g->params.form == KTSTR_THREAD ? 0 : i].pid;
}

/* Whether worker @i has ended, and how; it stays to be reaped. */
static bool has_ended(const struct kt_worker_group *g, u32 i, int *status)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, process_of(g, i), &info, WEXITED | WNOHANG | WNOWAIT) ||
	    !info.si_pid)
		return false;
	*status = info.si_code == CLD_EXITED ? info.si_status << 8 :
					       info.si_status;
	return true;
}

/* Names the first one that has. */
static bool one_has_ended(const struct kt_worker_group *g, char *why,
			  size_t why_size)
{
	char how[48];
	int status;
	u32 i;

	for (i = 0; i < g->nr; i++) {
		if (!has_ended(g, i, &status))
			continue;
		snprintf(why, why_size, "tid %d ended before it was set up: %s",
			 process_of(g, i),
			 kt_proc_status_str(status, how, sizeof(how)));
		return true;
	}
	return false;
}

/* Who could not take its place has said why, and ended. */
static int find_failed(const struct kt_worker_group *g, char *why,
		       size_t why_size)
{
	const struct kt_start_ready *r = g->area.ready;
	u32 i;

	for (i = 0; i < g->nr; i++) {
		s32 err = __atomic_load_n(&r[i].err, __ATOMIC_ACQUIRE);

		if (!err)
			continue;
		kt_place_error(&g->setup, r[i].step, err, why, why_size);
		return err;
	}
	return 0;
}

int kt_workers_set_up(struct kt_worker_group *g, u64 deadline_ns, char *why,
		      size_t why_size)
{
	u32 ready;
	int ret;

	if (kt_place_is_empty(&g->setup))
		return 0;
	kt_start_tell(g->area.start, KT_START_SET_UP);
	while ((ready = kt_start_wait_ready(g->area.start, g->nr)) < g->nr) {
		bool ended = one_has_ended(g, why, why_size);

		ret = find_failed(g, why, why_size);
		if (ret || ended)
			return ret ? ret : -ESRCH;
		if (kt_now_ns() >= deadline_ns) {
			snprintf(why, why_size, "%u of %u were set up in time",
				 ready, g->nr);
			return -ETIMEDOUT;
		}
	}
	return find_failed(g, why, why_size);
}

void kt_workers_go(struct kt_worker_group *g)
{
	u64 now = kt_now_ns();
	u32 i;

	for (i = 0; i < g->nr; i++) {
		g->telemetry[i].start_ns = now;
		g->telemetry[i].seen_ns = now;
		kt_wakes_init(&g->telemetry[i].wakes, i);
	}
	/* its release pairs with kt_start_wait(): start_ns is there by then */
	kt_start_tell(g->area.start, KT_START_GO);
}

void kt_workers_frozen(struct kt_worker_group *g)
{
	g->frozen_at_ns = kt_now_ns();
}

void kt_workers_thaw(struct kt_worker_group *g)
{
	u64 frozen_ns = g->frozen_at_ns ? kt_now_ns() - g->frozen_at_ns : 0;
	u32 i;

	for (i = 0; i < g->nr && frozen_ns; i++) {
		struct kt_telemetry *tm = &g->telemetry[i];

		/* it does not run: nobody else writes */
		WRITE_ONCE(tm->frozen_ns, tm->frozen_ns + frozen_ns);
	}
	g->frozen_at_ns = 0;
}

/* A worker that waits for another one, but could run by now. */
static bool is_runnable(pid_t pid)
{
	char path[32], stat[256];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (kt_read_line(path, stat, sizeof(stat)))
		return false;
	state = strrchr(stat, ')');
	return state && state[1] && state[2] == 'R';
}

/* Worker @i could run from when a partner served it, then at the latest. */
static u64 last_served(const struct kt_worker_group *g, u32 i)
{
	u32 j = i - i % g->group_size, end = j + g->group_size;
	u64 served = 0;

	for (; j < end; j++)
		if (j != i)
			served = max(served,
				     READ_ONCE(g->telemetry[j].seen_ns));
	return served;
}

/* A gap that still goes on at @now: when it began, or @now. */
static u64 open_gap_start(const struct kt_worker_group *g, u32 i, u64 now)
{
	const struct kt_telemetry *tm = &g->telemetry[i];
	/* what it was frozen since then is as if it had not been */
	u64 since = READ_ONCE(tm->seen_ns) + READ_ONCE(tm->frozen_ns) -
		    READ_ONCE(tm->frozen_seen_ns);

	if (READ_ONCE(tm->blocked)) {
		if (!is_runnable(tm->tid))
			return now;
		since = max(since, last_served(g, i));
	}
	return min(since, now);
}

static void report_one(struct kt_worker_group *g, u32 i, u64 now)
{
	const struct kt_telemetry *tm = &g->telemetry[i];
	struct kt_worker_report *r = &g->reports[i];
	u64 since;

	*r = (struct kt_worker_report){
		.tid = tm->tid,
		.wall_ns = tm->start_ns ? now - tm->start_ns : 0,
		.cpu_ns = READ_ONCE(tm->cpu_ns),
		.run_delay_ns = READ_ONCE(tm->run_delay_ns),
		.slices = READ_ONCE(tm->slices),
		.iterations = READ_ONCE(tm->iterations),
		.work_units = READ_ONCE(tm->work_units),
		.migrations = READ_ONCE(tm->migrations),
		.cross_node = READ_ONCE(tm->cross_node),
		.gap_ns = READ_ONCE(tm->gap_ns),
		.gap_at_ns = READ_ONCE(tm->gap_at_ns),
		.gap_cpu = READ_ONCE(tm->gap_cpu),
		.cpus = tm->cpus,
		.wakes = tm->wakes,
	};
	memcpy(r->pages, tm->pages, sizeof(r->pages));
	r->died = has_ended(g, i, &r->status);
	if (r->died)
		return;
	since = tm->start_ns ? open_gap_start(g, i, now) : now;
	if (now - since > r->gap_ns) {
		r->gap_ns = now - since;
		r->gap_at_ns = since;
		r->gap_cpu = READ_ONCE(tm->cpu);
	}
}

void kt_workers_report(struct kt_worker_group *g)
{
	u64 now = kt_now_ns();
	u32 i;

	for (i = 0; i < g->nr; i++)
		report_one(g, i, g->frozen_at_ns ?: now);
}

static void signal_all(const struct kt_worker_group *g, int sig)
{
	u32 i;

	for (i = 0; i < g->nr; i++)
		if (g->workers[i].pid)
			kill(g->workers[i].pid, sig);
}

void kt_workers_signal(struct kt_worker_group *g)
{
	signal_all(g, KT_STOP_SIGNAL);
}

static void wait_end(struct kt_worker_group *g, pid_t pid, int sig,
		     u64 deadline_ns)
{
	struct pollfd pfd = { .events = POLLIN };
	u64 now;

	pfd.fd = syscall(SYS_pidfd_open, pid, 0);
	while ((now = kt_now_ns()) < deadline_ns) {
		u64 left_ms = (deadline_ns - now) / KT_NSEC_PER_MSEC + 1;

		if (poll(&pfd, 1, min_t(u64, left_ms, RESEND_MS)) > 0)
			break;
		signal_all(g, sig);
	}
	kt_close(&pfd.fd);
}

/*
 * Waits until @deadline_ns for one that was sent @sig, which is sent to all that
 * are left now and then. True when it has been reaped.
 */
static bool reap_one(struct kt_worker_group *g, u32 i, int sig,
		     u64 deadline_ns)
{
	pid_t *pid = &g->workers[i].pid;

	if (waitpid(*pid, NULL, WNOHANG) != *pid) {
		wait_end(g, *pid, sig, deadline_ns);
		if (waitpid(*pid, NULL, WNOHANG) != *pid)
			return false;
	}
	*pid = 0;
	return true;
}

/* How many are left. The deadline is that of all, not of each. */
static u32 reap_all(struct kt_worker_group *g, int sig, u64 deadline_ns)
{
	u32 i, left = 0;

	for (i = 0; i < g->nr; i++)
		if (g->workers[i].pid && !reap_one(g, i, sig, deadline_ns))
			left++;
	return left;
}

int kt_workers_reap(struct kt_worker_group *g, u64 grace_ns, u64 kill_ns)
{
	if (!reap_all(g, KT_STOP_SIGNAL, grace_ns))
		return 0;
	signal_all(g, SIGKILL);
	return reap_all(g, SIGKILL, kill_ns) ? -ETIMEDOUT : 0;
}

void kt_workers_fini(struct kt_worker_group *g)
{
	u32 i;
	bool left = false;

	for (i = 0; i < g->nr && g->workers; i++)
		left |= g->workers[i].pid > 0;
	if (left) {
		signal_all(g, SIGKILL);
		kt_workers_reap(g, 0, kt_now_ns() + KILL_MS * KT_NSEC_PER_MSEC);
	}
	kt_work_area_unmap(&g->area);
	free(g->reports);
	free(g->workers);
	*g = (struct kt_worker_group){};
}

u64 kt_workers_iterations(const struct kt_worker_group *g)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < g->nr; i++)
		sum += READ_ONCE(g->telemetry[i].iterations);
	return sum;
}
