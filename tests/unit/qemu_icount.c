// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process of a machine, pinned and stopped.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/qemu/icount.h"
#include "ktstr/wire/hold.h"

#define LONG_NS	(10 * KT_NSEC_PER_SEC)

FIXTURE(process)
{
	pid_t pid;
};

FIXTURE_SETUP(process)
{
	self->pid = fork();
	if (!self->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	ASSERT_LT(0, self->pid);
}

FIXTURE_TEARDOWN(process)
{
	kill(self->pid, SIGKILL);
	waitpid(self->pid, NULL, 0);
}

static char state(pid_t pid)
{
	char path[64], line[512], *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (kt_read_line(path, line, sizeof(line)))
		return '?';
	p = strrchr(line, ')');
	return p ? p[2] : '?';
}

TEST_F(process, stops_and_goes_on)
{
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, kt_qemu_icount_stop(self->pid, kt_now_ns() + LONG_NS));
		EXPECT_EQ('T', state(self->pid));
		ASSERT_EQ(0, kill(self->pid, SIGCONT));
		EXPECT_NE('T', state(self->pid));
	}
}

/* Its end is still there for who waits for it. */
TEST_F(process, has_ended)
{
	siginfo_t si;
	int status;

	kill(self->pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, self->pid, &si, WEXITED | WNOWAIT));
	EXPECT_EQ(-ESRCH, kt_qemu_icount_stop(self->pid, kt_now_ns() + LONG_NS));
	EXPECT_EQ(self->pid, waitpid(self->pid, &status, WNOHANG));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	EXPECT_EQ(-ESRCH, kt_qemu_icount_stop(self->pid, 0));
}

/* The host finds a Hold in time: it stands before it is whole. */
TEST(port_takes_little)
{
	static const u8 hold[KT_HOLD_BYTES];
	int sv[2];
	ssize_t n;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv));
	ASSERT_EQ(0, kt_qemu_icount_port(sv[0]));
	EXPECT_EQ(0, fcntl(sv[0], F_GETFL) & O_NONBLOCK);
	n = send(sv[0], hold, sizeof(hold), MSG_DONTWAIT);
	EXPECT_LT(0, n);
	EXPECT_GT(sizeof(hold), n + 2 * KT_HOLD_READ_BYTES + 0ul);
	close(sv[0]);
	close(sv[1]);
	EXPECT_EQ(-EBADF, kt_qemu_icount_port(-1));
}

TEST_F(process, pinned)
{
	u32 cpu = sched_getcpu();
	struct kt_machine_plan plan = { .host_cpu = &cpu };
	cpu_set_t set;

	ASSERT_EQ(0, kt_qemu_icount_pin(&plan));
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(set), &set));
	EXPECT_EQ(1, CPU_COUNT(&set));
	EXPECT_TRUE(CPU_ISSET(cpu, &set));
	cpu = CPU_SETSIZE - 1;
	EXPECT_EQ(-EINVAL, kt_qemu_icount_pin(&plan));
	plan.host_cpu = NULL;
	EXPECT_EQ(0, kt_qemu_icount_pin(&plan));
}

TEST_HARNESS_MAIN
