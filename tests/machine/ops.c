// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every operation of a step on a real machine: what the kernel's files and the
 * workers themselves show while it is in force.
 */
#include <unistd.h>

#include "history.h"

#define CGROUP(name)	"/sys/fs/cgroup/ktstr/" name
#define ONLINE		"/sys/devices/system/cpu/online"
#define SCHED_OPS	"/sys/kernel/sched_ext/root/ops"
#define SCHED_STATE	"/sys/kernel/sched_ext/state"
#define PART		KTSTR_HOLD_PERMILLE(200)
#define SPIN(n)		.workers = (n), .work = { KTSTR_SPIN_WAIT }

KTSTR_SCHED(simple, .binary = "scx_simple");
KTSTR_SCHED(queues, .binary = "scx_qmap");

KTSTR_TEST(cpusets, .desc = "set, swapped, cleared; workers follow",
	   .topology = "1n2l2c1t", .duration_ms = 1500)
{
	static struct history h[] = {
		{ look_file, CGROUP("left/cpuset.cpus") },
		{ look_file, CGROUP("right/cpuset.cpus") },
		{ look_allowed, CGROUP("left") },
		{ look_allowed, CGROUP("right") },
	};

	history_begin(t, h, 4);
	KTSTR_RUN(t,
		  KTSTR_CHANGE(PART,
			       KTSTR_ADD_CGROUP(.name = "left", SPIN(2),
						.cpuset = KTSTR_LLC(0)),
			       KTSTR_ADD_CGROUP(.name = "right", SPIN(1),
						.cpuset = KTSTR_CPUS("3"))),
		  KTSTR_CHANGE(PART, KTSTR_SWAP_CPUSETS("left", "right")),
		  KTSTR_CHANGE(PART,
			       KTSTR_SET_CPUSET("left", KTSTR_CPU_RANGE(25, 75)),
			       KTSTR_SET_CPUSET("right", KTSTR_OVERLAP(1, 2, 50))),
		  KTSTR_CHANGE(PART, KTSTR_CLEAR_CPUSET("left"),
			       KTSTR_SET_CPUSET("right", KTSTR_NODE(0))));
	history_end();
	history_expect(t, &h[0], "0-1 | 3 | 1-2 | 0-3");
	history_expect(t, &h[1], "3 | 0-1 | 0,2-3 | 0-3");
	history_has(t, &h[2], "0-1");
	history_has(t, &h[2], "3");
	history_has(t, &h[2], "1-2");
	history_has(t, &h[2], "0-3");
	history_has(t, &h[3], "0,2-3");
}

KTSTR_TEST(nested_limits,
	   .desc = "nested names, nodes, weight, bandwidth; what one above confines is confined",
	   .topology = "2n2l2c1t", .duration_ms = 1500)
{
	static struct history h[] = {
		{ look_file, CGROUP("a/b/cpuset.mems") },
		{ look_file, CGROUP("a/b/cpu.weight") },
		{ look_file, CGROUP("a/b/cpu.max") },
		{ look_allowed, CGROUP("a/b") },
	};

	history_begin(t, h, 4);
	KTSTR_RUN(t,
		  KTSTR_STEP(PART,
			     { .name = "a", .cpuset = KTSTR_NODE(1) },
			     { .name = "a/b", .mems = "1", .weight = 300,
			       .quota_us = 50000, SPIN(2) }),
		  KTSTR_CHANGE(PART, KTSTR_SET_WEIGHT("a/b", 20),
			       KTSTR_SET_BANDWIDTH("a/b", 20000, 40000)),
		  KTSTR_CHANGE(PART, KTSTR_SET_BANDWIDTH("a/b", 0, 0)));
	history_end();
	history_has(t, &h[0], "1");
	history_has(t, &h[1], "300");
	history_has(t, &h[1], "20");
	history_has(t, &h[2], "50000 100000");
	history_has(t, &h[2], "20000 40000");
	history_has(t, &h[2], "max 40000");
	history_has(t, &h[3], "2-3");
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "a/b").workers, 2);
}

