// SPDX-License-Identifier: GPL-2.0-only
/*
 * The throttle's arithmetic: rates that hold over any pattern of asking, debt,
 * a cost of zero, both buckets or none, and no time lost.
 */
#include <kselftest_harness.h>

#include "ktstr/virtio/throttle.h"

#define SEC	KT_NSEC_PER_SEC
#define MSEC	KT_NSEC_PER_MSEC

FIXTURE(throttle)
{
	struct kt_throttle t;
};

FIXTURE_SETUP(throttle)
{
	/* 100 requests and 1000 bytes a second: bursts of 10 and of 100 */
	kt_throttle_init(&self->t, 100, 1000, 5 * SEC);
}

FIXTURE_TEARDOWN(throttle)
{
}

#define take(requests, bytes, now) \
	kt_throttle_take(&self->t, requests, bytes, now)

TEST_F(throttle, a_full_bucket_is_a_tenth_of_a_second)
{
	u32 i;

	for (i = 0; i < 10; i++)
		EXPECT_EQ(0, take(1, 0, 5 * SEC));
	EXPECT_EQ(10 * MSEC, take(1, 0, 5 * SEC));
	EXPECT_EQ(10 * MSEC - 1, take(1, 0, 5 * SEC + 1));
	EXPECT_EQ(1, take(1, 0, 5 * SEC + 10 * MSEC - 1));
	EXPECT_EQ(0, take(1, 0, 5 * SEC + 10 * MSEC));
	EXPECT_EQ(10 * MSEC, take(1, 0, 5 * SEC + 10 * MSEC));
}

TEST_F(throttle, nothing_is_saved_beyond_the_capacity)
{
	u32 i;

	for (i = 0; i < 10; i++)
		EXPECT_EQ(0, take(1, 0, 500 * SEC));
	EXPECT_EQ(10 * MSEC, take(1, 0, 500 * SEC));
}

TEST_F(throttle, too_large_a_request_makes_a_debt)
{
	u64 now = 5 * SEC;

	/* 600 of 100: 500 of debt, half a second */
	EXPECT_EQ(0, take(1, 600, now));
	EXPECT_EQ(-500, self->t.bytes.balance);
	/* one that fits waits for the debt and for its own tokens */
	EXPECT_EQ(501 * MSEC, take(1, 1, now));
	/* one that does not, for the debt alone */
	EXPECT_EQ(500 * MSEC, take(1, 600, now));
	EXPECT_EQ(1, take(1, 600, now + 500 * MSEC - 1));
	EXPECT_EQ(0, take(1, 600, now + 500 * MSEC));
	EXPECT_EQ(-600, self->t.bytes.balance);
}

TEST_F(throttle, a_cost_of_zero_passes_in_debt)
{
	EXPECT_EQ(0, take(1, 100000, 5 * SEC));
	EXPECT_EQ(0, take(1, 0, 5 * SEC));
	EXPECT_EQ(0, take(0, 0, 5 * SEC));
	EXPECT_NE(0, take(0, 1, 5 * SEC));
	EXPECT_EQ(8, self->t.requests.balance);
}

TEST_F(throttle, both_agree_before_either_is_charged)
{
	u64 now = 5 * SEC;

	EXPECT_EQ(0, take(1, 100, now));
	EXPECT_EQ(50 * MSEC, take(1, 50, now));
	EXPECT_EQ(9, self->t.requests.balance);
	EXPECT_EQ(0, self->t.bytes.balance);
	EXPECT_EQ(0, take(9, 0, now));
	/* both are empty: the longer of the two waits */
	EXPECT_EQ(50 * MSEC, take(1, 50, now));
	EXPECT_EQ(20 * MSEC, take(2, 10, now));
	EXPECT_EQ(0, self->t.bytes.balance);
	/* the requests are there, the bytes are not: none is charged */
	EXPECT_EQ(40 * MSEC, take(1, 50, now + 10 * MSEC));
	EXPECT_EQ(1, self->t.requests.balance);
	EXPECT_EQ(10, self->t.bytes.balance);
}

/* Asked every @step nanoseconds, how many are granted until a second is over? */
static u64 granted(u64 rate, u64 step)
{
	struct kt_throttle t;
	u64 now, nr = 0;

	kt_throttle_init(&t, rate, 0, 0);
	while (!kt_throttle_take(&t, 1, 0, 0))
		;
	for (now = step; now < SEC + step; now += step)
		nr += !kt_throttle_take(&t, 1, 0, now);
	return nr;
}

TEST(no_time_is_lost)
{
	/* each step is too short for a token, or for a whole number of them */
	EXPECT_EQ(7, granted(7, 1000));
	EXPECT_EQ(333, granted(333, 1009));
	EXPECT_EQ(999, granted(999, 999));
	EXPECT_EQ(3000, granted(3000, 100000));
	EXPECT_EQ(1, granted(1, 500000000));
}

TEST_F(throttle, waiting_as_told_is_enough)
{
	u64 now = 5 * SEC, wait, nr = 0;

	/* a rate that does not divide a second */
	kt_throttle_init(&self->t, 7, 0, now);
	while (now < 105 * SEC) {
		wait = take(1, 0, now);
		nr += !wait;
		now += wait;
		if (wait)
			ASSERT_EQ(0, kt_throttle_take(&self->t, 0, 0, now));
	}
	/* a burst of 1, then 7 a second for 100 s */
	EXPECT_GE(nr, 700);
	EXPECT_LE(nr, 702);
}

TEST_F(throttle, zero_is_unlimited)
{
	kt_throttle_init(&self->t, 0, 0, 0);
	EXPECT_EQ(0, take(UINT64_MAX, UINT64_MAX, 0));
	EXPECT_EQ(0, take(UINT64_MAX, UINT64_MAX, 0));
	kt_throttle_init(&self->t, 0, 10, 0);
	EXPECT_EQ(0, take(1000, 1, 0));
	EXPECT_NE(0, take(1, 1, 0));
}

TEST_F(throttle, extremes)
{
	/* time that stands still or goes back gives nothing and breaks nothing */
	EXPECT_EQ(0, take(10, 0, 5 * SEC));
	EXPECT_EQ(10 * MSEC, take(1, 0, 4 * SEC));
	EXPECT_EQ(10 * MSEC, take(1, 0, 0));
	EXPECT_EQ(0, take(1, 0, UINT64_MAX));
	EXPECT_EQ(9, self->t.requests.balance);
	/* the largest rate and the largest request */
	kt_throttle_init(&self->t, UINT64_MAX, 1, 0);
	EXPECT_EQ(0, take(UINT64_MAX, UINT64_MAX, 0));
	EXPECT_EQ(0, self->t.bytes.balance - (1 - INT64_MAX));
	EXPECT_EQ(UINT64_MAX, take(0, 1, 0));
	EXPECT_EQ(400000001, take(1, 0, 0));
	EXPECT_EQ(0, take(1, 0, 400000001));
}

TEST_HARNESS_MAIN
