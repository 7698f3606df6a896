// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests and captures over an engine that is none: it counts how often it
 * was frozen and thawed, and may fail at either. Its memory is 64 KiB at the
 * start of the direct map.
 */
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/coord/serve.h"

#define MS		KT_NSEC_PER_MSEC
#define MEM_BYTES	(64u << 10)
#define PAGE_OFFSET	0xffff888000000000ULL
#define FREEZE_US	3000

struct fake {
	struct kt_machine m;
	u32 freezes, thaws;
	bool frozen;
	int freeze_err, thaw_err;
};

static int fake_freeze(struct kt_machine *m, u32 timeout_ms, u32 *parked)
{
	struct fake *f = container_of(m, struct fake, m);

	(void)timeout_ms;
	f->freezes++;
	f->frozen = true;
	usleep(FREEZE_US);
	*parked = f->freeze_err ? 1 : 2;
	return f->freeze_err;
}

static int fake_thaw(struct kt_machine *m)
{
	struct fake *f = container_of(m, struct fake, m);

	f->thaws++;
	f->frozen = false;
	return f->thaw_err;
}

static const struct kt_engine_ops fake_ops = {
	.name	= "fake",
	.freeze	= fake_freeze,
	.thaw	= fake_thaw,
};

static u32 nr_logged;

static void count_log(enum kt_log_level level, const char *file, int line,
		      const char *text, void *arg)
{
	(void)level, (void)file, (void)line, (void)text, (void)arg;
	nr_logged++;
}

FIXTURE(serve)
{
	struct fake f;
	struct kt_coord *c;
	u64 *mem;
	struct kt_assembler a;
	u32 next_id;
};

FIXTURE_SETUP(serve)
{
	struct kt_guest_kernel *k;

	nr_logged = 0;
	kt_log_set_sink(count_log, NULL);
	self->mem = calloc(1, MEM_BYTES);
	self->c = calloc(1, sizeof(*self->c));
	ASSERT_TRUE(self->mem && self->c);
	memset(&self->f, 0, sizeof(self->f));
	self->f.m.ops = &fake_ops;
	self->f.m.nr_vcpus = 2;
	self->f.m.nr_regions = 1;
	self->f.m.regions[0].hva = self->mem;
	self->f.m.regions[0].size_bytes = MEM_BYTES;
	kt_sinks_init(&self->c->sinks);
	self->c->started_at_ns = kt_now_ns() - 1000 * MS;
	self->c->subject.located = true;
	k = &self->c->subject.kernel;
	k->mem.regions = self->f.m.regions;
	k->mem.nr = 1;
	k->page_offset = PAGE_OFFSET;
	k->levels = 4;
	k->top_pgt_gpa = MEM_BYTES;	/* nowhere */
	kt_assembler_init(&self->a);
	self->next_id = 1;
}

FIXTURE_TEARDOWN(serve)
{
	EXPECT_FALSE(self->f.frozen);
	kt_assembler_fini(&self->a);
	kt_outbox_fini(&self->c->outbox);
	kt_captures_fini(&self->c->captures);
	free(self->c);
	free(self->mem);
	kt_log_set_sink(NULL, NULL);
}

/* As dispatch would. */
static void ask(struct kt_coord *c, u32 id, bool cold, bool more, u64 addr)
{
	struct kt_sinks *s = &c->sinks;

	if (!s->nr_kernel_ops)
		s->batch_since_ns = kt_now_ns() - c->started_at_ns;
	s->kernel_ops[s->nr_kernel_ops++] = (struct kt_kernel_op_req){
		.request_id = id, .cold = cold, .more = more,
		.target = KT_TARGET_DIRECT_MAP, .kind = KT_VALUE_U64,
		.width = 8, .addr = addr,
	};
}

static void ask_snapshot(struct kt_coord *c, u32 id, const char *tag)
{
	struct kt_snapshot_req *req = &c->sinks.snapshots[c->sinks.nr_snapshots++];

	*req = (struct kt_snapshot_req){ .request_id = id, .kind = 1 };
	strcpy(req->tag, tag);
}

/* The next frame of the outbox into the assembler: true and the frame. */
static bool next(struct kt_coord *c, struct kt_assembler *a, struct kt_frame *f)
{
	struct kt_outbox *o = &c->outbox;

	if (!kt_outbox_empty(o) &&
	    kt_assembler_feed(a, o->buf + o->head, o->tail - o->head))
		return false;
	o->head = o->tail;
	return kt_assembler_next(a, f) && f->crc_ok;
}

