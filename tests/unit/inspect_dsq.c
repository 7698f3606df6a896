// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dispatch queues of a mini guest: where each kind is found, the tasks on it
 * in order, hash tables in all their forms, and all of it broken.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/dsq.h"
#include "ktstr/inspect/rhashtable.h"
#include "mini_sched.h"

#define PID(i)		(100 + (i))
#define NR_FIXED	3	/* two CPUs and a node */

FIXTURE(dsq)
{
	struct mini_sched *m;
	struct mini_guest *g;
	json_t *absent, *all;
};

FIXTURE_SETUP(dsq)
{
	u32 i;

	self->m = mini_sched_new(NULL);
	self->g = &self->m->g;
	self->absent = json_array();
	for (i = 0; i < 4; i++) {
		mini_task(self->g, i, i, PID(i), "queued");
		mini_task_waits(self->g, i, i * SCHED_HZ);
	}
}

FIXTURE_TEARDOWN(dsq)
{
	json_decref(self->absent);
	json_decref(self->all);
	mini_sched_free(self->m);
}

#define READ() \
	(self->all = kt_dsqs_json(&self->g->k, NULL, SCHED_HZ, self->absent))

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

static const json_t *task(const json_t *dsq, u32 i)
{
	return json_array_get(json_object_get(dsq, "tasks"), i);
}

static size_t nr_tasks(const json_t *dsq)
{
	return json_array_size(json_object_get(dsq, "tasks"));
}

/* User queue @i, in @bucket of four. */
static void add_user(struct mini_guest *g, u32 i, u64 id, u32 bucket)
{
	u64 slot = HASH_GPA + BT_BUCKETS + 8 * bucket;
	u64 first = mini_get_u64(g, slot) & ~1ULL;

	mini_dsq(g, DSQ_GPA(i), id);
	/* a chain ends in an odd number, or in 0 */
	mini_put_u64(g, DSQ_GPA(i) + Q_HASH, first ? first : 3);
	mini_put_u64(g, slot, D(DSQ_GPA(i) + Q_HASH));
}

TEST_F(dsq, of_cpus_and_nodes)
{
	const json_t *q;

	mini_dsq_add(self->g, mini_local_dsq(1), 0);
	mini_dsq_add(self->g, DSQ_GPA(0), 1);
	ASSERT_NE(NULL, READ());
	ASSERT_EQ(NR_FIXED, json_array_size(self->all));
	q = json_array_get(self->all, 0);
	EXPECT_STREQ("local", text(q, "kind"));
	EXPECT_STREQ("0x8000000000000002", text(q, "id"));
	EXPECT_EQ(0, number(q, "cpu"));
	EXPECT_EQ(0, number(q, "nr"));
	EXPECT_EQ(0, nr_tasks(q));
	q = json_array_get(self->all, 1);
	EXPECT_EQ(1, number(q, "cpu"));
	EXPECT_EQ(1, number(q, "nr"));
	EXPECT_EQ(PID(0), number(task(q, 0), "pid"));
	q = json_array_get(self->all, 2);
	EXPECT_STREQ("global", text(q, "kind"));
	EXPECT_EQ(0, number(q, "node"));
	EXPECT_EQ(PID(1), number(task(q, 0), "pid"));
	EXPECT_STREQ("", text(q, "broken"));
	EXPECT_EQ(0, json_array_size(self->absent));
}

TEST_F(dsq, of_the_scheduler_in_order)
{
	const json_t *q;

	add_user(self->g, 1, 7, 2);
	mini_put_u64(self->g, DSQ_GPA(1) + Q_PRIQ, D(0x5000));
	mini_dsq_add(self->g, DSQ_GPA(1), 2);
	mini_dsq_add(self->g, DSQ_GPA(1), 0);
	mini_dsq_add(self->g, DSQ_GPA(1), 3);
	ASSERT_NE(NULL, READ());
	ASSERT_EQ(NR_FIXED + 1, json_array_size(self->all));
	q = json_array_get(self->all, NR_FIXED);
	EXPECT_STREQ("user", text(q, "kind"));
	EXPECT_STREQ("0x7", text(q, "id"));
	EXPECT_STREQ("vtime", text(q, "order"));
	EXPECT_EQ(3, number(q, "nr"));
	ASSERT_EQ(3, nr_tasks(q));
	EXPECT_EQ(PID(2), number(task(q, 0), "pid"));
	EXPECT_EQ(2000, number(task(q, 0), "runnable_ms"));
	EXPECT_STREQ("queued", text(task(q, 0), "comm"));
	EXPECT_EQ(PID(0), number(task(q, 1), "pid"));
	EXPECT_EQ(PID(3), number(task(q, 2), "pid"));
}

