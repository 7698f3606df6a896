// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast the virtual time of machines of all sizes goes.
 */
#include <kselftest_harness.h>

#include "ktstr/base/topology.h"
#include "ktstr/engine/icount.h"

TEST(a_vcpu_is_as_fast_in_any_machine)
{
	u32 nr, mips;

	for (nr = 1; nr <= 32; nr++) {
		mips = kt_icount_mips(kt_icount_shift(nr)) / nr;
		EXPECT_LE(25, mips) {
			TH_LOG("%u vCPUs", nr);
		}
		EXPECT_GE(63, mips) {
			TH_LOG("%u vCPUs", nr);
		}
	}
}

TEST(more_vcpus_never_slow_time_down)
{
	u32 nr;

	for (nr = 1; nr < KT_MAX_CPUS; nr++)
		EXPECT_GE(kt_icount_shift(nr), kt_icount_shift(nr + 1));
	EXPECT_EQ(0, kt_icount_shift(KT_MAX_CPUS));
	EXPECT_EQ(3, kt_icount_shift(4));
	EXPECT_EQ(125, kt_icount_mips(3));
	EXPECT_EQ(1000, kt_icount_mips(0));
}

TEST_HARNESS_MAIN
