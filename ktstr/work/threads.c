// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers that are threads of one process.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/log.h"
#include "threads.h"

#define STACK_BYTES	(256u << 10)

static u32 nr_threads;
static pid_t *tids;		/* 0: does not run yet */

void kt_threads_interrupt(const siginfo_t *info)
{
	u32 i;

	/* one that was passed on is for its thread alone */
	if (info->si_code == SI_TKILL)
		return;
	for (i = 0; i < nr_threads; i++) {
		pid_t tid = READ_ONCE(tids[i]);

		if (tid)
			syscall(SYS_tgkill, getpid(), tid, info->si_signo);
	}
}

static void *run(void *arg)
{
	struct kt_child *c = arg;

	WRITE_ONCE(tids[c->env.index], gettid());
	/* without one of them the others are not what was asked for */
	if (kt_child_work(c))
		_exit(1);
	return NULL;
}

void kt_threads_run(struct kt_child *children, u32 nr)
{
	pthread_t *threads = calloc(nr, sizeof(*threads));
	pthread_attr_t attr;
	u32 i;

	tids = calloc(nr, sizeof(*tids));
	if (!threads || !tids || pthread_attr_init(&attr) ||
	    pthread_attr_setstacksize(&attr, STACK_BYTES))
		_exit(1);
	nr_threads = nr;	/* its pair is in the handler, of this process */
	kt_child_init(&children[0]);
	for (i = 0; i < nr; i++) {
		int err = pthread_create(&threads[i], &attr, run, &children[i]);

		if (err) {
			kt_err(-err, "thread %u of %u: %s", i, nr,
			       strerror(err));
			_exit(1);
		}
	}
	for (i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}
