// SPDX-License-Identifier: GPL-2.0-only
/*
 * The coordinator's loop over an engine that is none: its ports are
 * socketpairs, its guest is what the test has written into them beforehand, or
 * a child that listens and answers. The child's end is the machine's.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/coord/coord.h"
#include "nr_fds.h"

#define MS		KT_NSEC_PER_MSEC
#define LONG_NS		(20000 * MS)	/* no test here takes as long */

struct fake {
	struct kt_machine m;
	int bulk, console;		/* the guest's ends */
	pid_t pid;			/* of the guest, if it is a child */
	int start_err;
	bool exits;			/* says Exit, its end is seen first */
	enum kt_machine_end end;
};

static u32 nr_logged;

static void count_log(enum kt_log_level level, const char *file, int line,
		      const char *text, void *arg)
{
	(void)level, (void)file, (void)line, (void)text, (void)arg;
	nr_logged++;
}

static struct fake *to_fake(struct kt_machine *m)
{
	return container_of(m, struct fake, m);
}

/* As the guest. */
static bool put(struct fake *f, u32 tag, const void *payload, size_t len)
{
	struct kt_frame_hdr hdr;

	return !kt_frame_encode_hdr(&hdr, tag, payload, len) &&
	       !kt_write_all(f->bulk, &hdr, sizeof(hdr), kt_now_ns() + LONG_NS) &&
	       !kt_write_all(f->bulk, payload, len, kt_now_ns() + LONG_NS);
}

static void fire(int fd)
{
	kt_write_all(fd, &(u64){ 1 }, sizeof(u64), 0);
}

static int fake_start(struct kt_machine *m)
{
	struct fake *f = to_fake(m);

	if (f->exits) {
		fire(m->event_fd);
		put(f, KT_TAG_EXIT, "", 0);
	}
	return f->start_err;
}

static enum kt_machine_end fake_end(struct kt_machine *m, char *text,
				    size_t size)
{
	snprintf(text, size, "what the engine said");
	return to_fake(m)->end;
}

static const struct kt_engine_ops fake_ops = {
	.name	= "fake",
	.start	= fake_start,
	.end	= fake_end,
};

FIXTURE(loop)
{
	struct fake f;
	struct kt_plan plan;
	struct kt_coord_opts opts;
	struct kt_coord c;
	int cancel, fds_before;
};

static bool port(int *ours, int *theirs)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return false;
	*ours = sv[0];
	*theirs = sv[1];
	return !kt_set_nonblock(*ours, true);
}

FIXTURE_SETUP(loop)
{
	struct fake *f = &self->f;

	nr_logged = 0;
	kt_log_set_sink(count_log, NULL);
	signal(SIGPIPE, SIG_IGN);
	self->fds_before = nr_fds();
	memset(f, 0, sizeof(*f));
	f->m.ops = &fake_ops;
	f->m.hvc_fd = -1;
	f->m.stats_fd = -1;
	f->m.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_TRUE(port(&f->m.bulk_fd, &f->bulk));
	ASSERT_TRUE(port(&f->m.console_fd, &f->console));
	self->cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	memset(&self->plan, 0, sizeof(self->plan));
	strcpy(self->plan.test, "some_test");
	self->plan.speed_pct = 100;
	self->plan.seed = 42;
	self->opts = (struct kt_coord_opts){
		.plan = &self->plan,
		.boot_budget_ns = LONG_NS,
		.attach_budget_ns = LONG_NS,
		.workload_budget_ns = LONG_NS,
		.teardown_budget_ns = LONG_NS,
		.cancel_fd = self->cancel,
		.stream_fd = -1,
		.console_log_fd = -1,
		.hvc_log_fd = -1,
		.stats_listen_fd = -1,
	};
}

