// SPDX-License-Identifier: GPL-2.0-only
/*
 * A scheduler for the cases of kills.c: it becomes scx_simple, and leaves a
 * process behind which, at one moment of the run, sends SIGKILL to the victim
 * and says so in the scheduler's output. The script "sigkill-in-the-guest"
 * draws victims and moments.
 */
#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ktstr/base/fd.h"

#define USAGE		"%s: right are --kill=worker|test|scheduler|nobody, " \
			"--start|body|workers|end=MICROSECONDS, --pick=N\n"
#define SCHEDULER	"/sched/scx_simple"
#define TEST_EXE	"/init"
/* behind the name: state, parent, and field 22 */
#define STAT_FORMAT	") %c %d" SKIP_5 SKIP_5 SKIP_5 " %*s %*s %llu"
#define SKIP_5		" %*s %*s %*s %*s %*s"
#define MAX_WORKERS	64
#define LOOK_US		1000
#define GIVE_UP_MS	60000

enum victim { NOBODY, WORKER, TEST, SCHED };

static const char *const victims[] = { "nobody", "worker", "test", "scheduler" };

/* What @at_us counts from: when that was seen to begin, or the body to end. */
enum from { START, BODY, WORKERS, END };

static const char *const froms[] = { "start", "body", "workers", "end" };

static enum victim victim;
static enum from from;
static unsigned long at_us;
static unsigned long pick;	/* which of the workers */

static u64 start_ns;
static pid_t sched_pid, test_pid;

struct process {
	pid_t pid, ppid;
	char state;
	u64 start_ms;		/* since the boot, a tick of it precise */
};

static bool look_at(pid_t pid, struct process *p)
{
	char path[32], line[512];
	unsigned long long ticks;
	const char *rest;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (kt_read_line(path, line, sizeof(line)))
		return false;
	rest = strrchr(line, ')');
	if (!rest || sscanf(rest, STAT_FORMAT, &p->state, &p->ppid, &ticks) != 3)
		return false;
	p->pid = pid;
	p->start_ms = ticks * 1000 / sysconf(_SC_CLK_TCK);
	return p->state != 'Z' && p->state != 'X';
}

static bool is_test(const struct process *p)
{
	char path[32], exe[32] = "";

	snprintf(path, sizeof(path), "/proc/%d/exe", p->pid);
	return p->ppid == 1 && readlink(path, exe, sizeof(exe) - 1) > 0 &&
	       !strcmp(exe, TEST_EXE);
}

static bool is_worker(const struct process *p)
{
	return test_pid && p->ppid == test_pid;
}

/*
 * Those that @is, of the processes that were started after us; at most @max of
 * them, in the order of their pids. How many.
 */
static unsigned int find(bool (*is)(const struct process *p),
			 struct process *found, unsigned int max)
{
	DIR *proc = opendir("/proc");
	unsigned int nr = 0;
	struct dirent *d;

	while (proc && nr < max && (d = readdir(proc)))
		if (isdigit((unsigned char)d->d_name[0]) &&
		    atoi(d->d_name) > getpid() &&
		    look_at(atoi(d->d_name), &found[nr]) && is(&found[nr]))
			nr++;
	if (proc)
		closedir(proc);
	return nr;
}

