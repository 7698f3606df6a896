// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU reservations: two of them exclude each other, within a process and
 * across, one that dies leaves nothing, and waiting has its ends. All are of
 * one CPU, the last we may use, and wait for runs that really hold it.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/host/reserve.h"
#include "nr_fds.h"

#define MS		KT_NSEC_PER_MSEC
#define LONG_NS		(20000 * MS)
#define OTHERS_NS	(5000 * MS)	/* of each test, for other runs */

/* From now on we may use only the last of the CPUs in @set. */
static bool take_last_cpu(cpu_set_t set)
{
	int cpu;

	for (cpu = CPU_SETSIZE - 1; cpu >= 0 && !CPU_ISSET(cpu, &set); cpu--)
		;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

FIXTURE(reserve)
{
	struct kt_reservation a, b;
	int cancel, fds_before;
	cpu_set_t all;
};

FIXTURE_SETUP(reserve)
{
	int ret;

	kt_log_set_level(KT_LOG_ERR);
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(self->all), &self->all));
	ASSERT_TRUE(take_last_cpu(self->all));
	self->fds_before = nr_fds();
	self->cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = kt_reserve_cpus(&self->a, 1, kt_now_ns() + OTHERS_NS,
			      self->cancel);
	if (ret == -ETIMEDOUT)
		SKIP(return, "other runs hold the CPU, or it is not in sysfs");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(1, self->a.nr);
}

FIXTURE_TEARDOWN(reserve)
{
	kt_reserve_release(&self->a);
	kt_reserve_release(&self->b);
	kt_close(&self->cancel);
	EXPECT_EQ(self->fds_before, nr_fds());
}

static int try_once(struct kt_reservation *r)
{
	return kt_reserve_cpus(r, 1, 0, -1);
}

TEST_F(reserve, second_has_to_wait)
{
	u64 from = kt_now_ns();

	EXPECT_EQ(-ETIMEDOUT, try_once(&self->b));
	EXPECT_EQ(0, self->b.nr);
	EXPECT_EQ(-ETIMEDOUT, kt_reserve_cpus(&self->b, 1, from + 20 * MS,
					      self->cancel));
	EXPECT_LE(from + 20 * MS, kt_now_ns());
	EXPECT_GT(from + LONG_NS, kt_now_ns());
	kt_reserve_release(&self->a);
	EXPECT_EQ(0, self->a.nr);
	EXPECT_EQ(0, kt_reserve_cpus(&self->b, 1, kt_now_ns() + LONG_NS, -1));
}

TEST_F(reserve, cancel)
{
	u64 one = 1, from = kt_now_ns();

	ASSERT_EQ(8, write(self->cancel, &one, sizeof(one)));
	EXPECT_EQ(-ECANCELED, kt_reserve_cpus(&self->b, 1, from + LONG_NS,
					      self->cancel));
	EXPECT_GT(from + LONG_NS, kt_now_ns());
	EXPECT_EQ(0, self->b.nr);
}

/* A child of its own descriptors sees the CPU held, and free afterwards. */
TEST_F(reserve, other_process)
{
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(try_once(&self->b) == -ETIMEDOUT ? 0 : 1);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* Killed with the reservation in hand: the kernel gives it back. */
TEST_F(reserve, ends_with_its_process)
{
	int ready[2];
	pid_t pid;
	char c;

	kt_reserve_release(&self->a);
	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		c = kt_reserve_cpus(&self->a, 1, kt_now_ns() + LONG_NS, -1) ?
		    'n' : 'y';
		kt_write_all(ready[1], &c, 1, 0);
		for (;;)
			pause();
	}
	kt_close(&ready[1]);
	ASSERT_EQ(1, kt_read_all(ready[0], &c, 1));
	EXPECT_EQ('y', c);
	EXPECT_EQ(-ETIMEDOUT, try_once(&self->b));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(0, kt_reserve_cpus(&self->b, 1, kt_now_ns() + LONG_NS, -1));
	kt_close(&ready[0]);
}

/* More than there are means all there are; none means none. */
TEST_F(reserve, numbers)
{
	kt_reserve_release(&self->a);
	ASSERT_EQ(0, kt_reserve_cpus(&self->a, 1000000, kt_now_ns() + LONG_NS, -1));
	EXPECT_EQ(1, self->a.nr);
	EXPECT_EQ(0, kt_reserve_cpus(&self->b, 0, 0, -1));
	EXPECT_EQ(0, self->b.nr);
}

/* One of them is held: what was got of the others is given back. */
TEST_F(reserve, all_or_nothing)
{
	int before = nr_fds();

	ASSERT_EQ(0, sched_setaffinity(0, sizeof(self->all), &self->all));
	EXPECT_EQ(-ETIMEDOUT, kt_reserve_cpus(&self->b, 1000000, 0, -1));
	EXPECT_EQ(0, self->b.nr);
	EXPECT_EQ(before, nr_fds());
}

TEST_F(reserve, descriptor_is_not_inherited)
{
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->a.fds[0], F_GETFD));
}

TEST_F(reserve, host)
{
	EXPECT_EQ(1, kt_host_cpus());
	EXPECT_LT(0, kt_host_free_mib());
}

TEST_HARNESS_MAIN
