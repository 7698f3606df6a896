/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Payload programs of a scenario, in the test's process: started into a cgroup
 * in a process group of their own, awaited, killed; their output kept, sent to
 * the host and judged.
 */
#ifndef KTSTR_GUEST_PAYLOAD_H
#define KTSTR_GUEST_PAYLOAD_H

#include "../base/types.h"

struct ktstr_ctx;
struct ktstr_op;

/* An operation on one; 0, or -errno and a sentence in @why. */
int kt_payload_op(struct ktstr_ctx *t, const struct ktstr_op *op,
		  const char *cgroup, char *why, size_t size);

/* The steps are over: those that still run are killed; all are judged. */
void kt_payloads_end(struct ktstr_ctx *t);

#endif /* KTSTR_GUEST_PAYLOAD_H */
