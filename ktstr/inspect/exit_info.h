/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What state sched_ext is in, and what ended the scheduler: kind, code, text,
 * stack of the error and the kernel's own dump.
 */
#ifndef KTSTR_INSPECT_EXIT_INFO_H
#define KTSTR_INSPECT_EXIT_INFO_H

#include "json.h"
#include "names.h"
#include "scx.h"

#define KT_EXIT_MAX_STACK	64
#define KT_EXIT_MSG_BYTES	1024
#define KT_EXIT_DUMP_BYTES	32768

/* The member "sched_ext" of a capture. @hz: CONFIG_HZ, 0 not known. */
json_t *kt_scx_json(const struct kt_names *names, const struct kt_scx *scx,
		    u32 hz, json_t *absent);

#endif /* KTSTR_INSPECT_EXIT_INFO_H */
