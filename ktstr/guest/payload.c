// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payload programs. One writes into a memory file of bounded size, so that it
 * never waits for a reader; a program that is killed for writing more says so
 * by its signal.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/proc.h"
#include "../check/metrics.h"
#include "ctx.h"
#include "payload.h"

#define FILES_DIR	"/files"
#define OUTPUT_MAX	(4u << 20)
#define KEPT_BYTES	(64u << 10)	/* of it, for the run's record */
#define WAIT_MS		10000
#define REAP_MS		5000
#define EXEC_FAILED	127

/* In the test's process, of which there is one. */
static struct payload {
	const struct ktstr_payload *decl;
	pid_t pid;			/* 0: it has ended */
	int pidfd;
	int out_fd;
	int status;
	bool killed;			/* by us */
} running[KT_MAX_PAYLOADS];

static struct payload *find(const struct ktstr_payload *decl)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(running); i++)
		if (running[i].decl == decl)
			return &running[i];
	return NULL;
}

static bool declared(const struct ktstr_ctx *t, const struct ktstr_payload *p)
{
	const struct ktstr_payload *const *list = t->test->payloads;

	while (list && *list && *list != p)
		list++;
	return list && *list;
}

static void __noreturn exec_payload(const struct ktstr_payload *p,
				    const char *cgroup, int out)
{
	struct rlimit limit = { OUTPUT_MAX, OUTPUT_MAX };
	const char *slash = strrchr(p->binary, '/');
	const char *argv[KT_PAYLOAD_MAX_ARGS + 2];
	char path[PATH_MAX], procs[PATH_MAX];
	u32 nr = 1;

	snprintf(path, sizeof(path), FILES_DIR "/%s", slash ? slash + 1 : p->binary);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", cgroup);
	argv[0] = path;
	while (p->args && p->args[nr - 1] && nr <= KT_PAYLOAD_MAX_ARGS) {
		argv[nr] = p->args[nr - 1];
		nr++;
	}
	argv[nr] = NULL;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(out, 1);
	dup2(out, 2);
	syscall(SYS_close_range, 3, ~0U, 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	/* "0" stands for the writer */
	if (kt_write_file(procs, "0") || chdir(FILES_DIR))
		fprintf(stderr, "%s: %s\n", procs, strerror(errno));
	else
		execv(path, (char *const *)argv);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(EXEC_FAILED);
}

static int start(struct ktstr_ctx *t, const struct ktstr_payload *decl,
		 const char *cgroup, char *why, size_t size)
{
	struct payload *p = find(NULL);

	if (!declared(t, decl)) {
		snprintf(why, size, "%s is not in the machine: name it in the case's .payloads",
			 decl->name);
		return -ENOENT;
	}
	if (find(decl) || !p) {
		snprintf(why, size, "%s was started before: a payload runs once in a case",
			 decl->name);
		return -EBUSY;
	}
	p->out_fd = memfd_create(decl->name, MFD_CLOEXEC);
	fflush(NULL);
	p->pid = p->out_fd < 0 ? -1 : fork();
	if (p->pid < 0) {
		snprintf(why, size, "%s: %s", decl->name, strerror(errno));
		p->pid = 0;
		kt_close(&p->out_fd);
		return -EAGAIN;
	}
	if (!p->pid)
		exec_payload(decl, cgroup, p->out_fd);
	setpgid(p->pid, p->pid);	/* also here: killed by group at once */
	p->pidfd = syscall(SYS_pidfd_open, p->pid, 0);
	p->decl = decl;
	return 0;
}

/* Whether it has ended by @deadline_ns, or by the end of the scenario's time. */
static bool await(struct ktstr_ctx *t, struct payload *p, u64 deadline_ns)
{
	struct pollfd fds[] = {
		{ .fd = p->pidfd, .events = POLLIN },
		{ .fd = t->stop_fd, .events = POLLIN },
	};
	u64 now;

	if (!p->pid)
		return true;
	while (waitpid(p->pid, &p->status, WNOHANG) != p->pid) {
		now = kt_now_ns();
		if (now >= deadline_ns || fds[1].revents)
			return false;
		poll(fds, ARRAY_SIZE(fds),
		     (deadline_ns - now) / KT_NSEC_PER_MSEC + 1);
	}
	kill(-p->pid, SIGKILL);	/* what it left behind */
	p->pid = 0;
	kt_close(&p->pidfd);
	return true;
}

static void end(struct payload *p)
{
	u64 deadline_ns = kt_now_ns() + REAP_MS * KT_NSEC_PER_MSEC;
	struct pollfd pfd = { .fd = p->pidfd, .events = POLLIN };

	if (!p->pid)
		return;
	p->killed = true;
	kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, &p->status, WNOHANG) != p->pid &&
	       kt_now_ns() < deadline_ns)
		poll(&pfd, 1, 100);
	p->pid = 0;
	kt_close(&p->pidfd);
}

