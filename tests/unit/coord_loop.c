// SPDX-License-Identifier: GPL-2.0-only
/*
 * The coordinator's loop over a machine that is none: its ends, its deadlines,
 * floods, and what is recorded.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include <kselftest_harness.h>

#include "fake_machine.h"
#include "ktstr/engine/qemu/icount.h"
#include "ktstr/wire/hold.h"

FIXTURE(loop)
{
	struct fake f;
	struct kt_coord c;
};

FIXTURE_SETUP(loop)
{
	fake_init(&self->f);
}

FIXTURE_TEARDOWN(loop)
{
	kt_coord_fini(&self->c);
	EXPECT_TRUE(fake_fini(&self->f));
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
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
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

/* It has its plan, and is traced to the machine's own end. */
static void deterministic_guest(struct fake *f)
{
	struct kt_plan plan;

	put(f, KT_TAG_SYS_RDY, "", 0);
	put(f, KT_TAG_EXIT, "\0\0\0\0", 4);
	put(f, KT_TAG_STDOUT, "behind", 6);
	/* nothing is sent: it would wait for ever */
	if (kt_wait_readable(f->bulk, kt_now_ns() + 50 * KT_NSEC_PER_MSEC) == 1 &&
	    receive_plan(f->bulk, &plan))
		put(f, KT_TAG_STDOUT, "a plan", 6);
	f->end = KT_END_POWER_OFF;
}

TEST_F(loop, a_deterministic_run)
{
	char *text;

	self->f.opts.plan = NULL;
	self->f.opts.trace = true;
	self->f.end = KT_END_POWER_OFF;
	ASSERT_TRUE(boot(&self->f, deterministic_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(KT_END_POWER_OFF, self->c.machine_end);
	text = kt_tail_text(&self->c.bucket.texts[KT_TEXT_STDOUT], 100);
	EXPECT_STREQ("behind", text);
	free(text);
	EXPECT_EQ(3, self->c.trace.nr_frames);
	EXPECT_STREQ("", self->c.trace.disturbed);
}

/* Shared between both: the machine's memory. */
static struct kt_hold_box *box;

/* Asks, and stands still until it is answered. */
static void guest_that_holds(struct fake *f)
{
	const struct kt_hold hold = { .box_gpa = KT_HOLD_BOX_BYTES, .seq = 1 };
	const struct kt_snapshot_req req = {
		.request_id = 9, .kind = KT_SNAPSHOT_CAPTURE, .tag = "x" };
	static u8 stop[KT_HOLD_BYTES];
	u8 buf[KT_SNAPSHOT_REQ_BYTES];

	if (kt_hold_encode(&hold, stop, sizeof(stop)) < 0 ||
	    kt_snapshot_req_encode(&req, buf, sizeof(buf)) < 0 ||
	    kt_qemu_icount_port(f->bulk))
		_exit(1);
	put(f, KT_TAG_SYS_RDY, "", 0);
	put(f, KT_TAG_SNAPSHOT_REQ, buf, sizeof(buf));
	put(f, KT_TAG_HOLD, stop, sizeof(stop));
	put(f, KT_TAG_STDOUT, &(char){ box->len_bytes ? 'y' : 'n' }, 1);
	put(f, KT_TAG_EXIT, "\0\0\0\0", 4);
}

TEST_F(loop, a_deterministic_machine_is_answered_where_it_stands)
{
	struct kt_snapshot_reply reply;
	char *text;

	box = mmap(NULL, KT_HOLD_BOX_BYTES, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)box);
	box->magic = cpu_to_le64(KT_HOLD_BOX_MAGIC);
	box->seq = cpu_to_le64(1);
	self->f.m.nr_regions = 1;
	self->f.m.regions[0] = (struct kt_region){
		.gpa = KT_HOLD_BOX_BYTES, .size_bytes = KT_HOLD_BOX_BYTES,
		.hva = box };
	self->f.opts.plan = NULL;
	self->f.opts.trace = true;
	ASSERT_TRUE(boot(&self->f, guest_that_holds));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	text = kt_tail_text(&self->c.bucket.texts[KT_TEXT_STDOUT], 100);
	EXPECT_STREQ("y", text);
	free(text);
	EXPECT_EQ(sizeof(struct kt_frame_hdr) + KT_SNAPSHOT_REPLY_BYTES,
		  le32_to_cpu(box->len_bytes));
	ASSERT_EQ(0, kt_snapshot_reply_decode(&reply, box->data +
					      sizeof(struct kt_frame_hdr),
					      KT_SNAPSHOT_REPLY_BYTES));
	EXPECT_EQ(9, reply.request_id);
	EXPECT_STREQ("", self->c.trace.disturbed);
	munmap(box, KT_HOLD_BOX_BYTES);
}

TEST_F(loop, a_deterministic_run_that_is_cut_off)
{
	self->f.opts.plan = NULL;
	self->f.opts.trace = true;
	self->f.opts.boot_budget_ns = 1;
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);
	EXPECT_STREQ("it was cut off", self->c.trace.disturbed);
}

