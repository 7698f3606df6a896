// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host did to a machine's time, by points and texts made up.
 */
#include <kselftest_harness.h>

#include "ktstr/host/noise.h"

#define MS	KT_NSEC_PER_MSEC

/* A second on two CPUs, in which nothing went wrong. */
static struct kt_noise quiet(void)
{
	return (struct kt_noise){
		.first = { .running_ns = 500 * MS,
			   .waited_ns = 70 * MS, .jiffies = 4294667296 },
		.last = { .running_ns = 1500 * MS,
			  .waited_ns = 70 * MS, .jiffies = 4294668296 },
		.nr_points = 10, .waits_known = true, .hz = 1000,
		.nr_host_cpus = 2, .ended = true,
	};
}

TEST(quiet_host)
{
	struct kt_noise n = quiet();
	char why[256];

	EXPECT_EQ(1000, kt_noise_span_ms(&n));
	EXPECT_EQ(0, kt_noise_waited_ms(&n));
	EXPECT_EQ(0, kt_noise_stolen_ms(&n));
	EXPECT_EQ(0, kt_noise_drift_ms(&n));
	EXPECT_FALSE(kt_noise_starved(&n, true, why, sizeof(why)));
}

/* For a third of the time. */
TEST(machine_that_waited)
{
	struct kt_noise n = quiet();
	char why[256];

	n.last.waited_ns += 328 * MS;
	EXPECT_EQ(328, kt_noise_waited_ms(&n));
	EXPECT_FALSE(kt_noise_starved(&n, true, why, sizeof(why)));
	n.last.waited_ns += 2 * MS;
	EXPECT_TRUE(kt_noise_starved(&n, true, why, sizeof(why)));
	EXPECT_STREQ("the host was busy: the machine waited for a CPU for 330 of 1000 ms, which counts as time in it",
		     why);
	EXPECT_TRUE(kt_noise_starved(&n, false, why, sizeof(why)));
	EXPECT_STREQ("the host was busy: the machine waited for a CPU for 330 of 1000 ms",
		     why);
}

TEST(host_that_was_not_run_itself)
{
	struct kt_noise n = quiet();
	char why[256];

	n.last.waited_ns += 50 * MS;
	n.stolen_ns = 600 * MS;
	EXPECT_EQ(300, kt_noise_stolen_ms(&n));
	EXPECT_TRUE(kt_noise_starved(&n, true, why, sizeof(why)));
	EXPECT_STREQ("the host was busy: the machine waited for a CPU for 50 of 1000 ms, which counts as time in it; the host's own CPUs were taken from it for 300 ms",
		     why);
	n.stolen_ns = 9000 * MS;
	EXPECT_EQ(1000, kt_noise_stolen_ms(&n));
	n.ended = false;
	EXPECT_EQ(0, kt_noise_stolen_ms(&n));
}

TEST(clocks_that_go_apart)
{
	struct kt_noise n = quiet();

	n.last.jiffies -= 20;
	EXPECT_EQ(-20, kt_noise_drift_ms(&n));
	n.last.jiffies += 50;
	EXPECT_EQ(30, kt_noise_drift_ms(&n));
	/* a frozen machine's clock stands */
	n.last.jiffies -= 230;
	n.last.running_ns -= 200 * MS;
	EXPECT_EQ(0, kt_noise_drift_ms(&n));
	n.hz = 250;
	n.last.jiffies = n.first.jiffies + 201;
	EXPECT_EQ(4, kt_noise_drift_ms(&n));
}

TEST(steal_of_proc_stat)
{
	EXPECT_EQ(316520 * MS, kt_noise_parse_steal_ns("cpu  4991199 1210154 604014 2659752 8982 0 7036 31652 0 0\ncpu0 1",
						       100));
	EXPECT_EQ(1001 * MS, kt_noise_parse_steal_ns("cpu 0 0 0 0 0 0 0 1001 0 0",
						     1000));
	EXPECT_EQ(0, kt_noise_parse_steal_ns("cpu  1 2 3 4 5 6 7", 100));
	EXPECT_EQ(0, kt_noise_parse_steal_ns("cpu0 1 2 3 4 5 6 7 8", 100));
	EXPECT_EQ(0, kt_noise_parse_steal_ns("", 100));
	EXPECT_EQ(0, kt_noise_parse_steal_ns("cpu 0 0 0 0 0 0 0 1001 0 0", 0));
}

TEST(first_and_last)
{
	struct kt_noise_point p = { .running_ns = 100 * MS, .waited_ns = 5 };
	struct kt_noise n = {};
	char why[256];
	json_t *o;

	o = kt_noise_json(&n);
	EXPECT_EQ(0, json_object_size(o));
	json_decref(o);
	kt_noise_end(&n);
	EXPECT_FALSE(n.ended);
	EXPECT_FALSE(kt_noise_starved(&n, true, why, sizeof(why)));

	kt_noise_add(&n, &p);
	p.running_ns = 350 * MS;
	kt_noise_add(&n, &p);
	EXPECT_LE(1, n.nr_host_cpus);
	kt_noise_end(&n);
	EXPECT_TRUE(n.ended);
	o = kt_noise_json(&n);
	EXPECT_EQ(250, json_integer_value(json_object_get(o, "span_ms")));
	EXPECT_NE(NULL, json_object_get(o, "host_stolen_ms"));
	/* neither the threads' times nor HZ are known */
	EXPECT_EQ(NULL, json_object_get(o, "vcpu_waited_ms"));
	EXPECT_EQ(NULL, json_object_get(o, "clock_drift_ms"));
	json_decref(o);
}

/* The machine may end between two samples: its threads' times go with it. */
TEST(threads_that_are_gone)
{
	struct kt_noise_point p = { .running_ns = 100 * MS, .waited_ns = 20 * MS };
	struct kt_noise n = { .waits_known = true };

	kt_noise_add(&n, &p);
	p.running_ns = 1100 * MS;
	p.waited_ns = 820 * MS;
	kt_noise_add(&n, &p);
	p.running_ns = 1200 * MS;
	p.waited_ns = 450 * MS;
	kt_noise_add(&n, &p);
	p.waited_ns = 0;
	kt_noise_add(&n, &p);
	EXPECT_EQ(1000, kt_noise_span_ms(&n));
	EXPECT_EQ(800, kt_noise_waited_ms(&n));
}

TEST_HARNESS_MAIN
