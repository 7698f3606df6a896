/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dump as text, the most telling first. It is made of the JSON tree alone,
 * which may come from a file: every member may be missing or of any type, and
 * no name in it reaches a terminal as more than text.
 */
#ifndef KTSTR_HOST_DUMP_TEXT_H
#define KTSTR_HOST_DUMP_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "../base/types.h"

#define KT_DUMP_BRIEF_LINES	120
#define KT_DUMP_BRIEF_BYTES	(8u << 10)

/* All of @dump. */
void kt_dump_text(FILE *out, const json_t *dump);

/*
 * What was seen of the kernel, for a report that has told the outcome: at most
 * KT_DUMP_BRIEF_LINES and KT_DUMP_BRIEF_BYTES.
 */
void kt_dump_text_brief(FILE *out, const json_t *dump);

#endif /* KTSTR_HOST_DUMP_TEXT_H */
