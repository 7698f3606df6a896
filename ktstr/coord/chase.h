/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chasing a bug in a deterministic run that is repeated: the machine is stopped
 * at virtual times, or at each write of a variable, and does not notice. So what is
 * seen is what happened before.
 *
 * The clock is the kernel's tick: a stop for a time is at the first one at or
 * behind it, the same instruction in each repetition.
 */
#ifndef KTSTR_COORD_CHASE_H
#define KTSTR_COORD_CHASE_H

#include "../engine/engine.h"
#include "../engine/stops.h"
#include "../inspect/bpf.h"
#include "../inspect/json.h"
#include "chase_gdb.h"

#define KT_CHASE_MAX_STOPS	32
#define KT_CHASE_MAX_WRITES	32768	/* of a variable, told */

struct kt_chase_opts {
	bool on;
	u64 at_ns[KT_CHASE_MAX_STOPS];	/* to be captured, ascending */
	u32 nr_at;
	bool ends;		/* the run is over behind the last of them */
	const char *watch;	/* a variable; NULL: none */
	const char *gdb;	/* unix socket to be made at at_ns[0]; NULL: none */
};

/* Where the variable is. */
struct kt_chase_var {
	u64 kva;		/* 0: not known yet */
	u64 gpa;
	u32 size_bytes;
	u64 value;		/* when it was last looked at */
};

struct kt_coord;
struct kt_server;

struct kt_chase {
	const struct kt_chase_opts *opts;
	bool on;
	bool over;		/* the run is to end now */
	u32 next_at;		/* of opts->at_ns */
	struct kt_chase_var var;
	struct kt_bpf *bpf;	/* that wrote last; NULL: not read yet */
	u32 nr_writes;
	struct kt_chase_gdb gdb;
	/*
	 * For the record: "stops" [{ asked_ns, at_ns, tag or error }], "watch"
	 * { symbol, in, bytes }, "writes" [{ at_ns, vcpu, rip, by, line, before,
	 * after }], "cut" and "error", in words.
	 */
	json_t *found;
};

/* -errno, reported; to be ended by fini in any case. */
int kt_chase_init(struct kt_chase *ch, const struct kt_chase_opts *opts);
void kt_chase_fini(struct kt_chase *ch);

/*
 * Puts into c->stops.orders where @m is to stop. -errno, reported: the variable or
 * the machine is none for it.
 */
int kt_chase_arm(struct kt_coord *c, struct kt_machine *m);

/* The machine has stopped at a tick. */
void kt_chase_tick(struct kt_server *sv, u64 now_ns);
/* The machine has stopped behind a store. */
void kt_chase_look(struct kt_server *sv, const struct kt_stop *s);

/* A debugger has the machine, or is waited for: no time counts. */
bool kt_chase_waits(const struct kt_chase *ch);

/* Behind the run: says what was not found. */
void kt_chase_end(struct kt_chase *ch);

#endif /* KTSTR_COORD_CHASE_H */
