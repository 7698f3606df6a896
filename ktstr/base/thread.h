/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that leave the process's signals to its other threads.
 */
#ifndef KTSTR_BASE_THREAD_H
#define KTSTR_BASE_THREAD_H

#include <pthread.h>

#include "types.h"

/*
 * Starts @run(@arg) in a thread with every signal blocked but @taken_signal,
 * which may be 0 for none. @attr as of pthread_create(). 0 or -errno; the
 * caller joins *@thread.
 */
int kt_thread_start(pthread_t *thread, const pthread_attr_t *attr,
		    int taken_signal, void *(*run)(void *), void *arg);

#endif /* KTSTR_BASE_THREAD_H */
