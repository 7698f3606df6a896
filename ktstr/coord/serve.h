/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the coordinator does for its guest between two waits: the requests that
 * dispatch put on the pending lists, and periodic captures. Freeze, look,
 * thaw, answer.
 */
#ifndef KTSTR_COORD_SERVE_H
#define KTSTR_COORD_SERVE_H

#include "coord.h"

/*
 * Serves all that can be served now. 0, or -errno when the machine could not
 * be thawed (not reported: it may have ended): the run is over then.
 */
int kt_serve(struct kt_coord *c, struct kt_machine *m);

/*
 * Sees the state of a run that is about to end, as c->last_look: of a machine
 * that has ended when @cause is KT_CAPTURE_POST_MORTEM. What was seen before
 * is kept when this sees nothing.
 */
void kt_serve_last_look(struct kt_coord *c, struct kt_machine *m,
			enum kt_capture_cause cause);

/* How long the loop may wait before kt_serve() has work that no frame brings. */
u64 kt_serve_left_ns(const struct kt_coord *c, u64 now_ns);

/* The workload's own time at @now_ns: since its start, not paused, not frozen. */
u64 kt_serve_workload_ns(const struct kt_coord *c, u64 now_ns);

#endif /* KTSTR_COORD_SERVE_H */