/* CPU time of a cgroup while the kernel says that it is frozen. */
static void look_frozen(char *buf, const char *dir)
{
	char path[256], frozen[HISTORY_BYTES] = "";

	snprintf(path, sizeof(path), "%s/cgroup.events", dir);
	look_key(frozen, path, "frozen");
	if (strcmp(frozen, "1"))
		return;
	snprintf(path, sizeof(path), "%s/cpu.stat", dir);
	look_key(buf, path, "usage_usec");
}

KTSTR_TEST(frozen, .desc = "frozen workers do not run, and it is no gap",
	   .topology = "1n1l2c1t", .duration_ms = 3000,
	   .checks = { .longest_gap_ms = 900 })
{
	static struct history h[] = {
		{ look_frozen, CGROUP("ice") },
		{ look_file, CGROUP("ice/cgroup.freeze") },
	};
	struct ktstr_stats s;

	history_begin(t, h, 2);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(100),
			     { .name = "ice", .workers = 2,
			       .work = { KTSTR_SPIN_WAIT } },
			     { .name = "water", .workers = 1,
			       .work = { KTSTR_BURSTY } }),
		  KTSTR_CHANGE(KTSTR_HOLD_PERMILLE(600),
			       KTSTR_FREEZE_CGROUP("ice")),
		  KTSTR_CHANGE(KTSTR_HOLD_PERMILLE(100),
			       KTSTR_THAW_CGROUP("ice")),
		  KTSTR_CHANGE(KTSTR_HOLD_PERMILLE(200),
			       KTSTR_FREEZE_CGROUP("ice")));
	history_end();
	/* once while it is frozen, and once again */
	KTSTR_EXPECT_GE(t, h[0].nr, 1);
	KTSTR_EXPECT_LE(t, h[0].nr, 4);
	history_expect(t, &h[1], "0 | 1 | 0 | 1 | 0");
	s = ktstr_cgroup_stats(t, "ice");
	KTSTR_EXPECT_GE(t, s.cpu_ns, 50000000);
	KTSTR_EXPECT_LE(t, s.cpu_ns, 2500000000);
}

#define TO_CPU_2	{ KTSTR_AFFINITY_EXACT, .list = "2" }
#define TO_ALL		{ KTSTR_AFFINITY_INHERIT }

KTSTR_TEST(affinities, .desc = "declared, set anew, for each worker",
	   .topology = "1n2l2c1t", .duration_ms = 1500)
{
	static struct history h[] = {
		{ look_allowed, CGROUP("one") },
		{ look_allowed, CGROUP("llc") },
		{ look_allowed, CGROUP("exact") },
		{ look_allowed, CGROUP("cross") },
	};

	history_begin(t, h, 4);
	KTSTR_RUN(t,
		  KTSTR_STEP(PART,
			     { .name = "one", SPIN(1),
			       .with = { .affinity = { KTSTR_AFFINITY_ONE } } },
			     { .name = "llc", SPIN(1),
			       .with = { .affinity = { KTSTR_AFFINITY_LLC } } },
			     { .name = "exact", SPIN(1),
			       .with = { .affinity = { KTSTR_AFFINITY_EXACT,
						       .list = "1,3" } } },
			     { .name = "cross", SPIN(1),
			       .cpuset = KTSTR_LLC(1),
			       .with = { .affinity = { KTSTR_AFFINITY_CROSS } } }),
		  KTSTR_CHANGE(PART,
			       KTSTR_SET_AFFINITY("one", TO_CPU_2),
			       KTSTR_SET_AFFINITY("exact", TO_ALL)));
	history_end();
	history_has(t, &h[0], "0");
	history_has(t, &h[0], "2");
	history_has(t, &h[1], "0-1");
	history_has(t, &h[2], "1,3");
	history_has(t, &h[2], "0-3");
	history_expect(t, &h[3], "2-3");
}