static bool next_op(struct kt_coord *c, struct kt_assembler *a,
		    struct kt_kernel_op_reply *r)
{
	struct kt_frame f;

	return next(c, a, &f) && f.msg_type == KT_TAG_KERNEL_OP_REPLY &&
	       !kt_kernel_op_reply_decode(r, f.payload, f.len_bytes);
}

static bool next_snapshot(struct kt_coord *c, struct kt_assembler *a,
			  struct kt_snapshot_reply *r)
{
	struct kt_frame f;

	return next(c, a, &f) && f.msg_type == KT_TAG_SNAPSHOT_REPLY &&
	       !kt_snapshot_reply_decode(r, f.payload, f.len_bytes);
}

TEST_F(serve, a_batch_of_cold_reads_is_one_freeze)
{
	struct kt_kernel_op_reply r;
	u32 i;

	for (i = 0; i < 4; i++)
		self->mem[i] = 100 + i;
	for (i = 0; i < 4; i++)
		ask(self->c, 7 + i, true, i < 3, PAGE_OFFSET + 8 * i);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(1, self->f.freezes);
	EXPECT_EQ(1, self->f.thaws);
	for (i = 0; i < 4; i++) {
		ASSERT_TRUE(next_op(self->c, &self->a, &r));
		EXPECT_EQ(7 + i, r.request_id);
		EXPECT_EQ(KT_REPLY_OK, r.status);
		EXPECT_EQ(8, r.width);
		EXPECT_EQ(100 + i, r.value[0]);
	}
	EXPECT_EQ(0, self->c->sinks.nr_kernel_ops);
}

