// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints in the coordinator's turn, over an engine that is none: it notes
 * what it is to watch and tells of fires as the test says. It refuses what is
 * asked of a machine that runs.
 */
#include <unistd.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/coord/serve.h"
#include "scx_guest.h"

#define MS		KT_NSEC_PER_MSEC
#define RIP		(MINI_TEXT + 0x123)
#define CLEAN		64	/* SCX_EXIT_UNREG */
#define ERROR		1024
#define STALL		1026

struct fake {
	struct kt_machine m;
	u32 freezes, thaws;
	bool frozen, refuses;
	u64 gva[KT_MAX_WATCHES];
	struct kt_watch_fire fire;
	struct kt_watch_fire at_freeze;	/* fires while it is being frozen */
};

static struct fake *to_fake(struct kt_machine *m)
{
	return container_of(m, struct fake, m);
}

static int fake_freeze(struct kt_machine *m, u32 timeout_ms, u32 *parked)
{
	struct fake *f = to_fake(m);

	(void)timeout_ms;
	f->freezes++;
	f->frozen = true;
	*parked = m->nr_vcpus;
	if (f->at_freeze.stopped)
		f->fire = f->at_freeze;
	f->at_freeze.stopped = false;
	return 0;
}

static int fake_thaw(struct kt_machine *m)
{
	struct fake *f = to_fake(m);

	f->thaws++;
	f->frozen = false;
	return 0;
}

static int fake_regs(struct kt_machine *m, u32 vcpu, struct kt_vcpu_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	regs->rip = RIP + vcpu;
	return to_fake(m)->frozen ? 0 : -EBUSY;
}

static int fake_watch_set(struct kt_machine *m, u32 slot, u64 gva)
{
	struct fake *f = to_fake(m);

	if (!f->frozen)
		return -EBUSY;
	if (f->refuses)
		return -EPROTO;
	f->gva[slot] = gva;
	return 0;
}

static void fake_watch_clear(struct kt_machine *m, u32 slot)
{
	if (to_fake(m)->frozen)
		to_fake(m)->gva[slot] = 0;
}

static void fake_watch_fired(struct kt_machine *m, struct kt_watch_fire *fire)
{
	*fire = to_fake(m)->fire;
	memset(&to_fake(m)->fire, 0, sizeof(*fire));
}

static const struct kt_engine_ops fake_ops = {
	.name		= "fake",
	.freeze		= fake_freeze,
	.thaw		= fake_thaw,
	.regs		= fake_regs,
	.watch_set	= fake_watch_set,
	.watch_clear	= fake_watch_clear,
	.watch_fired	= fake_watch_fired,
};

FIXTURE(watch)
{
	struct fake f;
	struct kt_coord *c;
	struct scx_guest *g;
	struct kt_assembler a;
};

static void start(struct kt_coord *c, struct fake *f, struct scx_guest *g,
		  bool fires)
{
	memset(f, 0, sizeof(*f));
	f->m.ops = &fake_ops;
	f->m.nr_vcpus = 2;
	f->m.nr_regions = 1;
	f->m.regions[0] = g->mini.region;
	kt_sinks_init(&c->sinks);
	c->sinks.ready = true;
	c->started_at_ns = kt_now_ns() - 1000 * MS;
	c->subject.located = true;
	c->subject.kernel = g->mini.k;
	c->subject.kernel.mem.regions = f->m.regions;
	kt_watch_init(&c->watch, true, fires);
}

FIXTURE_SETUP(watch)
{
	keep_log();
	self->c = calloc(1, sizeof(*self->c));
	ASSERT_NE(NULL, self->c);
	self->g = scx_guest_new(scx_names_612, false);
	start(self->c, &self->f, self->g, true);
	kt_assembler_init(&self->a);
}

FIXTURE_TEARDOWN(watch)
{
	EXPECT_FALSE(self->f.frozen);
	EXPECT_EQ(self->f.freezes, self->f.thaws);
	kt_assembler_fini(&self->a);
	kt_outbox_fini(&self->c->outbox);
	kt_captures_fini(&self->c->captures);
	kt_watch_fini(&self->c->watch);
	free(self->c);
	scx_guest_free(self->g);
}

#define kind_is(kind)	mini_put_u32(&self->g->mini, SCX_GPA(SCX_KIND), kind)
#define captures()	kt_captures_nr(&self->c->captures)
#define capture_at(i)	kt_captures_get(&self->c->captures, i)

/* A turn in which all is due that is ever due by itself. */
#define turn() do {							\
	self->c->watch.scan_at_ns = 0;					\
	self->c->watch.poll_at_ns = 0;					\
	self->c->watch.tell_at_ns = 0;					\
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));			\
} while (0)

