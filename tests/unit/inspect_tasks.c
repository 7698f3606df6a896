// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks of a mini guest: found by its lists, in the order of who waits, with
 * what sched_ext knows of them; and lists that lead back, or nowhere.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/task_list.h"
#include "ktstr/inspect/tasks.h"
#include "mini_sched.h"

#define KTHREAD		0x00200000
#define NR_TASKS	5	/* 0 to 4; 1 is a thread of 0's, 4 a kthread */
#define PID(i)		(100 + (i))

FIXTURE(tasks)
{
	struct mini_sched *m;
	struct mini_guest *g;
	struct kt_task_list list;
	json_t *absent, *left, *all;
};

FIXTURE_SETUP(tasks)
{
	self->m = mini_sched_new(NULL);
	self->g = &self->m->g;
	self->absent = json_array();
	mini_task(self->g, 0, 0, PID(0), "main");
	mini_task(self->g, 1, 0, PID(1), "thread");
	mini_task(self->g, 2, 2, PID(2), "two");
	mini_task(self->g, 3, 3, PID(3), "three");
	mini_task(self->g, 4, 4, PID(4), "kthread");
	mini_put_u32(self->g, TASK_GPA(4) + T_FLAGS, KTHREAD);
}

FIXTURE_TEARDOWN(tasks)
{
	json_decref(self->absent);
	json_decref(self->all);
	json_decref(self->left);
	kt_task_list_fini(&self->list);
	mini_sched_free(self->m);
}

#define LIST()	kt_task_list_read(&self->g->k, self->absent, &self->list)

static json_t *read_tasks(struct mini_guest *g, json_t *absent, json_t **left)
{
	const struct kt_names names = { &g->k };

	return kt_tasks_json(&names, SCHED_HZ, absent, left);
}

#define TASKS() \
	(self->all = read_tasks(self->g, self->absent, &self->left))

