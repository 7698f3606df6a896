// SPDX-License-Identifier: GPL-2.0-only
/*
 * Captures on a real machine: taken when they are due in the workload's own
 * time, and when a test asks for one. Run with and without --kaslr.
 */
#include <stdio.h>
#include <string.h>

#include <ktstr.h>

#define NR_PERIODIC	8
#define DURATION_MS	2000
/* what a busy host may take to notice that a capture is due, or a start */
#define LATE_MS		250

KTSTR_SCHED(simple, .binary = "scx_simple");

/* Boundary @i: 0.1 d + (i + 1) 0.8 d / (n + 1). */
static uint32_t boundary_ms(uint32_t i)
{
	return DURATION_MS / 10 +
	       (i + 1) * (DURATION_MS / 10 * 8) / (NR_PERIODIC + 1);
}

/* The crowd is seen on its CPUs, and time goes on from look to look. */
static void check_cpus(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_get(a, "periodic_002");
	uint64_t running = 0;
	uint32_t i;

	KTSTR_AFTER_EQ(a, ktstr_nr(ktstr_at(c, "cpus")), 4);
	for (i = 0; i < 4; i++)
		running += ktstr_u64(ktstr_at(ktstr_slot(c, i), "nr_running"));
	KTSTR_AFTER_GE(a, running, 6);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(c, "cause")), "periodic");
	/* an idle CPU's clock stands */
	KTSTR_NONDECREASING(a, ktstr_series(a, "cpus[0].clock_ns"));
	KTSTR_STRICTLY_INCREASING(a, ktstr_series(a, "kernel.jiffies"));
	KTSTR_EACH(a, ktstr_series(a, "cpus[3].nr_running"), 0, 100);
}

/* Tasks that scx_simple put on the shared queue, by all CPUs. */
static struct ktstr_value queued(struct ktstr_value capture, void *arg)
{
	return ktstr_slot(ktstr_entry(ktstr_map(capture, "stats"), 1),
			  *(uint32_t *)arg);
}

/* What scx_simple itself keeps, by the names in its source. */
static void check_bpf(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_get(a, "periodic_004");
	uint64_t sum = 0;
	char error[256];
	uint32_t cpu;

	KTSTR_AFTER_EQ(a, ktstr_bool(ktstr_var(c, "fifo_sched")), 0);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_var(c, "uei"), "kind")), 0);
	KTSTR_NONDECREASING(a, ktstr_series_var(a, "vtime_now", NULL));
	KTSTR_AFTER_EQ(a, ktstr_nr(ktstr_map(c, "stats")), 2);
	for (cpu = 0; cpu < 4; cpu++) {
		sum += ktstr_u64(queued(c, &cpu));
		KTSTR_NONDECREASING(a, ktstr_series_of(a, "queued", queued,
						       &cpu));
	}
	KTSTR_AFTER_GE(a, sum, 1);
	snprintf(error, sizeof(error), "%s", ktstr_var(c, "fifo_shed").error);
	error[strcspn(error, ",")] = '\0';
	KTSTR_AFTER_STREQ(a, error, "periodic_004: no variable \"fifo_shed\"; variables: fifo_sched");
}

static void check_periodic(struct ktstr_after *a)
{
	const struct ktstr_capture_info *c;
	char tag[32];
	uint32_t i;

	check_cpus(a);
	check_bpf(a);
	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), NR_PERIODIC);
	for (i = 0; (c = ktstr_capture_at(a, i)); i++) {
		snprintf(tag, sizeof(tag), "periodic_%03u", i);
		KTSTR_AFTER_EQ(a, strcmp(c->tag, tag), 0);
		KTSTR_AFTER_EQ(a, !c->error, 1);
		KTSTR_AFTER_GE(a, c->workload_ms, boundary_ms(i));
		KTSTR_AFTER_LE(a, c->workload_ms, boundary_ms(i) + LATE_MS);
		/* the step before the pause was over at half of the workload */
		if (c->workload_ms + LATE_MS < DURATION_MS / 2)
			KTSTR_AFTER_EQ(a, c->phase, 0);
		if (c->workload_ms > DURATION_MS / 2 + LATE_MS)
			KTSTR_AFTER_GE(a, c->phase, 1);
	}
}

KTSTR_TEST(periodic_with_a_pause,
	   .desc = "eight captures at their times, with a pause in the middle",
	   .sched = &simple, .topology = "1n2l2c1t", .duration_ms = DURATION_MS,
	   .captures = NR_PERIODIC, .after = check_periodic,
	   .checks = { .longest_gap_ms = 4000 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(500),
			     { .name = "crowd", .workers = 6,
			       .work = { KTSTR_SPIN_WAIT } }),
		  KTSTR_PAUSE_MS(1500),
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(500),
			     { .name = "late", .workers = 2,
			       .work = { KTSTR_BURSTY } }));
}

static void check_asked(struct ktstr_after *a)
{
	const struct ktstr_capture_info *c = ktstr_capture_at(a, 0);

	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 2);
	KTSTR_AFTER_EQ(a, strcmp(c->tag, "before"), 0);
	KTSTR_AFTER_EQ(a, c->workload_ms, 0);
	c = ktstr_capture_at(a, 1);
	KTSTR_AFTER_EQ(a, strcmp(c->tag, "after"), 0);
	KTSTR_AFTER_EQ(a, !c->error, 1);
	KTSTR_AFTER_GE(a, c->workload_ms, 500 - LATE_MS);
	KTSTR_AFTER_EQ(a, c->phase, 1);
}

KTSTR_TEST(asked_for,
	   .desc = "captures that the body asks for, before and after its steps",
	   .sched = &simple, .duration_ms = 500, .after = check_asked)
{
	KTSTR_EXPECT(t, ktstr_capture(t, "before"));
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "pair", .workers = 2,
			       .work = { KTSTR_SPIN_WAIT } }));
	KTSTR_EXPECT(t, ktstr_capture(t, "after"));
}
