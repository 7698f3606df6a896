/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr rerun` with an option to look into the run while it is repeated.
 */
#ifndef KTSTR_TOOLS_CHASE_H
#define KTSTR_TOOLS_CHASE_H

#include "ktstr/coord/chase.h"

struct chase {
	const char *at;		/* virtual time, as given; NULL: none */
	bool snapshot;
	const char *watch;
	bool gdb;
	const char *bisect;
	bool verbose_trace;
	u64 end_ns;		/* of the run, from chase_prepare() on */
	struct kt_chase_opts opts;
};

/* Whether any of it was asked for. */
bool chase_wanted(const struct chase *c);

/* Checks it against the record at @dir, and fills ->opts. -errno, reported. */
int chase_prepare(struct chase *c, const char *dir);

/* Prints what the repeated run at @again has found. -errno, reported. */
int chase_print(const struct chase *c, const char *again);

/* Where the events of the run at @again are. -errno, reported: there are none. */
int chase_print_events(const char *again);

/*
 * The first virtual time at which a condition holds: runs the record @dir with
 * parts of its time, of which each holds fewer. The exit status: 0 found, 1 it
 * holds nowhere, 2 trouble.
 */
int chase_bisect(struct chase *c, const char *dir);

/*
 * Lets a debugger in: runs one when standard input is a terminal, else prints its
 * command and waits for the run's end. The exit status.
 */
int chase_gdb(struct chase *c, const char *dir);

#endif /* KTSTR_TOOLS_CHASE_H */
