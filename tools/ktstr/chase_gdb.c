// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr rerun --gdb`: the run in the background, the debugger in front. All that
 * it takes is in a directory of its own, which is removed whatever happens.
 */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/base/proc.h"
#include "ktstr/host/chase.h"
#include "ktstr/host/rerun.h"
#include "chase.h"
#include "rerun.h"
#include "signals.h"

#define STOP_MS		10000
#define SOCKET		"gdb.sock"
#define EXIT_TROUBLE	2

/* 1: @pid has ended, 0: @fd is readable, -EINTR: a signal. */
static int await(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0), n;
	struct pollfd fds[] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	if (pidfd < 0)
		return 1;
	do {
		/* a signal that came ahead of poll() is seen soon, too */
		n = poll(fds, ARRAY_SIZE(fds), 1000);
	} while (!stop_signal && n <= 0);
	close(pidfd);
	if (stop_signal)
		return -EINTR;
	return fds[0].revents ? 1 : 0;
}

/* Until the socket is there, or the run is over. */
static int await_socket(pid_t pid, int inotify_fd, const char *path)
{
	char events[4096];
	int ret;

	while (access(path, F_OK)) {
		ret = await(pid, inotify_fd);
		if (ret)
			return ret;
		if (read(inotify_fd, events, sizeof(events)) < 0)
			return -errno;
	}
	return 0;
}

static pid_t run_gdb(const char *script)
{
	pid_t pid = fork();

	if (!pid) {
		execlp("gdb", "gdb", "-q", "-x", script, NULL);
		_exit(127);
	}
	return max(pid, 0);
}

/* With the terminal: it handles interrupts itself. */
static void await_gdb(pid_t pid)
{
	while (pid && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		stop_signal = 0;
}

static bool have_gdb(void)
{
	const char *const argv[] = { "gdb", "--version", NULL };
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	int fd = memfd_create("gdb", MFD_CLOEXEC), ret;

	opts.stdout_fd = fd;
	opts.stderr_fd = fd;
	ret = kt_proc_run(argv, &opts, STOP_MS, NULL);
	kt_close(&fd);
	return !ret;
}

/* Runs a debugger on the run that waits for one, or says how; 0 in @gdb then. */
static void offer(const struct chase *c, pid_t *gdb)
{
	char script[PATH_MAX];

	snprintf(script, sizeof(script), "%s.gdb", c->opts.gdb);
	if (isatty(STDIN_FILENO) && have_gdb()) {
		*gdb = run_gdb(script);
		return;
	}
	printf("stopped; the debugger is:\n  gdb -q -x %s\n", script);
	fflush(stdout);
}

/* It ends when its debugger leaves. */
static int await_end(pid_t pid, pid_t gdb)
{
	int ret;

	do {
		ret = await(pid, -1);
		if (gdb)
			stop_signal = 0;
	} while (gdb && ret == -EINTR);
	return ret == 1 ? 0 : ret;
}

static int start(const struct chase *c, const char *dir, int out_fd, pid_t *pid)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	struct kt_rerun rr;
	int ret;

	ret = kt_rerun_load(&rr, dir);
	if (!ret)
		ret = rerun_set_chase(&c->opts);
	if (!ret) {
		opts.cwd = rr.dir;
		opts.stdout_fd = out_fd;
		ret = kt_proc_start((const char *const *)rr.argv.v, &opts, pid);
		if (ret)
			kt_err(ret, "%s: %s", rr.argv.v[0], strerror(-ret));
	}
	kt_rerun_fini(&rr);
	return ret;
}

/* Another time than before; what is none leaves that. */
static void take_time(struct chase *c, const char *text)
{
	static char at[32];
	u64 ns;

	if (!*text)
		return;
	if (kt_chase_parse_time(text, &ns) || ns > c->end_ns) {
		kt_err(-EINVAL, "%s \"%s\": no time of this run, as 3.2s or 3200ms; it stops where it did before",
		       KT_CHASE_GDB_AGAIN, text);
		return;
	}
	snprintf(at, sizeof(at), "%s", text);
	c->at = at;
	c->opts.at_ns[0] = ns;
}

/* Whether the debugger has asked for the run once more, and waits for it. */
static bool again(struct chase *c, const char *path)
{
	char wish[PATH_MAX + sizeof(KT_CHASE_GDB_WISH)], text[32];

	snprintf(wish, sizeof(wish), "%s" KT_CHASE_GDB_WISH, path);
	if (kt_read_line(wish, text, sizeof(text)))
		return false;
	take_time(c, text);
	unlink(path);
	return !unlink(wish);
}

static int run_once(const struct chase *c, const char *dir, int out_fd,
		    int inotify_fd, bool first, pid_t *gdb)
{
	pid_t pid;
	int ret = start(c, dir, out_fd, &pid);

	if (ret)
		return ret;
	ret = await_socket(pid, inotify_fd, c->opts.gdb);
	if (ret == 1)
		ret = kt_err(-ENOENT, "the run was over before %s",
			     c->at ?: "it began");
	if (!ret && first)
		offer(c, gdb);
	if (!ret)
		ret = await_end(pid, *gdb);
	kt_proc_stop(pid, STOP_MS);
	return ret;
}

static int run_in(struct chase *c, const char *dir, const char *tmp, pid_t *gdb)
{
	int inotify_fd, out_fd, ret;
	char path[PATH_MAX];
	bool first = true;

	snprintf(path, sizeof(path), "%s/" SOCKET, tmp);
	c->opts.gdb = path;
	out_fd = memfd_create("ktstr-rerun", MFD_CLOEXEC);
	inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (inotify_add_watch(inotify_fd, tmp, IN_MOVED_TO) < 0)
		return kt_err(-errno, "%s: %s", tmp, strerror(errno));
	do {
		ret = run_once(c, dir, out_fd, inotify_fd, first, gdb);
		first = false;
	} while (!ret && again(c, path));
	kt_close(&inotify_fd);
	kt_close(&out_fd);
	c->opts.gdb = NULL;
	return ret;
}

int chase_gdb(struct chase *c, const char *dir)
{
	const char *in = getenv("TMPDIR");
	char tmp[3072];
	pid_t gdb = 0;
	int ret;

	/* too long a one is refused with the socket's name */
	snprintf(tmp, sizeof(tmp), "%.3000s/ktstr-gdb-XXXXXX",
		 in && *in ? in : "/tmp");
	if (!mkdtemp(tmp)) {
		kt_err(-errno, "%s: %s", tmp, strerror(errno));
		return EXIT_TROUBLE;
	}
	catch_signals();
	ret = run_in(c, dir, tmp, &gdb);
	/* a debugger that waits there for the run sees it go */
	kt_remove_tree(tmp);
	await_gdb(gdb);
	if (ret == -EINTR)
		return 128 + stop_signal;
	return ret ? EXIT_TROUBLE : 0;
}
