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

/* With the terminal: it handles interrupts itself. */
static void run_gdb(const char *script)
{
	pid_t pid = fork();

	if (!pid) {
		execlp("gdb", "gdb", "-q", "-x", script, NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
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

static int debug(const struct chase *c, pid_t pid, int inotify_fd)
{
	char script[PATH_MAX];
	int ret;

	ret = await_socket(pid, inotify_fd, c->opts.gdb);
	if (ret == 1)
		return kt_err(-ENOENT, "the run was over before %s", c->at ?: "it began");
	if (ret)
		return ret;
	snprintf(script, sizeof(script), "%s.gdb", c->opts.gdb);
	if (isatty(STDIN_FILENO) && have_gdb()) {
		run_gdb(script);
		return 0;
	}
	printf("stopped; the debugger is:\n  gdb -q -x %s\n", script);
	fflush(stdout);
	ret = await(pid, -1);
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

static int run_in(struct chase *c, const char *dir, const char *tmp)
{
	int inotify_fd, out_fd, ret;
	char path[PATH_MAX];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/" SOCKET, tmp);
	c->opts.gdb = path;
	out_fd = memfd_create("ktstr-rerun", MFD_CLOEXEC);
	inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (inotify_add_watch(inotify_fd, tmp, IN_MOVED_TO) < 0)
		return kt_err(-errno, "%s: %s", tmp, strerror(errno));
	ret = start(c, dir, out_fd, &pid);
	if (!ret) {
		ret = debug(c, pid, inotify_fd);
		kt_proc_stop(pid, STOP_MS);
	}
	kt_close(&inotify_fd);
	kt_close(&out_fd);
	c->opts.gdb = NULL;
	return ret;
}

int chase_gdb(struct chase *c, const char *dir)
{
	const char *in = getenv("TMPDIR");
	char tmp[3072];
	int ret;

	/* too long a one is refused with the socket's name */
	snprintf(tmp, sizeof(tmp), "%.3000s/ktstr-gdb-XXXXXX",
		 in && *in ? in : "/tmp");
	if (!mkdtemp(tmp)) {
		kt_err(-errno, "%s: %s", tmp, strerror(errno));
		return EXIT_TROUBLE;
	}
	catch_signals();
	ret = run_in(c, dir, tmp);
	kt_remove_tree(tmp);
	if (ret == -EINTR)
		return 128 + stop_signal;
	return ret ? EXIT_TROUBLE : 0;
}
