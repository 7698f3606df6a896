// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forking, feeding and ending the test's process.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
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
#include "../base/strbuf.h"
#include "hold.h"
#include "testproc.h"

#define FRAMES_AT_ONCE	64
/* in the test's process */
#define FRAMES_FD	3
#define STOP_FD		4

/* The linker's bounds of the section that KTSTR_TEST fills. */
extern const struct ktstr_test *const __start_ktstr_tests[] __weak;
extern const struct ktstr_test *const __stop_ktstr_tests[] __weak;
extern const struct ktstr_test kt_test_any __weak;

const struct ktstr_test *kt_test_find(const char *name)
{
	const struct ktstr_test *const *test;

	for (test = __start_ktstr_tests; test < __stop_ktstr_tests; test++)
		if (!strcmp((*test)->name, name))
			return *test;
	return &kt_test_any;
}

int kt_testproc_init(struct kt_testproc *p, const char *test)
{
	memset(p, 0, sizeof(*p));
	p->pidfd = -1;
	p->frames_fd = -1;
	p->stop_fd = -1;
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

/* In the test's process: output, socket, stop event, and nothing of init. */
static void set_up_fds(int out, int err, int frames, int stop)
{
	frames = fcntl(frames, F_DUPFD, 100);
	stop = fcntl(stop, F_DUPFD, 100);
	dup2(out, 1);
	dup2(err, 2);
	dup3(frames, FRAMES_FD, O_CLOEXEC);
	dup3(stop, STOP_FD, O_CLOEXEC);
	syscall(SYS_close_range, STOP_FD + 1, ~0U, 0);
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
	ctx.stop_fd = STOP_FD;
	ctx.wants_sched = plan->sched_path[0];
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
		set_up_fds(out, err, frames, p->stop_fd);
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

	p->test = test;
	p->holds.plan = plan;
	ret = kt_relay_open(&p->out, KT_TAG_STDOUT, &out);
	if (!ret)
		ret = kt_relay_open(&p->err, KT_TAG_STDERR, &err);
	if (!ret && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			       frames))
		ret = -errno;
	if (!ret) {
		p->frames_fd = frames[0];
		p->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ret = p->stop_fd < 0 ? -errno : 0;
	}
	if (!ret)
		ret = fork_test(p, out, err, frames[1], test, plan);
	kt_close(&out);
	kt_close(&err);
	kt_close(&frames[1]);
	if (ret)
		return kt_err(ret, "start the test's process: %s",
			      strerror(-ret));
	return 0;
}

/*
 * What a test may send: how its scenario goes, requests that are in order, and
 * nothing that ends a run.
 */
static bool allowed(const struct kt_test_frame *f)
{
	struct kt_kernel_op_req op;
	struct kt_snapshot_req snapshot;

	switch (f->tag) {
	case KT_TAG_KERNEL_OP_REQ:
		return !kt_kernel_op_req_decode(&op, f->payload, f->len_bytes);
	case KT_TAG_SNAPSHOT_REQ:
		return !kt_snapshot_req_decode(&snapshot, f->payload,
					       f->len_bytes);
	case KT_TAG_RAW_OUTPUT:
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

static void note_pause(struct kt_testproc *p, u32 tag)
{
	if (tag == KT_TAG_SCENARIO_PAUSE && !p->paused_at_ns) {
		p->paused_at_ns = kt_now_ns();
	} else if (tag == KT_TAG_SCENARIO_RESUME && p->paused_at_ns) {
		p->paused_ns += kt_now_ns() - p->paused_at_ns;
		p->paused_at_ns = 0;
	}
}

u64 kt_testproc_paused_ns(const struct kt_testproc *p)
{
	return p->paused_ns +
	       (p->paused_at_ns ? kt_now_ns() - p->paused_at_ns : 0);
}

static void pump_frames(struct kt_testproc *p, struct kt_port *port)
{
	struct kt_test_frame frame;
	int i;

	for (i = 0; i < FRAMES_AT_ONCE && p->frames_fd >= 0; i++) {
		int ret = kt_test_frame_recv(p->frames_fd, &frame);

		if (!ret)
			return;
		if (ret < 0 && ret != -EPROTO) {
			kt_close(&p->frames_fd);
			return;
		}
		if (ret > 0 && frame.tag == KT_TEST_SCHED_REQ &&
		    kt_test_sched_decode(&p->sched_req, p->test, &frame))
			p->sched_req.kind = 0;
		if (ret < 0 || !allowed(&frame))
			continue;
		note_pause(p, frame.tag);
		kt_port_send(port, frame.tag, frame.payload, frame.len_bytes);
		kt_holds_note(&p->holds, frame.tag, port->stamp_ns);
		if (kt_hold_wanted(frame.tag, frame.payload, frame.len_bytes))
			kt_port_hold(port);
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

int kt_testproc_reply(struct kt_testproc *p, const struct kt_frame *frame)
{
	struct kt_reply reply;
	int ret;

	if (!frame->crc_ok || kt_reply_decode(&reply, frame->msg_type,
					      frame->payload, frame->len_bytes))
		return -EPROTO;
	ret = kt_test_frame_send(p->frames_fd, frame->msg_type, frame->payload,
				 frame->len_bytes, MSG_DONTWAIT);
	if (ret == -EAGAIN)
		p->undelivered++;
	return 0;	/* of a test that has ended nobody misses it */
}

void kt_testproc_sched_reply(struct kt_testproc *p, int err, const char *why)
{
	struct kt_test_sched_reply reply = { .err = err };

	kt_utf8_copy(reply.why, sizeof(reply.why), why);
	p->sched_req.kind = 0;
	kt_test_frame_send(p->frames_fd, KT_TEST_SCHED_REPLY, &reply,
			   sizeof(reply), MSG_DONTWAIT);
}

void kt_testproc_stop(struct kt_testproc *p)
{
	if (p->stop_fd >= 0)
		eventfd_write(p->stop_fd, 1);
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
