// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations: the table, what they are refused for and how that is said, and
 * what they ask of the services. No cgroup is touched.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/scenario/members.h"
#include "ktstr/scenario/ops.h"

static struct kt_guest_topology topo;
static struct kt_scenario s;
static u32 asked[KTSTR_NR_OPS];

static int refuse_text(void *arg, const char *text, char *why, size_t size)
{
	(*(u32 *)arg)++;
	snprintf(why, size, "not %s", text);
	return -EIO;
}

static int count_sched(void *arg, const struct ktstr_op *op, char *why,
		       size_t size)
{
	asked[op->kind]++;
	snprintf(why, size, "it would not");
	return op->kind == KTSTR_OP_DETACH_SCHED ? -EBUSY : 0;
}

static int count_kernel(void *arg, struct ktstr_kernel_op *op, char *why,
			size_t size)
{
	op->ok = true;
	return 0;
}

static u32 nr_texts;
static const struct kt_scenario_services services = {
	.capture = refuse_text,
	.watch = refuse_text,
	.kernel = count_kernel,
	.sched = count_sched,
};

/* Four CPUs, and cgroups "left" and "right" that are but names. */
FIXTURE(ops) {};

FIXTURE_SETUP(ops)
{
	static const char *const names[] = { "left", "right" };
	u32 i;

	keep_log();
	memset(&s, 0, sizeof(s));
	memset(&topo, 0, sizeof(topo));
	memset(asked, 0, sizeof(asked));
	nr_texts = 0;
	topo.nr_cpus = 4;
	kt_cpumask_parse(&topo.online, "0-3");
	s.topo = &topo;
	s.now = topo;
	s.stop_fd = -1;
	s.speed_pct = 100;
	for (i = 0; i < 2; i++) {
		s.cgroups[i].name = names[i];
		s.cgroups[i].live = true;
	}
	s.nr_cgroups = 2;
	/* all in one chain, which every name leads to */
	s.cgroups[0].next = 2;
	for (i = 0; i < KT_CGROUP_BUCKETS; i++)
		s.buckets[i] = 1;
}

FIXTURE_TEARDOWN(ops)
{
}

static int run_one(struct ktstr_op op)
{
	const struct ktstr_op list[] = { op, { .kind = KTSTR_OP_END } };

	s.why[0] = '\0';
	return kt_ops_run(&s, list);
}

#define EXPECT_REFUSED(op_, text)					\
	do {								\
		EXPECT_GT(0, run_one((struct ktstr_op)op_));		\
		EXPECT_STREQ(text, s.why);				\
	} while (0)

TEST(every_kind_has_an_entry)
{
	u32 kind;

	for (kind = KTSTR_OP_END + 1; kind < KTSTR_NR_OPS; kind++) {
		ASSERT_NE(NULL, kt_op_name(kind));
		EXPECT_EQ(0, strncmp(kt_op_name(kind), "KTSTR_", 6));
	}
	EXPECT_EQ(NULL, kt_op_name(KTSTR_OP_END));
	EXPECT_EQ(NULL, kt_op_name(KTSTR_NR_OPS));
	/* a bit each in a Stimulus */
	EXPECT_LE(KTSTR_NR_OPS - 1, 32);
}

TEST_F(ops, unknown_kind)
{
	EXPECT_REFUSED({ .kind = 99 },
		       "operation 99: there is none such; use the macros of ktstr_scenario.h");
}

TEST_F(ops, cgroups_that_are_not_there)
{
	EXPECT_REFUSED(KTSTR_STOP_CGROUP("lfet"),
		       "KTSTR_STOP_CGROUP(lfet): there is no cgroup \"lfet\" now; there are: left, right");
	EXPECT_REFUSED(KTSTR_MOVE_ALL("left", "rihgt"),
		       "KTSTR_MOVE_ALL(left): there is no cgroup \"rihgt\" now; there are: right, left");
	EXPECT_REFUSED(KTSTR_FREEZE_CGROUP(NULL),
		       "KTSTR_FREEZE_CGROUP: the cgroup's name is not given");
	EXPECT_REFUSED(KTSTR_REMOVE_CGROUP("/"),
		       "KTSTR_REMOVE_CGROUP(/): the machine's root cgroup cannot be changed; name one of the scenario's");
	EXPECT_REFUSED(KTSTR_MOVE_ALL("left", "left"),
		       "KTSTR_MOVE_ALL(left): it is where it would be moved to");
}

