// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests and captures over an engine that is none: it counts how often it
 * was frozen and thawed, and may fail at either. Its memory is a guest's kernel
 * made up; what is read of it there lies at the start of the direct map.
 */
#include <sys/mman.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/coord/serve.h"
#include "mini_btf.h"
#include "mini_guest.h"

#define MS		KT_NSEC_PER_MSEC
#define PAGE_OFFSET	MINI_DIRECT
#define RETRY_NS	(50 * MS)	/* of what is due and has to wait */
#define MAP_IDR_HEAD	(MINI_IMAGE_GPA + MINI_MAP_IDR + 8 + MINI_XA_HEAD)
#define RQ(cpu)		(MINI_PERCPU_GPA + (cpu) * 0x10000 + MINI_RQ)
#define TASK		MINI_FREE_GPA

struct fake {
	struct kt_machine m;
	u32 freezes, thaws;
	bool frozen;
	u64 frozen_at_ns;	/* by the clock, and for how long in all */
	u64 frozen_ns;
	int freeze_err, thaw_err;
};

static int fake_freeze(struct kt_machine *m, u32 timeout_ms, u32 *parked)
{
	struct fake *f = container_of(m, struct fake, m);

	(void)timeout_ms;
	f->freezes++;
	f->frozen = true;
	f->frozen_at_ns = kt_now_ns();
	while (kt_now_ns() == f->frozen_at_ns)
		;		/* a freeze takes some time */
	*parked = f->freeze_err ? 1 : 2;
	return f->freeze_err;
}

static int fake_thaw(struct kt_machine *m)
{
	struct fake *f = container_of(m, struct fake, m);

	f->thaws++;
	f->frozen = false;
	f->frozen_ns += kt_now_ns() - f->frozen_at_ns;
	return f->thaw_err;
}

static const struct kt_engine_ops fake_ops = {
	.name	= "fake",
	.freeze	= fake_freeze,
	.thaw	= fake_thaw,
};

FIXTURE(serve)
{
	struct fake f;
	struct kt_coord *c;
	struct mini_guest *g;
	u64 *mem;
	struct kt_assembler a;
	u32 next_id;
};

FIXTURE_SETUP(serve)
{
	struct mini_guest *g = aligned_alloc(4096, sizeof(*g));
	struct kt_guest_kernel *k;

	keep_log();
	self->c = calloc(1, sizeof(*self->c));
	ASSERT_TRUE(g && self->c);
	g->syms = NULL;
	mini_guest_boot(g);
	ASSERT_EQ(0, mini_guest_symbols(&g->syms, 0, NULL));
	ASSERT_EQ(0, mini_guest_init(g, 0));
	self->g = g;
	self->mem = (u64 *)g->ram;
	memset(&self->f, 0, sizeof(self->f));
	self->f.m.ops = &fake_ops;
	self->f.m.nr_vcpus = 2;
	self->f.m.nr_regions = 1;
	self->f.m.regions[0] = g->region;
	kt_sinks_init(&self->c->sinks);
	self->c->started_at_ns = kt_now_ns() - 1000 * MS;
	self->c->subject.located = true;
	k = &self->c->subject.kernel;
	*k = g->k;
	k->mem.regions = self->f.m.regions;
	kt_assembler_init(&self->a);
	self->next_id = 1;
}

