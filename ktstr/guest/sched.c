// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting, watching and ending the scheduler's process.
 */
#include <ctype.h>
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/proc.h"
#include "sched.h"

#define INIT_THREAD	"scx_ops_enable_"
#define STATE_FILE	"/sys/kernel/sched_ext/state"

void kt_sched_forget(struct kt_sched *s)
{
	kt_close(&s->pidfd);
	kt_close(&s->output.fd);
	s->pid = 0;
	s->started = false;
	s->ended = false;
	s->output.dropped_bytes = 0;
}

int kt_sched_start(struct kt_sched *s, const char *const *argv)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	int write_fd, ret;

	s->pid = 0;
	s->pidfd = -1;
	s->started = false;
	s->ended = false;
	ret = kt_relay_open(&s->output, KT_TAG_SCHED_LOG, &write_fd);
	if (ret)
		return ret;
	opts.stdout_fd = write_fd;
	opts.stderr_fd = write_fd;
	ret = kt_proc_start(argv, &opts, &s->pid);
	close(write_fd);
	if (ret)
		return ret;
	s->started = true;
	s->pidfd = syscall(SYS_pidfd_open, s->pid, 0);
	return 0;
}

static bool is_init_thread(const char *pid)
{
	char path[64], comm[32];

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	/* "scx_ops_enable_helper", cut as comms are */
	return !kt_read_line(path, comm, sizeof(comm)) &&
	       !strncmp(comm, INIT_THREAD, strlen(INIT_THREAD));
}

int kt_sched_pin_init(void)
{
	struct dirent *d;
	int ret = -ESRCH;
	cpu_set_t first;
	DIR *proc;

	proc = opendir("/proc");
	if (!proc)
		return -errno;
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	while (ret == -ESRCH && (d = readdir(proc)))
		if (isdigit((unsigned char)d->d_name[0]) &&
		    is_init_thread(d->d_name))
			ret = sched_setaffinity(atoi(d->d_name), sizeof(first),
						&first) ? -errno : 0;
	closedir(proc);
	return ret;
}

void kt_sched_reap(struct kt_sched *s)
{
	if (!s->pid || waitpid(s->pid, &s->status, WNOHANG) != s->pid)
		return;
	s->pid = 0;
	s->ended = true;
	kt_close(&s->pidfd);
}

void kt_sched_signal(const struct kt_sched *s, int sig)
{
	if (s->pid)
		kill(-s->pid, sig);
}

s32 kt_sched_exit_code(const struct kt_sched *s)
{
	return WIFSIGNALED(s->status) ? 128 + WTERMSIG(s->status) :
					WEXITSTATUS(s->status);
}

const char *kt_sched_state(char *buf, size_t size)
{
	if (kt_read_line(STATE_FILE, buf, size))
		buf[0] = '\0';
	return buf;
}

bool kt_sched_enabled(void)
{
	char state[32];

	return !strcmp(kt_sched_state(state, sizeof(state)), "enabled");
}
