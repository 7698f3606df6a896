/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `ktstr rerun` asks of the run that it repeats, handed over in the
 * environment: the command itself stays that of the record. And what was found,
 * in the file "chase.json" of the new run's record.
 */
#ifndef KTSTR_HOST_CHASE_H
#define KTSTR_HOST_CHASE_H

#include <jansson.h>
#include <stdio.h>

#include "../coord/coord.h"
#include "record.h"

#define KT_CHASE_ENV	"KTSTR_CHASE"
#define KT_CHASE_NAME	"chase.json"

/* For the environment: the caller's to free; NULL without memory. */
char *kt_chase_encode(const struct kt_chase_opts *o);

/*
 * What the environment asks for; nothing there is nothing asked for. -EINVAL,
 * reported. @text has what @o points to, until free().
 */
int kt_chase_decode(struct kt_chase_opts *o, char **text);

/* Whether it asks for a debugger, for which no time is too long. */
bool kt_chase_has_gdb(void);

/* Completes what was found by lines of @vmlinux (may be ""), and keeps it. */
void kt_chase_record(const struct kt_record *r, const struct kt_chase *ch,
		     const char *vmlinux);

/* What the record in @dir has of it, for json_decref(). -errno, reported. */
int kt_chase_read(const char *dir, json_t **found);

/* All captures of the record in @dir, for json_decref(); NULL: reported. */
json_t *kt_chase_captures(const char *dir);

/* "3.2s", "3200ms", "3200000us", "3.2"; -EINVAL. */
int kt_chase_parse_time(const char *text, u64 *ns);

/* "3.200 s" of nanoseconds. */
const char *kt_chase_time(u64 ns, char *buf, size_t size);

/* The writes that were seen, one a line. */
void kt_chase_print_writes(FILE *out, const json_t *found);

#endif /* KTSTR_HOST_CHASE_H */