FIXTURE_TEARDOWN(serve)
{
	EXPECT_FALSE(self->f.frozen);
	kt_assembler_fini(&self->a);
	kt_outbox_fini(&self->c->outbox);
	kt_captures_fini(&self->c->captures);
	kt_subject_fini(&self->c->subject);
	kt_symbols_free(self->g->syms);
	free(self->c);
	free(self->g);
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
	EXPECT_LE(5000 * MS + self->f.frozen_ns, s->deadline_ns);
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

/* The kernel's types are known now. */
static void know_types(struct kt_coord *c)
{
	c->subject.types = mini_btf_types(64);
	c->subject.kernel.types = c->subject.types;
	kt_sched_layout_init(&c->subject.sched, &c->subject.kernel);
}

/* Two CPUs at work. */
static void fill_runqueues(struct mini_guest *g)
{
	u32 cpu;

	mini_put_u64(g, MINI_IMAGE_GPA + MINI_JIFFIES, 4711);
	for (cpu = 0; cpu < 2; cpu++) {
		mini_put_u32(g, RQ(cpu) + MINI_RQ_NR_RUNNING, 3 + cpu);
		mini_put_u32(g, RQ(cpu) + MINI_RQ_SCX + 4, 2 + cpu);
		mini_put_u64(g, RQ(cpu) + MINI_RQ_CLOCK, 1000 + cpu);
		mini_put_u64(g, RQ(cpu) + MINI_RQ_CURR, MINI_DIRECT + TASK);
	}
	mini_put_u32(g, TASK + MINI_TASK_PID, 42);
	memcpy(g->ram + TASK + MINI_TASK_COMM, "sixteen-letters!", 16);
}

TEST_F(serve, what_a_capture_sees)
{
	int nr_running, scx_nr_running, clock_ns, pid, jiffies;
	const struct kt_capture *cap;
	const char *comm;
	struct kt_snapshot_reply r;

	know_types(self->c);
	fill_runqueues(self->g);
	ask_snapshot(self->c, 9, "x");
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	ASSERT_TRUE(next_snapshot(self->c, &self->a, &r));
	EXPECT_EQ(KT_REPLY_OK, r.status);
	EXPECT_STREQ("", r.reason);
	cap = kt_captures_get(&self->c->captures, 0);
	EXPECT_STREQ("", cap->error);
	EXPECT_EQ(KT_CAPTURE_REQUEST, cap->cause);
	ASSERT_EQ(0, json_unpack(cap->state,
				 "{s:{s:i}, s:[{}, {s:i, s:i, s:i, s:{s:i, s:s}} !]}",
				 "kernel", "jiffies", &jiffies, "cpus",
				 "nr_running", &nr_running,
				 "scx_nr_running", &scx_nr_running,
				 "clock_ns", &clock_ns,
				 "curr", "pid", &pid, "comm", &comm));
	EXPECT_EQ(4711, jiffies);
	EXPECT_EQ(4, nr_running);
	EXPECT_EQ(3, scx_nr_running);
	EXPECT_EQ(1001, clock_ns);
	EXPECT_EQ(42, pid);
	EXPECT_STREQ("sixteen-letters!", comm);
}

TEST_F(serve, a_capture_that_sees_nothing_says_why)
{
	static const char why[] = "the runqueue of CPU 1 cannot be read";
	struct kt_captures *caps = &self->c->captures;
	struct kt_snapshot_reply r;

	know_types(self->c);
	fill_runqueues(self->g);
	mini_put_u64(self->g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS + 8, 0x1000);
	ask_snapshot(self->c, 9, "x");
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	ASSERT_TRUE(next_snapshot(self->c, &self->a, &r));
	EXPECT_EQ(KT_REPLY_ERROR, r.status);
	EXPECT_STREQ(why, r.reason);
	EXPECT_STREQ(why, kt_captures_get(caps, 0)->error);
	EXPECT_EQ(1, self->f.thaws);
	mini_put_u64(self->g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS, 0x1000);
	ask_snapshot(self->c, 10, "y");
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_STREQ("the runqueue of CPU 0 cannot be read",
		     kt_captures_get(caps, 1)->error);
}

/*
 * Four captures, at 26, 42, 58 and 74 s, of a kernel that can be seen: so far
 * apart that a slow host changes nothing.
 */
static void schedule(struct kt_coord *c, struct mini_guest *g)
{
	know_types(c);
	fill_runqueues(g);
	c->periodic.nr = 4;
	c->periodic.workload_ns = 100000 * MS;
	c->started_at_ns = kt_now_ns() - 1000000 * MS;
}

/* It is so far into the workload. */
static void go_to(struct kt_coord *c, u32 seconds)
{
	c->frozen_in_workload_ns = 0;
	c->sinks.start_ns = kt_now_ns() - c->started_at_ns -
			    seconds * 1000 * MS;
}

/* How many captures one turn takes. */
static int taken(struct kt_coord *c, struct fake *f)
{
	u64 before = c->captures.taken;

	if (kt_serve(c, &f->m) || f->freezes != f->thaws)
		return -1;
	return c->captures.taken - before;
}

#define TAKEN()	taken(self->c, &self->f)

static const struct kt_capture *last_capture(const struct kt_coord *c)
{
	return kt_captures_get(&c->captures, kt_captures_nr(&c->captures) - 1);
}

TEST_F(serve, periodic)
{
	const struct kt_capture *cap;

	schedule(self->c, self->g);
	EXPECT_EQ(0, TAKEN());		/* it has not begun */
	go_to(self->c, 25);
	EXPECT_EQ(0, TAKEN());
	go_to(self->c, 26);
	self->c->sinks.phase = 5;
	ASSERT_EQ(1, TAKEN());
	cap = last_capture(self->c);
	EXPECT_STREQ("periodic_000", cap->tag);
	EXPECT_EQ(KT_CAPTURE_PERIODIC, cap->cause);
	EXPECT_STREQ("", cap->error);
	EXPECT_TRUE(json_is_array(json_object_get(cap->state, "cpus")));
	EXPECT_EQ(5, cap->phase);
	EXPECT_LE(26000 * MS, cap->workload_ns);
	EXPECT_GT(42000 * MS, cap->workload_ns);
	EXPECT_EQ(0, TAKEN());		/* once */
	go_to(self->c, 74);
	EXPECT_EQ(1, TAKEN());
	EXPECT_EQ(1, TAKEN());
	EXPECT_EQ(1, TAKEN());
	EXPECT_STREQ("periodic_003", last_capture(self->c)->tag);
	EXPECT_EQ(0, TAKEN());
	EXPECT_EQ(4, self->c->periodic.fired);
	EXPECT_EQ(4, self->f.freezes);
	EXPECT_EQ(0, nr_logged);
}

/* A boundary waits for what it is to see, and then they come in order. */
TEST_F(serve, periodic_waits_for_its_subject)
{
	struct kt_types *types;
	char tag[32];
	u32 i;

	schedule(self->c, self->g);
	types = self->c->subject.types;
	self->c->subject.types = NULL;
	go_to(self->c, 60);
	EXPECT_EQ(0, TAKEN());
	/* the types are there, the scheduler's maps are not */
	self->c->subject.types = types;
	self->c->subject.opts.has_sched = true;
	EXPECT_EQ(0, TAKEN());
	EXPECT_EQ(0, self->c->periodic.next);
	EXPECT_EQ(0, self->f.freezes);
	mini_put_u64(self->g, MAP_IDR_HEAD, MINI_DIRECT + 0x30000);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, TAKEN());
		snprintf(tag, sizeof(tag), "periodic_%03u", i);
		EXPECT_STREQ(tag, last_capture(self->c)->tag);
		EXPECT_LE(60000 * MS, last_capture(self->c)->workload_ns);
	}
	EXPECT_EQ(0, TAKEN());
}

