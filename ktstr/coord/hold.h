/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's end of a Hold: while the machine stands at one, requests are
 * answered, captures taken and variables written, and never else where time is
 * the machine's own.
 */
#ifndef KTSTR_COORD_HOLD_H
#define KTSTR_COORD_HOLD_H

#include "../engine/engine.h"
#include "../wire/frame.h"
#include "../wire/hold.h"
#include "outbox.h"

struct kt_coord_hold {
	struct kt_hold at;	/* the one that has begun */
	bool begun;		/* it is not whole yet */
	bool stands;		/* and the host has not let go */
	bool more;		/* of the outbox, for the next one */
};

/* What is left of the stream: whether the machine stands now. */
void kt_coord_hold_look(struct kt_coord_hold *h, const struct kt_assembler *a);

/* The frame is whole. */
void kt_coord_hold_over(struct kt_coord_hold *h);

/*
 * Puts what @o has into the box, and lets the machine go on. False when there is
 * something, and no box to put it in.
 */
bool kt_coord_hold_end(struct kt_coord_hold *h, const struct kt_machine *m,
		       struct kt_outbox *o);

#endif /* KTSTR_COORD_HOLD_H */
