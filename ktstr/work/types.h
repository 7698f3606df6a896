/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The work types: what a worker does until it is told to stop. One table, an
 * entry a type, in the order of enum ktstr_work_type.
 */
#ifndef KTSTR_WORK_TYPES_H
#define KTSTR_WORK_TYPES_H

#include <signal.h>

#include "ktstr/include/ktstr.h"
#include "telemetry.h"

/* What a work type works with; in the worker. */
struct kt_work_env {
	struct kt_meter meter;
	struct ktstr_work params;		/* defaults filled in */
	u32 index;				/* of the worker in its group */
	int rfd;				/* from the partner, or -1 */
	int wfd;				/* to the partner, or -1 */
	const volatile sig_atomic_t *stop;
};

/* A parameter: how it is called, its unit, what 0 stands for. */
struct kt_work_param {
	const char *name;
	const char *unit;
	u32 default_value;
	size_t offset;				/* in struct ktstr_work */
};

#define KT_WORK_MAX_PARAMS	2

/**
 * struct kt_work_type - a work type
 * @name: as in enum ktstr_work_type, lower case
 * @desc: what it does, one line
 * @paired: workers come in pairs that are joined by two pipes
 * @params: its parameters; ends with one without a name
 * @step: one round, in the worker: 0 or -errno. Ends early, with 0, when told
 *	to stop.
 */
struct kt_work_type {
	const char *name;
	const char *desc;
	bool paired;
	struct kt_work_param params[KT_WORK_MAX_PARAMS + 1];
	int (*step)(struct kt_work_env *env);
};

/* NULL for a value that is none of the enumeration's. */
const struct kt_work_type *kt_work_type(u32 type);

/* @work with the defaults in the place of zeroes. */
struct ktstr_work kt_work_defaults(const struct ktstr_work *work);

/* The steps, one file a family. */
int kt_work_spin_wait(struct kt_work_env *env);
int kt_work_yield_heavy(struct kt_work_env *env);
int kt_work_bursty(struct kt_work_env *env);
int kt_work_pipe_io(struct kt_work_env *env);

#endif /* KTSTR_WORK_TYPES_H */
