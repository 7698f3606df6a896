/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A worker's own life, from fork to exit. Between worker.c and child.c only.
 */
#ifndef KTSTR_WORK_CHILD_H
#define KTSTR_WORK_CHILD_H

#include <sys/types.h>

#include <linux/compiler.h>

#include "place.h"
#include "start.h"
#include "types.h"

#define KT_STOP_SIGNAL	SIGUSR1

struct kt_child {
	const struct kt_work_type *type;
	struct kt_work_env env;		/* without meter and stop */
	struct kt_telemetry *telemetry;
	const struct kt_worker_setup *setup;	/* NULL: none */
	struct kt_start *start;
	u32 offset_us;			/* behind it, it begins */
	struct kt_start_ready *ready;	/* its own */
	pid_t parent;
};

void kt_child_run(struct kt_child *child) __noreturn;

/* What it is made of; once in a process, and once in each worker of it. */
void kt_child_init(const struct kt_child *child);
int kt_child_work(struct kt_child *child);

#endif /* KTSTR_WORK_CHILD_H */
