// SPDX-License-Identifier: GPL-2.0-only
/*
 * A case for every check on workers that must fail by it: through a fault, or
 * a bound that nothing can keep. The script "each-check-fails-with-its-line"
 * looks at what is said of each. Not a test program by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <ktstr.h>

#define NOBODY	INT32_MAX	/* is so fast */

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static bool told_to_stop(const struct ktstr_worker *w)
{
	return ktstr_worker_info(w).told_to_stop;
}

/* Busy, and its round never ends. */
static int never_done(struct ktstr_worker *w)
{
	while (!told_to_stop(w))
		ktstr_worker_tick(w);
	return 0;
}

/* Does not look at the clock for so long: as if it had not run. */
static int away_for_a_while(struct ktstr_worker *w)
{
	uint64_t until = now_ms() + 1500;

	while (now_ms() < until && !told_to_stop(w))
		;
	ktstr_worker_tick(w);
	return 0;
}

/* Leaves its cgroup for the root's, and goes to CPU 0. */
static int escape(struct ktstr_worker *w)
{
	int fd = open("/sys/fs/cgroup/cgroup.procs", O_WRONLY | O_CLOEXEC);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (fd < 0 || write(fd, "0", 1) != 1 ||
	    sched_setaffinity(0, sizeof(set), &set))
		return -EIO;
	close(fd);
	ktstr_worker_tick(w);
	return 0;
}

/* The second one needs ten times as much CPU time for the same. */
static int uneven(struct ktstr_worker *w)
{
	volatile uint32_t i, n = ktstr_worker_info(w).index ? 200000 : 20000;

	for (i = 0; i < n; i++)
		;
	ktstr_worker_tick(w);
	return 0;
}

#define RUN(...)							\
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL, { __VA_ARGS__ }))

KTSTR_TEST(starvation, .desc = "no round ends", .duration_ms = 1000)
{
	RUN(.name = "left", .workers = 1,
	    .work = { KTSTR_CUSTOM, .custom = never_done });
}

KTSTR_TEST(longest_gap, .desc = "a worker is away for a second and a half",
	   .duration_ms = 2000, .checks = { .longest_gap_ms = 300 })
{
	RUN(.name = "left", .workers = 1,
	    .work = { KTSTR_CUSTOM, .custom = away_for_a_while });
}

KTSTR_TEST(isolation, .desc = "a worker leaves its cpuset",
	   .duration_ms = 600)
{
	RUN(.name = "left", .workers = 1, .cpuset = KTSTR_CPUS("1"),
	    .work = { KTSTR_CUSTOM, .custom = escape });
}

KTSTR_TEST(fairness, .desc = "nice -20 and nice 19 on a CPU",
	   .topology = "1n1l1c1t", .duration_ms = 1500,
	   .checks = { .fairness_spread_pct = 10,
		       .starvation = KTSTR_OFF })
{
	static const struct ktstr_workers nice_ones[] = {
		{ .nr = 1, .work = { KTSTR_SPIN_WAIT }, .nice = 19 },
		{ .nr = 0 },
	};

	RUN(.name = "left", .workers = 1, .work = { KTSTR_SPIN_WAIT },
	    .with = { .nice = -20 }, .more = nice_ones);
}

KTSTR_TEST(throughput_parity, .desc = "a worker does a tenth of the other's",
	   .duration_ms = 1500, .checks = { .throughput_cv_pct = 20 })
{
	RUN(.name = "left", .workers = 2,
	    .work = { KTSTR_CUSTOM, .custom = uneven });
}

KTSTR_TEST(throughput_floor, .desc = "more work than anybody does",
	   .duration_ms = 600, .checks = { .throughput_per_s = NOBODY })
{
	RUN(.name = "left", .workers = 1, .work = { KTSTR_SPIN_WAIT });
}

KTSTR_TEST(iteration_rate, .desc = "more rounds than anybody does",
	   .duration_ms = 600, .checks = { .iterations_per_s = NOBODY })
{
	RUN(.name = "left", .workers = 1, .work = { KTSTR_SPIN_WAIT });
}

KTSTR_TEST(wake_latency, .desc = "four sleepers on a CPU, each awake at once",
	   .topology = "1n1l1c1t", .duration_ms = 1500,
	   .checks = { .wake_p99_us = 1 })
{
	RUN(.name = "left", .workers = 4, .work = { KTSTR_BURSTY });
}

KTSTR_TEST(wake_variation, .desc = "four sleepers on a CPU, woken alike",
	   .topology = "1n1l1c1t", .duration_ms = 1500,
	   .checks = { .wake_cv_pct = 1 })
{
	RUN(.name = "left", .workers = 4, .work = { KTSTR_BURSTY });
}

KTSTR_TEST(migration_ratio, .desc = "a worker that moves in each round",
	   .duration_ms = 1500, .checks = { .migrations_per_1000 = 1 })
{
	RUN(.name = "left", .workers = 1,
	    .work = { KTSTR_AFFINITY_CHURN, .interval_us = 20000 });
}

KTSTR_TEST(page_locality, .desc = "memory bound to the other node",
	   .topology = "2n2l1c1t", .duration_ms = 1500,
	   .checks = { .page_locality_pct = 90 })
{
	RUN(.name = "left", .workers = 1, .cpuset = KTSTR_NODE(0),
	    .work = { KTSTR_CACHE_PRESSURE },
	    .with = { .mem = { KTSTR_MEM_BIND, "1" } });
}

KTSTR_TEST(cross_node_ratio, .desc = "two nodes of a CPU, and it moves",
	   .topology = "2n2l1c1t", .duration_ms = 1500,
	   .checks = { .cross_node_pct = 10 })
{
	RUN(.name = "left", .workers = 1,
	    .work = { KTSTR_AFFINITY_CHURN, .interval_us = 20000 });
}

KTSTR_TEST(slow_tier, .desc = "memory bound to the node without CPUs",
	   .topology = "2n2l1c1t1m", .memory_mib = 512, .duration_ms = 1500,
	   .checks = { .slow_tier_pct = 10 })
{
	RUN(.name = "left", .workers = 1, .work = { KTSTR_CACHE_PRESSURE },
	    .with = { .mem = { KTSTR_MEM_BIND, "2" } });
}
