// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ended a scheduler, at each step of its being written, and when what it
 * points to is not there.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/exit_info.h"
#include "mini_sched.h"

#define BT_GPA		(INFO_GPA + 0x100)
#define REASON_GPA	TEXTS_GPA
#define MSG_GPA		(TEXTS_GPA + 0x100)
#define DUMP_GPA	0x50000

FIXTURE(exit_info)
{
	struct mini_sched *m;
	struct mini_guest *g;
	struct kt_names names;
	struct kt_scx scx;
	json_t *absent, *o, *exit;
};

FIXTURE_SETUP(exit_info)
{
	char why[128];

	self->m = mini_sched_new(NULL);
	self->g = &self->m->g;
	self->names.k = &self->g->k;
	self->absent = json_array();
	ASSERT_EQ(0, kt_scx_find(&self->g->k, &self->scx, why, sizeof(why)));
	mini_put_u64(self->g, I(AT_ROOT), D(0x5f000));
	mini_put_u32(self->g, I(AT_STATE), 1);
	mini_text(self->g, I(AT_OPS) + 8, "mini");
	mini_put_u64(self->g, I(AT_EXIT_INFO), D(INFO_GPA));
}

FIXTURE_TEARDOWN(exit_info)
{
	json_decref(self->absent);
	json_decref(self->o);
	mini_sched_free(self->m);
}

#define READ() \
	(self->o = kt_scx_json(&self->names, &self->scx, SCHED_HZ, self->absent), \
	 self->exit = json_object_get(self->o, "exit"))

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static s64 number(const json_t *o, const char *key)
{
	s64 n;

	return kt_json_get_i64(json_object_get(o, key), &n) ? -12345 : n;
}

static void put_exit(struct mini_guest *g)
{
	mini_put_u32(g, INFO_GPA + E_KIND, 1026);
	mini_put_u64(g, INFO_GPA + E_CODE, -7);
	mini_put_u64(g, INFO_GPA + E_REASON, D(REASON_GPA));
	mini_text(g, REASON_GPA, "runnable task stall");
	mini_put_u64(g, INFO_GPA + E_MSG, D(MSG_GPA));
	mini_text(g, MSG_GPA, "stress[42] failed to run for 5.0s");
	mini_put_u64(g, INFO_GPA + E_DUMP, D(DUMP_GPA));
	mini_put_u64(g, INFO_GPA + E_BT, D(BT_GPA));
	mini_put_u32(g, INFO_GPA + E_BT_LEN, 2);
	mini_put_u64(g, BT_GPA, S(FN_LEAF + 0x10));
	mini_put_u64(g, BT_GPA + 8, S(FN_TOP + FN_BYTES));
}

TEST_F(exit_info, all_of_it)
{
	const json_t *stack;

	put_exit(self->g);
	mini_text(self->g, DUMP_GPA, "CPU states\n----------\n\tx");
	READ();
	EXPECT_STREQ("SCX_EXIT_ERROR_STALL (1026)", text(self->exit, "kind"));
	EXPECT_EQ(1026, number(self->exit, "kind"));
	EXPECT_EQ(-7, number(self->exit, "exit_code"));
	EXPECT_STREQ("runnable task stall", text(self->exit, "reason"));
	EXPECT_STREQ("stress[42] failed to run for 5.0s",
		     text(self->exit, "msg"));
	EXPECT_STREQ("CPU states\n----------\n\tx", text(self->exit, "dump"));
	stack = json_object_get(self->exit, "stack");
	ASSERT_EQ(2, json_array_size(stack));
	EXPECT_STREQ("leaf+0x10/0x80",
		     json_string_value(json_array_get(stack, 0)));
	EXPECT_STREQ("top+0x80/0x80",
		     json_string_value(json_array_get(stack, 1)));
	EXPECT_EQ(0, json_array_size(self->absent));
}