TEST_F(serve, periodic_whose_freeze_times_out)
{
	schedule(self->c, self->g);
	self->f.freeze_err = -ETIMEDOUT;
	go_to(self->c, 30);
	ASSERT_EQ(1, TAKEN());
	EXPECT_STREQ("periodic_000", last_capture(self->c)->tag);
	EXPECT_NE(NULL, strstr(last_capture(self->c)->error,
			       "1 of 2 vCPUs parked"));
	EXPECT_TRUE(!json_object_get(last_capture(self->c)->state, "cpus"));
	/* one that succeeds in between: they are not two in a row */
	self->f.freeze_err = 0;
	go_to(self->c, 43);
	ASSERT_EQ(1, TAKEN());
	EXPECT_STREQ("", last_capture(self->c)->error);
	self->f.freeze_err = -ETIMEDOUT;
	go_to(self->c, 60);
	ASSERT_EQ(1, TAKEN());
	EXPECT_FALSE(self->c->periodic.ended);
	EXPECT_EQ(0, nr_logged);
	go_to(self->c, 80);
	ASSERT_EQ(1, TAKEN());
	EXPECT_TRUE(self->c->periodic.ended);
	EXPECT_EQ(1, nr_logged);
	EXPECT_EQ(4, self->c->periodic.fired);
}

TEST_F(serve, periodic_ends_after_two_that_time_out)
{
	schedule(self->c, self->g);
	self->f.freeze_err = -ETIMEDOUT;
	go_to(self->c, 100);
	EXPECT_EQ(1, TAKEN());
	EXPECT_EQ(1, TAKEN());
	EXPECT_EQ(1, nr_logged);
	self->f.freeze_err = 0;
	EXPECT_EQ(0, TAKEN());
	EXPECT_EQ(2, self->c->periodic.fired);
	EXPECT_EQ(2, self->f.thaws);
	/* those asked for are still taken */
	ask_snapshot(self->c, 1, "x");
	EXPECT_EQ(1, TAKEN());
}

TEST_F(serve, periodic_whose_sample_fails_goes_on)
{
	schedule(self->c, self->g);
	mini_put_u64(self->g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS, 0x1000);
	go_to(self->c, 100);
	EXPECT_EQ(1, TAKEN());
	EXPECT_EQ(1, TAKEN());
	EXPECT_STREQ("the runqueue of CPU 0 cannot be read",
		     last_capture(self->c)->error);
	EXPECT_FALSE(self->c->periodic.ended);
	EXPECT_EQ(1, TAKEN());
	EXPECT_EQ(0, nr_logged);
}

