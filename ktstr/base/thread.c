// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that leave the process's signals to its other threads.
 */
#include <signal.h>

#include "thread.h"

int kt_thread_start(pthread_t *thread, const pthread_attr_t *attr,
		    int taken_signal, void *(*run)(void *), void *arg)
{
	sigset_t mask, before;
	int ret;

	sigfillset(&mask);
	if (taken_signal)
		sigdelset(&mask, taken_signal);
	/* a new thread has the mask of the one that makes it */
	pthread_sigmask(SIG_SETMASK, &mask, &before);
	ret = -pthread_create(thread, attr, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}
