// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first two Holds of a deterministic machine: between them it can be saved,
 * and the answer to the second one is its Plan.
 */
#include <sys/mman.h>

#include <kselftest_harness.h>

#include "fake_machine.h"
#include "ktstr/engine/qemu/icount.h"

#define BOX_GPA		KT_HOLD_BOX_BYTES
/* with SysRdy and the first Hold */
#define EARLY_BYTES	(2 * sizeof(struct kt_frame_hdr) + KT_HOLD_BYTES)

/* Shared with the guest: its memory. */
static struct kt_hold_box *box;
static struct fake *fake;
static int saved_evt;		/* told by at_ready(), for the guest */
static u32 nr_calls, calls_before_plan;
static u8 kept[2 * EARLY_BYTES];
static size_t kept_bytes;

FIXTURE(holds)
{
	struct fake f;
	struct kt_coord c;
};

static void at_ready(void *arg, struct kt_machine *m, const void *early,
		     size_t early_bytes)
{
	nr_calls++;
	if (arg != fake || m != &fake->m || early_bytes > sizeof(kept))
		abort();
	memcpy(kept, early, early_bytes);
	kept_bytes = early_bytes;
	calls_before_plan += !box->len_bytes;
	fire(saved_evt);
}

static void set_up(void)
{
	fake_init(fake);
	memset(box, 0, sizeof(*box));
	box->magic = cpu_to_le64(KT_HOLD_BOX_MAGIC);
	fake->m.nr_regions = 1;
	fake->m.regions[0] = (struct kt_region){
		.gpa = BOX_GPA, .size_bytes = KT_HOLD_BOX_BYTES, .hva = box };
	fake->opts.trace = true;
}

FIXTURE_SETUP(holds)
{
	fake = &self->f;
	saved_evt = eventfd(0, EFD_CLOEXEC);
	nr_calls = 0;
	calls_before_plan = 0;
	box = mmap(NULL, KT_HOLD_BOX_BYTES, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)box);
	set_up();
	fake->opts.at_ready = at_ready;
	fake->opts.at_ready_arg = fake;
}

FIXTURE_TEARDOWN(holds)
{
	kt_coord_fini(&self->c);
	EXPECT_TRUE(fake_fini(&self->f));
	kt_close(&saved_evt);
	munmap(box, KT_HOLD_BOX_BYTES);
}

/* Stands until the host lets it go. */
static void hold(struct fake *f, u64 seq)
{
	const struct kt_hold h = { .box_gpa = BOX_GPA, .seq = seq };
	static u8 payload[KT_HOLD_BYTES];

	box->seq = cpu_to_le64(seq);
	box->len_bytes = 0;
	if (kt_hold_encode(&h, payload, sizeof(payload)) < 0)
		_exit(1);
	put(f, KT_TAG_HOLD, payload, sizeof(payload));
}

/* Says what it found in its box behind each Hold. */
static void second_hold(struct fake *f)
{
	hold(f, 2);
	put(f, KT_TAG_STDOUT, &(char){ box->len_bytes ? 'P' : '-' }, 1);
	put(f, KT_TAG_EXIT, "\0\0\0\0", 4);
	for (;;)
		pause();
}

static void first_hold(struct fake *f)
{
	if (kt_qemu_icount_port(f->bulk))
		_exit(1);
	put(f, KT_TAG_SYS_RDY, "", 0);
	hold(f, 1);
}

/* It is at its second Hold once it was saved. */
static void guest(struct fake *f)
{
	first_hold(f);
	if (box->len_bytes ||
	    kt_wait_readable(saved_evt, kt_now_ns() + LONG_NS) != 1)
		_exit(1);
	second_hold(f);
}

/* And this one at once. */
static void hasty_guest(struct fake *f)
{
	first_hold(f);
	second_hold(f);
}

/* One that was saved between the two. */
static void saved_guest(struct fake *f)
{
	if (kt_qemu_icount_port(f->bulk))
		_exit(1);
	second_hold(f);
}

/* That says nothing behind its Plan. */
static void mute_guest(struct fake *f)
{
	if (kt_qemu_icount_port(f->bulk))
		_exit(1);
	hold(f, 2);
	for (;;)
		pause();
}

static bool run(struct _test_data_holds *self, void (*body)(struct fake *f))
{
	bool planned;
	char *text;

	/* its own end is what ends a traced machine */
	self->f.opts.teardown_budget_ns = 200 * MS;
	if (!boot(&self->f, body) ||
	    kt_coord_run(&self->c, &self->f.m, &self->f.opts))
		return false;
	text = kt_tail_text(&self->c.bucket.texts[KT_TEXT_STDOUT], 100);
	planned = text && !strcmp(text, "P");
	free(text);
	return planned && self->c.holds == 2 && self->c.begun;
}

TEST_F(holds, saved_between)
{
	ASSERT_TRUE(run(self, guest));
	EXPECT_EQ(1, nr_calls);
	EXPECT_EQ(1, calls_before_plan);
	EXPECT_EQ(EARLY_BYTES, kept_bytes);
	EXPECT_EQ(1, self->f.freezes_ahead);
	EXPECT_EQ(1, self->f.freezes);
	EXPECT_EQ(1, self->f.thaws);
}

TEST_F(holds, goes_on_from_there)
{
	u64 frames;

	ASSERT_TRUE(run(self, guest));
	frames = self->c.trace.frames_hash;
	kt_coord_fini(&self->c);
	ASSERT_TRUE(fake_fini(&self->f));
	set_up();
	self->f.opts.early = kept;
	self->f.opts.early_bytes = kept_bytes;
	self->f.opts.answer_budget_ns = LONG_NS;
	ASSERT_TRUE(run(self, saved_guest));
	EXPECT_EQ(1, nr_calls);
	EXPECT_EQ(0, self->f.freezes_ahead);
	EXPECT_EQ(frames, self->c.trace.frames_hash);
	/* what another one has said is no answer of this one */
	EXPECT_LT(self->c.ready_ns, self->c.answer_ns);
}

/* The rest of the Hold in which it had its Plan is not the answer to that. */
TEST_F(holds, goes_on_and_says_nothing)
{
	ASSERT_TRUE(run(self, guest));
	kt_coord_fini(&self->c);
	ASSERT_TRUE(fake_fini(&self->f));
	set_up();
	self->f.opts.early = kept;
	self->f.opts.early_bytes = kept_bytes;
	self->f.opts.answer_budget_ns = 200 * MS;
	EXPECT_FALSE(run(self, mute_guest));
	EXPECT_EQ(KT_RUN_WATCHDOG, self->c.end);
	EXPECT_EQ(2, self->c.holds);
	EXPECT_EQ(0, self->c.answer_ns);
}

TEST_F(holds, nobody_wants_to_save_it)
{
	self->f.opts.at_ready = NULL;
	ASSERT_TRUE(run(self, hasty_guest));
	EXPECT_EQ(0, self->f.freezes_ahead);
}

/* It is at its second Hold by the time: it goes on, and it is told. */
TEST_F(holds, not_stopped_in_time)
{
	self->f.freeze_err = -ETIMEDOUT;
	ASSERT_TRUE(run(self, hasty_guest));
	EXPECT_EQ(0, nr_calls);
	EXPECT_EQ(1, self->f.freezes_ahead);
	EXPECT_LT(0, self->f.thaws);
	EXPECT_STREQ("it was stopped too late", self->c.trace.disturbed);
}

TEST_HARNESS_MAIN