TEST_F(ops, names)
{
	EXPECT_REFUSED(KTSTR_ADD_CGROUP(.name = "left"),
		       "KTSTR_ADD_CGROUP: cgroup left: there is one of that name already");
	EXPECT_REFUSED(KTSTR_ADD_CGROUP(.name = "a//b"),
		       "KTSTR_ADD_CGROUP: cgroup a//b: a name has levels without a dot in front, and less than 128 bytes");
	EXPECT_REFUSED(KTSTR_ADD_CGROUP(.name = NULL),
		       "KTSTR_ADD_CGROUP: its name is not given");
	EXPECT_TRUE(kt_cgroup_name_ok("a/b.c/d"));
	EXPECT_FALSE(kt_cgroup_name_ok("a/.b"));
	EXPECT_FALSE(kt_cgroup_name_ok("/a"));
	EXPECT_FALSE(kt_cgroup_name_ok("a/"));
	EXPECT_FALSE(kt_cgroup_name_ok(""));
}

TEST_F(ops, values)
{
	EXPECT_REFUSED(KTSTR_SET_WEIGHT("left", 10001),
		       "KTSTR_SET_WEIGHT(left): weight 10001: 1 to 10000 are possible");
	EXPECT_REFUSED(KTSTR_SET_BANDWIDTH("left", 10, 0),
		       "KTSTR_SET_BANDWIDTH(left): bandwidth of 10 us every 100000 us: a quota of 1000 us at least, 0 for none, and a period of 1000 to 1000000 us");
	EXPECT_REFUSED(KTSTR_SET_CPUSET("left", KTSTR_CPUS("9")),
		       "KTSTR_SET_CPUSET(left): KTSTR_CPUS(\"9\"): CPU 9 is not online; those are 0-3");
	EXPECT_REFUSED(KTSTR_SPAWN("left", .nr = 1, .policy = KTSTR_POLICY_FIFO,
				   .rt_priority = 100),
		       "KTSTR_SPAWN(left): cgroup left: SCHED_FIFO at priority 100: 1 to 99 are possible");
	EXPECT_REFUSED(KTSTR_SPAWN("left", .nr = 1, .nice = 20),
		       "KTSTR_SPAWN(left): cgroup left: nice 20: -20 to 19 are possible");
	EXPECT_REFUSED(KTSTR_SPAWN("left", .nr = 1,
				   .policy = KTSTR_POLICY_DEADLINE),
		       "KTSTR_SPAWN(left): cgroup left: SCHED_DEADLINE with 0 us every 0 us: give .dl_runtime_us, at most .dl_period_us");
	EXPECT_REFUSED(KTSTR_SPAWN("left", .nr = 1,
				   .mem = { KTSTR_MEM_BIND, "7" }),
		       "KTSTR_SPAWN(left): cgroup left: nodes \"7\": the machine has 0 nodes, from 0");
	EXPECT_REFUSED(KTSTR_SPAWN("left", .nr = 1,
				   .affinity = { KTSTR_AFFINITY_RANDOM, .count = 5 }),
		       "KTSTR_SPAWN(left): cgroup left: KTSTR_AFFINITY_RANDOM: 5 of the cgroup's 4 CPUs; give a .count from 1 to 4");
}

TEST_F(ops, frozen_ones_get_no_workers)
{
	kt_members_find(&s, "left")->frozen = true;
	EXPECT_REFUSED(KTSTR_SPAWN("left", .nr = 1),
		       "KTSTR_SPAWN(left): cgroup left: it is frozen: thaw it before it gets workers");
	EXPECT_REFUSED(KTSTR_MOVE_ALL("right", "left"),
		       "KTSTR_MOVE_ALL(right): it or left is frozen: thaw it before workers are moved");
	/* once more is no error */
	EXPECT_EQ(0, run_one((struct ktstr_op)KTSTR_FREEZE_CGROUP("left")));
	EXPECT_EQ(0, run_one((struct ktstr_op)KTSTR_THAW_CGROUP("right")));
}

