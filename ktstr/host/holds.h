/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a deterministic machine has to stand still for what its case wants of
 * the host.
 */
#ifndef KTSTR_HOST_HOLDS_H
#define KTSTR_HOST_HOLDS_H

#include "../coord/writes.h"
#include "../wire/plan.h"

/* Into @p, in order: @nr_captures over its duration, and each of @writes. */
void kt_holds_fill(struct kt_plan *p, u32 nr_captures,
		   const struct kt_write *writes, u32 nr_writes);

#endif /* KTSTR_HOST_HOLDS_H */