static s64 number(const json_t *o, const char *key)
{
	s64 n;

	return kt_json_get_i64(json_object_get(o, key), &n) ? -12345 : n;
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static s64 pid_at(const json_t *all, size_t i)
{
	return number(json_array_get(all, i), "pid");
}

TEST_F(tasks, all_of_them_once)
{
	u32 i;

	ASSERT_EQ(0, LIST());
	ASSERT_EQ(NR_TASKS, self->list.nr);
	for (i = 0; i < NR_TASKS; i++)
		EXPECT_EQ(D(TASK_GPA(i)), self->list.kva[i]);
	EXPECT_STREQ("", self->list.broken);
}

TEST_F(tasks, a_list_that_leads_back)
{
	/* from the last process to the second: never to init_task again */
	mini_put_u64(self->g, TASK_GPA(4) + T_TASKS, D(TASK_GPA(2) + T_TASKS));
	ASSERT_EQ(0, LIST());
	EXPECT_EQ(NR_TASKS, self->list.nr);
	EXPECT_NE(NULL, strstr(self->list.broken, "leads back"));
}

TEST_F(tasks, threads_that_lead_back)
{
	mini_put_u64(self->g, TASK_GPA(1) + T_THREAD_NODE,
		     D(TASK_GPA(0) + T_THREAD_NODE));
	ASSERT_EQ(0, LIST());
	/* the other processes are still found */
	EXPECT_EQ(NR_TASKS, self->list.nr);
	EXPECT_NE(NULL, strstr(self->list.broken, "leads back"));
}

TEST_F(tasks, a_list_that_leads_nowhere)
{
	mini_put_u64(self->g, TASK_GPA(2) + T_TASKS, 0x1000);
	ASSERT_EQ(0, LIST());
	EXPECT_EQ(3, self->list.nr);
	EXPECT_NE(NULL, strstr(self->list.broken, "nowhere"));
}

TEST_F(tasks, a_process_without_its_threads)
{
	mini_put_u64(self->g, TASK_GPA(0) + T_SIGNAL, 0);
	ASSERT_EQ(0, LIST());
	EXPECT_EQ(NR_TASKS - 1, self->list.nr);
	EXPECT_EQ(D(TASK_GPA(0)), self->list.kva[0]);
	EXPECT_NE(NULL, strstr(self->list.broken, "cannot be found"));
}

TEST_F(tasks, a_next_pointer_that_cannot_be_read)
{
	mini_put_u64(self->g, TASK_GPA(3) + T_TASKS, D(MINI_RAM_BYTES));
	ASSERT_EQ(0, LIST());
	EXPECT_LE(4, self->list.nr);
	EXPECT_STRNE("", self->list.broken);
}

TEST_F(tasks, what_each_one_is)
{
	const u64 t = TASK_GPA(2);
	json_t *o;

	mini_put_u32(self->g, t + T_TGID, 77);
	mini_put_u32(self->g, t + T_STATE, 2);
	mini_put_u32(self->g, t + T_POLICY, 3);
	mini_put_u32(self->g, t + T_PRIO, -1);
	mini_put_u32(self->g, t + T_INFO + 4, 1);
	mini_put_u64(self->g, t + T_SE + 8, 1234567);
	ASSERT_NE(NULL, TASKS());
	/* all sleep: as the kernel has them, without the kernel thread */
	ASSERT_EQ(NR_TASKS - 1, json_array_size(self->all));
	o = json_array_get(self->all, 2);
	EXPECT_EQ(PID(2), number(o, "pid"));
	EXPECT_EQ(77, number(o, "tgid"));
	EXPECT_STREQ("two", text(o, "comm"));
	EXPECT_STREQ("D", text(o, "state"));
	EXPECT_STREQ("BATCH", text(o, "policy"));
	EXPECT_STREQ("fair", text(o, "class"));
	EXPECT_EQ(1, number(o, "cpu"));
	EXPECT_EQ(0, number(o, "on_rq"));
	EXPECT_EQ(-1, number(o, "prio"));
	EXPECT_EQ(1234567, number(o, "ran_ns"));
	EXPECT_EQ(1, number(self->left, "kthreads_asleep"));
	EXPECT_EQ(0, number(self->left, "more"));
	EXPECT_EQ(0, json_array_size(self->absent));
}

TEST_F(tasks, who_waits_longest_comes_first)
{
	mini_task_waits(self->g, 2, 10);
	mini_task_waits(self->g, 3, 5000);
	mini_task_waits(self->g, 4, 1);
	mini_put_u32(self->g, TASK_GPA(1) + T_ON_CPU, 1);
	ASSERT_NE(NULL, TASKS());
	ASSERT_EQ(NR_TASKS, json_array_size(self->all));
	EXPECT_EQ(PID(3), pid_at(self->all, 0));
	EXPECT_EQ(PID(2), pid_at(self->all, 1));
	EXPECT_EQ(PID(4), pid_at(self->all, 2));
	EXPECT_EQ(PID(1), pid_at(self->all, 3));
	EXPECT_EQ(PID(0), pid_at(self->all, 4));
	EXPECT_EQ(0, number(self->left, "kthreads_asleep"));
}

TEST_F(tasks, of_sched_ext)
{
	const u64 t = TASK_GPA(2);
	const json_t *o;

	mini_task_waits(self->g, 2, 3 * SCHED_HZ + 1);
	mini_dsq(self->g, DSQ_GPA(1), 0xabc);
	mini_dsq_add(self->g, DSQ_GPA(1), 2);
	mini_put_u32(self->g, t + X_DSQ_FLAGS, 1);
	mini_put_u32(self->g, t + X_FLAGS, 0x80000309);
	mini_put_u64(self->g, t + X_SLICE, 20000000);
	mini_put_u64(self->g, t + X_VTIME, 1ULL << 63);
	mini_put_u32(self->g, t + X_WEIGHT, 100);
	mini_put_u32(self->g, t + X_HOLDING, 1);
	mini_put_u64(self->g, t + X_DDSP, 5);
	mini_put_u64(self->g, t + X_DDSP_FLAGS, 0x100);
	mini_put_u32(self->g, t + X_DISALLOW, 1);
	ASSERT_NE(NULL, TASKS());
	EXPECT_STREQ("ext", text(json_array_get(self->all, 0), "class"));
	o = json_object_get(json_array_get(self->all, 0), "scx");
	EXPECT_STREQ("0xabc", text(o, "dsq"));
	EXPECT_STREQ("user", text(o, "dsq_kind"));
	EXPECT_EQ(1, number(o, "on_priq"));
	EXPECT_EQ(3004, number(o, "runnable_ms"));
	EXPECT_EQ(20000000, number(o, "slice_ns"));
	EXPECT_STREQ("9223372036854775808", text(o, "vtime"));
	EXPECT_STREQ("QUEUED|DEQD_FOR_SLEEP|CURSOR", text(o, "flags"));
	EXPECT_STREQ("SCX_TASK_ENABLED", text(o, "state"));
	EXPECT_EQ(100, number(o, "weight"));
	EXPECT_EQ(-1, number(o, "sticky_cpu"));
	EXPECT_EQ(1, number(o, "holding_cpu"));
	EXPECT_STREQ("0x5", text(o, "ddsp_dsq"));
	EXPECT_STREQ("0x100", text(o, "ddsp_enq_flags"));
	EXPECT_EQ(1, number(o, "disallow"));
}

TEST_F(tasks, who_does_not_wait_is_not_runnable)
{
	const json_t *o;

	mini_put_u32(self->g, TASK_GPA(2) + T_ON_CPU, 1);
	ASSERT_NE(NULL, TASKS());
	EXPECT_EQ(PID(2), pid_at(self->all, 0));
	o = json_object_get(json_array_get(self->all, 0), "scx");
	EXPECT_EQ(NULL, json_object_get(o, "runnable_ms"));
	EXPECT_EQ(NULL, json_object_get(o, "dsq"));
	EXPECT_EQ(NULL, json_object_get(o, "ddsp_dsq"));
	EXPECT_EQ(NULL, json_object_get(o, "disallow"));
	/* what runs has no stack to be read */
	EXPECT_EQ(NULL, json_object_get(json_array_get(self->all, 0), "stack"));
	EXPECT_NE(NULL, json_object_get(json_array_get(self->all, 1), "stack"));
}

TEST_F(tasks, younger_than_the_last_tick)
{
	const json_t *o;

	mini_task_waits(self->g, 2, -1);
	ASSERT_NE(NULL, TASKS());
	o = json_object_get(json_array_get(self->all, 0), "scx");
	EXPECT_EQ(0, number(o, "runnable_ms"));
}

TEST_F(tasks, left_on_the_runqueue_by_eevdf)
{
	mini_put_u32(self->g, TASK_GPA(3) + T_ON_RQ, 1);
	mini_put_u32(self->g, TASK_GPA(2) + T_ON_RQ, 1);
	mini_put_u32(self->g, TASK_GPA(2) + T_SE + 16, 1);
	ASSERT_NE(NULL, TASKS());
	EXPECT_EQ(PID(3), pid_at(self->all, 0));
	EXPECT_EQ(PID(0), pid_at(self->all, 1));
}

TEST_F(tasks, letters_of_states)
{
	static const struct {
		u32 state, exit_state;
		char letter;
	} all[] = {
		{ 0, 0, 'R' }, { 1, 0, 'S' }, { 2, 0, 'D' }, { 4, 0, 'T' },
		{ 8, 0, 't' }, { 0x80, 0x10, 'X' }, { 0x80, 0x20, 'Z' },
		{ 0x40, 0, 'P' }, { 0x402, 0, 'I' }, { 0x1000, 0, 'D' },
		{ 0x8000, 0, 'D' }, { 0x200, 0, 'R' }, { 0x101, 0, 'S' },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		mini_put_u32(self->g, TASK_GPA(0) + T_STATE, all[i].state);
		mini_put_u32(self->g, TASK_GPA(0) + T_EXIT_STATE,
			     all[i].exit_state);
		json_decref(self->all);
		json_decref(self->left);
		ASSERT_NE(NULL, TASKS());
		EXPECT_EQ(all[i].letter,
			  text(json_array_get(self->all, 0), "state")[0]);
	}
}

TEST_F(tasks, a_name_that_is_no_text)
{
	memcpy(self->g->ram + TASK_GPA(0) + T_COMM, "\x1b[31m\xff-0123456789",
	       16);
	ASSERT_NE(NULL, TASKS());
	EXPECT_STREQ("?[31m?-012345678",
		     text(json_array_get(self->all, 0), "comm"));
}

TEST_F(tasks, a_kernel_without_the_list)
{
	mini_sched_free(self->m);
	self->m = mini_sched_new("init_task");
	self->g = &self->m->g;
	EXPECT_EQ(NULL, TASKS());
	EXPECT_EQ(NULL, self->left);
	EXPECT_EQ(1, json_array_size(self->absent));
}

TEST_F(tasks, a_kernel_without_types)
{
	self->g->k.types = NULL;
	EXPECT_EQ(NULL, TASKS());
	EXPECT_LE(1, json_array_size(self->absent));
}

TEST_HARNESS_MAIN
