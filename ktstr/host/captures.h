/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The captures of a run, for people: a few lines for the report, and all that
 * was seen for the record.
 */
#ifndef KTSTR_HOST_CAPTURES_H
#define KTSTR_HOST_CAPTURES_H

#include <stdio.h>

#include "../coord/capture.h"
#include "../coord/periodic.h"

/* How many there are, how many were due, which show nothing and why. */
void kt_captures_report(FILE *out, const struct kt_captures *c,
			const struct kt_periodic *p);

#define KT_CAPTURES_MAX_BYTES	(64u << 20)	/* of a record */

/*
 * Those that were kept, oldest first, as a JSON array of their trees. Behind
 * @max_bytes comes no more but an element that says how many there were.
 */
void kt_captures_write(FILE *out, const struct kt_captures *c, u64 max_bytes);

#endif /* KTSTR_HOST_CAPTURES_H */
