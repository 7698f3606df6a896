// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long the host has run the threads of vCPUs, and let them wait: processes of
 * ours stand for them.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/coord/vcpu_time.h"

#define MS	KT_NSEC_PER_MSEC

TEST(how_long_the_host_ran_each)
{
	u32 tids[3] = { getpid(), getpid(), getpid() };
	struct kt_machine m = { .nr_vcpus = 3 };
	struct kt_vcpu_time t;
	u64 ran[4], waited, own;

	EXPECT_EQ(-EOPNOTSUPP, kt_vcpu_time_init(&t, &m));
	kt_vcpu_time_read(&t, ran, 4, &waited);
	EXPECT_EQ(UINT64_MAX, ran[0]);
	EXPECT_EQ(0, waited);
	m.vcpu_tids = tids;
	tids[2] = 0;
	EXPECT_EQ(-EAGAIN, kt_vcpu_time_init(&t, &m));
	tids[2] = tids[0];
	ASSERT_EQ(0, kt_vcpu_time_init(&t, &m));
	EXPECT_EQ(1, t.nr_threads);
	/* of a new process the kernel takes note with the next tick */
	do {
		kt_vcpu_time_read(&t, ran, 4, &waited);
		own = ran[0];
	} while (own == UINT64_MAX);
	EXPECT_EQ(own, ran[2]);
	EXPECT_EQ(UINT64_MAX, ran[3]);
	kt_vcpu_time_fini(&t);
	m.nr_vcpus = 1;
	ASSERT_EQ(0, kt_vcpu_time_init(&t, &m));
	kt_vcpu_time_read(&t, ran, 4, &waited);
	EXPECT_LE(3 * own, ran[0]);	/* all of it, no third */
	EXPECT_EQ(UINT64_MAX, ran[1]);
	kt_vcpu_time_fini(&t);
	tids[0] = 1 << 30;
	EXPECT_EQ(-ENOENT, kt_vcpu_time_init(&t, &m));
	EXPECT_EQ(0, t.nr_threads);
}

/* A process that spins on the CPU @cpu once it is continued. */
static pid_t spinner(int cpu)
{
	pid_t pid = fork();
	cpu_set_t set;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		_exit(1);
	raise(SIGSTOP);
	for (;;)
		;
}

static u64 waited_by(pid_t pid)
{
	unsigned long long waited = 0;
	char path[48];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%*u %llu", &waited) != 1)
		waited = 0;
	if (f)
		fclose(f);
	return waited;
}

/* Two that share a CPU: what they wait is exact while they are stopped. */
TEST(how_long_the_host_let_one_wait)
{
	pid_t pids[2] = { spinner(sched_getcpu()), spinner(sched_getcpu()) };
	struct kt_machine m = { .nr_vcpus = 2 };
	u64 ran[2], waited, before[2];
	struct kt_vcpu_time t, later;
	int status, i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		before[i] = waited_by(pids[i]);
	}
	m.vcpu_tids = (u32 *)pids;
	ASSERT_EQ(0, kt_vcpu_time_init(&t, &m));
	for (i = 0; i < 2; i++)
		kill(pids[i], SIGCONT);
	for (i = 0; i < 1000; i++) {
		usleep(10000);
		if (waited_by(pids[0]) > before[0] + 50 * MS &&
		    waited_by(pids[1]) > before[1] + 50 * MS)
			break;
	}
	EXPECT_NE(1000, i);
	for (i = 0; i < 2; i++) {
		kill(pids[i], SIGSTOP);
		waitpid(pids[i], &status, WUNTRACED);
	}
	kt_vcpu_time_read(&t, ran, 2, &waited);
	EXPECT_EQ(max(waited_by(pids[0]) - before[0],
		      waited_by(pids[1]) - before[1]), waited);
	ASSERT_EQ(0, kt_vcpu_time_init(&later, &m));
	kt_vcpu_time_read(&later, ran, 2, &waited);
	EXPECT_EQ(0, waited);
	kt_vcpu_time_fini(&later);
	kt_vcpu_time_fini(&t);
	for (i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
	}
}

TEST_HARNESS_MAIN