static void wait_us(unsigned long us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

static bool is_alive(pid_t pid)
{
	struct process p;

	return look_at(pid, &p);
}

static unsigned long since_us(u64 then_ns)
{
	return (kt_now_ns() - then_ns) / 1000;
}

static bool time_is_up(void)
{
	return since_us(start_ns) / 1000 > GIVE_UP_MS;
}

static bool wait_for_body(void)
{
	struct process p;

	while (!find(is_test, &p, 1)) {
		if (!is_alive(sched_pid) || time_is_up())
			return false;
		wait_us(LOOK_US);
	}
	test_pid = p.pid;
	return true;
}

/* The workers, as soon as there is one; none when there will be none. */
static unsigned int wait_for_workers(struct process *workers, unsigned int max)
{
	unsigned int nr;

	while (!(nr = find(is_worker, workers, max)) && is_alive(test_pid) &&
	       !time_is_up())
		wait_us(LOOK_US);
	return nr;
}

static u64 boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/*
 * Says when its end had come, too: since @begun began, which is the first worker
 * or else the test. A process may have to be scheduled to end.
 */
static void kill_it(pid_t pid, const struct process *begun)
{
	struct pollfd pfd = { .events = POLLIN };

	pfd.fd = pid ? syscall(SYS_pidfd_open, pid, 0) : -1;
	if (pfd.fd < 0 || !is_alive(pid) || kill(pid, SIGKILL)) {
		printf("\nkiller: %s %d not there\n", victims[victim], pid);
		return;
	}
	printf("\nkiller: %s %d killed\n", victims[victim], pid);
	if (poll(&pfd, 1, GIVE_UP_MS) != 1)
		return;
	if (begun->pid)
		printf("\nkiller: ended %llu ms into the test\n",
		       (unsigned long long)(boot_ms() - begun->start_ms));
	else
		printf("\nkiller: ended %s the test\n",
		       test_pid ? "behind" : "before");
}

/* The lengths from which the moments are drawn. */
static void measure(void)
{
	struct process worker;
	u64 body_ns;

	if (!wait_for_body())
		return;
	printf("\nkiller: attach %lu us\n", since_us(start_ns));
	body_ns = kt_now_ns();
	wait_for_workers(&worker, 1);
	printf("\nkiller: set-up %lu us\n", since_us(body_ns));
	while (is_alive(test_pid) && !time_is_up())
		wait_us(LOOK_US);
	printf("\nkiller: body %lu us\n", since_us(body_ns));
}

static void wait_for_moment(void)
{
	unsigned long now_us = since_us(start_ns);
	struct process worker;

	if (from != START) {
		if (!wait_for_body())
			return;
		if (from == WORKERS)
			wait_for_workers(&worker, 1);
		while (from == END && is_alive(test_pid) && !time_is_up())
			wait_us(LOOK_US);
		now_us = 0;
	}
	if (at_us > now_us)
		wait_us(at_us - now_us);
}

static void do_kill(void)
{
	struct process workers[MAX_WORKERS], test = { .pid = 0 };
	unsigned int nr;
	pid_t pid = 0;

	wait_for_moment();
	if (!test_pid && find(is_test, &test, 1))
		test_pid = test.pid;
	if (!test_pid || !look_at(test_pid, &test))
		test.pid = 0;
	nr = victim == WORKER ? wait_for_workers(workers, MAX_WORKERS) :
				find(is_worker, workers, MAX_WORKERS);
	if (victim == WORKER && nr)
		pid = workers[pick % nr].pid;
	else if (victim == TEST)
		pid = test_pid;
	else if (victim == SCHED)
		pid = sched_pid;
	kill_it(pid, nr ? &workers[0] : &test);
}

/* Runs whatever the scheduler does, and is not stopped with it. */
static void lurk(void)
{
	struct sched_param most = {
		.sched_priority = sched_get_priority_max(SCHED_FIFO),
	};

	setsid();
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sched_setscheduler(0, SCHED_FIFO, &most))
		printf("\nkiller: no real-time priority: %m\n");
	if (victim == NOBODY)
		measure();
	else
		do_kill();
	exit(0);
}

static bool parse_number(const char *text, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && !errno;
}

/* The index of the name of @len characters, @nr when it is not there. */
static unsigned int find_name(const char *const *names, unsigned int nr,
			      const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (strlen(names[i]) == len && !strncmp(names[i], name, len))
			break;
	return i;
}

/* "--pick=N", "--kill=VICTIM", "--FROM=MICROSECONDS" */
static bool parse(const char *arg)
{
	const char *value = strchr(arg, '=');

	if (strncmp(arg, "--", 2) || !value++)
		return false;
	arg += 2;
	if (!strncmp(arg, "pick=", 5))
		return parse_number(value, &pick);
	if (!strncmp(arg, "kill=", 5)) {
		victim = find_name(victims, ARRAY_SIZE(victims), value,
				   strlen(value));
		return victim < ARRAY_SIZE(victims);
	}
	from = find_name(froms, ARRAY_SIZE(froms), arg, value - 1 - arg);
	return from < ARRAY_SIZE(froms) && parse_number(value, &at_us);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!parse(argv[i])) {
			fprintf(stderr, USAGE, argv[i]);
			return 1;
		}
	start_ns = kt_now_ns();
	sched_pid = getpid();
	if (!fork())
		lurk();
	execl(SCHEDULER, SCHEDULER, NULL);
	perror(SCHEDULER);
	return 1;
}