/* "policy nice priority" of the first one in the cgroup. */
static void look_policy(char *buf, const char *dir)
{
	char path[64], stat[512], *field, *save;
	char nice[16] = "", prio[16] = "", policy[16] = "";
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", first_of(dir));
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(stat, sizeof(stat), f)) {
		field = strrchr(stat, ')');
		field = field ? strtok_r(field + 1, " ", &save) : NULL;
		for (i = 3; field; i++, field = strtok_r(NULL, " ", &save)) {
			if (i == 19)
				snprintf(nice, sizeof(nice), "%s", field);
			else if (i == 40)
				snprintf(prio, sizeof(prio), "%s", field);
			else if (i == 41)
				snprintf(policy, sizeof(policy), "%s", field);
		}
		snprintf(buf, HISTORY_BYTES, "%s %s %s", policy, nice, prio);
	}
	fclose(f);
}

KTSTR_TEST(policies, .desc = "every policy is the worker's before it works",
	   .topology = "1n1l4c1t", .duration_ms = 1000,
	   .checks = { .starvation = KTSTR_OFF, .longest_gap_ms = KTSTR_OFF })
{
	static struct history h[] = {
		{ look_policy, CGROUP("nice") }, { look_policy, CGROUP("batch") },
		{ look_policy, CGROUP("idle") }, { look_policy, CGROUP("fifo") },
		{ look_policy, CGROUP("rr") }, { look_policy, CGROUP("dl") },
		{ look_policy, CGROUP("ext") },
	};

	history_begin(t, h, 7);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(500),
			     { .name = "nice", SPIN(1), .with = { .nice = -7 } },
			     { .name = "batch", SPIN(1),
			       .with = { .policy = KTSTR_POLICY_BATCH, .nice = 3 } },
			     { .name = "idle", SPIN(1),
			       .with = { .policy = KTSTR_POLICY_IDLE } },
			     { .name = "fifo", SPIN(1),
			       .with = { .policy = KTSTR_POLICY_FIFO,
					 .rt_priority = 7 } },
			     { .name = "rr", SPIN(1),
			       .with = { .policy = KTSTR_POLICY_RR } },
			     { .name = "dl", SPIN(1),
			       .with = { .policy = KTSTR_POLICY_DEADLINE,
					 .dl_runtime_us = 10000,
					 .dl_period_us = 100000 } },
			     { .name = "ext", SPIN(1),
			       .with = { .policy = KTSTR_POLICY_EXT } }));
	history_end();
	history_has(t, &h[0], "0 -7 0");
	history_has(t, &h[1], "3 3 0");
	history_has(t, &h[2], "5 0 0");
	history_has(t, &h[3], "1 0 7");
	history_has(t, &h[4], "2 0 1");
	history_has(t, &h[5], "6 0 0");
	history_has(t, &h[6], "7 0 0");
}

static void look_numa(char *buf, const char *dir)
{
	char path[64], line[256], *policy;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/numa_maps", first_of(dir));
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(line, sizeof(line), f)) {
		policy = strchr(line, ' ');
		if (policy)
			snprintf(buf, HISTORY_BYTES, "%.*s",
				 (int)strcspn(policy + 1, " "), policy + 1);
	}
	fclose(f);
}

KTSTR_TEST(memory_policies, .desc = "every memory policy is the worker's",
	   .topology = "2n2l1c1t", .duration_ms = 800,
	   .checks = { .longest_gap_ms = KTSTR_OFF })
{
	static struct history h[] = {
		{ look_numa, CGROUP("bind") }, { look_numa, CGROUP("prefer") },
		{ look_numa, CGROUP("spread") }, { look_numa, CGROUP("local") },
	};

	history_begin(t, h, 4);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(500),
			     { .name = "bind", SPIN(1),
			       .with = { .mem = { KTSTR_MEM_BIND, "1" } } },
			     { .name = "prefer", SPIN(1),
			       .with = { .mem = { KTSTR_MEM_PREFERRED, "0-1" } } },
			     { .name = "spread", SPIN(1),
			       .with = { .mem = { KTSTR_MEM_INTERLEAVE, "0-1" } } },
			     { .name = "local", SPIN(1),
			       .with = { .mem = { KTSTR_MEM_LOCAL } } }));
	history_end();
	history_has(t, &h[0], "bind:1");
	history_has(t, &h[1], "prefer:0");
	history_has(t, &h[2], "interleave:0-1");
	history_has(t, &h[3], "local");
}

