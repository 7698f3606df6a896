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
#include <sys/wait.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "child.h"
#include "worker.h"

#define RESEND_MS	50	/* a signal can come just before a wait */
#define REAP_MS		100
#define KILL_MS		5000

static void close_pair(int fds[2])
{
	kt_close(&fds[0]);
	kt_close(&fds[1]);
}

static int open_group(struct kt_worker_group *g, int go[2], int alive[2])
{
	void *shared;

	g->workers = calloc(g->nr, sizeof(*g->workers));
	g->reports = calloc(g->nr, sizeof(*g->reports));
	if (!g->workers || !g->reports)
		return -ENOMEM;
	shared = mmap(NULL, g->nr * sizeof(*g->telemetry),
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return -errno;
	g->telemetry = shared;
	if (pipe2(go, O_CLOEXEC) || pipe2(alive, O_CLOEXEC))
		return -errno;
	g->go_fd = go[1];
	g->alive_fd = alive[0];
	return 0;
}

/* Forks worker @i; @pair are its pipes when the type has such. */
static int fork_one(struct kt_worker_group *g, u32 i, int go_rd, int pair[4])
{
	struct kt_child child = {
		.type = g->type,
		.env = {
			.params = g->params,
			.index = i,
			.rfd = pair[i % 2 ? 0 : 2],
			.wfd = pair[i % 2 ? 3 : 1],
		},
		.telemetry = &g->telemetry[i],
		.parent = getpid(),
		.go_rd = go_rd,
	};
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		close(g->go_fd);
		close(g->alive_fd);
		if (g->type->paired) {
			/* the partner's ends: its death must be seen */
			close(pair[i % 2 ? 1 : 3]);
			close(pair[i % 2 ? 2 : 0]);
		}
		kt_child_run(&child);
	}
	g->workers[i].pid = pid;
	g->telemetry[i].tid = pid;
	return 0;
}

static int fork_all(struct kt_worker_group *g, int go_rd)
{
	int pair[4] = { -1, -1, -1, -1 };
	int ret = 0;
	u32 i;

	for (i = 0; i < g->nr && !ret; i++) {
		if (g->type->paired && i % 2 == 0 &&
		    (pipe2(pair, O_CLOEXEC) || pipe2(pair + 2, O_CLOEXEC)))
			ret = -errno;
		else
			ret = fork_one(g, i, go_rd, pair);
		if (i % 2) {
			close_pair(pair);
			close_pair(pair + 2);
		}
	}
	close_pair(pair);
	close_pair(pair + 2);
	return ret;
}

int kt_workers_fork(struct kt_worker_group *g, const struct ktstr_work *work,
		    u32 nr)
{
	int go[2] = { -1, -1 }, alive[2] = { -1, -1 };
	int ret;

	*g = (struct kt_worker_group){ .go_fd = -1, .alive_fd = -1 };
	g->type = kt_work_type(work->type);
	if (!g->type)
		return kt_err(-EINVAL, "work type %u: there is none such",
			      work->type);
	if (!nr || nr > KT_MAX_WORKERS || (g->type->paired && nr % 2))
		return kt_err(-EINVAL, "%u workers of type %s: 1 to %u%s", nr,
			      g->type->name, KT_MAX_WORKERS,
			      g->type->paired ? ", an even number" : "");
	g->params = kt_work_defaults(work);
	g->nr = nr;
	fflush(NULL);		/* or each child has the text again */

	ret = open_group(g, go, alive);
	if (!ret)
		ret = fork_all(g, go[0]);
	kt_close(&go[0]);
	kt_close(&alive[1]);
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
		ret = place(arg, g->workers[i].pid);
	return ret;
}

