// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plan: what the host sends is what the guest reads, and a guest runs no plan
 * that is cut, of another version or out of range.
 */
#include <kselftest_harness.h>

#include "ktstr/wire/plan.h"

static u8 buf[KT_PLAN_MAX_BYTES + 1];

static struct kt_plan sample(void)
{
	return (struct kt_plan){
		.test = "llcs_apart",
		.sched_path = "/sched/scx_simple",
		.sched_argc = 2,
		.sched_argv = { "-f", "" },
		.seed = 0x123456789abcdef0,
		.duration_ms = 1000,
		.attach_timeout_ms = 20000,
		.test_timeout_ms = 30000,
		.wallclock_ns = 1700000000000000000,
		.speed_pct = 40,
		.start_spread_us = 4000,
		.workers_pct = 50,
		.events_kib = 4096,
		.nr_holds = 2,
		.hold_ns = { 5, 1000000000000 },
		.thresholds = { 1, KT_UNSET, 2000, 0, 5, 6, 7, 8, 9, 10, 11,
				12, INT32_MAX },
	};
}

TEST(round_trip)
{
	struct kt_plan in = sample(), out;
	int len = kt_plan_encode(&in, buf, sizeof(buf));

	memset(&out, 0xff, sizeof(out));
	ASSERT_GT(len, 0);
	ASSERT_EQ(0, kt_plan_decode(&out, buf, len));
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));
}

TEST(cut_anywhere)
{
	struct kt_plan in = sample(), out;
	int len = kt_plan_encode(&in, buf, sizeof(buf)), i;

	for (i = 0; i < len; i++)
		EXPECT_EQ(-EPROTO, kt_plan_decode(&out, buf, i));
	EXPECT_EQ(-EPROTO, kt_plan_decode(&out, buf, len + 1));
	for (i = 0; i < len; i++)
		EXPECT_EQ(-EMSGSIZE, kt_plan_encode(&in, buf, i));
}

static void fill(char *s, size_t size)
{
	memset(s, 'm', size - 1);
	s[size - 1] = '\0';
}

TEST(the_largest_fits)
{
	struct kt_plan in = sample(), out;
	u32 i;
	int len;

	fill(in.test, sizeof(in.test));
	fill(in.sched_path, sizeof(in.sched_path));
	in.sched_argc = KT_PLAN_MAX_ARGS;
	for (i = 0; i < KT_PLAN_MAX_ARGS; i++)
		fill(in.sched_argv[i], sizeof(in.sched_argv[i]));
	in.nr_holds = KT_PLAN_MAX_HOLDS;
	for (i = 0; i < KT_PLAN_MAX_HOLDS; i++)
		in.hold_ns[i] = UINT64_MAX;
	len = kt_plan_encode(&in, buf, KT_PLAN_MAX_BYTES);
	ASSERT_GT(len, 0);
	ASSERT_EQ(0, kt_plan_decode(&out, buf, len));
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));

	/* one argument more announced than may be, and not there */
	i = 4 + 2 + KT_NAME_MAX - 1 + 2 + KT_PATH_MAX - 1;
	ASSERT_EQ(KT_PLAN_MAX_ARGS, buf[i]);
	buf[i]++;
	EXPECT_EQ(-EPROTO, kt_plan_decode(&out, buf, len));
}

TEST(out_of_range)
{
	struct kt_plan in;
	int i;

	for (i = 0; i < 14; i++) {
		in = sample();
		switch (i) {
		case 0:
			in.speed_pct = 0;
			break;
		case 1:
			in.speed_pct = 101;
			break;
		case 2:
			in.sched_argc = KT_PLAN_MAX_ARGS + 1;
			break;
		case 3:
			in.test[0] = '\0';
			break;
		case 4:
			in.thresholds.starvation = 2;
			break;
		case 5:
			in.thresholds.longest_gap_ms = -2;
			break;
		case 6:
			in.thresholds.isolation = -2;
			break;
		case 7:
			in.thresholds.fairness_spread_pct = INT32_MIN;
			break;
		case 8:
			in.thresholds.throughput_cv_pct = -2;
			break;
		case 9:
			in.thresholds.slow_tier_pct = -2;
			break;
		case 10:
			in.nr_holds = KT_PLAN_MAX_HOLDS + 1;
			break;
		case 11:
			in.hold_ns[1] = in.hold_ns[0] - 1;
			break;
		case 12:
			in.workers_pct = 101;
			break;
		case 13:
			in.events_kib = KT_PLAN_MAX_EVENTS_KIB + 1;
			break;
		}
		EXPECT_EQ(-EMSGSIZE, kt_plan_encode(&in, buf, sizeof(buf))) {
			TH_LOG("case %d", i);
		}
	}
}

TEST(hostile_bytes)
{
	struct kt_plan in = sample(), out;
	size_t argc = 4 + 2 + strlen(in.test) + 2 + strlen(in.sched_path);
	size_t speed, holds;
	int len = kt_plan_encode(&in, buf, sizeof(buf));

	holds = len - sizeof(struct kt_thresholds) - 2 * 8 - 4;
	speed = holds - 4 * 4;
	ASSERT_EQ(2, buf[argc]);
	ASSERT_EQ(40, buf[speed]);
	ASSERT_EQ(2, buf[holds]);
	buf[0]++;	/* version */
	EXPECT_EQ(-EPROTO, kt_plan_decode(&out, buf, len));
	buf[0]--;
	buf[speed] = 101;
	EXPECT_EQ(-EPROTO, kt_plan_decode(&out, buf, len));
	buf[speed] = 40;
	EXPECT_EQ(0, kt_plan_decode(&out, buf, len));
	buf[holds]++;
	EXPECT_EQ(-EPROTO, kt_plan_decode(&out, buf, len));
	buf[holds + 3] = 0x80;
	EXPECT_EQ(-EPROTO, kt_plan_decode(&out, buf, len));
	EXPECT_EQ(0, out.nr_holds);
	buf[holds + 3] = 0;
	buf[holds]--;
	buf[argc + 3] = 0x80;	/* two thousand million arguments */
	EXPECT_EQ(-EPROTO, kt_plan_decode(&out, buf, len));
	EXPECT_EQ(0, out.sched_argc);
}

TEST_HARNESS_MAIN
