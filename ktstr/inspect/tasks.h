/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All tasks of the guest's kernel: processes by init_task's list, threads by
 * each one's. Who waits for a CPU comes first, and who waits longest first of
 * them; kernel threads asleep are only counted.
 */
#ifndef KTSTR_INSPECT_TASKS_H
#define KTSTR_INSPECT_TASKS_H

#include "json.h"
#include "names.h"

#define KT_TASKS_MAX_SHOWN	1024
#define KT_TASKS_MAX_STACKS	256	/* of the first shown */

/*
 * The member "tasks" of a capture. @hz: CONFIG_HZ, 0 not known. *@left (may be
 * NULL) becomes its member "tasks_left": how many are not shown and why.
 */
json_t *kt_tasks_json(const struct kt_names *names, u32 hz, json_t *absent,
		      json_t **left);

#endif /* KTSTR_INSPECT_TASKS_H */
