// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pairs that send each other signals and handle them.
 */
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "families.h"
#include "step.h"

/* Of each thread its own: a handler runs in the thread that was meant. */
static __thread volatile sig_atomic_t handled;

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

/* Blocked but while it waits: none comes between a look and the wait. */
int kt_work_signal_setup(struct kt_work_env *env)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) ||
	    sigaction(SIGRTMIN, &act, NULL))
		return kt_err(-errno, "%s: handle signals: %m", env->name);
	return kt_work_meet(env);
}

static int await_signal(struct kt_work_env *env)
{
	struct timespec look = { .tv_nsec = KT_WORK_LOOK_MS * KT_NSEC_PER_MSEC };
	sig_atomic_t before = handled;
	sigset_t none;
	int ret = 0;

	sigemptyset(&none);
	kt_meter_block(&env->meter);
	while (!ret && !*env->stop && handled == before)
		if (!ppoll(NULL, 0, &look, &none))
			ret = kt_work_partners(env);
	kt_meter_unblock(&env->meter);
	if (handled != before)
		kt_work_woken(env, &env->slots[env->role]);
	return ret;
}

int kt_work_signal_storm(struct kt_work_env *env)
{
	bool threads = env->params.form == KTSTR_THREAD;
	pid_t partner = env->members[!env->role].tid;

	kt_work_note_wake(&env->slots[!env->role]);
	/* real-time signals queue: none is lost in another */
	if (syscall(SYS_tgkill, threads ? getpid() : partner, partner,
		    SIGRTMIN))
		return *env->stop ? 0 : -EPIPE;
	kt_work_count(env);
	return await_signal(env);
}
