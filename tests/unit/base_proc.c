// SPDX-License-Identifier: GPL-2.0-only
/*
 * Child processes: what they get, how they end, and that nothing of them is
 * left when their time is over.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/proc.h"
#include "ktstr/base/strbuf.h"
#include "nr_fds.h"

#define MS	KT_NSEC_PER_MSEC
#define LONG_MS	10000	/* nothing here takes as long */

#define ARGV(...)	((const char *const[]){ __VA_ARGS__, NULL })
#define SH(script)	ARGV("sh", "-c", script)

static const struct kt_proc_opts defaults = KT_PROC_OPTS_INIT;

FIXTURE(proc)
{
	struct kt_strbuf out;
	int fds_before;
	pid_t pid;
};

/* What a dead child leaves behind becomes ours, so that it can be counted. */
FIXTURE_SETUP(proc)
{
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	self->fds_before = nr_fds();
	kt_strbuf_init(&self->out, 4096);
}

static bool all_gone(void)
{
	u64 deadline = kt_now_ns() + LONG_MS * MS;
	siginfo_t si = {};

	/* the killed ones may take a moment to die; a survivor takes for ever */
	while (kt_now_ns() < deadline) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG))
			return errno == ECHILD;
		if (!si.si_pid)
			sched_yield();
	}
	return false;
}

FIXTURE_TEARDOWN(proc)
{
	kt_strbuf_fini(&self->out);
	EXPECT_TRUE(all_gone());
	EXPECT_EQ(self->fds_before, nr_fds());
}

TEST_F(proc, run_gives_the_exit_status)
{
	EXPECT_EQ(0, kt_proc_run(ARGV("true"), &defaults, LONG_MS, NULL));
	EXPECT_EQ(37, kt_proc_run(SH("exit 37"), &defaults, LONG_MS, NULL));
	EXPECT_EQ(-EINTR, kt_proc_run(SH("kill -9 $$"), &defaults, LONG_MS,
				      NULL));
}

TEST_F(proc, run_keeps_the_output)
{
	EXPECT_EQ(3, kt_proc_run(SH("echo one; echo two; exit 3"), &defaults,
				 LONG_MS, &self->out));
	EXPECT_STREQ("one\ntwo\n", kt_strbuf_str(&self->out));
}

/* Too much output sets the mark and does not block the program. */
TEST_F(proc, run_bounds_the_output)
{
	EXPECT_EQ(0, kt_proc_run(ARGV("head", "-c", "300000", "/dev/zero"),
				 &defaults, LONG_MS, &self->out));
	EXPECT_TRUE(self->out.overflow);
	EXPECT_GE(4096, self->out.len_bytes);
}

TEST_F(proc, no_shell_takes_arguments_apart)
{
	EXPECT_EQ(0, kt_proc_run(ARGV("printf", "[%s]", "a b", "", "$HOME;'*"),
				 &defaults, LONG_MS, &self->out));
	EXPECT_STREQ("[a b][][$HOME;'*]", kt_strbuf_str(&self->out));
}

TEST_F(proc, exec_failure_is_reported)
{
	self->pid = 12345;
	EXPECT_EQ(-ENOENT, kt_proc_start(ARGV("ktstr-no-such-program"),
					 &defaults, &self->pid));
	EXPECT_EQ(12345, self->pid);
	EXPECT_EQ(-EACCES, kt_proc_start(ARGV("/dev/null"), &defaults,
					 &self->pid));
	EXPECT_EQ(-ENOENT, kt_proc_run(ARGV("ktstr-no-such-program"),
				       &defaults, LONG_MS, &self->out));
}

static int refuse(void *arg)
{
	return *(int *)arg;
}

TEST_F(proc, set_up_failure_is_reported)
{
	struct kt_proc_opts o = defaults;
	int err = -EPERM;

	o.prepare = refuse;
	o.prepare_arg = &err;
	EXPECT_EQ(-EPERM, kt_proc_run(ARGV("true"), &o, LONG_MS, NULL));
	err = 0;
	EXPECT_EQ(0, kt_proc_run(ARGV("true"), &o, LONG_MS, NULL));
	o.cwd = "/no/such/place";
	EXPECT_EQ(-ENOENT, kt_proc_run(ARGV("true"), &o, LONG_MS, NULL));
	o.cwd = NULL;
	o.stdout_fd = 9999;
	EXPECT_EQ(-EBADF, kt_proc_run(ARGV("true"), &o, LONG_MS, NULL));
}

TEST_F(proc, descriptors_and_directory)
{
	struct kt_proc_opts o = defaults;
	int in[2];

	o.cwd = "/usr";
	EXPECT_EQ(0, kt_proc_run(SH("pwd; wc -c"), &o, LONG_MS, &self->out));
	/* the standard input is empty unless given */
	EXPECT_STREQ("/usr\n0\n", kt_strbuf_str(&self->out));

	ASSERT_EQ(0, pipe2(in, O_CLOEXEC));
	ASSERT_EQ(4, write(in[1], "text", 4));
	kt_close(&in[1]);
	o.stdin_fd = in[0];
	kt_strbuf_reset(&self->out);
	EXPECT_EQ(0, kt_proc_run(ARGV("cat"), &o, LONG_MS, &self->out));
	EXPECT_STREQ("text", kt_strbuf_str(&self->out));
	kt_close(&in[0]);
}