FIXTURE_TEARDOWN(loop)
{
	struct fake *f = &self->f;

	if (f->pid > 0) {
		kill(f->pid, SIGKILL);
		EXPECT_EQ(f->pid, waitpid(f->pid, NULL, 0));
	}
	kt_coord_fini(&self->c);
	kt_close(&f->m.bulk_fd);
	kt_close(&f->m.console_fd);
	kt_close(&f->m.event_fd);
	kt_close(&f->bulk);
	kt_close(&f->console);
	kt_close(&self->cancel);
	EXPECT_EQ(self->fds_before, nr_fds());
	kt_log_set_sink(NULL, NULL);
}

/* Has @guest run in a child. */
static bool boot(struct fake *f, void (*guest)(struct fake *f))
{
	f->pid = fork();
	if (!f->pid) {
		signal(SIGPIPE, SIG_DFL);
		guest(f);
		_exit(0);
	}
	kt_close(&f->m.event_fd);
	f->m.event_fd = syscall(SYS_pidfd_open, f->pid, 0);
	return f->m.event_fd >= 0;
}

static bool receive_plan(int fd, struct kt_plan *plan)
{
	u8 buf[sizeof(struct kt_frame_hdr) + KT_PLAN_MAX_BYTES];
	u64 deadline = kt_now_ns() + LONG_NS;
	struct kt_assembler a;
	struct kt_frame f;
	bool got = false;
	ssize_t n;

	kt_assembler_init(&a);
	while (!got && kt_wait_readable(fd, deadline) == 1) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0 || kt_assembler_feed(&a, buf, n))
			break;
		got = kt_assembler_next(&a, &f);
	}
	got = got && f.msg_type == KT_TAG_PLAN && f.crc_ok &&
	      !kt_plan_decode(plan, f.payload, f.len_bytes) &&
	      !kt_assembler_next(&a, &f);
	kt_assembler_fini(&a);
	return got;
}

/* What a well-behaved guest does, with the plan it got as its output. */
static void good_guest(struct fake *f)
{
	struct kt_plan plan;

	put(f, KT_TAG_LIFECYCLE, "\1", 1);
	put(f, KT_TAG_SYS_RDY, "", 0);
	if (!receive_plan(f->bulk, &plan))
		return;
	put(f, KT_TAG_SCENARIO_START, "", 0);
	put(f, KT_TAG_STDOUT, plan.test, strlen(plan.test));
	if (plan.seed != 42)
		return;
	put(f, KT_TAG_SCENARIO_END, "", 0);
	put(f, KT_TAG_TEST_RESULT, "result", 6);
	put(f, KT_TAG_EXIT, "\0\0\0\0", 4);
	for (;;)
		pause();
}

