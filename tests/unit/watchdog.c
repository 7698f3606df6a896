// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stages and deadlines of a run, and that no flood of frames keeps one alive.
 */
#include <kselftest_harness.h>

#include "ktstr/base/log.h"
#include "ktstr/coord/watchdog.h"

#define S		KT_NSEC_PER_SEC
#define BOOT		(60 * S)
#define ATTACH		(20 * S)
#define DURATION	(10 * S)
#define TEARDOWN	(5 * S)
#define LIMIT		(BOOT + ATTACH + 4 * DURATION + 3 * TEARDOWN)

FIXTURE(dog)
{
	struct kt_sinks s;
	struct kt_watchdog w;
};

FIXTURE_SETUP(dog)
{
	kt_log_set_level(KT_LOG_ERR);
	kt_sinks_init(&self->s);
	self->s.duration_ns = DURATION;
	self->w = (struct kt_watchdog){
		.boot_budget_ns = BOOT,
		.attach_budget_ns = ATTACH,
		.teardown_budget_ns = TEARDOWN,
	};
	kt_watchdog_start(&self->w, &self->s);
}

FIXTURE_TEARDOWN(dog)
{
	kt_log_set_level(KT_LOG_INFO);
}

/* As the coordinator does it: dispatch, then the watchdog. */
static void send(struct kt_watchdog *w, struct kt_sinks *s, u64 now_ns,
		 u32 tag, bool crc_ok, const void *payload, size_t len)
{
	const struct kt_frame f = {
		.msg_type = tag, .len_bytes = len, .payload = payload,
		.crc_ok = crc_ok,
	};

	s->now_ns = now_ns;
	kt_dispatch(&f, s);
	kt_watchdog_frame(w, &f, s);
}

static void send_text(struct kt_watchdog *w, struct kt_sinks *s, u64 now_ns,
		      const char *text)
{
	send(w, s, now_ns, KT_TAG_LIFECYCLE, true, text, strlen(text));
}

#define GOOD(now, tag)	send(&self->w, &self->s, (now), (tag), true, "", 0)
#define BAD(now, tag)	send(&self->w, &self->s, (now), (tag), false, "", 0)
#define LIFE(now, text)	send_text(&self->w, &self->s, (now), (text))

TEST_F(dog, a_run_as_it_should_be)
{
	EXPECT_EQ(KT_STAGE_BOOT, self->w.stage);
	EXPECT_EQ(BOOT, self->s.deadline_ns);
	LIFE(2 * S, "\1");
	EXPECT_EQ(KT_STAGE_INIT, self->w.stage);
	EXPECT_EQ(BOOT, self->s.deadline_ns);
	GOOD(3 * S, KT_TAG_SYS_RDY);
	EXPECT_EQ(KT_STAGE_ATTACH, self->w.stage);
	EXPECT_EQ(3 * S + ATTACH, self->s.deadline_ns);
	LIFE(4 * S, "\2");
	EXPECT_EQ(KT_STAGE_ATTACH, self->w.stage);
	GOOD(5 * S, KT_TAG_SCENARIO_START);
	EXPECT_EQ(KT_STAGE_WORKLOAD, self->w.stage);
	EXPECT_EQ(5 * S + DURATION, self->s.deadline_ns);
	GOOD(7 * S, KT_TAG_SCENARIO_END);
	EXPECT_EQ(KT_STAGE_WORKLOAD, self->w.stage);
	EXPECT_EQ(7 * S + DURATION, self->s.deadline_ns);
	GOOD(8 * S, KT_TAG_TEST_RESULT);
	EXPECT_EQ(KT_STAGE_RESULT, self->w.stage);
	EXPECT_EQ(8 * S + TEARDOWN, self->s.deadline_ns);
	GOOD(9 * S, KT_TAG_EXIT);
	EXPECT_EQ(KT_STAGE_EXITED, self->w.stage);
	EXPECT_EQ(9 * S + TEARDOWN, self->s.deadline_ns);
}

TEST_F(dog, bad_crc_moves_nothing)
{
	static const u32 tags[] = {
		KT_TAG_LIFECYCLE, KT_TAG_SYS_RDY, KT_TAG_SCENARIO_START,
		KT_TAG_TEST_RESULT, KT_TAG_SCHED_EXIT, KT_TAG_EXIT,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tags); i++)
		send(&self->w, &self->s, S, tags[i], false, "\1", 1);
	for (i = 0; i < ARRAY_SIZE(tags); i++)
		BAD(S, tags[i]);
	EXPECT_EQ(KT_STAGE_BOOT, self->w.stage);
	EXPECT_EQ(BOOT, self->s.deadline_ns);
	/* a SysRdy that dispatch refuses does not count here either */
	send(&self->w, &self->s, S, KT_TAG_SYS_RDY, true, "x", 1);
	EXPECT_EQ(KT_STAGE_BOOT, self->w.stage);
	/* other phases, and no phase at all */
	LIFE(S, "\2");
	LIFE(S, "\4no sched");
	LIFE(S, "");
	EXPECT_EQ(KT_STAGE_BOOT, self->w.stage);
	EXPECT_EQ(BOOT, self->s.deadline_ns);
}

