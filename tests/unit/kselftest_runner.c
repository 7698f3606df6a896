// SPDX-License-Identifier: GPL-2.0-only
/*
 * The runners of other selftests: which programs are ones, and the names of
 * the tests in them.
 */
#include <kselftest_harness.h>

#include "tools/ktstr/kselftest_runner.c"

/* As the tree's runner prints the tests that it leaves out. */
static const char told[] =
	"===== START =====\nTEST: create_dsq\nOUTPUT:\nok 1 create_dsq # SKIP \n=====  END  =====\n"
	"===== START =====\nTEST: exit\nOUTPUT:\nok 2 exit # SKIP \n=====  END  =====\n"
	"\n\n=============================\n\nRESULTS:\n\nPASSED:  0\nSKIPPED: 0\nFAILED:  0\n";

TEST(of_sched_ext)
{
	EXPECT_NE(NULL, kt_kselftest_runner("sched_ext", "runner"));
	EXPECT_EQ(NULL, kt_kselftest_runner("sched_ext", "other"));
	EXPECT_EQ(NULL, kt_kselftest_runner("clone3", "runner"));
}

TEST(names)
{
	struct kt_strv names;

	kt_strv_init(&names);
	kt_kselftest_runner_names(told, &names);
	ASSERT_EQ(2, names.nr);
	EXPECT_STREQ("create_dsq", names.v[0]);
	EXPECT_STREQ("exit", names.v[1]);
	kt_strv_fini(&names);
}

TEST(names_that_lead_elsewhere_are_none)
{
	struct kt_strv names;

	kt_strv_init(&names);
	kt_kselftest_runner_names("ok 1 ../../etc # SKIP\nok 2\nok 3 # SKIP\nok 4 good", &names);
	ASSERT_EQ(1, names.nr);
	EXPECT_STREQ("good", names.v[0]);
	kt_strv_fini(&names);
}

TEST_HARNESS_MAIN
