/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The work types: what a worker does until it is told to stop. One table, an
 * entry a type, in the order of enum ktstr_work_type.
 */
#ifndef KTSTR_WORK_TYPES_H
#define KTSTR_WORK_TYPES_H

#include <signal.h>
#include <sys/types.h>

#include "ktstr/include/ktstr.h"
#include "telemetry.h"

#define KT_WORK_MAX_PARAMS	3
#define KT_WORK_MAX_PHASES	16
#define KT_WORK_MAX_SIZE_KIB	(1024u * 1024)
#define KT_WORK_FDS		4

/* What workers wait for in futexes, and when its waiters were woken last. */
struct kt_work_word {
	u32 value;
	u64 woken_ns;
} __aligned(64);

/*
 * What the workers of a group share, zeroes to begin with. Words that
 * different workers write are a cache line apart.
 */
struct kt_work_shared {
	struct kt_work_word gen;	/* counts what the first one announces */
	struct kt_work_word answers;	/* of the others to it */
	struct kt_work_word serving;	/* ticket of who holds the lock */
	struct kt_work_word items;	/* in the ring */
	struct kt_work_word met;	/* came to the meeting before the work */

	u32 next __aligned(64);		/* ticket of who asks next for the lock */
	u32 lock __aligned(64);		/* as FUTEX_LOCK_PI has it */
	u64 handoffs __aligned(64);	/* the lock went to another worker */
} __aligned(128);

/* What a type keeps in a worker from round to round; zeroes, and fd -1. */
struct kt_work_state {
	int fd;
	void *mem;
	size_t mem_bytes;
	u32 turn;			/* what comes next */
	u32 seen;			/* of a word, last time */
	u64 next_ns;			/* when the next interval ends */
	u64 rng;
	struct kt_cpumask cpus;		/* it may use, as it began */
	u64 nodes;			/* of those */
	char text[256];
};

/* What a work type works with; in the worker. */
struct kt_work_env {
	struct kt_meter meter;
	struct ktstr_work params;	/* defaults filled in */
	const char *name;		/* of the type */
	u32 index;			/* of the worker in its declaration, */
	u32 nr;				/* which has so many */
	u32 role;			/* in its group */
	u32 group_size;
	struct kt_work_shared *shared;
	struct kt_work_word *slots;	/* one a worker of its group, by role */
	const struct kt_telemetry *members;	/* of its group, by role */
	int rfd;			/* from the partner, or -1 */
	int wfd;			/* to the partner, or -1 */
	int fds[KT_WORK_FDS];		/* all the group's, or -1 */
	struct kt_work_state state;
	struct kt_work_carry *carry;	/* of its children; NULL: none so far */
	const volatile sig_atomic_t *stop;
};

/* A parameter: how it is called, its unit, what 0 stands for. */
struct kt_work_param {
	const char *name;
	const char *unit;
	u32 default_value;
	size_t offset;			/* in struct ktstr_work */
};

/* What the parent opens for each group before it forks its workers. */
enum kt_work_links {
	KT_LINK_NONE,
	KT_LINK_PIPES,			/* one each way between two */
	KT_LINK_EVENTFDS,		/* KT_WORK_FDS of them */
	KT_LINK_FILE,			/* one file for all, without a name */
};

/**
 * struct kt_work_type - a work type
 * @name: as in enum ktstr_work_type, lower case
 * @desc: what it does, one line
 * @params: its parameters; ends with one without a name
 * @group: workers of a group that @params do not say; 0 and no @by_width: 1
 * @by_width: width of them more
 * @together: all workers of a declaration are one group
 * @itself: a round changes how the worker is scheduled: no child can do it
 * @links: what joins a group's workers
 * @check: in the parent: whether this machine and these parameters will do;
 *	may be NULL. 0, or a reported -errno.
 * @setup: in the worker, before its first round; may be NULL. 0 or -errno.
 * @step: one round, in the worker: 0 or -errno. Ends early, with 0, when told
 *	to stop.
 * @teardown: in the worker, after its last round or a failed @setup; may be
 *	NULL. A worker that is killed runs none: what needs it must not outlive
 *	its process or its cgroup.
 */
struct kt_work_type {
	const char *name;
	const char *desc;
	struct kt_work_param params[KT_WORK_MAX_PARAMS + 1];
	u32 group;
	bool by_width;
	bool together;
	bool itself;
	enum kt_work_links links;
	int (*check)(const struct ktstr_work *params);
	int (*setup)(struct kt_work_env *env);
	int (*step)(struct kt_work_env *env);
	void (*teardown)(struct kt_work_env *env);
};

/* NULL for a value that is none of the enumeration's. */
const struct kt_work_type *kt_work_type(u32 type);

/* @work with the defaults in the place of zeroes. */
struct ktstr_work kt_work_defaults(const struct ktstr_work *work);

#endif /* KTSTR_WORK_TYPES_H */
