// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forking, feeding and ending the test's process.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/proc.h"
#include "testproc.h"

#define FRAMES_AT_ONCE	64
#define FRAMES_FD	3	/* in the test's process */

/* The linker's bounds of the section that KTSTR_TEST fills. */
extern const struct ktstr_test *const __start_ktstr_tests[] __weak;
extern const struct ktstr_test *const __stop_ktstr_tests[] __weak;

const struct ktstr_test *kt_test_find(const char *name)
{
	const struct ktstr_test *const *test;

	for (test = __start_ktstr_tests; test < __stop_ktstr_tests; test++)
		if (!strcmp((*test)->name, name))
			return *test;
	return NULL;
}

int kt_testproc_init(struct kt_testproc *p, const char *test)
{
	memset(p, 0, sizeof(*p));
	p->pidfd = -1;
	p->frames_fd = -1;
	p->out.fd = -1;
	p->err.fd = -1;
	p->shared = mmap(NULL, sizeof(*p->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->shared == MAP_FAILED) {
		p->shared = NULL;
		return kt_err(-errno, "memory shared with the test: %m");
	}
	kt_verdict_init(&p->shared->verdict, test);
	return 0;
}

/* In the test's process: keeps its output, its socket, and nothing of init. */
static void set_up_fds(int out, int err, int frames)
{
	frames = fcntl(frames, F_DUPFD, 100);
	dup2(out, 1);
	dup2(err, 2);
	dup2(frames, FRAMES_FD);
	fcntl(FRAMES_FD, F_SETFD, FD_CLOEXEC);
	syscall(SYS_close_range, FRAMES_FD + 1, ~0U, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static void __noreturn
run_test(struct kt_shared *shared, const struct ktstr_test *test,
	 const struct kt_plan *plan)
{
	static struct ktstr_ctx ctx;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, test->name);
	kt_log_set_sink(NULL, NULL);
	ctx.test = test;
	ctx.plan = plan;
	ctx.shared = shared;
	ctx.frames_fd = FRAMES_FD;
	if (kt_guest_topology_read("/sys", &ctx.topo))
		kt_verdict_broken(&shared->verdict,
				  "the machine's topology could not be read");
	else
		test->body(&ctx);
	kt_ctx_finish(&ctx);
}

static int fork_test(struct kt_testproc *p, int out, int err, int frames,
		     const struct ktstr_test *test,
		     const struct kt_plan *plan)
{
	fflush(NULL);
	p->pid = fork();
	if (p->pid < 0) {
		p->pid = 0;
		return -errno;
	}
	if (!p->pid) {
		set_up_fds(out, err, frames);
		run_test(p->shared, test, plan);
	}
	setpgid(p->pid, p->pid);	/* also here: killed by group at once */
	p->pidfd = syscall(SYS_pidfd_open, p->pid, 0);
	return 0;
}

int kt_testproc_start(struct kt_testproc *p, const struct ktstr_test *test,
		      const struct kt_plan *plan)
{
	int out = -1, err = -1, frames[2] = { -1, -1 };
	int ret;

	ret = kt_relay_open(&p->out, KT_TAG_STDOUT, &out);
	if (!ret)
		ret = kt_relay_open(&p->err, KT_TAG_STDERR, &err);
	if (!ret && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			       frames))
		ret = -errno;
	if (!ret) {
		p->frames_fd = frames[0];
		ret = fork_test(p, out, err, frames[1], test, plan);
	}
	kt_close(&out);
	kt_close(&err);
	kt_close(&frames[1]);
	if (ret)
		return kt_err(ret, "start the test's process: %s",
			      strerror(-ret));
	return 0;
}

/* What a test may send: how its scenario goes, and nothing that ends a run. */
static bool tag_allowed(u32 tag)
{
	switch (tag) {
	case KT_TAG_STIMULUS:
	case KT_TAG_SCENARIO_START:
	case KT_TAG_SCENARIO_PAUSE:
	case KT_TAG_SCENARIO_RESUME:
	case KT_TAG_SCENARIO_END:
		return true;
	default:
		return false;
	}
}

static void pump_frames(struct kt_testproc *p, struct kt_port *port)
{
	struct kt_test_frame frame;
	int i;

	for (i = 0; i < FRAMES_AT_ONCE && p->frames_fd >= 0; i++) {
		ssize_t n = recv(p->frames_fd, &frame, sizeof(frame),
				 MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			kt_close(&p->frames_fd);
			return;
		}
		if (n == sizeof(frame) && tag_allowed(frame.tag) &&
		    frame.len_bytes <= sizeof(frame.payload))
			kt_port_send(port, frame.tag, frame.payload,
				     frame.len_bytes);
	}
}

void kt_testproc_pump(struct kt_testproc *p, struct kt_port *port)
{
	pump_frames(p, port);
	kt_relay_pump(&p->out, port);
	kt_relay_pump(&p->err, port);
	if (!p->pid || waitpid(p->pid, &p->status, WNOHANG) != p->pid)
		return;
	kill(-p->pid, SIGKILL);		/* what it may have left behind */
	p->pid = 0;
	p->ended = true;
	kt_close(&p->pidfd);
	pump_frames(p, port);		/* sent just before it ended */
}

void kt_testproc_stop(struct kt_testproc *p)
{
	if (p->frames_fd >= 0)
		shutdown(p->frames_fd, SHUT_WR);
}

void kt_testproc_kill(struct kt_testproc *p)
{
	if (p->pid)
		kill(-p->pid, SIGKILL);
}

struct kt_verdict *kt_testproc_verdict(struct kt_testproc *p,
				       const char *test)
{
	struct kt_verdict *v = &p->shared->verdict;
	char how[48];

	kt_verdict_sanitize(v, test);
	if (!p->ended || v->timed_out)
		return v;
	if (WIFSIGNALED(p->status))
		kt_verdict_detail(v, KT_DETAIL_TEST,
				  "test process killed by SIG%s",
				  sigabbrev_np(WTERMSIG(p->status)) ?: "?");
	else if (!atomic_load_explicit(&p->shared->finished,
				       memory_order_acquire))
		kt_verdict_detail(v, KT_DETAIL_TEST,
				  "test process ended before its body did: %s",
				  kt_proc_status_str(p->status, how,
						     sizeof(how)));
	return v;
}
