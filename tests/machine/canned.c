// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canned scenarios called from C: workers as many as the machine is large, and
 * cases that fail for what they ask is not there.
 */
#include <ktstr.h>

KTSTR_TEST(own_machine,
	   .desc = "on the machine it was written for, the workers it declares",
	   .topology = "1n2l2c1t", .duration_ms = 300)
{
	ktstr_run_canned(t, "steady_llc");
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "left").workers, 2);
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "right").workers, 2);
}

KTSTR_TEST(larger_machine,
	   .desc = "on one of twice the CPUs, twice the workers",
	   .topology = "1n2l4c1t", .duration_ms = 300)
{
	ktstr_run_canned(t, "steady_llc");
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "left").workers, 4);
}

/* What is spawned by an operation follows as well. */
KTSTR_TEST(spawned_on_a_larger_machine,
	   .desc = "workers that join at half time are twice as many, too",
	   .topology = "1n1l4c1t", .duration_ms = 300)
{
	ktstr_run_canned(t, "workers_late");
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "host").workers, 12);
}

KTSTR_TEST(unknown, .desc = "a name that is none fails the case",
	   .duration_ms = 300,
	   .xfails = KTSTR_XFAILS({ "", "there is no such scenario" }))
{
	ktstr_run_canned(t, "stedy_llc");
}

KTSTR_TEST(too_small, .desc = "two LLCs are asked for where there is one",
	   .topology = "1n1l4c1t", .duration_ms = 300,
	   .xfails = KTSTR_XFAILS({ "", "the machine has one LLC" }))
{
	ktstr_run_canned(t, "steady_llc");
}

KTSTR_SCENARIO(bursty, .duration_ms = 300, .captures = 1);