static int wait_for(struct ktstr_ctx *t, struct payload *p, char *why, size_t size)
{
	u32 ms = kt_scenario_scale_ms(&t->scenario, p->decl->timeout_ms ?
				      p->decl->timeout_ms : WAIT_MS);

	if (await(t, p, kt_now_ns() + ms * KT_NSEC_PER_MSEC) ||
	    kt_scenario_told_to_stop(&t->scenario))
		return 0;
	end(p);
	snprintf(why, size, "%s did not end within %u ms", p->decl->name, ms);
	return -ETIMEDOUT;
}

int kt_payload_op(struct ktstr_ctx *t, const struct ktstr_op *op,
		  const char *cgroup, char *why, size_t size)
{
	struct payload *p;

	if (op->kind == KTSTR_OP_RUN_PAYLOAD)
		return start(t, op->payload, cgroup, why, size);
	p = find(op->payload);
	if (!p) {
		snprintf(why, size, "%s was not started", op->payload->name);
		return -ESRCH;
	}
	if (op->kind == KTSTR_OP_WAIT_PAYLOAD)
		return wait_for(t, p, why, size);
	end(p);
	return 0;
}

/* The end of the output: name, NUL, a piece, in as many frames as it takes. */
static void send_output(struct ktstr_ctx *t, const struct payload *p,
			const char *text, size_t len)
{
	u8 buf[KT_TEST_FRAME_BYTES];
	size_t head = strlen(p->decl->name) + 1, n;

	memcpy(buf, p->decl->name, head);
	if (len > KEPT_BYTES) {
		text += len - KEPT_BYTES;
		len = KEPT_BYTES;
	}
	for (; len; text += n, len -= n) {
		n = min_t(size_t, len, sizeof(buf) - head);
		memcpy(buf + head, text, n);
		kt_test_frame_send(t->frames_fd, KT_TAG_RAW_OUTPUT, buf, head + n, 0);
	}
}

static void judge(struct ktstr_ctx *t, struct payload *p)
{
	struct kt_verdict *v = &t->shared->verdict;
	char *text = calloc(1, OUTPUT_MAX + 1), how[48];
	ssize_t len = text ? pread(p->out_fd, text, OUTPUT_MAX, 0) : -1;

	kt_verdict_judged(v);
	if (!p->killed && (!WIFEXITED(p->status) || WEXITSTATUS(p->status)))
		kt_verdict_detail(v, KT_DETAIL_TEST, "payload %s ended by %s",
				  p->decl->name,
				  kt_proc_status_str(p->status, how, sizeof(how)));
	if (len < 0) {
		kt_verdict_broken(v, "the output of payload %s could not be read",
				  p->decl->name);
	} else {
		send_output(t, p, text, len);
		kt_metrics_judge(v, p->decl, text);
	}
	free(text);
}

void kt_payloads_end(struct ktstr_ctx *t)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(running); i++) {
		struct payload *p = &running[i];

		if (!p->decl)
			continue;
		end(p);
		judge(t, p);
		kt_close(&p->out_fd);
		p->decl = NULL;
	}
}