TEST_F(dog, stages_never_go_back)
{
	GOOD(S, KT_TAG_TEST_RESULT);
	LIFE(S, "\1");
	GOOD(S, KT_TAG_SYS_RDY);
	GOOD(S, KT_TAG_SCENARIO_START);
	EXPECT_EQ(KT_STAGE_RESULT, self->w.stage);
	GOOD(S, KT_TAG_EXIT);
	GOOD(S, KT_TAG_TEST_RESULT);
	EXPECT_EQ(KT_STAGE_EXITED, self->w.stage);
}

TEST_F(dog, sys_rdy_thrice)
{
	GOOD(1 * S, KT_TAG_SYS_RDY);
	GOOD(2 * S, KT_TAG_SYS_RDY);
	GOOD(3 * S, KT_TAG_SYS_RDY);
	EXPECT_EQ(1 * S + ATTACH, self->s.deadline_ns);
}

TEST_F(dog, expires)
{
	EXPECT_FALSE(kt_watchdog_expired(&self->s, BOOT - 1));
	EXPECT_TRUE(kt_watchdog_expired(&self->s, BOOT));
	EXPECT_TRUE(kt_watchdog_expired(&self->s, UINT64_MAX));
	self->s.deadline_ns = 0;
	EXPECT_FALSE(kt_watchdog_expired(&self->s, UINT64_MAX));
}

TEST_F(dog, an_open_pause_holds_nothing)
{
	GOOD(1 * S, KT_TAG_SCENARIO_START);
	GOOD(2 * S, KT_TAG_SCENARIO_PAUSE);
	EXPECT_TRUE(kt_watchdog_expired(&self->s, 1 * S + DURATION));
}

TEST_F(dog, scheduler_dies_in_the_workload)
{
	GOOD(1 * S, KT_TAG_SYS_RDY);
	GOOD(2 * S, KT_TAG_SCENARIO_START);
	GOOD(3 * S, KT_TAG_SCHED_EXIT);
	EXPECT_EQ(KT_STAGE_WORKLOAD, self->w.stage);
	EXPECT_EQ(3 * S + TEARDOWN, self->s.deadline_ns);
	/* what still comes cannot move that out */
	GOOD(4 * S, KT_TAG_SCENARIO_END);
	GOOD(4 * S, KT_TAG_SCENARIO_START);
	GOOD(4 * S, KT_TAG_SCENARIO_PAUSE);
	GOOD(5 * S, KT_TAG_SCENARIO_RESUME);
	GOOD(5 * S, KT_TAG_SCHED_EXIT);
	EXPECT_EQ(3 * S + TEARDOWN, self->s.deadline_ns);
	/* but the result and the exit have a budget of their own */
	GOOD(6 * S, KT_TAG_TEST_RESULT);
	EXPECT_EQ(6 * S + TEARDOWN, self->s.deadline_ns);
	GOOD(7 * S, KT_TAG_EXIT);
	EXPECT_EQ(7 * S + TEARDOWN, self->s.deadline_ns);
}

TEST_F(dog, teardown_frames_in_a_loop)
{
	static const u32 tags[] = {
		KT_TAG_SCHED_EXIT, KT_TAG_TEST_RESULT, KT_TAG_EXIT,
		KT_TAG_SCENARIO_END, KT_TAG_SCENARIO_START,
		KT_TAG_SCENARIO_PAUSE, KT_TAG_SYS_RDY, KT_TAG_SCENARIO_RESUME,
	};
	u64 now;

	for (now = S; now < 1000 * S; now += S / 10) {
		if (kt_watchdog_expired(&self->s, now))
			break;
		GOOD(now, tags[(now * 10 / S) % ARRAY_SIZE(tags)]);
	}
	EXPECT_LE(now, 4 * S + TEARDOWN);
}

TEST_F(dog, scenario_frames_in_a_loop)
{
	static const u32 tags[] = {
		KT_TAG_SCENARIO_START, KT_TAG_SCENARIO_END,
		KT_TAG_SCENARIO_PAUSE, KT_TAG_SCENARIO_RESUME, KT_TAG_SYS_RDY,
	};
	u64 now;

	for (now = S; now < 1000 * S; now += S) {
		if (kt_watchdog_expired(&self->s, now))
			break;
		GOOD(now, tags[(now / S) % ARRAY_SIZE(tags)]);
	}
	EXPECT_EQ(LIMIT, now);
}