#define attach(sched) do {						\
	scx_attach(self->g, sched);					\
	turn();								\
} while (0)

#define fire(slots_, vcpu_) do {					\
	self->f.fire = (struct kt_watch_fire){				\
		.stopped = true, .slots = slots_, .vcpu = vcpu_ };	\
	self->f.frozen = true;	/* as the engine has done */		\
	self->c->watch.told = true;					\
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));			\
} while (0)

static u64 watch_u64(const struct kt_capture *cap, const char *key)
{
	u64 v = ~0ULL;

	kt_json_get_u64(json_object_get(json_object_get(cap->state, "watch"),
					key), &v);
	return v;
}

TEST_F(watch, slot_0_follows_the_scheduler)
{
	turn();
	EXPECT_EQ(0, self->f.gva[0]);
	EXPECT_EQ(0, self->f.freezes);
	attach(SCHED_A);
	EXPECT_EQ(SCX_KIND, self->f.gva[0]);
	EXPECT_EQ(1, self->f.freezes);
	turn();
	EXPECT_EQ(1, self->f.freezes);
	attach(SCHED_B);
	EXPECT_EQ(0, self->f.gva[0]);
	turn();
	EXPECT_EQ(SCX_KIND, self->f.gva[0]);
	attach(0);
	EXPECT_EQ(0, self->f.gva[0]);
	EXPECT_EQ(0, captures());
}

TEST_F(watch, scans_are_apart)
{
	struct kt_watch *w = &self->c->watch;

	turn();
	EXPECT_FALSE(kt_watch_scan_due(w, w->scan_at_ns - 1));
	EXPECT_EQ(1, kt_watch_left_ns(w, w->scan_at_ns - 1));
	EXPECT_EQ(0, kt_watch_left_ns(w, w->scan_at_ns + 1));
	EXPECT_TRUE(kt_watch_scan_due(w, 5000 * MS));
	EXPECT_EQ(5100 * MS, w->scan_at_ns);
	EXPECT_EQ(100 * MS, kt_watch_left_ns(w, 5000 * MS));
}

TEST_F(watch, no_scheduler_no_scan)
{
	kt_watch_init(&self->c->watch, false, true);
	scx_attach(self->g, SCHED_A);
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(UINT64_MAX, kt_watch_left_ns(&self->c->watch, 0));
	EXPECT_EQ(0, self->f.freezes);
}

TEST_F(watch, an_error_is_captured_once)
{
	const struct kt_capture *cap;

	attach(SCHED_A);
	kind_is(STALL);
	fire(1, 1);
	ASSERT_EQ(1, captures());
	cap = capture_at(0);
	EXPECT_STREQ("exit", cap->tag);
	EXPECT_EQ(KT_CAPTURE_WATCH, cap->cause);
	EXPECT_EQ(1, watch_u64(cap, "vcpu"));
	EXPECT_EQ(RIP + 1, watch_u64(cap, "rip"));
	fire(1, 0);
	turn();
	EXPECT_EQ(1, captures());
}

TEST_F(watch, what_is_no_error)
{
	attach(SCHED_A);
	kind_is(0);
	fire(1, 0);
	kind_is(CLEAN);
	fire(1, 0);
	kind_is(ERROR - 1);
	fire(1, 0);
	turn();
	EXPECT_EQ(0, captures());
	kind_is(ERROR);
	fire(1, 0);
	EXPECT_EQ(1, captures());
}

/* Between two scans, at the same address: known by its word. */
TEST_F(watch, another_one_at_the_same_address)
{
	attach(SCHED_A);
	kind_is(STALL);
	fire(1, 0);
	kind_is(1);
	turn();
	kind_is(0);
	turn();
	kind_is(ERROR);
	fire(1, 0);
	EXPECT_EQ(2, captures());
}

TEST_F(watch, disarmed_as_it_fires)
{
	attach(SCHED_A);
	attach(0);
	kind_is(STALL);
	fire(1, 0);
	EXPECT_EQ(0, captures());
	/* cleared in the engine, and stopped all the same */
	fire(0, 0);
	EXPECT_FALSE(self->f.frozen);
}

