// SPDX-License-Identifier: GPL-2.0-only
/*
 * Performance mode's parts on this host, whatever it allows: what is in effect
 * is so, what is refused has its line, and nothing stays behind.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/base/priv.h"
#include "ktstr/engine/performance.h"
#include "nr_fds.h"

#define MIB	(1024ULL * 1024)

FIXTURE(mode)
{
	struct kt_performance pf;
	struct kt_machine_plan plan;
	cpu_set_t before;
	int fds_before;
};

FIXTURE_SETUP(mode)
{
	keep_log();
	self->fds_before = nr_fds();
	memset(&self->pf, 0, sizeof(self->pf));
	self->plan = (struct kt_machine_plan){
		.topo = { 1, 1, 1, 1 }, .memory_mib = 4, .performance = true,
	};
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(self->before), &self->before));
}

FIXTURE_TEARDOWN(mode)
{
	cpu_set_t now;

	kt_performance_end(&self->pf);
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(now), &now));
	EXPECT_TRUE(CPU_EQUAL(&now, &self->before));
	EXPECT_EQ(self->fds_before, nr_fds());
}

#define said(what)	(!!strstr(self->pf.text, what))

static void *wait_for_end(void *arg)
{
	pthread_mutex_lock(arg);
	pthread_mutex_unlock(arg);
	return NULL;
}

/* A thread in place of the one vCPU: made a vCPU's, and looked at. */
static void run_one(struct kt_performance *pf, int *policy, cpu_set_t *on)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct sched_param param;
	pthread_t thread;

	pthread_mutex_lock(&lock);
	if (!pthread_create(&thread, NULL, wait_for_end, &lock)) {
		kt_performance_threads(pf, &thread, 1);
		pthread_getschedparam(thread, policy, &param);
		pthread_getaffinity_np(thread, sizeof(*on), on);
	}
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
}

TEST_F(mode, not_asked_for)
{
	int policy = -1, fd = -1;
	cpu_set_t on;

	self->plan.performance = false;
	kt_performance_begin(&self->pf, &self->plan);
	EXPECT_EQ(0, kt_performance_map(&self->pf, &self->plan, NULL));
	EXPECT_EQ(-ENODEV, kt_performance_file(&self->pf, &self->plan, 0, &fd));
	run_one(&self->pf, &policy, &on);
	EXPECT_EQ(SCHED_OTHER, policy);
	EXPECT_TRUE(CPU_EQUAL(&on, &self->before));
	EXPECT_STREQ("", self->pf.text);
	EXPECT_EQ(0, nr_logged);
}

TEST_F(mode, pinned)
{
	int policy = -1;
	cpu_set_t on, mine;

	kt_performance_begin(&self->pf, &self->plan);
	if (!self->pf.placed)
		SKIP(return, "there is one CPU");
	EXPECT_TRUE(said("vCPUs 0 to 0 (LLC 0) on host CPUs "));
	EXPECT_TRUE(said("all other threads on host CPUs "));
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(mine), &mine));
	EXPECT_TRUE(CPU_EQUAL(&mine, &self->pf.place.service));
	run_one(&self->pf, &policy, &on);
	EXPECT_EQ(1, CPU_COUNT(&on));
	EXPECT_TRUE(CPU_ISSET(self->pf.place.cpu[0], &on));
	EXPECT_FALSE(CPU_ISSET(self->pf.place.cpu[0], &mine));
	EXPECT_EQ(policy == SCHED_FIFO,
		  said("vCPU threads are SCHED_FIFO, priority 1"));
	EXPECT_EQ(policy != SCHED_FIFO, said("SCHED_FIFO refused: "));
}

TEST_F(mode, too_many_vcpus)
{
	int policy = -1;
	cpu_set_t on;

	self->plan.topo = (struct kt_topology){ 1, 1, KT_MAX_CPUS, 1 };
	if (CPU_COUNT(&self->before) > KT_MAX_CPUS)
		SKIP(return, "there are enough CPUs");
	kt_performance_begin(&self->pf, &self->plan);
	EXPECT_FALSE(self->pf.placed);
	EXPECT_TRUE(said("pinning of vCPUs refused: 512 vCPUs and one CPU"));
	run_one(&self->pf, &policy, &on);
	EXPECT_EQ(SCHED_OTHER, policy);
	EXPECT_TRUE(CPU_EQUAL(&on, &self->before));
	EXPECT_TRUE(said("SCHED_FIFO refused: priority 1: vCPUs are not pinned"));
}

TEST_F(mode, no_right_to_real_time)
{
	struct rlimit none = {};
	int policy = -1;
	cpu_set_t on;

	ASSERT_EQ(0, setrlimit(RLIMIT_RTPRIO, &none));
	ASSERT_EQ(0, kt_priv_drop());
	kt_performance_prepare();
	kt_performance_begin(&self->pf, &self->plan);
	if (!self->pf.placed)
		SKIP(return, "there is one CPU");
	run_one(&self->pf, &policy, &on);
	EXPECT_EQ(SCHED_OTHER, policy);
	EXPECT_EQ(1, CPU_COUNT(&on));
	EXPECT_TRUE(said("SCHED_FIFO refused: RLIMIT_RTPRIO is 0; raise it"));
}