TEST_F(ops, cpus)
{
	EXPECT_REFUSED(KTSTR_CPU_OFFLINE(4),
		       "KTSTR_CPU_OFFLINE: CPU 4 offline: the machine has CPUs 0-3");
	EXPECT_REFUSED(KTSTR_CPU_ONLINE(2),
		       "KTSTR_CPU_ONLINE: CPU 2 online: it is already");
	kt_guest_topology_set_online(&s.now, 1, false);
	kt_guest_topology_set_online(&s.now, 2, false);
	kt_guest_topology_set_online(&s.now, 3, false);
	EXPECT_REFUSED(KTSTR_CPU_OFFLINE(0),
		       "KTSTR_CPU_OFFLINE: CPU 0 offline: it is the last one online");
}

TEST_F(ops, without_services)
{
	struct ktstr_kernel_op op = {};

	EXPECT_REFUSED(KTSTR_CAPTURE("now"), "KTSTR_CAPTURE(now): no captures here");
	EXPECT_REFUSED(KTSTR_WATCH("jiffies"),
		       "KTSTR_WATCH(jiffies): no watchpoints here");
	EXPECT_REFUSED(KTSTR_KERNEL_OP(&op),
		       "KTSTR_KERNEL_OP: no kernel operations here");
	EXPECT_REFUSED(KTSTR_DETACH_SCHED(),
		       "KTSTR_DETACH_SCHED: no schedulers here");
	EXPECT_REFUSED(KTSTR_CAPTURE(""), "KTSTR_CAPTURE: a name is not given");
}

TEST_F(ops, services_are_asked)
{
	struct ktstr_sched sched = { .name = "some" };
	struct ktstr_kernel_op op = {};

	s.services = &services;
	s.services_arg = &nr_texts;
	EXPECT_REFUSED(KTSTR_CAPTURE("now"), "KTSTR_CAPTURE(now): not now");
	EXPECT_REFUSED(KTSTR_WATCH("jiffies"), "KTSTR_WATCH(jiffies): not jiffies");
	EXPECT_EQ(2, nr_texts);
	EXPECT_EQ(0, run_one((struct ktstr_op)KTSTR_KERNEL_OP(&op)));
	EXPECT_TRUE(op.ok);
	EXPECT_EQ(0, run_one((struct ktstr_op)KTSTR_REPLACE_SCHED(sched)));
	EXPECT_FALSE(s.sched_failed);
	EXPECT_REFUSED(KTSTR_DETACH_SCHED(), "KTSTR_DETACH_SCHED: it would not");
	EXPECT_TRUE(s.sched_failed);
	EXPECT_EQ(1, asked[KTSTR_OP_REPLACE_SCHED]);
	EXPECT_EQ(1, asked[KTSTR_OP_DETACH_SCHED]);
	EXPECT_REFUSED({ .kind = KTSTR_OP_ATTACH_SCHED },
		       "KTSTR_ATTACH_SCHED: the scheduler is not given");
}

TEST_F(ops, they_are_counted)
{
	struct ktstr_sched sched = { .name = "some" };
	const struct ktstr_op list[] = {
		KTSTR_ATTACH_SCHED(sched), KTSTR_REPLACE_SCHED(sched),
		KTSTR_REPLACE_SCHED(sched), { .kind = KTSTR_OP_END },
	};

	s.services = &services;
	ASSERT_EQ(0, kt_ops_run(&s, list));
	EXPECT_EQ(3, s.nr_ops);
	EXPECT_EQ(1u << (KTSTR_OP_ATTACH_SCHED - 1) |
		  1u << (KTSTR_OP_REPLACE_SCHED - 1), s.op_kinds);
	EXPECT_EQ(0, kt_ops_run(&s, NULL));
}

TEST_F(ops, none_is_made_when_the_workload_is_to_end)
{
	struct ktstr_sched sched = { .name = "some" };

	s.services = &services;
	s.stop_fd = eventfd(1, EFD_CLOEXEC);
	ASSERT_LE(0, s.stop_fd);
	EXPECT_EQ(0, run_one((struct ktstr_op)KTSTR_ATTACH_SCHED(sched)));
	EXPECT_TRUE(s.stopped_early);
	EXPECT_EQ(0, asked[KTSTR_OP_ATTACH_SCHED]);
	close(s.stop_fd);
}

TEST_HARNESS_MAIN