TEST_F(dog, a_limit_given)
{
	self->w.run_limit_ns = 30 * S;
	kt_watchdog_start(&self->w, &self->s);
	EXPECT_EQ(30 * S, self->s.deadline_ns);
	GOOD(25 * S, KT_TAG_SCENARIO_START);
	EXPECT_EQ(30 * S, self->s.deadline_ns);
	GOOD(28 * S, KT_TAG_EXIT);
	EXPECT_EQ(30 * S, self->s.deadline_ns);
}

TEST_F(dog, time_frozen_is_given_back)
{
	GOOD(1 * S, KT_TAG_SCENARIO_START);
	kt_watchdog_extend(&self->s, 2 * S);
	EXPECT_EQ(1 * S + DURATION + 2 * S, self->s.deadline_ns);
	EXPECT_EQ(LIMIT + 2 * S, self->s.deadline_cap_ns);

	GOOD(4 * S, KT_TAG_TEST_RESULT);
	EXPECT_EQ(4 * S + TEARDOWN, self->s.deadline_ns);
	kt_watchdog_extend(&self->s, 3 * S);
	EXPECT_EQ(7 * S + TEARDOWN, self->s.deadline_ns);
	GOOD(8 * S, KT_TAG_SCENARIO_END);
	EXPECT_EQ(7 * S + TEARDOWN, self->s.deadline_ns);
	/* the limit of the run grew as well */
	GOOD(LIMIT + 4 * S, KT_TAG_EXIT);
	EXPECT_EQ(LIMIT + 5 * S, self->s.deadline_ns);

	/* a minute of it in all: a guest can ask to be frozen */
	kt_watchdog_extend(&self->s, UINT64_MAX);
	EXPECT_EQ(LIMIT + 60 * S, self->s.deadline_ns);
	EXPECT_EQ(60 * S, self->s.frozen_total_ns);
	kt_watchdog_extend(&self->s, S);
	EXPECT_EQ(LIMIT + 60 * S, self->s.deadline_ns);
	self->s.deadline_ns = 0;
	kt_watchdog_extend(&self->s, S);
	EXPECT_EQ(0, self->s.deadline_ns);
}

TEST_F(dog, a_workload_without_a_budget)
{
	self->s.duration_ns = 0;
	self->w.run_limit_ns = 0;
	kt_watchdog_start(&self->w, &self->s);
	EXPECT_EQ(0, self->s.deadline_cap_ns);
	EXPECT_EQ(BOOT, self->s.deadline_ns);
	GOOD(1 * S, KT_TAG_SYS_RDY);
	EXPECT_EQ(1 * S + ATTACH, self->s.deadline_ns);
	GOOD(2 * S, KT_TAG_SCENARIO_START);
	EXPECT_EQ(0, self->s.deadline_ns);
	GOOD(900 * S, KT_TAG_EXIT);
	EXPECT_EQ(900 * S + TEARDOWN, self->s.deadline_ns);
	GOOD(901 * S, KT_TAG_SCENARIO_START);
	GOOD(901 * S, KT_TAG_EXIT);
	EXPECT_EQ(900 * S + TEARDOWN, self->s.deadline_ns);
}

TEST_F(dog, budgets_saturate)
{
	self->w.boot_budget_ns = UINT64_MAX;
	self->w.attach_budget_ns = UINT64_MAX;
	self->w.teardown_budget_ns = UINT64_MAX;
	self->w.run_limit_ns = 0;
	self->s.duration_ns = UINT64_MAX;
	kt_watchdog_start(&self->w, &self->s);
	EXPECT_EQ(UINT64_MAX, self->w.run_limit_ns);
	EXPECT_EQ(UINT64_MAX, self->s.deadline_ns);
	GOOD(S, KT_TAG_SYS_RDY);
	GOOD(S, KT_TAG_SCENARIO_START);
	GOOD(S, KT_TAG_EXIT);
	EXPECT_EQ(UINT64_MAX, self->s.deadline_ns);
}

TEST(words)
{
	EXPECT_STREQ("never booted", kt_stage_str(KT_STAGE_BOOT));
	EXPECT_STREQ("booted but no SysRdy", kt_stage_str(KT_STAGE_INIT));
	EXPECT_STREQ("scheduler not attached", kt_stage_str(KT_STAGE_ATTACH));
	EXPECT_STREQ("workload started but no result",
		     kt_stage_str(KT_STAGE_WORKLOAD));
	EXPECT_STREQ("result but no exit", kt_stage_str(KT_STAGE_RESULT));
	EXPECT_NE(NULL, kt_stage_str(KT_STAGE_EXITED));
	EXPECT_NE(NULL, kt_stage_str(99));
}

TEST_HARNESS_MAIN