TEST_F(exit_info, the_state)
{
	mini_put_u32(self->g, I(AT_SWITCH_ALL), 1);
	mini_put_u64(self->g, I(AT_REJECTED), 3);
	mini_put_u32(self->g, I(AT_BYPASS), 2);
	mini_put_u64(self->g, I(AT_WATCHDOG), 5 * SCHED_HZ);
	mini_put_u64(self->g, I(AT_OPS) + 136, 0x11);
	mini_put_u32(self->g, I(AT_OPS) + 144, 5000);
	READ();
	EXPECT_STREQ("enabled (1)", text(self->o, "state"));
	EXPECT_STREQ("mini", text(self->o, "ops"));
	EXPECT_STREQ("0x11", text(self->o, "ops_flags"));
	EXPECT_EQ(5000, number(self->o, "ops_timeout_ms"));
	EXPECT_EQ(1, number(self->o, "attached"));
	EXPECT_EQ(1, number(self->o, "switch_all"));
	EXPECT_EQ(3, number(self->o, "nr_rejected"));
	EXPECT_EQ(2, number(self->o, "bypass_depth"));
	EXPECT_EQ(5000, number(self->o, "watchdog_timeout_ms"));
	EXPECT_STREQ("SCX_EXIT_NONE (0)", text(self->exit, "kind"));
}

/* What the watched word says is ahead of what the information says. */
TEST_F(exit_info, claimed_and_not_yet_written)
{
	mini_put_u32(self->g, I(AT_EXIT_KIND), 1026);
	READ();
	EXPECT_STREQ("SCX_EXIT_ERROR_STALL (1026)", text(self->exit, "kind"));
	EXPECT_EQ(NULL, json_object_get(self->exit, "msg"));
	EXPECT_EQ(NULL, json_object_get(self->exit, "dump"));
	EXPECT_EQ(0, json_array_size(json_object_get(self->exit, "stack")));
}

TEST_F(exit_info, no_scheduler)
{
	mini_put_u64(self->g, I(AT_ROOT), 0);
	mini_put_u64(self->g, I(AT_EXIT_INFO), 0);
	mini_put_u32(self->g, I(AT_EXIT_KIND), 1);
	mini_put_u32(self->g, I(AT_STATE), 3);
	READ();
	EXPECT_STREQ("disabled (3)", text(self->o, "state"));
	EXPECT_EQ(0, number(self->o, "attached"));
	/* without a name it is its number */
	EXPECT_EQ(1, number(self->exit, "kind"));
	EXPECT_EQ(NULL, json_object_get(self->exit, "exit_code"));
}

TEST_F(exit_info, pointers_that_lead_nowhere)
{
	put_exit(self->g);
	mini_put_u64(self->g, INFO_GPA + E_REASON, 0x1000);
	mini_put_u64(self->g, INFO_GPA + E_MSG, D(MINI_RAM_BYTES));
	mini_put_u64(self->g, INFO_GPA + E_BT, D(MINI_RAM_BYTES - 8));
	mini_put_u32(self->g, INFO_GPA + E_BT_LEN, UINT32_MAX);
	/* up to the end of memory, without its own */
	mini_put_u64(self->g, INFO_GPA + E_DUMP, D(MINI_RAM_BYTES - 5));
	memcpy(self->g->ram + MINI_RAM_BYTES - 5, "abcde", 5);
	READ();
	EXPECT_EQ(NULL, json_object_get(self->exit, "reason"));
	EXPECT_EQ(NULL, json_object_get(self->exit, "msg"));
	EXPECT_EQ(1, json_array_size(json_object_get(self->exit, "stack")));
	EXPECT_STREQ("abcde", text(self->exit, "dump"));
}

TEST_F(exit_info, more_than_is_read)
{
	put_exit(self->g);
	memset(self->g->ram + DUMP_GPA, 'x', 0x10000);
	mini_put_u32(self->g, INFO_GPA + E_BT_LEN, 1000);
	READ();
	EXPECT_EQ(KT_EXIT_DUMP_BYTES, strlen(text(self->exit, "dump")));
	EXPECT_EQ(KT_EXIT_MAX_STACK,
		  json_array_size(json_object_get(self->exit, "stack")));
}

TEST_HARNESS_MAIN
