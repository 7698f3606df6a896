// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks found by pid in a guest's memory, and the ways there broken at each
 * of their steps.
 */
#include <kselftest_harness.h>

#include "mini_task.h"

FIXTURE(task)
{
	struct mini_guest *g;
	struct kt_types *types;
	struct kt_task t;
};

static void add_task(struct mini_guest *g)
{
	mini_task_add(g, 0x1122334455667788, 0x2001, "sixteen-letters!");
	mini_put_u32(g, TASK + MINI_TASK_EXIT_STATE, 0x20);
	mini_put_u32(g, TASK + MINI_TASK_ON_RQ, 1);
	mini_put_u64(g, TASK + MINI_TASK_SCX + 8, MINI_DIRECT);
}

FIXTURE_SETUP(task)
{
	self->g = aligned_alloc(4096, sizeof(*self->g));
	ASSERT_NE(NULL, self->g);
	self->g->syms = NULL;
	mini_guest_boot(self->g);
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, NULL));
	ASSERT_EQ(0, mini_guest_init(self->g, SLIDE));
	self->types = mini_btf_types(64);
	self->g->k.types = self->types;
	add_task(self->g);
}

FIXTURE_TEARDOWN(task)
{
	kt_types_free(self->types);
	kt_symbols_free(self->g->syms);
	free(self->g);
}

#define FIND(pid)	kt_task_find(&self->g->k, pid, &self->t)

TEST_F(task, every_field)
{
	const struct kt_task *t = &self->t;

	ASSERT_EQ(0, FIND(PID));
	EXPECT_EQ(MINI_DIRECT + TASK, t->kva);
	EXPECT_EQ(PID, t->pid);
	EXPECT_EQ(0x1122334455667788, t->start_boottime_ns);
	EXPECT_EQ(0x2001, t->state);
	EXPECT_EQ(0x20, t->exit_state);
	EXPECT_EQ(1, t->on_rq);
	EXPECT_EQ(KT_SCHED_EXT_POLICY, t->policy);
	EXPECT_TRUE(t->class_ext);
	EXPECT_TRUE(t->on_dsq);
	EXPECT_STREQ("sixteen-letters!", t->comm);
}

TEST_F(task, of_another_class_and_on_no_dsq)
{
	/* where the class would be without KASLR */
	mini_put_u64(self->g, TASK + MINI_TASK_CLASS,
		     MINI_TEXT + MINI_EXT_CLASS);
	mini_put_u64(self->g, TASK + MINI_TASK_SCX + 8, 0);
	ASSERT_EQ(0, FIND(PID));
	EXPECT_FALSE(self->t.class_ext);
	EXPECT_FALSE(self->t.on_dsq);
}

TEST_F(task, no_such_pid)
{
	EXPECT_EQ(-ESRCH, FIND(0));
	EXPECT_EQ(-ESRCH, FIND(PID + 1));
	EXPECT_EQ(-ESRCH, FIND(UINT32_MAX));
	mini_put_u64(self->g, SLOT, 257 << 2 | 2);
	EXPECT_EQ(-ESRCH, FIND(PID));
	mini_put_u64(self->g, IDR_HEAD, 0);
	EXPECT_EQ(-ESRCH, FIND(PID));
}

TEST_F(task, a_pid_without_its_task)
{
	mini_put_u64(self->g, STRUCT_PID + MINI_PID_TASKS, 0);
	EXPECT_EQ(-ESRCH, FIND(PID));
}

TEST_F(task, reused_by_another)
{
	mini_put_u32(self->g, TASK + MINI_TASK_PID, PID + 1);
	EXPECT_EQ(-ESRCH, FIND(PID));
}

TEST_F(task, broken_on_the_way)
{
	mini_put_u64(self->g, STRUCT_PID + MINI_PID_TASKS, 0x400000);
	EXPECT_EQ(-EFAULT, FIND(PID));
	mini_put_u64(self->g, STRUCT_PID + MINI_PID_TASKS,
		     MINI_DIRECT + MINI_RAM_BYTES + MINI_TASK_LINKS);
	EXPECT_EQ(-EFAULT, FIND(PID));
	/* begins in memory, ends behind it */
	mini_put_u64(self->g, STRUCT_PID + MINI_PID_TASKS, MINI_DIRECT +
		     MINI_RAM_BYTES - 70 + MINI_TASK_LINKS);
	EXPECT_EQ(-EFAULT, FIND(PID));
	mini_put_u64(self->g, SLOT, MINI_DIRECT + MINI_RAM_BYTES - 8);
	EXPECT_EQ(-EFAULT, FIND(PID));
	mini_put_u64(self->g, SLOT, 0x1000);
	EXPECT_EQ(-EFAULT, FIND(PID));
}

TEST_F(task, a_kernel_without_sched_ext)
{
	kt_symbols_free(self->g->syms);
	self->g->syms = NULL;
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, "ext_sched_class"));
	ASSERT_EQ(0, mini_guest_init(self->g, SLIDE));
	EXPECT_EQ(-EINVAL, FIND(PID));
	self->g->k.types = self->types;
	EXPECT_EQ(-ENOENT, FIND(PID));
}

TEST_HARNESS_MAIN
