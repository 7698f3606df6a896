/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The captures of a run, for people: a few lines for the report, and a table
 * for the record.
 */
#ifndef KTSTR_HOST_CAPTURES_H
#define KTSTR_HOST_CAPTURES_H

#include <stdio.h>

#include "../base/strbuf.h"
#include "../coord/capture.h"
#include "../coord/periodic.h"

#define KT_CAPTURES_TEXT_MAX	(1024u * 1024)

/* How many there are, how many were due, which show nothing and why. */
void kt_captures_report(FILE *out, const struct kt_captures *c,
			const struct kt_periodic *p);

/*
 * A line for each that was kept, its columns separated by tabs: tag, cause,
 * at_ns, workload_ns, phase, error or "-", jiffies, and for each CPU
 * nr_running/scx_nr_running/pid/comm of what it runs.
 */
void kt_captures_table(struct kt_strbuf *sb, const struct kt_captures *c);

#endif /* KTSTR_HOST_CAPTURES_H */