KTSTR_TEST(moves, .desc = "spawned in more groups, moved, stopped, removed, made again",
	   .topology = "1n1l2c1t", .duration_ms = 1500)
{
	static const struct ktstr_workers more[] = {
		{ .nr = 2, .work = { KTSTR_BURSTY } }, {},
	};
	static struct history h[] = {
		{ look_nr_procs, CGROUP("from") },
		{ look_nr_procs, CGROUP("to") },
	};

	history_begin(t, h, 2);
	KTSTR_RUN(t,
		  KTSTR_STEP(PART,
			     { .name = "from", .workers = 1,
			       .work = { KTSTR_BURSTY }, .more = more },
			     { .name = "to" }),
		  KTSTR_CHANGE(PART,
			       KTSTR_SPAWN("from", .nr = 1,
					   .work = { KTSTR_SPIN_WAIT }),
			       KTSTR_SPAWN(NULL, .nr = 2,
					   .work = { KTSTR_BURSTY })),
		  KTSTR_CHANGE(PART, KTSTR_MOVE_ALL("from", "to")),
		  KTSTR_CHANGE(PART, KTSTR_STOP_CGROUP("to"),
			       KTSTR_REMOVE_CGROUP("from")),
		  KTSTR_CHANGE(PART,
			       KTSTR_ADD_CGROUP(.name = "from", .workers = 3,
						.work = { KTSTR_BURSTY })));
	history_end();
	/* in between it is gone, and has no number */
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "from").workers, 3);
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "to").workers, 4);
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "/").workers, 2);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "to").iterations, 4);
	history_has(t, &h[0], "4");
	history_has(t, &h[1], "4");
	history_has(t, &h[1], "0");
	history_has(t, &h[0], "0");
	history_has(t, &h[0], "3");
}

KTSTR_TEST(hotplug, .desc = "a CPU goes and comes back; one that stays away comes back at the end",
	   .topology = "1n2l2c1t", .duration_ms = 1500)
{
	static struct history h[] = {
		{ look_file, ONLINE },
		{ look_file, CGROUP("high/cpuset.cpus.effective") },
	};
	char now[HISTORY_BYTES] = "";

	history_begin(t, h, 2);
	KTSTR_RUN(t,
		  KTSTR_STEP(PART,
			     { .name = "high", SPIN(2),
			       .cpuset = KTSTR_LLC(1) }),
		  KTSTR_CHANGE(PART, KTSTR_CPU_OFFLINE(3)),
		  KTSTR_CHANGE(PART, KTSTR_CPU_ONLINE(3),
			       KTSTR_CPU_OFFLINE(1)),
		  KTSTR_CHANGE(PART, KTSTR_CPU_OFFLINE(2),
			       KTSTR_CPU_OFFLINE(3)));
	history_end();
	history_expect(t, &h[0], "0-3 | 0-2 | 0-3 | 0,2-3 | 0,3 | 0 | 0-1 | 0-2 | 0-3");
	history_has(t, &h[1], "2");
	look_file(now, ONLINE);
	KTSTR_EXPECT(t, !strcmp(now, "0-3"));
}

/* The scheduler's name, or that there is none. */
static void look_sched(char *buf, const char *unused)
{
	char state[HISTORY_BYTES] = "";

	(void)unused;
	look_file(state, SCHED_STATE);
	if (!strcmp(state, "enabled"))
		look_file(buf, SCHED_OPS);
	else if (!strcmp(state, "disabled"))
		strcpy(buf, "none");
}

#define SCHEDULERS	.topology = "1n1l2c1t", .duration_ms = 1000,	\
			.checks = { .longest_gap_ms = 4000 }

