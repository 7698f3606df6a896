// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the machine: one program of another selftest target, started as its own
 * runner starts it, with its output on a terminal so that nothing of it is kept
 * back; and what it says made into a verdict.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <jansson.h>

#include "kselftest/ktap_read.h"
#include "ktstr/base/fd.h"
#include "ktstr/base/proc.h"
#include "ktstr/guest/ctx.h"
#include "ktstr/guest/testproc.h"
#include "kselftest.h"

#define LINE_BYTES	4096
#define EXEC_FAILED	127

struct job {
	json_t *all;
	const char *argv[64];
	const char *cwd;
	const char *test;	/* of a runner, whose line is the verdict; or NULL */
};

struct watch {
	const struct job *job;
	struct kt_ktap_sum sum;
	struct kt_ktap_line found;	/* of job->test */
	char line[LINE_BYTES];
	size_t len;
};

static bool job_load(struct job *j, const char *name)
{
	json_t *entry, *argv;
	size_t i;

	j->all = json_load_file(KT_KSELFTEST_JOBS, 0, NULL);
	entry = json_object_get(j->all, name);
	argv = json_object_get(entry, "argv");
	j->cwd = json_string_value(json_object_get(entry, "cwd"));
	j->test = json_string_value(json_object_get(entry, "test"));
	for (i = 0; i < json_array_size(argv) && i < ARRAY_SIZE(j->argv) - 1; i++)
		j->argv[i] = json_string_value(json_array_get(argv, i));
	j->argv[i] = NULL;
	return i && j->cwd;
}

/* A terminal that passes bytes on as they are; -1 without one. */
static int open_terminal(int *slave)
{
	struct termios tio;
	int fd;

	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666");
	fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	*slave = fd < 0 || grantpt(fd) || unlockpt(fd) ? -1 :
		 open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0) {
		kt_close(&fd);
		return -1;
	}
	tcgetattr(*slave, &tio);
	cfmakeraw(&tio);
	tcsetattr(*slave, TCSANOW, &tio);
	return fd;
}

static int open_output(int *write_fd)
{
	int fds[2], fd = open_terminal(write_fd);

	if (fd >= 0)
		return fd;
	if (pipe2(fds, O_CLOEXEC))
		return -1;
	*write_fd = fds[1];
	return fds[0];
}

static void __noreturn exec_job(const struct job *j, int out)
{
	int null = open("/dev/null", O_RDONLY);

	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	syscall(SYS_close_range, 3, ~0U, 0);
	if (chdir(j->cwd)) {
		fprintf(stderr, "%s: %s\n", j->cwd, strerror(errno));
		_exit(EXEC_FAILED);
	}
	execvp(j->argv[0], (char *const *)j->argv);
	fprintf(stderr, "%s: %s\n", j->argv[0], strerror(errno));
	_exit(EXEC_FAILED);
}

static void take_line(struct watch *w)
{
	struct kt_ktap_line l;

	w->line[w->len] = '\0';
	w->len = 0;
	kt_ktap_read_line(&l, w->line);
	if (!w->job->test)
		kt_ktap_sum_add(&w->sum, &l);
	else if (l.kind == KT_KTAP_RESULT && !strcmp(l.name, w->job->test))
		w->found = l;
}

static void take_output(struct watch *w, const char *buf, size_t len)
{
	size_t i;

	fwrite(buf, 1, len, stdout);
	fflush(stdout);
	for (i = 0; i < len; i++) {
		if (w->len == sizeof(w->line) - 1 || buf[i] == '\n')
			take_line(w);
		if (buf[i] != '\n')
			w->line[w->len++] = buf[i];
	}
}

static bool is_decided(const struct watch *w)
{
	return w->found.kind == KT_KTAP_RESULT;
}

/* Everything there is to read now; false at the end of it. */
static bool drain(struct watch *w, int fd)
{
	char buf[LINE_BYTES];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		take_output(w, buf, n);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/*
 * Until the program has ended, or a runner has told what is asked of it: true.
 * False when @deadline_ns came before.
 */
static bool follow(struct watch *w, int pidfd, int fd, u64 deadline_ns)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};
	u64 now;

	while (!is_decided(w)) {
		now = kt_now_ns();
		if (now >= deadline_ns)
			return false;
		poll(fds, ARRAY_SIZE(fds),
		     (deadline_ns - now) / KT_NSEC_PER_MSEC + 1);
		if (fds[0].revents && !drain(w, fd))
			fds[0].fd = -1;
		if (fds[1].revents)
			break;
	}
	return true;
}

