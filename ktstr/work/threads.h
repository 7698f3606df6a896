/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers that are threads of one process. A signal that tells the process to
 * stop must end what each of them waits for.
 */
#ifndef KTSTR_WORK_THREADS_H
#define KTSTR_WORK_THREADS_H

#include <signal.h>

#include "child.h"

/* Each of @children as a thread; ends when all have, or one has failed. */
void kt_threads_run(struct kt_child *children, u32 nr) __noreturn;

/* In the handler of a signal to stop: passes it on to all threads. */
void kt_threads_interrupt(const siginfo_t *info);

#endif /* KTSTR_WORK_THREADS_H */