KTSTR_TEST(replaced, .desc = "one scheduler behind the other, and back",
	   .sched = &simple, .scheds = KTSTR_SCHEDS(&queues), SCHEDULERS)
{
	static struct history h = { look_sched, SCHED_OPS };

	history_begin(t, &h, 1);
	KTSTR_RUN(t,
		  KTSTR_STEP(PART, { .name = "crowd", SPIN(3) }),
		  KTSTR_CHANGE(PART, KTSTR_REPLACE_SCHED(queues)),
		  KTSTR_CHANGE(PART, KTSTR_REPLACE_SCHED(simple)));
	history_end();
	history_expect(t, &h, "simple | none | qmap | none | simple");
}

KTSTR_TEST(attached_late,
	   .desc = "a case without a scheduler attaches one, and detaches it",
	   .scheds = KTSTR_SCHEDS(&simple), SCHEDULERS)
{
	static struct history h = { look_sched, SCHED_OPS };

	history_begin(t, &h, 1);
	KTSTR_RUN(t,
		  KTSTR_STEP(PART, { .name = "crowd", SPIN(3) }),
		  KTSTR_CHANGE(PART, KTSTR_ATTACH_SCHED(simple)),
		  KTSTR_CHANGE(PART, KTSTR_DETACH_SCHED()));
	history_end();
	history_expect(t, &h, "none | simple | none");
}

KTSTR_TEST(detached, .desc = "and attached again before the end",
	   .sched = &queues, SCHEDULERS)
{
	static struct history h = { look_sched, SCHED_OPS };

	history_begin(t, &h, 1);
	KTSTR_RUN(t,
		  KTSTR_STEP(PART, { .name = "crowd", SPIN(3) }),
		  KTSTR_CHANGE(PART, KTSTR_DETACH_SCHED()),
		  KTSTR_CHANGE(PART, KTSTR_ATTACH_SCHED(queues)));
	history_end();
	history_expect(t, &h, "qmap | none | qmap");
}

static void check_asked(struct ktstr_after *a)
{
	const struct ktstr_capture_info *c = ktstr_capture_at(a, 0);

	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 1);
	KTSTR_AFTER_EQ(a, strcmp(c->tag, "midway"), 0);
	KTSTR_AFTER_EQ(a, c->phase, 1);
}

KTSTR_TEST(asked_of_the_host, .desc = "a capture and a kernel operation from steps",
	   .topology = "1n1l2c1t", .duration_ms = 500, .after = check_asked)
{
	struct ktstr_kernel_op op = {
		.target = KTSTR_SYMBOL, .symbol = "nr_cpu_ids", .width = 4,
	};

	KTSTR_RUN(t,
		  KTSTR_STEP(PART, { .name = "pair", SPIN(2) }),
		  KTSTR_CHANGE(PART, KTSTR_CAPTURE("midway"),
			       KTSTR_KERNEL_OP(&op)));
	KTSTR_EXPECT(t, op.ok);
	KTSTR_EXPECT_EQ(t, op.value.u32, 2);
}

KTSTR_TEST(loops, .desc = "operations again and again while a step holds",
	   .topology = "1n1l4c1t", .duration_ms = 2000)
{
	static struct history h = { look_file, CGROUP("sway/cpuset.cpus") };

	history_begin(t, &h, 1);
	KTSTR_RUN(t,
		  KTSTR_STEP(PART,
			     { .name = "sway", .workers = 2,
			       .work = { KTSTR_BURSTY },
			       .cpuset = KTSTR_DISJOINT(0, 2) },
			     { .name = "other", .workers = 2,
			       .work = { KTSTR_BURSTY },
			       .cpuset = KTSTR_DISJOINT(1, 2) },
			     { .name = "guest", .workers = 1,
			       .work = { KTSTR_YIELD_HEAVY } }),
		  KTSTR_LOOP(KTSTR_HOLD_PERMILLE(600), 100,
			     KTSTR_SWAP_CPUSETS("sway", "other"),
			     KTSTR_REMOVE_CGROUP("guest"),
			     KTSTR_ADD_CGROUP(.name = "guest", .workers = 1,
					      .work = { KTSTR_YIELD_HEAVY })));
	history_end();
	KTSTR_EXPECT_GE(t, h.nr, 4);
	KTSTR_EXPECT_LE(t, h.nr, 13);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "guest").workers, 3);
}
