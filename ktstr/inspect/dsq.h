/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dispatch queues of sched_ext: each CPU's own, the global ones, those a
 * scheduler made, and the tasks on them in their order.
 */
#ifndef KTSTR_INSPECT_DSQ_H
#define KTSTR_INSPECT_DSQ_H

#include "json.h"
#include "names.h"
#include "scx.h"

#define KT_DSQ_MAX_USER		512	/* shown */
#define KT_DSQ_MAX_TASKS	256	/* shown of each */

/*
 * The member "dsqs" of a capture. @scx: NULL when it was not found. @hz:
 * CONFIG_HZ, 0 not known.
 */
json_t *kt_dsqs_json(const struct kt_guest_kernel *k, const struct kt_scx *scx,
		     u32 hz, json_t *absent);

#endif /* KTSTR_INSPECT_DSQ_H */