int kt_workers_go(struct kt_worker_group *g)
{
	static const char bytes[KT_MAX_WORKERS];
	u64 now = kt_now_ns();
	u32 i;

	for (i = 0; i < g->nr; i++) {
		g->telemetry[i].start_ns = now;
		g->telemetry[i].seen_ns = now;
	}
	/* pairs with the read in kt_child_run(): start_ns is there by then */
	return kt_write_all(g->go_fd, bytes, g->nr, now + KT_NSEC_PER_SEC);
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

/* A gap that still goes on at @now: when it began, or @now. */
static u64 open_gap_start(const struct kt_worker_group *g, u32 i, u64 now)
{
	const struct kt_telemetry *tm = &g->telemetry[i];
	u64 since = READ_ONCE(tm->seen_ns);

	if (READ_ONCE(tm->blocked)) {
		/* it could run from when its partner served it, at the latest */
		u64 served = READ_ONCE(g->telemetry[i ^ 1].seen_ns);

		if (!is_runnable(g->workers[i].pid))
			return now;
		since = max(since, served);
	}
	return min(since, now);
}

static void report_one(struct kt_worker_group *g, u32 i, u64 now)
{
	const struct kt_telemetry *tm = &g->telemetry[i];
	struct kt_worker_report *r = &g->reports[i];
	siginfo_t info = { .si_pid = 0 };
	u64 since;

	*r = (struct kt_worker_report){
		.tid = g->workers[i].pid,
		.wall_ns = tm->start_ns ? now - tm->start_ns : 0,
		.cpu_ns = READ_ONCE(tm->cpu_ns),
		.run_delay_ns = READ_ONCE(tm->run_delay_ns),
		.iterations = READ_ONCE(tm->iterations),
		.work_units = READ_ONCE(tm->work_units),
		.migrations = READ_ONCE(tm->migrations),
		.gap_ns = READ_ONCE(tm->gap_ns),
		.gap_at_ns = READ_ONCE(tm->gap_at_ns),
		.gap_cpu = READ_ONCE(tm->gap_cpu),
		.cpus = tm->cpus,
	};
	if (!waitid(P_PID, r->tid, &info, WEXITED | WNOHANG | WNOWAIT) &&
	    info.si_pid) {
		r->died = true;
		r->status = info.si_code == CLD_EXITED ? info.si_status << 8 :
							 info.si_status;
		return;
	}
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
		report_one(g, i, now);
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

/* True when all have ended; @sig is sent again now and then. */
static bool wait_all(struct kt_worker_group *g, int sig, u64 deadline_ns)
{
	struct pollfd pfd = { .fd = g->alive_fd };

	do {
		signal_all(g, sig);
		if (poll(&pfd, 1, RESEND_MS) > 0)
			return true;
	} while (kt_now_ns() < deadline_ns);
	return false;
}

int kt_workers_reap(struct kt_worker_group *g, u64 grace_ns, u64 kill_ns)
{
	u64 deadline;
	int ret = 0;
	u32 i;

	if (!wait_all(g, KT_STOP_SIGNAL, grace_ns))
		wait_all(g, SIGKILL, kill_ns);
	/* descriptors are closed a moment before a process can be reaped */
	deadline = kt_now_ns() + REAP_MS * KT_NSEC_PER_MSEC;
	deadline = max(deadline, kill_ns);
	for (i = 0; i < g->nr; i++) {
		pid_t *pid = &g->workers[i].pid;

		if (*pid && waitpid(*pid, NULL, WNOHANG) == *pid)
			*pid = 0;
		while (*pid && kt_now_ns() < deadline) {
			usleep(1000);
			if (waitpid(*pid, NULL, WNOHANG) == *pid)
				*pid = 0;
		}
		if (*pid)
			ret = -ETIMEDOUT;
	}
	return ret;
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
	kt_close(&g->go_fd);
	kt_close(&g->alive_fd);
	if (g->telemetry)
		munmap(g->telemetry, g->nr * sizeof(*g->telemetry));
	free(g->reports);
	free(g->workers);
	*g = (struct kt_worker_group){ .go_fd = -1, .alive_fd = -1 };
}

u64 kt_workers_iterations(const struct kt_worker_group *g)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < g->nr; i++)
		sum += READ_ONCE(g->telemetry[i].iterations);
	return sum;
}
