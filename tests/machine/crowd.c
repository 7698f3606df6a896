// SPDX-License-Identifier: GPL-2.0-only
/*
 * As many cgroups and workers as a case may have: they start and stop in
 * seconds, all of them work, and nothing of them is left.
 */
#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <ktstr.h>

#define CGROUPS		512
#define WORKERS_EACH	8
#define HOLD_MS		2000
/* to start and to stop, emulated on a busy host; a second on real hardware */
#define MOST_MS		150000

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

static uint32_t nr_entries(const char *path)
{
	DIR *dir = opendir(path);
	uint32_t nr = 0;

	while (dir && readdir(dir))
		nr++;
	if (dir)
		closedir(dir);
	return nr;
}

KTSTR_TEST(crowd, .desc = "512 cgroups and 4096 workers",
	   .topology = "1n2l2c1t", .memory_mib = 2048,
	   .duration_ms = HOLD_MS + MOST_MS,
	   .checks = { .longest_gap_ms = KTSTR_OFF, .starvation = KTSTR_OFF })
{
	static char names[CGROUPS][16];
	static struct ktstr_cgroup cgroups[CGROUPS + 1];
	/* the host's clock for the workload starts with the first hold */
	static const struct ktstr_cgroup first[] = {
		{ .name = "first", .workers = 1, .work = { KTSTR_BURSTY } }, {},
	};
	const struct ktstr_step steps[] = {
		{ .hold = KTSTR_HOLD_MS(10), .cgroups = first },
		{ .hold = KTSTR_HOLD_MS(HOLD_MS), .cgroups = cgroups },
	};
	uint64_t workers = 0, began, ms;
	uint32_t i, fds = nr_entries("/proc/self/fd");

	for (i = 0; i < CGROUPS; i++) {
		snprintf(names[i], sizeof(names[i]), "crowd%u", i);
		cgroups[i] = (struct ktstr_cgroup){
			.name = names[i], .workers = WORKERS_EACH,
			.work = { KTSTR_BURSTY, .burst_us = 100,
				  .sleep_us = 1000000 },
		};
	}
	began = now_ms();
	ktstr_run_steps(t, steps, 2);
	ms = now_ms() - began - HOLD_MS;
	ktstr_note(t, "%u cgroups of %u workers came and went in %llu ms",
		   CGROUPS, WORKERS_EACH, (unsigned long long)ms);
	KTSTR_EXPECT_LE(t, ms, MOST_MS);
	for (i = 0; i < CGROUPS; i++)
		workers += ktstr_cgroup_stats(t, names[i]).workers;
	KTSTR_EXPECT_EQ(t, workers, CGROUPS * WORKERS_EACH);
	KTSTR_EXPECT_EQ(t, nr_entries("/proc/self/fd"), fds);
}
