/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Child processes by argv, never through a shell, each in a process group of
 * its own and killed with its parent (PR_SET_PDEATHSIG). Every wait has a
 * deadline.
 */
#ifndef KTSTR_BASE_PROC_H
#define KTSTR_BASE_PROC_H

#include <sys/types.h>

#include "types.h"

struct kt_proc_opts {
	const char *cwd;	/* NULL: the caller's */
	int stdin_fd;		/* -1: /dev/null */
	int stdout_fd;		/* -1: the caller's */
	int stderr_fd;		/* -1: the caller's */
	/* Called in the child before exec, for credentials and limits. */
	int (*prepare)(void *arg);
	void *prepare_arg;
};

#define KT_PROC_OPTS_INIT { .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1 }

/*
 * Starts @argv (found in PATH). Returns 0 and the pid, or -errno, also when
 * exec itself failed (it is reported through a close-on-exec pipe).
 */
int kt_proc_start(const char *const argv[], const struct kt_proc_opts *opts,
		  pid_t *pid);

/*
 * Waits until @deadline_ns of kt_now_ns(). 0 with the wait status, or
 * -ETIMEDOUT while the process still runs.
 */
int kt_proc_wait(pid_t pid, u64 deadline_ns, int *status);

/*
 * SIGTERM to the group; SIGKILL to what is left of it when the process has
 * ended, after @grace_ms at the latest; reaps.
 */
void kt_proc_stop(pid_t pid, u32 grace_ms);

/*
 * Runs @argv to its end and returns its exit status, or -errno, -ETIMEDOUT
 * (it was stopped) and -EINTR for a death by signal. Its standard output is
 * kept in @out (may be NULL: the caller's output) up to the buffer's bound.
 */
struct kt_strbuf;
int kt_proc_run(const char *const argv[], const struct kt_proc_opts *opts,
		u32 timeout_ms, struct kt_strbuf *out);

/* "exit 1", "signal 11 (SIGSEGV)": the wait status in words. */
const char *kt_proc_status_str(int status, char *buf, size_t size);

#endif /* KTSTR_BASE_PROC_H */
