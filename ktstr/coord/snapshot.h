/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that can be seen of a guest's kernel at one moment, put together.
 */
#ifndef KTSTR_COORD_SNAPSHOT_H
#define KTSTR_COORD_SNAPSHOT_H

#include "../inspect/json.h"
#include "subject.h"

/*
 * Adds to the object @state what is seen of the located @s while every vCPU of
 * @m is parked, or after @m has ended: "kernel", "vcpus", "cpus", "sched_ext",
 * "dsqs", "tasks", "maps", "progs", and "absent", what this kernel has not. A
 * part that cannot be read leaves its member out and the others go on. -errno
 * and the reason in @why when it is the runqueues.
 */
int kt_snapshot_take(struct kt_subject *s, struct kt_machine *m,
		     json_t *state, char *why, size_t size);

/*
 * What the kernel tells of a scheduler's end, now: the member "exit" of
 * "sched_ext", to be freed; NULL when there is none to see.
 */
json_t *kt_snapshot_exit(struct kt_subject *s);

#endif /* KTSTR_COORD_SNAPSHOT_H */
