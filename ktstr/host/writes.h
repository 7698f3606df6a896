/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Variables that a case has the host write: its declaration checked, handed to
 * the coordinator, and what came of it told.
 */
#ifndef KTSTR_HOST_WRITES_H
#define KTSTR_HOST_WRITES_H

#include <stdio.h>

#include "../coord/writes.h"
#include "../include/ktstr.h"

/* -EINVAL and @why when they cannot be made in @duration_ms of workload. */
int kt_writes_check(const struct ktstr_test *test, u32 duration_ms, char *why,
		    size_t size);

/* Those of a checked @test into @list, of KT_MAX_WRITES; how many. */
u32 kt_writes_fill(struct kt_write *list, const struct ktstr_test *test);

/* A line for each. */
void kt_writes_report(FILE *out, const struct kt_writes *w);

#endif /* KTSTR_HOST_WRITES_H */