/* Two SysRdy, one plan. */
TEST_F(loop, plan_is_sent_once)
{
	struct kt_plan plan;

	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	ASSERT_TRUE(receive_plan(self->f.bulk, &plan));
	EXPECT_EQ(0, memcmp(&plan, &self->f.plan, sizeof(plan)));
	EXPECT_EQ(0, kt_wait_readable(self->f.bulk, 0));
}

TEST_F(loop, no_plan_without_sys_rdy)
{
	put(&self->f, KT_TAG_SYS_RDY, "x", 1);
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(0, self->c.ready_ns);
	EXPECT_EQ(0, kt_wait_readable(self->f.bulk, 0));
}

TEST_F(loop, plan_that_cannot_be_sent)
{
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	shutdown(self->f.bulk, SHUT_RD);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
	EXPECT_EQ(1, nr_logged);
}

TEST_F(loop, plan_that_is_none)
{
	self->f.plan.speed_pct = 0;
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
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
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
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
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_MACHINE_ENDED, self->c.end);
	EXPECT_EQ(KT_STAGE_ATTACH, self->c.watchdog.stage);
	EXPECT_EQ(4, self->c.bucket.texts[KT_TEXT_STDERR].total_bytes);
}

TEST_F(loop, machine_ends_after_exit)
{
	self->f.exits = true;
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
}

/* Ports that close are not the end of the machine, nor something to watch. */
TEST_F(loop, closed_ports)
{
	clock_t cpu = clock();

	self->f.opts.boot_budget_ns = 200 * MS;
	kt_close(&self->f.bulk);
	kt_close(&self->f.console);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);
	EXPECT_GT(CLOCKS_PER_SEC / 20, clock() - cpu);
}

TEST_F(loop, cancel)
{
	fire(self->f.cancel);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_CANCELLED, self->c.end);
}

TEST_F(loop, cannot_start)
{
	self->f.start_err = -EIO;
	EXPECT_EQ(-EIO, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
	/* a file that cannot be waited for */
	self->f.opts.cancel_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(-EPERM, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
	kt_close(&self->f.opts.cancel_fd);
}

TEST_F(loop, watchdog_of_each_stage)
{
	static const u32 tags[] = { 0, KT_TAG_SYS_RDY, KT_TAG_SCENARIO_START };
	struct kt_coord_opts *o = &self->f.opts;
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
	self->f.opts.teardown_budget_ns = 30 * MS;
	put(&self->f, KT_TAG_SCHED_EXIT, "\1\0\0\0", 4);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);
	EXPECT_TRUE((bool)self->c.sinks.kill);
	EXPECT_GT(LONG_NS, self->c.ended_ns);
}

/* An Exit that comes just as the time is over counts. */
TEST_F(loop, exit_at_the_last_moment)
{
	self->f.opts.boot_budget_ns = 1;
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
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
	self->f.opts.boot_budget_ns = 50 * MS;				\
	self->f.opts.attach_budget_ns = 50 * MS;				\
	self->f.opts.workload_budget_ns = 50 * MS;			\
	self->f.opts.teardown_budget_ns = 50 * MS;			\
	ASSERT_TRUE(boot(&self->f, guest));				\
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));	\
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

	self->f.opts.stream_fd = memfd_create("frames", MFD_CLOEXEC);
	self->f.opts.console_log_fd = memfd_create("console", MFD_CLOEXEC);
	kt_frame_encode_hdr(&hdr, KT_TAG_EXIT, "\0\0\0\0", 4);
	memcpy(stream, &hdr, sizeof(hdr));
	memcpy(stream + 20, "rest", 4);
	kt_write_all(self->f.bulk, stream, 24, 0);
	kt_write_all(self->f.console, "a\r\n\0\xff", 5, 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(4, self->c.residue_bytes);
	EXPECT_TRUE(holds(self->f.opts.stream_fd, stream, 24));
	EXPECT_TRUE(holds(self->f.opts.console_log_fd, "a\r\n\0\xff", 5));
	EXPECT_FALSE(self->c.record_failed);
	kt_close(&self->f.opts.stream_fd);
	kt_close(&self->f.opts.console_log_fd);
}