static void send_end(struct ktstr_ctx *t, u64 start_ns)
{
	u8 buf[sizeof(u64)];

	kt_u64_encode((kt_now_ns() - start_ns) / KT_NSEC_PER_MSEC, buf, sizeof(buf));
	kt_test_frame_send(t->frames_fd, KT_TAG_SCENARIO_END, buf, sizeof(buf), 0);
}

/*
 * The program's wait status. One that hangs is looked at by the host before it
 * is killed. What it leaves running does not count: it goes with the machine.
 */
static int run_job(struct ktstr_ctx *t, struct watch *w, pid_t pid, int fd)
{
	const struct kt_plan *p = t->plan;
	/* the harness's own bound comes later: it knows less */
	u64 limit_ms = p->duration_ms + (p->test_timeout_ms - p->duration_ms) / 2;
	int pidfd = syscall(SYS_pidfd_open, pid, 0), status = 0;
	u64 start_ns = kt_now_ns();

	kt_set_nonblock(fd, true);
	if (!follow(w, pidfd, fd, start_ns + limit_ms * KT_NSEC_PER_MSEC)) {
		t->shared->verdict.timed_out = true;
		kt_verdict_detail(&t->shared->verdict, KT_DETAIL_TEST,
				  "%s did not end within %llu ms",
				  w->job->argv[0], (unsigned long long)limit_ms);
		send_end(t, start_ns);
		ktstr_capture(t, "timeout");
	} else {
		send_end(t, start_ns);
	}
	if (t->shared->verdict.timed_out || is_decided(w))
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	drain(w, fd);
	if (w->len)
		take_line(w);
	close(pidfd);
	return status;
}

static void judge_runner(struct kt_verdict *v, const struct watch *w, int status)
{
	const char *reason = *w->found.reason ? w->found.reason : "the runner gives no reason";
	char how[48];

	if (!is_decided(w))
		kt_verdict_detail(v, KT_DETAIL_TEST,
				  "the runner ended without a result of %s: %s",
				  w->job->test,
				  kt_proc_status_str(status, how, sizeof(how)));
	else if (w->found.outcome == KT_SKIP)
		kt_verdict_skip(v, "%s", reason);
	else if (!kt_outcome_info(w->found.outcome)->ok)
		kt_verdict_detail(v, KT_DETAIL_TEST, "the runner says: not ok %s",
				  w->job->test);
}

static void judge_program(struct kt_verdict *v, const struct watch *w, int status)
{
	char why[512], how[48];

	if (!WIFEXITED(status)) {
		kt_verdict_detail(v, KT_DETAIL_TEST, "%s: ended by %s",
				  w->job->argv[0],
				  kt_proc_status_str(status, how, sizeof(how)));
		return;
	}
	switch (kt_ktap_judge(&w->sum, WEXITSTATUS(status), why, sizeof(why))) {
	case KT_PASS:
		break;
	case KT_SKIP:
		kt_verdict_skip(v, "%s", why);
		break;
	default:
		kt_verdict_detail(v, KT_DETAIL_TEST, "%s %s", w->job->argv[0], why);
	}
	if (w->sum.results)
		kt_verdict_detail(v, KT_DETAIL_INFO,
				  "%u results: %u passed, %u failed, %u skipped",
				  w->sum.results, w->sum.counts[KT_PASS],
				  w->sum.counts[KT_FAIL], w->sum.counts[KT_SKIP]);
}

void kt_kselftest_body(struct ktstr_ctx *t)
{
	static struct watch w;
	struct kt_verdict *v = &t->shared->verdict;
	struct job job = {};
	int out, fd, status;
	pid_t pid;

	if (!job_load(&job, t->plan->test)) {
		kt_verdict_broken(v, "%s: nothing that could be run for %s",
				  KT_KSELFTEST_JOBS, t->plan->test);
		return;
	}
	w.job = &job;
	/* from here on the workload's budget is what counts */
	kt_test_frame_send(t->frames_fd, KT_TAG_SCENARIO_START, NULL, 0, 0);
	fd = open_output(&out);
	fflush(NULL);
	pid = fd < 0 ? -1 : fork();
	if (pid < 0) {
		kt_verdict_broken(v, "%s could not be started: %s", job.argv[0],
				  strerror(errno));
		return;
	}
	if (!pid)
		exec_job(&job, out);
	kt_close(&out);
	status = run_job(t, &w, pid, fd);
	close(fd);
	kt_verdict_judged(v);
	if (!v->timed_out && job.test)
		judge_runner(v, &w, status);
	else if (!v->timed_out)
		judge_program(v, &w, status);
	json_decref(job.all);
}
