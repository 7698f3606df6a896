/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduling events of a traced run (--verbose-trace): the kernel's text in
 * the file "events" of its record, behind a line that says how many were lost.
 */
#ifndef KTSTR_HOST_EVENTS_H
#define KTSTR_HOST_EVENTS_H

#include <stdio.h>

#include "../coord/bucket.h"
#include "record.h"

#define KT_EVENTS_NAME		"events"
#define KT_EVENTS_KIB		4096	/* of buffer, for all CPUs of the guest */

/* Nothing for a run that was not traced. */
void kt_events_record(const struct kt_record *rec, const struct kt_bucket *b);

/* Where those of the record @dir are, and that line. -ENOENT: none. */
int kt_events_print(FILE *out, const char *dir);

#endif /* KTSTR_HOST_EVENTS_H */