/* It would not have been told again. */
TEST_F(watch, fires_while_frozen_for_something_else)
{
	u32 freezes;

	attach(SCHED_A);
	self->c->sinks.snapshots[self->c->sinks.nr_snapshots++] =
		(struct kt_snapshot_req){ .request_id = 1, .kind = 1,
					  .tag = "asked" };
	kind_is(STALL);
	self->f.at_freeze = (struct kt_watch_fire){
		.stopped = true, .slots = 1, .vcpu = 1 };
	freezes = self->f.freezes;
	ASSERT_EQ(0, kt_serve(self->c, &self->f.m));
	EXPECT_EQ(freezes + 1, self->f.freezes);
	ASSERT_EQ(2, captures());
	EXPECT_STREQ("asked", capture_at(0)->tag);
	EXPECT_STREQ("exit", capture_at(1)->tag);
	EXPECT_EQ(1, watch_u64(capture_at(1), "vcpu"));
}

TEST_F(watch, looked_for_where_nothing_fires)
{
	struct kt_watch *w = &self->c->watch;

	start(self->c, &self->f, self->g, false);
	attach(SCHED_A);
	EXPECT_EQ(0, self->f.freezes);
	EXPECT_GE(KT_WATCH_POLL_NS, w->poll_at_ns -
		  (kt_now_ns() - self->c->started_at_ns));
	kind_is(CLEAN);
	turn();
	EXPECT_EQ(0, captures());
	kind_is(STALL);
	turn();
	ASSERT_EQ(1, captures());
	EXPECT_EQ(KT_CAPTURE_POLL, capture_at(0)->cause);
	EXPECT_NE(NULL, json_object_get(capture_at(0)->state, "late"));
	turn();
	EXPECT_EQ(1, captures());
}

/* The word is taken back at the start of the teardown; what is told stays. */
TEST_F(watch, looked_for_in_what_is_told)
{
	start(self->c, &self->f, self->g, false);
	mini_put_u64(&self->g->mini, SCX_GPA(SCX_INFO),
		     MINI_DIRECT + INFO_GPA);
	attach(SCHED_A);
	kind_is(1);
	turn();
	EXPECT_EQ(0, captures());
	mini_put_u32(&self->g->mini, INFO_GPA + INFO_KIND, STALL);
	turn();
	EXPECT_EQ(1, captures());
}

/* A late trigger beside the watchpoint, and where the engine will not. */
TEST_F(watch, missed_by_the_watchpoint)
{
	attach(SCHED_A);
	EXPECT_LT(50 * MS, self->c->watch.poll_at_ns -
		  (kt_now_ns() - self->c->started_at_ns));
	kind_is(STALL);
	turn();
	ASSERT_EQ(1, captures());
	EXPECT_EQ(KT_CAPTURE_POLL, capture_at(0)->cause);
}

TEST_F(watch, refused_by_the_engine)
{
	u32 freezes;

	self->f.refuses = true;
	attach(SCHED_A);
	EXPECT_EQ(1, self->f.freezes);
	freezes = self->f.freezes;
	turn();
	EXPECT_EQ(freezes, self->f.freezes);	/* once for each */
	EXPECT_GE(KT_WATCH_POLL_NS, self->c->watch.poll_at_ns -
		  (kt_now_ns() - self->c->started_at_ns));
	kind_is(STALL);
	turn();
	EXPECT_EQ(1, captures());
}

/* As dispatch would; the answer's reason, "" when it was done. */
static const char *ask(struct kt_coord *c, struct fake *f,
		       struct kt_assembler *a, const char *symbol)
{
	static struct kt_snapshot_reply r;
	struct kt_snapshot_req *req = &c->sinks.snapshots[c->sinks.nr_snapshots++];
	struct kt_outbox *o = &c->outbox;
	struct kt_frame frame;

	*req = (struct kt_snapshot_req){ .request_id = 5,
					 .kind = KT_SNAPSHOT_WATCH };
	snprintf(req->tag, sizeof(req->tag), "%s", symbol);
	if (kt_serve(c, &f->m) ||
	    kt_assembler_feed(a, o->buf + o->head, o->tail - o->head))
		return "not served";
	o->head = o->tail;
	if (!kt_assembler_next(a, &frame) ||
	    kt_snapshot_reply_decode(&r, frame.payload, frame.len_bytes) ||
	    r.request_id != 5 || r.status != (*r.reason ? KT_REPLY_ERROR : KT_REPLY_OK))
		return "no answer";
	return r.reason;
}

#define ask(symbol)	ask(self->c, &self->f, &self->a, symbol)

TEST_F(watch, symbols)
{
	EXPECT_STREQ("", ask("a_word"));
	EXPECT_EQ(MINI_TEXT + 0x7034, self->f.gva[1]);
	EXPECT_STREQ("\"a_word\" is watched already", ask("a_word"));
	EXPECT_STREQ("", ask("nr_cpu_ids"));
	EXPECT_STREQ("", ask("scx_exit_kind"));
	EXPECT_EQ(SCX_KIND, self->f.gva[3]);
	EXPECT_STREQ("3 of 3 in use", ask("page_offset_base"));
	EXPECT_EQ(0, self->f.gva[0]);
}