/* A full disk costs the record, not the run. */
TEST_F(loop, record_fails)
{
	self->f.opts.stream_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_TRUE(self->c.record_failed);
	EXPECT_EQ(1, nr_logged);
	kt_close(&self->f.opts.stream_fd);
}

/* What is written to the virtio console is kept and recorded. */
TEST_F(loop, hvc)
{
	char *text;

	ASSERT_TRUE(port(&self->f.m.hvc_fd, &self->f.hvc));
	self->f.opts.hvc_log_fd = memfd_create("hvc", MFD_CLOEXEC);
	kt_write_all(self->f.hvc, "one\r\ntwo", 8, 0);
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_TRUE(holds(self->f.opts.hvc_log_fd, "one\r\ntwo", 8));
	text = kt_tail_text(&self->c.hvc, 100);
	EXPECT_STREQ("two", strrchr(text, '\n') + 1);
	free(text);
	kt_close(&self->f.opts.hvc_log_fd);
}

#define MIB		1048576u
#define STREAM_MIB	64
#define HVC_MIB		16
#define MORE_MIB	2

static void long_guest(struct fake *f)
{
	char *text = calloc(1, MIB);
	u32 i;

	for (i = 0; i < STREAM_MIB + MORE_MIB; i++)
		put(f, KT_TAG_STDOUT, text, MIB);
	for (i = 0; i < HVC_MIB + MORE_MIB; i++)
		kt_write_all(f->hvc, text, MIB, kt_now_ns() + LONG_NS);
	put(f, KT_TAG_EXIT, "", 0);
	for (;;)
		pause();
}

static u64 file_bytes(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_size;
}

/* A record holds so much of each; the run goes on, and the rest is counted. */
TEST_F(loop, record_is_bounded)
{
	ASSERT_TRUE(port(&self->f.m.hvc_fd, &self->f.hvc));
	self->f.opts.stream_fd = memfd_create("frames", MFD_CLOEXEC);
	self->f.opts.hvc_log_fd = memfd_create("hvc", MFD_CLOEXEC);
	ASSERT_TRUE(boot(&self->f, long_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ((u64)STREAM_MIB * MIB, file_bytes(self->f.opts.stream_fd));
	EXPECT_EQ((u64)HVC_MIB * MIB, file_bytes(self->f.opts.hvc_log_fd));
	EXPECT_EQ((STREAM_MIB + MORE_MIB) * (u64)sizeof(struct kt_frame_hdr) +
		  sizeof(struct kt_frame_hdr) + 2 * MORE_MIB * (u64)MIB,
		  self->c.unrecorded_bytes);
	EXPECT_EQ((u64)(HVC_MIB + MORE_MIB) * MIB, self->c.hvc.total_bytes);
	EXPECT_FALSE(self->c.record_failed);
	kt_close(&self->f.opts.stream_fd);
	kt_close(&self->f.opts.hvc_log_fd);
}

TEST_HARNESS_MAIN
