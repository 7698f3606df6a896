// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running make so that nothing of it survives us. A guard process stands
 * between us and make: it adopts what make leaves behind, and when it is told
 * to stop, or when we die (PR_SET_PDEATHSIG), it kills and reaps all of it
 * before it goes. The lock of the build directory is the guard's as well, so
 * no one takes the directory while a compiler still writes to it.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/proc.h"
#include "kernel_make.h"

#define STOP_MS		20000
#define PROGRESS_NS	(250 * KT_NSEC_PER_MSEC)

/* What a make around us, or its user, set for another build. */
static const char *const not_ours[] = {
	"MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES",
	"MAKEFILES", "O", "OUTPUT", "KBUILD_OUTPUT", "KBUILD_EXTMOD", "M",
	"KCONFIG_CONFIG", "KCONFIG_ALLCONFIG", "LLVM", "ARCH", "SUBARCH",
	"CROSS_COMPILE", "V", "W", "C", "LOCALVERSION", "KDIR",
};

/* Waits for make and what it left; -1 in *@status while make still runs. */
static void reap(pid_t make, int *status)
{
	int st;
	pid_t pid;

	while ((pid = waitpid(-1, &st, WNOHANG)) > 0) {
		if (pid == make)
			*status = WIFEXITED(st) ? WEXITSTATUS(st) :
						  128 + WTERMSIG(st);
	}
}

static void kill_and_reap(pid_t make)
{
	kill(-make, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* The guard's life. @signals are blocked. */
static void guard(pid_t make, const sigset_t *signals, int lock_fd)
{
	int status = -1;

	if (lock_fd > 0)
		close_range(0, lock_fd - 1, 0);
	close_range(lock_fd + 1, ~0U, 0);
	while (status < 0) {
		if (sigwaitinfo(signals, NULL) == SIGTERM)
			status = 128 + SIGTERM;
		else
			reap(make, &status);
	}
	kill_and_reap(make);
	_exit(status);
}

/* In the child, before exec: splits off the guard. */
static int start_guarded(void *arg)
{
	const struct kt_make *m = arg;
	sigset_t signals;
	pid_t make;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(not_ours); i++)
		unsetenv(not_ours[i]);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGCHLD, SIG_DFL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM))
		return -errno;
	make = fork();
	if (make < 0)
		return -errno;
	if (make) {
		setpgid(make, make);
		guard(make, &signals, m->lock_fd);
	}
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
	return 0;
}

const char *kt_make_took(u64 start_ns, char *buf, size_t size)
{
	unsigned int s = (kt_now_ns() - start_ns) / KT_NSEC_PER_SEC;

	if (s < 60)
		snprintf(buf, size, "%us", s);
	else
		snprintf(buf, size, "%um%02us", s / 60, s % 60);
	return buf;
}

static void show_progress(const struct kt_make *m, u64 start_ns, u64 *shown_ns)
{
	char took[32];

	if (!m->label || !isatty(2) || kt_now_ns() - *shown_ns < PROGRESS_NS)
		return;
	*shown_ns = kt_now_ns();
	fprintf(stderr, "\r%s: %u objects, %s\033[K", m->label, m->lines,
		kt_make_took(start_ns, took, sizeof(took)));
}

/* One read of output into the log: 1 more may come, 0 end, -errno. */
static int pass_on(struct kt_make *m, int fd)
{
	char buf[16384];
	ssize_t n, i;
	int ret;

	n = read(fd, buf, sizeof(buf));
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	for (i = 0; i < n; i++)
		m->lines += buf[i] == '\n';
	ret = kt_write_all(m->log_fd, buf, n, UINT64_MAX);
	return ret ? ret : n > 0;
}

static int follow(struct kt_make *m, int fd)
{
	struct pollfd pfds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = m->signal_fd, .events = POLLIN },
	};
	u64 start_ns = kt_now_ns(), shown_ns = 0;
	int ret = 1;

	while (ret > 0) {
		int n = poll(pfds, ARRAY_SIZE(pfds), 1000);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && pfds[1].revents)
			ret = -EINTR;
		else if (kt_now_ns() >= m->deadline_ns)
			ret = -ETIMEDOUT;
		else if (n > 0 && pfds[0].revents)
			ret = pass_on(m, fd);
		show_progress(m, start_ns, &shown_ns);
	}
	if (shown_ns)
		fprintf(stderr, "\r\033[K");
	return ret;
}

int kt_make_run(struct kt_make *m, const char *const argv[])
{
	struct kt_proc_opts po = KT_PROC_OPTS_INIT;
	int fds[2], ret, status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	po.stdout_fd = fds[1];
	po.stderr_fd = fds[1];
	po.prepare = start_guarded;
	po.prepare_arg = m;
	ret = kt_proc_start(argv, &po, &pid);
	kt_close(&fds[1]);
	if (!ret) {
		ret = follow(m, fds[0]);
		if (!ret)
			ret = kt_proc_wait(pid, m->deadline_ns, &status);
		if (ret)
			kt_proc_stop(pid, STOP_MS);
		else
			ret = WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
	}
	kt_close(&fds[0]);
	return ret;
}