TEST_F(watch, symbols_that_cannot_be)
{
	u32 i;

	EXPECT_STREQ("no symbol \"a_wird\"; near: a_word", ask("a_wird"));
	EXPECT_STREQ("no symbol \"nothing_like_it\"", ask("nothing_like_it"));
	EXPECT_STREQ("no symbol \"A_WORD\"", ask("A_WORD"));
	EXPECT_STREQ("not 4-byte aligned: a_byte is at ...031", ask("a_byte"));
	EXPECT_STREQ("per-CPU, no one address: runqueues", ask("runqueues"));
	EXPECT_STREQ("not in memory: _end", ask("_end"));
	EXPECT_EQ(0, self->f.freezes);
	self->f.refuses = true;
	EXPECT_NE(NULL, strstr(ask("a_word"), "refused by the engine"));
	for (i = 0; i < KT_WATCH_MAX_SYMBOLS; i++)
		EXPECT_STREQ("", self->c->watch.symbols[i].name);
}

TEST_F(watch, no_watchpoints)
{
	start(self->c, &self->f, self->g, false);
	EXPECT_STREQ("engine fake delivers no watchpoints here", ask("a_word"));
	EXPECT_EQ(0, self->f.freezes);
}

TEST_F(watch, a_symbol_is_written)
{
	EXPECT_STREQ("", ask("nr_cpu_ids"));
	EXPECT_STREQ("", ask("a_word"));
	fire(1 << 2, 1);
	ASSERT_EQ(1, captures());
	EXPECT_STREQ("a_word", capture_at(0)->tag);
	EXPECT_EQ(KT_CAPTURE_WATCH, capture_at(0)->cause);
	EXPECT_EQ(RIP + 1, watch_u64(capture_at(0), "rip"));
	fire(1 << 1 | 1 << 2, 0);
	EXPECT_EQ(3, captures());
	fire(1 << 3, 0);		/* a free slot */
	EXPECT_EQ(3, captures());
}

TEST_F(watch, written_too_often)
{
	u32 i;

	EXPECT_STREQ("", ask("a_word"));
	for (i = 0; i < KT_WATCH_MAX_BURST; i++) {
		EXPECT_NE(0, self->f.gva[1]);
		fire(1 << 1, 0);
	}
	EXPECT_EQ(0, self->f.gva[1]);
	EXPECT_EQ(KT_WATCH_MAX_BURST, captures());
	EXPECT_NE(NULL, strstr(last_log, "watch on \"a_word\" cleared: 8 writes in 0."));
	fire(1 << 1, 0);
	EXPECT_EQ(KT_WATCH_MAX_BURST, captures());
	EXPECT_STREQ("", ask("page_offset_base"));	/* the slot is free */
	EXPECT_NE(0, self->f.gva[1]);
}

TEST_F(watch, written_seldom_but_for_long)
{
	struct kt_watch *w = &self->c->watch;
	u32 i, said;

	EXPECT_STREQ("", ask("a_word"));
	said = nr_logged;
	for (i = 1; i < KT_WATCH_MAX_CAPTURES; i++)
		EXPECT_EQ(KT_WATCH_CAPTURE,
			  kt_watch_fire(w, 1, i * 500 * MS));
	EXPECT_EQ(said, nr_logged);
	EXPECT_EQ(KT_WATCH_CAPTURE_LAST, kt_watch_fire(w, 1, i * 500 * MS));
	EXPECT_NE(NULL, strstr(last_log, "16 writes were captured"));
}

/* A second counts from its first write. */
TEST_F(watch, writes_in_a_second)
{
	struct kt_watch *w = &self->c->watch;
	u32 i;

	EXPECT_STREQ("", ask("a_word"));
	for (i = 0; i < KT_WATCH_MAX_BURST - 1; i++)
		EXPECT_EQ(KT_WATCH_CAPTURE, kt_watch_fire(w, 1, 100 * MS));
	EXPECT_EQ(KT_WATCH_CAPTURE, kt_watch_fire(w, 1, 1100 * MS));
	EXPECT_EQ(KT_WATCH_CAPTURE, kt_watch_fire(w, 1, 2099 * MS));
}

#define tells(now) kt_watch_tells(w, &self->g->mini.k, false, now)

