// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting, waiting for and stopping child processes.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "proc.h"
#include "strbuf.h"

#define REAP_MS		5000

static int redirect(int from, int to)
{
	if (from < 0 || from == to)
		return from < 0 ? 0 : kt_set_cloexec(to, false);
	return dup2(from, to) < 0 ? -errno : 0;
}

/* The child up to exec; only returns what went wrong. */
static int child_setup(const struct kt_proc_opts *opts, pid_t parent)
{
	int null_fd = -1, ret;
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return -ESRCH;		/* it died before prctl() */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);

	if (opts->stdin_fd < 0) {
		null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (null_fd < 0)
			return -errno;
	}
	ret = redirect(null_fd >= 0 ? null_fd : opts->stdin_fd, 0);
	if (!ret)
		ret = redirect(opts->stdout_fd, 1);
	if (!ret)
		ret = redirect(opts->stderr_fd, 2);
	if (!ret && opts->cwd && chdir(opts->cwd))
		ret = -errno;
	if (!ret && opts->prepare)
		ret = opts->prepare(opts->prepare_arg);
	return ret;
}

int kt_proc_start(const char *const argv[], const struct kt_proc_opts *opts,
		  pid_t *pid)
{
	pid_t parent = getpid(), child;
	int report[2], err = 0;

	if (pipe2(report, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child < 0) {
		err = -errno;
		close(report[0]);
		close(report[1]);
		return err;
	}
	if (!child) {
		err = child_setup(opts, parent);
		if (!err) {
			execvp(argv[0], (char *const *)argv);
			err = -errno;
		}
		kt_write_all(report[1], &err, sizeof(err), 0);
		_exit(127);
	}
	close(report[1]);
	if (kt_read_all(report[0], &err, sizeof(err)) != sizeof(err))
		err = 0;		/* exec closed it: the program runs */
	close(report[0]);
	if (err) {
		waitpid(child, NULL, 0);
		return err;
	}
	*pid = child;
	return 0;
}

/* Waits for its end, but leaves it to be reaped. */
static void await_end(pid_t pid, u64 deadline_ns)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);

	if (pidfd >= 0) {
		kt_wait_readable(pidfd, deadline_ns);
		close(pidfd);
	}
}

int kt_proc_wait(pid_t pid, u64 deadline_ns, int *status)
{
	pid_t ret;

	await_end(pid, deadline_ns);
	do {
		ret = waitpid(pid, status, WNOHANG);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;
	return ret ? 0 : -ETIMEDOUT;
}

void kt_proc_stop(pid_t pid, u32 grace_ms)
{
	int status;

	kill(-pid, SIGTERM);
	await_end(pid, kt_now_ns() + grace_ms * KT_NSEC_PER_MSEC);
	/* what its children make of SIGTERM is not known; the group's number
	 * stays ours until its leader is reaped
	 */
	kill(-pid, SIGKILL);
	kt_proc_wait(pid, kt_now_ns() + REAP_MS * KT_NSEC_PER_MSEC, &status);
}

/* Drains @fd into @out until end of file or the deadline. */
static int collect(int fd, struct kt_strbuf *out, u64 deadline_ns)
{
	char buf[4096];

	for (;;) {
		int ret = kt_wait_readable(fd, deadline_ns);
		ssize_t n;

		if (ret <= 0)
			return ret ? ret : -ETIMEDOUT;
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		kt_strbuf_add(out, buf, n);
	}
}

int kt_proc_run(const char *const argv[], const struct kt_proc_opts *opts,
		u32 timeout_ms, struct kt_strbuf *out)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;
	struct kt_proc_opts o = *opts;
	int fds[2] = { -1, -1 };
	int ret, status = 0;
	pid_t pid;

	if (out) {
		if (pipe2(fds, O_CLOEXEC))
			return -errno;
		o.stdout_fd = fds[1];
	}
	ret = kt_proc_start(argv, &o, &pid);
	kt_close(&fds[1]);
	if (ret)
		goto out_close;
	if (out)
		ret = collect(fds[0], out, deadline);
	if (!ret)
		ret = kt_proc_wait(pid, deadline, &status);
	if (ret)
		kt_proc_stop(pid, 1000);
	else
		ret = WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
out_close:
	kt_close(&fds[0]);
	return ret;
}

const char *kt_proc_status_str(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "signal %d (SIG%s)", WTERMSIG(status),
			 sigabbrev_np(WTERMSIG(status)) ?: "?");
	else
		snprintf(buf, size, "exit %d", WEXITSTATUS(status));
	return buf;
}
