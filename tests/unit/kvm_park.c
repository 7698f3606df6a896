// SPDX-License-Identifier: GPL-2.0-only
/*
 * The freeze rendezvous with plain threads in place of vCPUs.
 */
#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/kvm/park.h"

#define NR	4
#define SOON	(kt_now_ns() + 10 * KT_NSEC_PER_SEC)	/* never waited out */

struct runner {
	struct kt_park *park;
	pthread_t thread;

	_Atomic u64 rounds;
	_Atomic bool deaf;	/* does not look at what is asked of it */
	_Atomic bool leave;
};

FIXTURE(park)
{
	struct kt_park park;
	struct runner r[NR];
};

static void *run(void *arg)
{
	struct runner *r = arg;

	while (!r->leave) {
		r->rounds++;
		if (!r->deaf && kt_park_asked(r->park) &&
		    !kt_park_wait(r->park))
			break;
		sched_yield();
	}
	kt_park_leave(r->park);
	return NULL;
}

FIXTURE_SETUP(park)
{
	u32 i;

	ASSERT_EQ(0, kt_park_init(&self->park, NR));
	for (i = 0; i < NR; i++) {
		self->r[i].park = &self->park;
		self->r[i].rounds = 0;
		self->r[i].deaf = false;
		self->r[i].leave = false;
		ASSERT_EQ(0, pthread_create(&self->r[i].thread, NULL, run,
					    &self->r[i]));
	}
}

FIXTURE_TEARDOWN(park)
{
	u32 i;

	for (i = 0; i < NR; i++)
		self->r[i].deaf = false;
	kt_park_stop(&self->park);
	EXPECT_EQ(0, kt_park_await_gone(&self->park, SOON));
	for (i = 0; i < NR; i++)
		pthread_join(self->r[i].thread, NULL);
	kt_park_fini(&self->park);
}

static u64 rounds(struct runner *r)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < NR; i++)
		sum += r[i].rounds;
	return sum;
}

TEST_F(park, all_stand_still)
{
	u32 i, parked = 0;
	u64 before;

	for (i = 0; i < 200; i++) {
		kt_park_freeze(&self->park);
		ASSERT_EQ(0, kt_park_await(&self->park, SOON, &parked));
		ASSERT_EQ(NR, parked);
		before = rounds(self->r);
		sched_yield();
		ASSERT_EQ(before, rounds(self->r));
		kt_park_thaw(&self->park);
		while (rounds(self->r) == before)
			sched_yield();
	}
}

/* A second freeze right behind a thaw waits for those who were let go. */
TEST_F(park, frozen_twice)
{
	u32 parked = 0;

	kt_park_freeze(&self->park);
	kt_park_freeze(&self->park);
	EXPECT_EQ(0, kt_park_await(&self->park, SOON, &parked));
	kt_park_thaw(&self->park);
	kt_park_thaw(&self->park);
	kt_park_freeze(&self->park);
	EXPECT_EQ(0, kt_park_await(&self->park, SOON, &parked));
	EXPECT_EQ(NR, parked);
}

TEST_F(park, one_does_not_come)
{
	u32 parked = 99;

	self->r[1].deaf = true;
	kt_park_freeze(&self->park);
	/* those that do come are counted */
	while (parked != NR - 1)
		EXPECT_EQ(-ETIMEDOUT,
			  kt_park_await(&self->park, kt_now_ns(), &parked));
	EXPECT_EQ(-ETIMEDOUT, kt_park_await_gone(&self->park, kt_now_ns()));
	self->r[1].deaf = false;
	EXPECT_EQ(0, kt_park_await(&self->park, SOON, &parked));
	EXPECT_EQ(NR, parked);
}

TEST_F(park, gone_counts_as_parked)
{
	u32 parked = 0;

	self->r[0].leave = true;
	kt_park_freeze(&self->park);
	EXPECT_EQ(0, kt_park_await(&self->park, SOON, &parked));
	EXPECT_EQ(NR, parked);
}

TEST_F(park, stops_the_frozen)
{
	u32 parked = 0;

	kt_park_freeze(&self->park);
	EXPECT_EQ(0, kt_park_await(&self->park, SOON, &parked));
	kt_park_stop(&self->park);
	EXPECT_EQ(0, kt_park_await_gone(&self->park, SOON));
	/* stopped is for good */
	kt_park_thaw(&self->park);
	EXPECT_TRUE(kt_park_asked(&self->park));
	EXPECT_FALSE(kt_park_wait(&self->park));
}

TEST_HARNESS_MAIN