TEST_F(dsq, an_iterator_is_no_task)
{
	const u64 iterator = 0x3f000;	/* its node, behind its flags */

	mini_dsq_add(self->g, DSQ_GPA(0), 0);
	mini_put_u32(self->g, iterator - 8, 1);
	mini_list_add(self->g, DSQ_GPA(0) + Q_LIST, D(DSQ_GPA(0) + Q_LIST),
		      iterator);
	mini_dsq_add(self->g, DSQ_GPA(0), 1);
	ASSERT_NE(NULL, READ());
	EXPECT_EQ(2, nr_tasks(json_array_get(self->all, 2)));
	EXPECT_STREQ("", text(json_array_get(self->all, 2), "broken"));
}

TEST_F(dsq, many_users_in_chains)
{
	u32 i, j, found = 0;

	for (i = 1; i <= 9; i++)
		add_user(self->g, i, i, i % 3);
	/* the lock of a bucket is not part of its pointer */
	mini_put_u64(self->g, HASH_GPA + BT_BUCKETS,
		     mini_get_u64(self->g, HASH_GPA + BT_BUCKETS) | 1);
	ASSERT_NE(NULL, READ());
	ASSERT_EQ(NR_FIXED + 9, json_array_size(self->all));
	for (i = 1; i <= 9; i++)
		for (j = NR_FIXED; j < NR_FIXED + 9; j++)
			found += (u64)number(json_array_get(self->all, j),
					     "id") == i;
	EXPECT_EQ(9, found);
}

TEST_F(dsq, while_the_table_is_being_moved)
{
	const u64 next = HASH_GPA + 0x800;

	add_user(self->g, 1, 1, 0);
	mini_put_u64(self->g, HASH_GPA + BT_FUTURE, D(next));
	mini_put_u32(self->g, next + BT_SIZE, 8);
	mini_dsq(self->g, DSQ_GPA(2), 2);
	mini_put_u64(self->g, DSQ_GPA(2) + Q_HASH, 1);
	mini_put_u64(self->g, next + BT_BUCKETS + 8 * 7,
		     D(DSQ_GPA(2) + Q_HASH));
	/* the first one is in both for a moment */
	mini_put_u64(self->g, next + BT_BUCKETS, D(DSQ_GPA(1) + Q_HASH));
	ASSERT_NE(NULL, READ());
	EXPECT_EQ(NR_FIXED + 2, json_array_size(self->all));
}

static int count(void *arg, u64 head)
{
	(void)head;
	++*(u32 *)arg;
	return 0;
}

/* 2048 buckets: 2 bits select a pointer of the top page, 9 a bucket. */
TEST_F(dsq, a_nested_table)
{
	const u64 top = HASH_GPA + 0x800, page = 0x50000, head = 0x5e000;
	u32 nr = 0;

	mini_put_u32(self->g, HASH_GPA + BT_SIZE, 2048);
	mini_put_u32(self->g, HASH_GPA + BT_NEST, 2);
	mini_put_u64(self->g, HASH_GPA + BT_BUCKETS, D(top));
	mini_put_u64(self->g, top + 8 * 3, D(page));
	mini_put_u64(self->g, page + 8 * 511, D(head));
	mini_put_u64(self->g, head, D(head + 8));
	mini_put_u64(self->g, page, D(head + 16));
	mini_put_u64(self->g, head + 16, 5);
	EXPECT_EQ(0, kt_rhashtable_for_each(&self->g->k, S(AT_DSQ_HASH), 10,
					    count, &nr));
	EXPECT_EQ(3, nr);
	/* not more than are asked for */
	EXPECT_EQ(-EFAULT, kt_rhashtable_for_each(&self->g->k, S(AT_DSQ_HASH),
						  2, count, &nr));
}

