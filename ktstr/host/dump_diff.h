/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two dumps compared, member by member.
 */
#ifndef KTSTR_HOST_DUMP_DIFF_H
#define KTSTR_HOST_DUMP_DIFF_H

#include <jansson.h>
#include <stdio.h>

#include "../base/types.h"

/*
 * A line for each member that differs: "path: A's -> B's", "only in A: path".
 * How many. Unless @all, what differs between any two runs is not looked at:
 * times, addresses, registers, identifiers, offsets in functions.
 */
u64 kt_dump_diff(FILE *out, const json_t *a, const json_t *b, bool all);

#endif /* KTSTR_HOST_DUMP_DIFF_H */
