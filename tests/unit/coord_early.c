// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the coordinator does for templates: it hands on what a guest has sent up
 * to SysRdy, ahead of its Plan, and takes that from the file for a machine that
 * goes on behind it.
 */
#include <kselftest_harness.h>

#include "fake_machine.h"

#define ADDRS_BYTES	24

FIXTURE(early)
{
	struct fake f;
	struct kt_coord c;
};

/* As at_ready() was called. */
static u32 nr_calls;
static u8 kept[256];
static size_t kept_bytes;
static bool plan_was_there;
static u64 takes_ns;
static struct fake *fake;

static void at_ready(void *arg, struct kt_machine *m, const void *early,
		     size_t early_bytes)
{
	u64 until = kt_now_ns() + takes_ns;

	nr_calls++;
	if (arg != fake || m != &fake->m || early_bytes > sizeof(kept))
		abort();
	memcpy(kept, early, early_bytes);
	kept_bytes = early_bytes;
	plan_was_there = kt_wait_readable(fake->bulk, 0);
	while (kt_now_ns() < until)
		;
}

FIXTURE_SETUP(early)
{
	fake = &self->f;
	fake_init(fake);
	nr_calls = 0;
	takes_ns = 0;
	kept_bytes = 0;
	fake->opts.at_ready = at_ready;
	fake->opts.at_ready_arg = fake;
}

FIXTURE_TEARDOWN(early)
{
	kt_coord_fini(&self->c);
	EXPECT_TRUE(fake_fini(&self->f));
}

static void say_ready(struct fake *f)
{
	static const u8 addrs[ADDRS_BYTES] = { 0x01, 0x10 };

	put(f, KT_TAG_LIFECYCLE, "\1", 1);
	put(f, KT_TAG_KERN_ADDRS, addrs, sizeof(addrs));
	put(f, KT_TAG_SYS_RDY, "", 0);
}

TEST_F(early, more_behind_it)
{
	struct kt_plan plan;

	say_ready(&self->f);
	put(&self->f, KT_TAG_STDOUT, "x", 1);
	put(&self->f, KT_TAG_EXIT, "", 0);
	/* a machine that has already gone on is not saved */
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(0, nr_calls);
	EXPECT_TRUE(receive_plan(self->f.bulk, &plan));
}

/* As a guest does it: nothing more before it has its Plan. */
static void good_guest(struct fake *f)
{
	struct kt_plan plan;

	say_ready(f);
	if (!receive_plan(f->bulk, &plan))
		return;
	put(f, KT_TAG_EXIT, "", 0);
	for (;;)
		pause();
}

TEST_F(early, all_that_was_sent)
{
	u64 deadline_ns;

	takes_ns = 50 * MS;
	ASSERT_TRUE(boot(&self->f, good_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(1, nr_calls);
	EXPECT_FALSE(plan_was_there);
	EXPECT_EQ(3 * sizeof(struct kt_frame_hdr) + 1 + ADDRS_BYTES,
		  kept_bytes);
	/* the guest has not lost the time */
	deadline_ns = self->c.sinks.frozen_total_ns;
	EXPECT_LE(takes_ns, deadline_ns);
	EXPECT_LE(self->c.ready_ns, self->c.answer_ns);
}

/* The next machine begins with it: known, ready, and sent its Plan. */
TEST_F(early, goes_on_from_it)
{
	u8 early[sizeof(kept)];
	struct kt_plan plan;

	ASSERT_TRUE(boot(&self->f, good_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	ASSERT_EQ(1, nr_calls);
	memcpy(early, kept, kept_bytes);
	kt_coord_fini(&self->c);
	ASSERT_TRUE(fake_fini(&self->f));

	fake_init(&self->f);
	self->f.opts.early = early;
	self->f.opts.early_bytes = kept_bytes;
	self->f.opts.answer_budget_ns = LONG_NS;
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(0x1001, self->c.sinks.kern_addrs.phys_base_biased);
	EXPECT_LT(0, self->c.ready_ns);
	EXPECT_LE(self->c.ready_ns, self->c.answer_ns);
	EXPECT_TRUE(receive_plan(self->f.bulk, &plan));
	EXPECT_EQ(1, nr_calls);
}

/* It has as long as its host gives it, which is less than to attach. */
TEST_F(early, goes_on_and_says_nothing)
{
	struct kt_frame_hdr hdr;
	u64 from = kt_now_ns();

	ASSERT_EQ(0, kt_frame_encode_hdr(&hdr, KT_TAG_SYS_RDY, NULL, 0));
	self->f.opts.early = &hdr;
	self->f.opts.early_bytes = sizeof(hdr);
	self->f.opts.answer_budget_ns = 20 * MS;
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);
	EXPECT_EQ(0, self->c.answer_ns);
	EXPECT_LT(0, self->c.ready_ns);
	EXPECT_GT(from + LONG_NS, kt_now_ns());
}

/* More than is kept: the machine goes on, and is not saved. */
TEST_F(early, too_much)
{
	static u8 text[KT_EARLY_MAX_BYTES];
	struct kt_plan plan;

	put(&self->f, KT_TAG_STDERR, text, sizeof(text));
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	put(&self->f, KT_TAG_EXIT, "", 0);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(0, nr_calls);
	EXPECT_TRUE(receive_plan(self->f.bulk, &plan));
}

TEST_F(early, does_not_stop)
{
	self->f.freeze_err = -ETIMEDOUT;
	ASSERT_TRUE(boot(&self->f, good_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(0, nr_calls);
	EXPECT_LT(0, self->f.freezes);
	EXPECT_EQ(1, self->f.thaws);
	EXPECT_NE(NULL, strstr(last_log, "not stopped in time"));
}

TEST_F(early, no_answer)
{
	put(&self->f, KT_TAG_SYS_RDY, "", 0);
	fire(self->f.m.event_fd);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_MACHINE_ENDED, self->c.end);
	EXPECT_EQ(0, self->c.answer_ns);
}

TEST_HARNESS_MAIN