TEST_F(serve, no_periodic_in_a_pause_nor_after_the_end)
{
	struct kt_sinks *s = &self->c->sinks;

	schedule(self->c, self->g);
	go_to(self->c, 30);
	s->pause_ns = s->start_ns + 29000 * MS;
	EXPECT_EQ(0, TAKEN());
	s->pause_ns = 0;
	EXPECT_EQ(1, TAKEN());
	/* what was paused does not count */
	go_to(self->c, 90);
	s->paused_total_ns = 60000 * MS;
	EXPECT_EQ(0, TAKEN());
	s->paused_total_ns = 0;
	self->c->workload_end_ns = s->start_ns + 90000 * MS;
	EXPECT_EQ(0, TAKEN());
	EXPECT_EQ(1, self->f.freezes);
}

TEST_F(serve, a_periodic_capture_that_cannot_be_thawed)
{
	schedule(self->c, self->g);
	go_to(self->c, 30);
	self->f.thaw_err = -EPIPE;
	EXPECT_EQ(-EPIPE, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(1, self->f.freezes);
	/* nothing more is tried once that has failed, though one is due */
	go_to(self->c, 50);
	ask_snapshot(self->c, 1, "x");
	EXPECT_EQ(-EPIPE, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(2, self->f.freezes);
}

/* Elsewhere it would be at no defined time; it is the machine that says when. */
TEST_F(serve, a_deterministic_machine_is_served_where_it_stands)
{
	kt_trace_init(&self->c->trace, true);
	schedule(self->c, self->g);
	go_to(self->c, 60);
	self->c->trace.start_ns = 1;
	self->c->trace.last_ns = 60000 * MS;
	EXPECT_EQ(0, TAKEN());
	EXPECT_EQ(UINT64_MAX, kt_serve_left_ns(self->c, 60000 * MS));
	self->c->hold.stands = true;
	EXPECT_EQ(1, TAKEN());
	EXPECT_FALSE(self->c->hold.stands);
}

/* How long the loop may sleep, in each state. */
TEST_F(serve, left)
{
	struct kt_coord *c = self->c;
	struct kt_sinks *s = &c->sinks;

	schedule(c, self->g);
	c->periodic.workload_ns = 1000 * MS;	/* 260, 420, ... ms */
	EXPECT_EQ(UINT64_MAX, kt_serve_left_ns(c, 5000 * MS));
	s->start_ns = 5000 * MS;
	EXPECT_EQ(260 * MS, kt_serve_left_ns(c, 5000 * MS));
	EXPECT_EQ(1, kt_serve_left_ns(c, 5260 * MS - 1));
	/* due, and it waits */
	EXPECT_EQ(RETRY_NS, kt_serve_left_ns(c, 5260 * MS));
	EXPECT_EQ(RETRY_NS, kt_serve_left_ns(c, 5700 * MS));
	c->periodic.next = 1;
	EXPECT_EQ(160 * MS, kt_serve_left_ns(c, 5260 * MS));
	c->frozen_in_workload_ns = 10 * MS;
	s->paused_total_ns = 20 * MS;
	EXPECT_EQ(190 * MS, kt_serve_left_ns(c, 5260 * MS));
	/* a batch that is not whole: looked at again soon, not later */
	s->nr_kernel_ops = 1;
	EXPECT_EQ(RETRY_NS, kt_serve_left_ns(c, 5260 * MS));
	EXPECT_EQ(30 * MS, kt_serve_left_ns(c, 5420 * MS));
	s->pause_ns = 5300 * MS;
	EXPECT_EQ(RETRY_NS, kt_serve_left_ns(c, 5420 * MS));
	s->nr_kernel_ops = 0;
	EXPECT_EQ(UINT64_MAX, kt_serve_left_ns(c, 5420 * MS));
	s->pause_ns = 0;
	c->workload_end_ns = 5400 * MS;
	EXPECT_EQ(UINT64_MAX, kt_serve_left_ns(c, 5420 * MS));
	c->workload_end_ns = 0;
	c->periodic.ended = true;
	EXPECT_EQ(UINT64_MAX, kt_serve_left_ns(c, 5420 * MS));
	c->periodic.ended = false;
	c->periodic.next = 4;
	EXPECT_EQ(UINT64_MAX, kt_serve_left_ns(c, 5420 * MS));
}

TEST_HARNESS_MAIN