TEST_F(serve, a_hot_read_thaws)
{
	u32 i;

	for (i = 0; i < 3; i++)
		ask(self->c, 1 + i, i != 1, i < 2, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(2, self->f.freezes);
	EXPECT_EQ(2, self->f.thaws);
}

TEST_F(serve, a_hot_read_alone_does_not_freeze)
{
	ask(self->c, 1, false, false, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(0, self->f.freezes);
}

TEST_F(serve, a_batch_waits_for_its_end)
{
	struct kt_kernel_op_reply r;

	ask(self->c, 1, true, true, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(0, self->f.freezes);
	EXPECT_GT(1000 * MS, kt_serve_left_ns(self->c, 0));
	ask(self->c, 2, true, false, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(1, self->f.freezes);
	EXPECT_TRUE(next_op(self->c, &self->a, &r));
	EXPECT_TRUE(next_op(self->c, &self->a, &r));
	EXPECT_EQ(UINT64_MAX, kt_serve_left_ns(self->c, 0));
}

/* Nor for ever, nor beyond what the list holds. */
TEST_F(serve, a_batch_that_never_ends)
{
	struct kt_kernel_op_reply r;
	u32 i;

	ask(self->c, 1, true, true, PAGE_OFFSET);
	self->c->sinks.batch_since_ns = 0;	/* a second ago */
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_TRUE(next_op(self->c, &self->a, &r));
	for (i = 0; i < KT_MAX_PENDING; i++)
		ask(self->c, 2 + i, true, true, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	for (i = 0; i < KT_MAX_PENDING; i++)
		EXPECT_TRUE(next_op(self->c, &self->a, &r));
	EXPECT_EQ(2, self->f.thaws);
}

TEST_F(serve, a_freeze_that_fails)
{
	struct kt_kernel_op_reply r;

	self->f.freeze_err = -ETIMEDOUT;
	ask(self->c, 1, true, false, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	ASSERT_TRUE(next_op(self->c, &self->a, &r));
	EXPECT_EQ(KT_REPLY_ERROR, r.status);
	EXPECT_NE(NULL, strstr(r.reason, "not frozen"));
	EXPECT_NE(NULL, strstr(r.reason, "1 of 2 vCPUs"));
	EXPECT_EQ(1, self->f.thaws);
}

TEST_F(serve, a_thaw_that_fails_ends_the_run)
{
	self->f.thaw_err = -EIO;
	ask(self->c, 1, true, false, PAGE_OFFSET);
	EXPECT_EQ(-EIO, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(0, nr_logged);
}

TEST_F(serve, frozen_time_is_given_back)
{
	struct kt_sinks *s = &self->c->sinks;

	s->deadline_ns = 5000 * MS;
	s->start_ns = 1;
	ask(self->c, 1, true, false, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_LE(5000 * MS + FREEZE_US * 1000, s->deadline_ns);
	EXPECT_EQ(s->deadline_ns - 5000 * MS, s->frozen_total_ns);
	EXPECT_EQ(s->frozen_total_ns, self->c->frozen_in_workload_ns);
}

TEST_F(serve, workload_time)
{
	struct kt_coord *c = self->c;
	struct kt_sinks *s = &c->sinks;

	EXPECT_EQ(0, kt_serve_workload_ns(c, 500 * MS));
	s->start_ns = 100 * MS;
	EXPECT_EQ(400 * MS, kt_serve_workload_ns(c, 500 * MS));
	s->pause_ns = 300 * MS;
	EXPECT_EQ(200 * MS, kt_serve_workload_ns(c, 500 * MS));
	s->pause_ns = 0;
	s->paused_total_ns = 250 * MS;
	EXPECT_EQ(150 * MS, kt_serve_workload_ns(c, 500 * MS));
	c->frozen_in_workload_ns = 50 * MS;
	EXPECT_EQ(100 * MS, kt_serve_workload_ns(c, 500 * MS));
	c->workload_end_ns = 450 * MS;
	EXPECT_EQ(50 * MS, kt_serve_workload_ns(c, 900 * MS));
	s->paused_total_ns = UINT64_MAX;
	EXPECT_EQ(0, kt_serve_workload_ns(c, 900 * MS));
}

/* Time frozen within a pause is taken off once. */
TEST_F(serve, frozen_within_a_pause)
{
	struct kt_coord *c = self->c;
	u64 before;

	c->sinks.start_ns = 1;
	c->sinks.pause_ns = 700 * MS;
	before = kt_serve_workload_ns(c, 900 * MS);
	ask(c, 1, true, false, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(c, &self->f.m));
	EXPECT_EQ(700 * MS + c->frozen_in_workload_ns, c->sinks.pause_ns);
	EXPECT_EQ(before, kt_serve_workload_ns(c, 900 * MS));
}

TEST_F(serve, snapshot)
{
	const struct kt_capture *cap;
	struct kt_snapshot_reply r;

	self->c->sinks.phase = 3;
	ask_snapshot(self->c, 9, "some_tag");
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	ASSERT_TRUE(next_snapshot(self->c, &self->a, &r));
	EXPECT_EQ(9, r.request_id);
	cap = kt_captures_get(&self->c->captures, 0);
	ASSERT_NE(NULL, cap);
	EXPECT_STREQ("some_tag", cap->tag);
	EXPECT_EQ(3, cap->phase);
	EXPECT_LE(1000 * MS, cap->at_ns);
	EXPECT_EQ(1, self->f.freezes);
	EXPECT_EQ(1, self->f.thaws);
	/* no vmlinux here: nothing is described, and it says so */
	EXPECT_EQ(KT_REPLY_ERROR, r.status);
	EXPECT_NE(0, r.reason[0]);
}

TEST_F(serve, snapshot_by_watchpoint)
{
	struct kt_snapshot_reply r;

	ask_snapshot(self->c, 9, "jiffies");
	self->c->sinks.snapshots[0].kind = KT_SNAPSHOT_WATCH;
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	ASSERT_TRUE(next_snapshot(self->c, &self->a, &r));
	EXPECT_EQ(KT_REPLY_ERROR, r.status);
	EXPECT_EQ(0, self->f.freezes);
}

TEST_F(serve, nothing_is_known_of_the_kernel)
{
	struct kt_kernel_op_reply op;
	struct kt_snapshot_reply r;

	self->c->subject.located = false;
	ask_snapshot(self->c, 1, "x");
	ask(self->c, 2, true, false, PAGE_OFFSET);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	ASSERT_TRUE(next_snapshot(self->c, &self->a, &r));
	EXPECT_EQ(KT_REPLY_ERROR, r.status);
	EXPECT_STREQ("no vmlinux is known for this kernel", r.reason);
	ASSERT_TRUE(next_op(self->c, &self->a, &op));
	EXPECT_EQ(KT_REPLY_ERROR, op.status);
	EXPECT_EQ(0, kt_captures_nr(&self->c->captures));
	EXPECT_EQ(0, self->f.freezes);
}

/* A guest that asks and does not read costs nothing but its own replies. */
TEST_F(serve, replies_that_nobody_reads)
{
	u32 i;

	for (i = 0; i < 20000; i++) {
		ask(self->c, 1 + i, false, false, PAGE_OFFSET + 1);
		ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	}
	EXPECT_LT(0, self->c->outbox.refused);
	EXPECT_GE(KT_OUTBOX_MAX_BYTES, self->c->outbox.tail);
	EXPECT_EQ(1, nr_logged);
}

TEST_HARNESS_MAIN