TEST_F(dsq, a_table_that_is_none)
{
	u32 nr = 0;

#define WALK()	kt_rhashtable_for_each(&self->g->k, S(AT_DSQ_HASH), 10, count, &nr)
	mini_put_u32(self->g, HASH_GPA + BT_SIZE, 3);
	EXPECT_EQ(-EFAULT, WALK());
	mini_put_u32(self->g, HASH_GPA + BT_SIZE, 1 << 30);
	EXPECT_EQ(-EFAULT, WALK());
	mini_put_u32(self->g, HASH_GPA + BT_SIZE, 4);
	mini_put_u32(self->g, HASH_GPA + BT_NEST, 40);
	EXPECT_EQ(-EFAULT, WALK());
	mini_put_u32(self->g, HASH_GPA + BT_NEST, 0);
	mini_put_u64(self->g, HASH_GPA + BT_FUTURE, D(HASH_GPA));
	EXPECT_EQ(-EFAULT, WALK());
	mini_put_u64(self->g, HASH_GPA + BT_FUTURE, 0x1000);
	EXPECT_EQ(-EFAULT, WALK());
	mini_put_u64(self->g, I(AT_DSQ_HASH) + HT_TBL, 0);
	EXPECT_EQ(0, WALK());
	EXPECT_EQ(0, nr);
}

TEST_F(dsq, a_chain_that_leads_back)
{
	add_user(self->g, 1, 1, 0);
	mini_put_u64(self->g, DSQ_GPA(1) + Q_HASH, D(DSQ_GPA(1) + Q_HASH));
	ASSERT_NE(NULL, READ());
	/* the queue once, and a word of the rest */
	ASSERT_EQ(NR_FIXED + 2, json_array_size(self->all));
	EXPECT_STREQ("their table leads nowhere",
		     text(json_array_get(self->all, NR_FIXED + 1), "broken"));
}

TEST_F(dsq, a_list_that_leads_back)
{
	const json_t *q;

	mini_dsq_add(self->g, DSQ_GPA(0), 0);
	mini_dsq_add(self->g, DSQ_GPA(0), 1);
	mini_put_u64(self->g, TASK_GPA(1) + X_NODE, D(TASK_GPA(0) + X_NODE));
	ASSERT_NE(NULL, READ());
	q = json_array_get(self->all, 2);
	EXPECT_EQ(2, nr_tasks(q));
	EXPECT_STREQ("its list leads back", text(q, "broken"));
}

TEST_F(dsq, a_list_that_leads_nowhere)
{
	mini_dsq_add(self->g, DSQ_GPA(0), 0);
	mini_put_u64(self->g, TASK_GPA(0) + X_NODE, 0x123);
	mini_put_u64(self->g, mini_local_dsq(0) + Q_LIST, D(MINI_RAM_BYTES));
	ASSERT_NE(NULL, READ());
	EXPECT_STREQ("its list leads nowhere",
		     text(json_array_get(self->all, 0), "broken"));
	EXPECT_STREQ("its list leads nowhere",
		     text(json_array_get(self->all, 2), "broken"));
	EXPECT_EQ(1, nr_tasks(json_array_get(self->all, 2)));
}

TEST_F(dsq, more_tasks_than_are_shown)
{
	const u64 nodes = 0x50000;
	const json_t *q;
	u32 i;

	for (i = 0; i < KT_DSQ_MAX_TASKS + 10; i++)
		mini_list_add(self->g, DSQ_GPA(0) + Q_LIST,
			      D(DSQ_GPA(0) + Q_LIST), nodes + 24 * i);
	mini_put_u32(self->g, DSQ_GPA(0) + Q_NR, KT_DSQ_MAX_TASKS + 10);
	ASSERT_NE(NULL, READ());
	q = json_array_get(self->all, 2);
	EXPECT_EQ(KT_DSQ_MAX_TASKS + 10, number(q, "nr"));
	EXPECT_EQ(KT_DSQ_MAX_TASKS, nr_tasks(q));
	EXPECT_STREQ("", text(q, "broken"));
}

TEST_F(dsq, not_yet_there)
{
	mini_put_u64(self->g, I(AT_GLOBAL_DSQS), 0);
	mini_put_u64(self->g, I(AT_DSQ_HASH) + HT_TBL, 0);
	ASSERT_NE(NULL, READ());
	EXPECT_EQ(2, json_array_size(self->all));
}

TEST_F(dsq, a_kernel_without_types)
{
	self->g->k.types = NULL;
	EXPECT_EQ(NULL, READ());
	EXPECT_LE(1, json_array_size(self->absent));
}

TEST_HARNESS_MAIN
