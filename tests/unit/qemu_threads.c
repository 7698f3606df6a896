// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads of vCPUs as QEMU's monitor prints them.
 */
#include <kselftest_harness.h>

#include "ktstr/engine/qemu/threads.h"

TEST(one_each)
{
	u32 tids[3];

	EXPECT_EQ(0, kt_qemu_threads_parse("* CPU #0: thread_id=17\r\n  CPU #1: thread_id=18\r\n  CPU #2: thread_id=19\r\n",
					   tids, 3));
	EXPECT_EQ(17, tids[0]);
	EXPECT_EQ(18, tids[1]);
	EXPECT_EQ(19, tids[2]);
}

TEST(not_each_of_them)
{
	u32 tids[2];

	EXPECT_EQ(-ENODATA, kt_qemu_threads_parse("", tids, 2));
	EXPECT_EQ(-ENODATA, kt_qemu_threads_parse("* CPU #0: thread_id=17\r\n",
						  tids, 2));
	EXPECT_EQ(-ENODATA, kt_qemu_threads_parse("CPU #0: thread_id=17 CPU #0: thread_id=18",
						  tids, 2));
	EXPECT_EQ(-ENODATA, kt_qemu_threads_parse("CPU #0: thread_id=17 CPU #2: thread_id=18",
						  tids, 2));
	EXPECT_EQ(-ENODATA, kt_qemu_threads_parse("CPU #0: thread_id=17 CPU #1: thread_id=0",
						  tids, 2));
}

TEST_HARNESS_MAIN