TEST_F(loop, a_whole_run)
{
	const struct kt_kept_frame *r;
	char *text;

	ASSERT_TRUE(boot(&self->f, good_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(KT_STAGE_EXITED, self->c.watchdog.stage);
	EXPECT_LT(0, self->c.ready_ns);
	r = kt_bucket_last(&self->c.bucket, KT_TAG_TEST_RESULT);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(0, memcmp("result", r->payload, 6));
	text = kt_tail_text(&self->c.bucket.texts[KT_TEXT_STDOUT], 100);
	EXPECT_STREQ("some_test", text);
	free(text);
	EXPECT_EQ(KT_END_RUNNING, self->c.machine_end);
	EXPECT_STREQ("what the engine said", self->c.machine_text);
	EXPECT_EQ(0, nr_logged);
}

/* Two SysRdy, one plan. */
TEST_F(loop, plan_is_sent_once)
{
	struct kt_plan plan;

	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	ASSERT_TRUE(receive_plan(self->f.bulk, &plan));
	EXPECT_EQ(0, memcmp(&plan, &self->plan, sizeof(plan)));
	EXPECT_EQ(0, kt_wait_readable(self->f.bulk, 0));
}

TEST_F(loop, no_plan_without_sys_rdy)
{
	put(&self->f, KT_TAG_SYS_RDY, "x", 1);
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(0, self->c.ready_ns);
	EXPECT_EQ(0, kt_wait_readable(self->f.bulk, 0));
}

TEST_F(loop, plan_that_cannot_be_sent)
{
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	shutdown(self->f.bulk, SHUT_RD);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
	EXPECT_EQ(1, nr_logged);
}

TEST_F(loop, plan_that_is_none)
{
	self->plan.speed_pct = 0;
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
}

/* What it sent before it ended is still read, of both ports. */
TEST_F(loop, machine_ends_without_exit)
{
	self->f.end = KT_END_RESET;
	put(&self->f, KT_TAG_TEST_RESULT, "late", 4);
	kt_write_all(self->f.bulk, "part", 4, 0);
	kt_write_all(self->f.console, "Kernel panic - not syncing: x\n", 30, 0);
	fire(self->f.m.event_fd);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_MACHINE_ENDED, self->c.end);
	EXPECT_EQ(KT_END_RESET, self->c.machine_end);
	EXPECT_EQ(KT_STAGE_RESULT, self->c.watchdog.stage);
	EXPECT_NE(NULL, kt_bucket_last(&self->c.bucket, KT_TAG_TEST_RESULT));
	EXPECT_EQ(KT_CONSOLE_PANIC, self->c.console.worst);
	EXPECT_EQ(4, self->c.residue_bytes);
}

/* It gets its plan and dies of it. */
static void dying_guest(struct fake *f)
{
	struct kt_plan plan;

	put(f, KT_TAG_SYS_RDY, "", 0);
	receive_plan(f->bulk, &plan);
	put(f, KT_TAG_STDERR, "ouch", 4);
}

TEST_F(loop, guest_dies)
{
	ASSERT_TRUE(boot(&self->f, dying_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_MACHINE_ENDED, self->c.end);
	EXPECT_EQ(KT_STAGE_ATTACH, self->c.watchdog.stage);
	EXPECT_EQ(4, self->c.bucket.texts[KT_TEXT_STDERR].total_bytes);
}

TEST_F(loop, machine_ends_after_exit)
{
	self->f.exits = true;
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
}

/* Ports that close are not the end of the machine, nor something to watch. */
TEST_F(loop, closed_ports)
{
	clock_t cpu = clock();

	self->opts.boot_budget_ns = 200 * MS;
	kt_close(&self->f.bulk);
	kt_close(&self->f.console);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);
	EXPECT_GT(CLOCKS_PER_SEC / 20, clock() - cpu);
}

TEST_F(loop, cancel)
{
	fire(self->cancel);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_CANCELLED, self->c.end);
}

TEST_F(loop, cannot_start)
{
	self->f.start_err = -EIO;
	EXPECT_EQ(-EIO, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
	/* a file that cannot be waited for */
	self->opts.cancel_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(-EPERM, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
	kt_close(&self->opts.cancel_fd);
}

TEST_F(loop, watchdog_of_each_stage)
{
	static const u32 tags[] = { 0, KT_TAG_SYS_RDY, KT_TAG_SCENARIO_START };
	struct kt_coord_opts *o = &self->opts;
	u64 *budgets[] = {
		&o->boot_budget_ns, &o->attach_budget_ns, &o->workload_budget_ns,
	};
	static const enum kt_stage stages[] = {
		KT_STAGE_BOOT, KT_STAGE_ATTACH, KT_STAGE_WORKLOAD,
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		for (j = 1; j <= i; j++)
			put(&self->f, tags[j], "", 0);
		*budgets[i] = 30 * MS;
		ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, o));
		EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);
		EXPECT_EQ(stages[i], self->c.watchdog.stage);
		EXPECT_LE(30 * MS, self->c.ended_ns);
		EXPECT_GT(LONG_NS, self->c.ended_ns);
		*budgets[i] = LONG_NS;
		kt_coord_fini(&self->c);
	}
}

/* The kill event moves the run to the teardown's budget and nothing spins. */
TEST_F(loop, watchdog_after_sched_exit)
{
	self->opts.teardown_budget_ns = 30 * MS;
	put(&self->f, KT_TAG_SCHED_EXIT, "\1\0\0\0", 4);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);
	EXPECT_TRUE((bool)self->c.sinks.kill);
	EXPECT_GT(LONG_NS, self->c.ended_ns);
}

