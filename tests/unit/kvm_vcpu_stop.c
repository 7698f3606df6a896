// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ending vCPU threads of which one does not come back from KVM: plain threads
 * in place of vCPUs, one of them deaf to what is asked of it.
 */
#include <linux/kvm.h>
#include <signal.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/kvm/vcpu.h"

#define NR		3
#define STUCK		1
#define BOUND_MS	100
#define LATE_MS		10000	/* of a busy host: never reached */

static _Atomic u32 kicks;

struct thread {
	struct kt_park *park;
	_Atomic bool stuck;
};

FIXTURE(vcpus)
{
	struct kt_vcpus vs;
	struct kt_vcpu v[NR];
	struct kvm_run run[NR];
	struct thread t[NR];
};

static void on_kick(int sig)
{
	(void)sig;
	kicks++;
}

static void *run(void *arg)
{
	struct thread *t = arg;

	while (t->stuck || !kt_park_asked(t->park) || kt_park_wait(t->park))
		sched_yield();
	kt_park_leave(t->park);
	return NULL;
}

FIXTURE_SETUP(vcpus)
{
	struct sigaction action = { .sa_handler = on_kick };
	u32 i;

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, sigaction(SIGRTMIN, &action, NULL));
	ASSERT_EQ(0, kt_park_init(&self->vs.park, NR));
	self->vs.v = self->v;
	self->vs.nr = NR;
	for (i = 0; i < NR; i++) {
		self->v[i].run = &self->run[i];
		self->v[i].has_thread = true;
		self->t[i].park = &self->vs.park;
		self->t[i].stuck = i == STUCK;
		ASSERT_EQ(0, pthread_create(&self->v[i].thread, NULL, run,
					    &self->t[i]));
	}
}

FIXTURE_TEARDOWN(vcpus)
{
	self->t[STUCK].stuck = false;
	EXPECT_EQ(0, kt_vcpus_stop(&self->vs, LATE_MS));
	kt_park_fini(&self->vs.park);
}

static u64 stop(struct kt_vcpus *vs, u32 timeout_ms, int *ret)
{
	u64 from = kt_now_ns();

	*ret = kt_vcpus_stop(vs, timeout_ms);
	return (kt_now_ns() - from) / KT_NSEC_PER_MSEC;
}

TEST_F(vcpus, one_is_stuck)
{
	u64 took_ms;
	int ret;

	took_ms = stop(&self->vs, BOUND_MS, &ret);
	EXPECT_EQ(-ETIMEDOUT, ret);
	EXPECT_LE(BOUND_MS, took_ms);
	EXPECT_GT(LATE_MS, took_ms);
	/* it was asked in every way, and more than once */
	EXPECT_EQ(1, self->run[STUCK].immediate_exit);
	EXPECT_TRUE(kicks >= 2);
	/* nothing is given up: the thread may still use it */
	EXPECT_TRUE(self->v[STUCK].has_thread);
}

/* Frozen before, as when a watchdog ends a run that hangs. */
TEST_F(vcpus, one_is_stuck_while_frozen)
{
	u32 parked = 0;
	int ret;

	EXPECT_EQ(-ETIMEDOUT, kt_vcpus_freeze(&self->vs, kt_now_ns() +
					      BOUND_MS * KT_NSEC_PER_MSEC,
					      &parked));
	EXPECT_GT(NR, parked);
	EXPECT_GT(LATE_MS, stop(&self->vs, BOUND_MS, &ret));
	EXPECT_EQ(-ETIMEDOUT, ret);
}

/* A late one is waited for, and joined. */
TEST_F(vcpus, comes_out_at_the_second_try)
{
	int ret;

	stop(&self->vs, BOUND_MS, &ret);
	EXPECT_EQ(-ETIMEDOUT, ret);
	self->t[STUCK].stuck = false;
	EXPECT_GT(LATE_MS, stop(&self->vs, LATE_MS, &ret));
	EXPECT_EQ(0, ret);
	EXPECT_FALSE(self->v[STUCK].has_thread);
}

TEST_HARNESS_MAIN