/* 0, 1 and 2 and the directory it is listed by. */
TEST_F(proc, inherits_nothing_else)
{
	int fd;

	/* what the test was started with is not the point */
	for (fd = 3; fd < 1024; fd++)
		kt_set_cloexec(fd, true);
	EXPECT_EQ(0, kt_proc_run(SH("ls /proc/self/fd | wc -l"), &defaults,
				 LONG_MS, &self->out));
	EXPECT_STREQ("4\n", kt_strbuf_str(&self->out));
}

TEST_F(proc, signals_are_as_for_a_login)
{
	unsigned long long blocked = ~0ULL, ignored = ~0ULL;
	sigset_t all, before;
	int got;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	signal(SIGPIPE, SIG_IGN);
	EXPECT_EQ(0, kt_proc_run(ARGV("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"),
				 &defaults, LONG_MS, &self->out));
	sigprocmask(SIG_SETMASK, &before, NULL);
	got = sscanf(kt_strbuf_str(&self->out), "SigBlk: %llx SigIgn: %llx",
		     &blocked, &ignored);
	EXPECT_EQ(2, got);
	EXPECT_EQ(0, blocked);
	/* what the test was started with is not the point */
	EXPECT_EQ(0, ignored & (1ULL << (SIGPIPE - 1)));
}

TEST_F(proc, own_group)
{
	ASSERT_EQ(0, kt_proc_start(ARGV("sleep", "100"), &defaults,
				   &self->pid));
	EXPECT_EQ(self->pid, getpgid(self->pid));
	kt_proc_stop(self->pid, LONG_MS);
}

TEST_F(proc, wait_and_stop)
{
	u64 from = kt_now_ns();
	int status;

	ASSERT_EQ(0, kt_proc_start(ARGV("sleep", "100"), &defaults,
				   &self->pid));
	EXPECT_EQ(-ETIMEDOUT, kt_proc_wait(self->pid, from + 20 * MS, &status));
	EXPECT_LE(from + 20 * MS, kt_now_ns());
	EXPECT_EQ(-ETIMEDOUT, kt_proc_wait(self->pid, 0, &status));
	kill(self->pid, SIGTERM);
	ASSERT_EQ(0, kt_proc_wait(self->pid, kt_now_ns() + LONG_MS * MS,
				  &status));
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	EXPECT_EQ(-ECHILD, kt_proc_wait(self->pid, 0, &status));
}

/* SIGTERM is enough for one that listens: it does not wait for the grace. */
TEST_F(proc, stop_asks_first)
{
	static const char script[] =
		"trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.01; done";
	struct kt_proc_opts o = defaults;
	u64 from;
	char buf[16] = "";
	int fds[2];

	ASSERT_EQ(0, pipe2(fds, O_CLOEXEC));
	o.stdout_fd = fds[1];
	ASSERT_EQ(0, kt_proc_start(SH(script), &o, &self->pid));
	kt_close(&fds[1]);
	ASSERT_EQ(3, kt_read_all(fds[0], buf, 3));
	from = kt_now_ns();
	kt_proc_stop(self->pid, LONG_MS);
	EXPECT_GT(from + LONG_MS * MS, kt_now_ns());
	memset(buf, 0, sizeof(buf));
	EXPECT_EQ(6, kt_read_all(fds[0], buf, sizeof(buf) - 1));
	EXPECT_STREQ("asked\n", buf);
	kt_close(&fds[0]);
}

TEST_F(proc, stop_kills_the_deaf)
{
	struct kt_proc_opts o = defaults;
	char buf[3];
	int fds[2];

	ASSERT_EQ(0, pipe2(fds, O_CLOEXEC));
	o.stdout_fd = fds[1];
	ASSERT_EQ(0, kt_proc_start(SH("trap '' TERM; echo up; sleep 100"), &o,
				   &self->pid));
	kt_close(&fds[1]);
	ASSERT_EQ(3, kt_read_all(fds[0], buf, 3));
	kt_proc_stop(self->pid, 10);
	/* also its child, which held the pipe */
	EXPECT_EQ(0, kt_read_all(fds[0], buf, 1));
	kt_close(&fds[0]);
}

/*
 * The leader ends at once, its child is deaf to SIGTERM and holds the output.
 * The teardown sees that none of them is left.
 */
TEST_F(proc, timeout_kills_the_whole_group)
{
	u64 from = kt_now_ns();

	EXPECT_EQ(-ETIMEDOUT,
		  kt_proc_run(SH("(trap '' TERM; echo up; exec sleep 100) & exit 0"),
			      &defaults, 100, &self->out));
	EXPECT_LE(from + 100 * MS, kt_now_ns());
	EXPECT_GT(from + LONG_MS * MS, kt_now_ns());
	EXPECT_EQ(-ETIMEDOUT, kt_proc_run(SH("sleep 100 & wait"), &defaults,
					  20, NULL));
}

TEST_F(proc, status_in_words)
{
	char buf[64];

	EXPECT_STREQ("exit 0", kt_proc_status_str(0, buf, sizeof(buf)));
	EXPECT_STREQ("exit 255",
		     kt_proc_status_str(W_EXITCODE(255, 0), buf, sizeof(buf)));
	EXPECT_STREQ("signal 11 (SIGSEGV)",
		     kt_proc_status_str(W_EXITCODE(0, SIGSEGV), buf, sizeof(buf)));
	EXPECT_STREQ("signal 9 (SIGKILL)",
		     kt_proc_status_str(W_EXITCODE(0, SIGKILL) | 0x80, buf, sizeof(buf)));
}

TEST_HARNESS_MAIN