/* An Exit that comes just as the time is over counts. */
TEST_F(loop, exit_at_the_last_moment)
{
	self->opts.boot_budget_ns = 1;
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
}

static void flood(int fd, const void *data, size_t len)
{
	while (!kt_write_all(fd, data, len, KT_NO_DEADLINE))
		;
}

static void garbage_guest(struct fake *f)
{
	static u32 data[16384];
	u32 x = 1, i;

	for (i = 0; i < ARRAY_SIZE(data); i++) {
		x = x * 1664525 + 1013904223;
		data[i] = x;
	}
	flood(f->bulk, data, sizeof(data));
}

static void frame_guest(struct fake *f)
{
	static struct kt_frame_hdr hdrs[4096];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hdrs); i++)
		kt_frame_encode_hdr(&hdrs[i], i % 2 ? KT_TAG_SCENARIO_START :
				    KT_TAG_SCENARIO_PAUSE, "", 0);
	flood(f->bulk, hdrs, sizeof(hdrs));
}

static void console_guest(struct fake *f)
{
	static char text[65536];

	memset(text, '\n', sizeof(text));
	flood(f->console, text, sizeof(text));
}

/* Whatever it is flooded with, the run ends in time and in bounds. */
#define FLOOD_TEST(guest)						\
TEST_F(loop, flood_of_##guest)						\
{									\
	self->opts.boot_budget_ns = 50 * MS;				\
	self->opts.attach_budget_ns = 50 * MS;				\
	self->opts.workload_budget_ns = 50 * MS;			\
	self->opts.teardown_budget_ns = 50 * MS;			\
	ASSERT_TRUE(boot(&self->f, guest));				\
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));	\
	EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);			\
	EXPECT_GT(10000 * MS, self->c.ended_ns);			\
	EXPECT_GE(KT_BUCKET_MAX_FRAMES, self->c.bucket.nr_frames);	\
	EXPECT_GE(KT_BUCKET_MAX_BYTES, self->c.bucket.bytes);		\
	EXPECT_GE(4 * KT_FRAME_MAX_PAYLOAD, self->c.assembler.cap_bytes); \
	EXPECT_GE(50, nr_logged);					\
}

FLOOD_TEST(garbage_guest)
FLOOD_TEST(frame_guest)
FLOOD_TEST(console_guest)

static bool holds(int fd, const void *data, size_t len)
{
	char buf[64];

	return pread(fd, buf, sizeof(buf), 0) == (ssize_t)len &&
	       !memcmp(buf, data, len);
}

/* The record gets every byte, also those that make no frame. */
TEST_F(loop, record)
{
	struct kt_frame_hdr hdr;
	char stream[64] = "";

	self->opts.stream_fd = memfd_create("frames", MFD_CLOEXEC);
	self->opts.console_log_fd = memfd_create("console", MFD_CLOEXEC);
	kt_frame_encode_hdr(&hdr, KT_TAG_EXIT, "\0\0\0\0", 4);
	memcpy(stream, &hdr, sizeof(hdr));
	memcpy(stream + 20, "rest", 4);
	kt_write_all(self->f.bulk, stream, 24, 0);
	kt_write_all(self->f.console, "a\r\n\0\xff", 5, 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(4, self->c.residue_bytes);
	EXPECT_TRUE(holds(self->opts.stream_fd, stream, 24));
	EXPECT_TRUE(holds(self->opts.console_log_fd, "a\r\n\0\xff", 5));
	EXPECT_FALSE(self->c.record_failed);
	kt_close(&self->opts.stream_fd);
	kt_close(&self->opts.console_log_fd);
}

/* A full disk costs the record, not the run. */
TEST_F(loop, record_fails)
{
	self->opts.stream_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_TRUE(self->c.record_failed);
	EXPECT_EQ(1, nr_logged);
	kt_close(&self->opts.stream_fd);
}

TEST_HARNESS_MAIN