/* Who has the limit needs no capability any more. */
TEST_F(mode, right_to_real_time_kept)
{
	struct rlimit limit;
	int policy = -1;
	cpu_set_t on;

	kt_performance_prepare();
	ASSERT_EQ(0, getrlimit(RLIMIT_RTPRIO, &limit));
	ASSERT_EQ(0, kt_priv_drop());
	kt_performance_begin(&self->pf, &self->plan);
	if (!limit.rlim_cur || !self->pf.placed)
		SKIP(return, "there is one CPU, or no right to begin with");
	run_one(&self->pf, &policy, &on);
	EXPECT_EQ(!said("SCHED_FIFO refused"), policy == SCHED_FIFO);
	EXPECT_FALSE(said("RLIMIT_RTPRIO is 0"));
}

TEST_F(mode, memory)
{
	u64 size = self->plan.memory_mib * MIB;
	char *room, *p;

	kt_performance_begin(&self->pf, &self->plan);
	room = mmap(NULL, size + 2 * MIB, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, room);
	p = room + (-(uintptr_t)room & (2 * MIB - 1));
	ASSERT_EQ(0, kt_performance_map(&self->pf, &self->plan, p));
	/* all of it is there, of whatever pages */
	EXPECT_EQ(0, p[size - 1]);
	memset(p, 1, size);
	EXPECT_EQ(!self->pf.no_huge, said("2 huge pages of 2 MiB, reserved"));
	EXPECT_EQ(self->pf.no_huge, said("sysctl vm.nr_hugepages=2"));
	EXPECT_TRUE(said("mbind refused: ") || said("memory of node 0 on host node "));
	munmap(room, size + 2 * MIB);
}

/* No host has that much. */
TEST_F(mode, memory_that_is_not_there)
{
	void *p = mmap(NULL, 1ull << 40, PROT_NONE, MAP_PRIVATE |
		       MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ASSERT_NE(MAP_FAILED, p);
	self->plan.memory_mib = 1 << 20;
	kt_performance_begin(&self->pf, &self->plan);
	EXPECT_EQ(0, kt_performance_map(&self->pf, &self->plan, p));
	EXPECT_TRUE(self->pf.no_huge);
	EXPECT_TRUE(said("huge pages refused: 524288 of 2 MiB: "));
	EXPECT_TRUE(said("sysctl vm.nr_hugepages=524288"));
	*(volatile char *)p = 1;
	munmap(p, 1ull << 40);
}

TEST_F(mode, file)
{
	int fd = -1, ret;

	kt_performance_begin(&self->pf, &self->plan);
	ret = kt_performance_file(&self->pf, &self->plan, 0, &fd);
	EXPECT_EQ(ret ? -ENODEV : 0, ret);
	EXPECT_EQ(!ret, fd >= 0);
	EXPECT_EQ(!ret, said("node 0: 2 huge pages of 2 MiB, reserved"));
	kt_close(&fd);
	/* one line for all nodes */
	self->plan.memory_mib = 1 << 20;
	EXPECT_EQ(-ENODEV, kt_performance_file(&self->pf, &self->plan, 0, &fd));
	EXPECT_TRUE(said("shmem_enabled"));
	nr_logged = 0;
	EXPECT_EQ(-ENODEV, kt_performance_file(&self->pf, &self->plan, 0, &fd));
	EXPECT_EQ(0, nr_logged);
}

/* A node is made of whole huge pages, as long as each has one. */
TEST_F(mode, sizes_of_nodes)
{
	self->plan.topo = (struct kt_topology){ 3, 3, 1, 1 };
	self->plan.memory_mib = 100;
	EXPECT_EQ(36 * MIB, kt_engine_node_bytes(&self->plan, 0));
	EXPECT_EQ(32 * MIB, kt_engine_node_bytes(&self->plan, 2));
	self->plan.memory_mib = 5;
	EXPECT_EQ(3 * MIB, kt_engine_node_bytes(&self->plan, 0));
	EXPECT_EQ(1 * MIB, kt_engine_node_bytes(&self->plan, 1));
	self->plan.performance = false;
	self->plan.memory_mib = 100;
	EXPECT_EQ(34 * MIB, kt_engine_node_bytes(&self->plan, 0));
	EXPECT_EQ(33 * MIB, kt_engine_node_bytes(&self->plan, 1));
}

/* However much is said, the record ends where it must. */
TEST_F(mode, many_lines)
{
	char line[600];
	u32 i;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (i = 0; i < 100; i++)
		kt_performance_say(&self->pf, "%s", line);
	EXPECT_EQ(sizeof(self->pf.text) - 1, strlen(self->pf.text));
}

TEST_HARNESS_MAIN
