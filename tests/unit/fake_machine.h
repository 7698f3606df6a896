/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of the coordinator's loop: a machine of an engine that is none. Its
 * ports are socketpairs, its guest is what the test has written into them
 * beforehand, or a child that listens and answers. The child's end is the
 * machine's.
 */
#ifndef KTSTR_TESTS_UNIT_FAKE_MACHINE_H
#define KTSTR_TESTS_UNIT_FAKE_MACHINE_H

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/coord/coord.h"
#include "nr_fds.h"

#define MS		KT_NSEC_PER_MSEC
#define LONG_NS		(20000 * MS)	/* no test here takes as long */

struct fake {
	struct kt_machine m;
	int bulk, console, hvc;		/* the guest's ends */
	pid_t pid;			/* of the guest, if it is a child */
	int start_err, freeze_err;
	u32 freezes, thaws, freezes_ahead;
	bool exits;			/* says Exit, its end is seen first */
	enum kt_machine_end end;
	struct kt_plan plan;
	struct kt_coord_opts opts;
	int cancel, fds_before;
};

static inline struct fake *to_fake(struct kt_machine *m)
{
	return container_of(m, struct fake, m);
}

/* As the guest. */
static inline bool put(struct fake *f, u32 tag, const void *payload, size_t len)
{
	struct kt_frame_hdr hdr;

	return !kt_frame_encode_hdr(&hdr, tag, payload, len) &&
	       !kt_write_all(f->bulk, &hdr, sizeof(hdr), kt_now_ns() + LONG_NS) &&
	       !kt_write_all(f->bulk, payload, len, kt_now_ns() + LONG_NS);
}

static inline void fire(int fd)
{
	kt_write_all(fd, &(u64){ 1 }, sizeof(u64), 0);
}

static inline int fake_start(struct kt_machine *m)
{
	struct fake *f = to_fake(m);

	if (f->exits) {
		fire(m->event_fd);
		put(f, KT_TAG_EXIT, "", 0);
	}
	return f->start_err;
}

static inline int fake_freeze(struct kt_machine *m, u32 timeout_ms, u32 *parked)
{
	(void)timeout_ms;
	*parked = 0;
	to_fake(m)->freezes++;
	return to_fake(m)->freeze_err;
}

static inline int fake_freeze_ahead(struct kt_machine *m)
{
	to_fake(m)->freezes_ahead++;
	return 0;
}

static inline int fake_thaw(struct kt_machine *m)
{
	to_fake(m)->thaws++;
	return 0;
}

static inline enum kt_machine_end fake_end(struct kt_machine *m, char *text,
					   size_t size)
{
	snprintf(text, size, "what the engine said");
	return to_fake(m)->end;
}

static const struct kt_engine_ops fake_ops = {
	.name	= "fake",
	.start	= fake_start,
	.freeze	= fake_freeze,
	.thaw	= fake_thaw,
	.end	= fake_end,
	.freeze_ahead = fake_freeze_ahead,
};

static inline bool port(int *ours, int *theirs)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return false;
	*ours = sv[0];
	*theirs = sv[1];
	return !kt_set_nonblock(*ours, true);
}

static inline void fake_init(struct fake *f)
{
	keep_log();
	signal(SIGPIPE, SIG_IGN);
	memset(f, 0, sizeof(*f));
	f->fds_before = nr_fds();
	f->m.ops = &fake_ops;
	f->m.hvc_fd = -1;
	f->m.stats_fd = -1;
	f->m.watch_fd = -1;
	f->m.stop_fd = -1;
	f->m.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->hvc = -1;
	f->cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!port(&f->m.bulk_fd, &f->bulk) ||
	    !port(&f->m.console_fd, &f->console))
		abort();
	strcpy(f->plan.test, "some_test");
	f->plan.speed_pct = 100;
	f->plan.seed = 42;
	f->opts = (struct kt_coord_opts){
		.plan = &f->plan,
		.boot_budget_ns = LONG_NS,
		.attach_budget_ns = LONG_NS,
		.workload_budget_ns = LONG_NS,
		.teardown_budget_ns = LONG_NS,
		.cancel_fd = f->cancel,
		.stream_fd = -1,
		.console_log_fd = -1,
		.hvc_log_fd = -1,
		.stats_listen_fd = -1,
	};
}

/* True when all of it, and its guest, is gone. */
static inline bool fake_fini(struct fake *f)
{
	bool gone = f->pid <= 0 || (!kill(f->pid, SIGKILL) &&
				    waitpid(f->pid, NULL, 0) == f->pid);

	kt_close(&f->m.bulk_fd);
	kt_close(&f->m.console_fd);
	kt_close(&f->m.hvc_fd);
	kt_close(&f->m.event_fd);
	kt_close(&f->bulk);
	kt_close(&f->console);
	kt_close(&f->hvc);
	kt_close(&f->cancel);
	return gone && nr_fds() == f->fds_before;
}

/* Has @guest run in a child. */
static inline bool boot(struct fake *f, void (*guest)(struct fake *f))
{
	f->pid = fork();
	if (!f->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_DFL);
		guest(f);
		_exit(0);
	}
	kt_close(&f->m.event_fd);
	f->m.event_fd = syscall(SYS_pidfd_open, f->pid, 0);
	return f->m.event_fd >= 0;
}

/* As the guest: the next frame that the host sends. */
static inline bool receive(int fd, struct kt_assembler *a, struct kt_frame *f)
{
	u64 deadline = kt_now_ns() + LONG_NS;
	u8 buf[256];
	ssize_t n;

	while (!kt_assembler_next(a, f)) {
		if (kt_wait_readable(fd, deadline) != 1)
			return false;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0 || kt_assembler_feed(a, buf, n))
			return false;
	}
	return f->crc_ok;
}

static inline bool receive_plan(int fd, struct kt_plan *plan)
{
	struct kt_assembler a;
	struct kt_frame f;
	bool got;

	kt_assembler_init(&a);
	got = receive(fd, &a, &f) && f.msg_type == KT_TAG_PLAN &&
	      !kt_plan_decode(plan, f.payload, f.len_bytes) &&
	      !kt_assembler_next(&a, &f);
	kt_assembler_fini(&a);
	return got;
}

#endif /* KTSTR_TESTS_UNIT_FAKE_MACHINE_H */