/* Text, stack and dump of an end are there some time behind the store. */
TEST_F(watch, what_is_told_later)
{
	struct kt_watch *w = &self->c->watch;
	json_t *state = json_pack("{s:{s:s,s:{s:i}}}", "sched_ext", "state",
				  "enabled", "exit", "kind", STALL);
	json_t *scx = json_object_get(state, "sched_ext"), *told;

	mini_put_u64(&self->g->mini, SCX_GPA(SCX_INFO), MINI_DIRECT + INFO_GPA);
	attach(SCHED_A);
	kt_watch_await_told(w, state, 100 * MS);
	EXPECT_EQ(1 * MS, kt_watch_left_ns(w, 100 * MS));
	EXPECT_FALSE(tells(100 * MS));
	EXPECT_FALSE(tells(102 * MS));
	mini_put_u32(&self->g->mini, INFO_GPA + INFO_KIND, STALL);
	EXPECT_FALSE(tells(103 * MS));
	EXPECT_TRUE(tells(104 * MS));
	told = json_pack("{s:s}", "msg", "stalled");
	kt_watch_told(w, json_copy(told));
	EXPECT_TRUE(json_equal(told, json_object_get(scx, "exit")));
	EXPECT_FALSE(tells(107 * MS));
	EXPECT_TRUE(tells(108 * MS));
	kt_watch_told(w, json_copy(told));	/* and no dump yet */
	EXPECT_TRUE(tells(116 * MS));
	json_object_set_new(told, "dump", json_string("all of it"));
	kt_watch_told(w, json_copy(told));
	EXPECT_TRUE(json_equal(told, json_object_get(scx, "exit")));
	EXPECT_TRUE(tells(132 * MS));
	kt_watch_told(w, json_copy(told));
	EXPECT_FALSE(tells(999 * MS));
	EXPECT_EQ(NULL, w->untold);
	EXPECT_STREQ("enabled", json_string_value(json_object_get(scx, "state")));
	json_decref(told);
	json_decref(state);
}

/* The word that is written last; then slot 0 is given back. */
TEST_F(watch, told_of_by_slot_0)
{
	mini_put_u64(&self->g->mini, SCX_GPA(SCX_INFO), MINI_DIRECT + INFO_GPA);
	attach(SCHED_A);
	kind_is(STALL);
	fire(1, 0);
	ASSERT_EQ(1, captures());
	EXPECT_EQ(MINI_DIRECT + INFO_GPA + INFO_REASON, self->f.gva[0]);
	turn();
	EXPECT_EQ(MINI_DIRECT + INFO_GPA + INFO_REASON, self->f.gva[0]);
	kind_is(1);
	mini_put_u32(&self->g->mini, INFO_GPA + INFO_KIND, STALL);
	fire(1, 0);
	EXPECT_EQ(1, captures());
	EXPECT_EQ(0, self->c->watch.tell_kva);
	turn();
	EXPECT_EQ(SCX_KIND, self->f.gva[0]);
}

/* Detached before anything was told. */
TEST_F(watch, slot_0_is_given_back)
{
	mini_put_u64(&self->g->mini, SCX_GPA(SCX_INFO), MINI_DIRECT + INFO_GPA);
	attach(SCHED_A);
	kind_is(STALL);
	fire(1, 0);
	attach(0);
	EXPECT_EQ(0, self->f.gva[0]);
	attach(SCHED_B);
	EXPECT_EQ(SCX_KIND, self->f.gva[0]);
}

TEST_F(watch, what_is_never_told)
{
	struct kt_watch *w = &self->c->watch;
	json_t *state = json_pack("{s:{s:{s:i}}}", "sched_ext", "exit", "kind",
				  STALL);
	json_t *ended;

	attach(SCHED_A);
	kt_watch_await_told(w, state, 100 * MS);
	EXPECT_FALSE(tells(2000 * MS));
	EXPECT_EQ(NULL, w->untold);
	/* gone before it was seen: what the store showed is kept */
	kt_watch_await_told(w, state, 3000 * MS);
	kt_watch_told(w, json_pack("{s:i}", "kind", 0));
	EXPECT_EQ(NULL, w->untold);
	ended = json_object_get(json_object_get(state, "sched_ext"), "exit");
	EXPECT_EQ(STALL, json_integer_value(json_object_get(ended, "kind")));
	json_decref(state);
}

TEST_F(watch, a_kernel_without_sched_ext)
{
	static const char *const none[5] = {};

	scx_guest_free(self->g);
	self->g = scx_guest_new(none, false);
	start(self->c, &self->f, self->g, true);
	turn();
	turn();
	EXPECT_EQ(1, nr_logged);
	EXPECT_NE(NULL, strstr(last_log, "no sched_ext"));
	EXPECT_EQ(UINT64_MAX, kt_watch_left_ns(&self->c->watch, 0));
}

TEST_HARNESS_MAIN
