/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A worker's own life, from fork to exit. Between worker.c and child.c only.
 */
#ifndef KTSTR_WORK_CHILD_H
#define KTSTR_WORK_CHILD_H

#include <sys/types.h>

#include <linux/compiler.h>

#include "types.h"

#define KT_STOP_SIGNAL	SIGUSR1

struct kt_child {
	const struct kt_work_type *type;
	struct kt_work_env env;		/* without meter and stop */
	struct kt_telemetry *telemetry;
	pid_t parent;
	int go_rd;			/* a byte: begin; end of file: do not */
};

void kt_child_run(struct kt_child *child) __noreturn;

#endif /* KTSTR_WORK_CHILD_H */
