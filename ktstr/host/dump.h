/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dump of a run: all that is known of it as one JSON object, for the
 * record ("dump.json"), for the diagnostics of a failure and for `ktstr show`.
 * A part that could not be had says why.
 */
#ifndef KTSTR_HOST_DUMP_H
#define KTSTR_HOST_DUMP_H

#include <stdio.h>

#include "../coord/coord.h"
#include "../wire/result.h"
#include "case.h"

#define KT_DUMP_NAME		"dump.json"
#define KT_DUMP_FORMAT		1
#define KT_DUMP_MAX_BYTES	(4u << 20)	/* written */
#define KT_DUMP_MAX_READ	(64u << 20)

/* What a dump is made of. */
struct kt_dump_facts {
	const struct kt_coord *c;
	const struct kt_case *cs;
	const struct kt_result *result;	/* NULL: there is none that counts */
	enum kt_outcome outcome;
	const char *why;		/* in words, "" when the result says it */
	const char *program;
	const char *engine;
	const char *engine_version;
	const char *kernel;		/* its release */
	const char *again;		/* the command; may be NULL */
};

/* The caller's to release; what there is no memory for is left out. */
json_t *kt_dump_make(const struct kt_dump_facts *facts);

/*
 * Writes @dump in at most @max_bytes: what is large and tells least is left
 * out until it fits, and named in a member "cut".
 */
void kt_dump_write(FILE *out, const json_t *dump, size_t max_bytes);

/*
 * The dump in the record at @dir, for the caller to release. It is any JSON
 * object of this format: nothing in it is to be relied on. -ENOENT, -EPROTO
 * and others, reported.
 */
int kt_dump_read(const char *dir, json_t **dump);

#endif /* KTSTR_HOST_DUMP_H */
