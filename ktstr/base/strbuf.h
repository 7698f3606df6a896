/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A string that grows as it is written to and never beyond a bound. A write
 * that does not fit (or finds no memory) sets `overflow` and changes nothing
 * more, so a run of writes is checked once, at its end.
 */
#ifndef KTSTR_BASE_STRBUF_H
#define KTSTR_BASE_STRBUF_H

#include <stdarg.h>
#include <stdio.h>

#include "types.h"

struct kt_strbuf {
	char *str;		/* NUL-terminated; NULL while empty */
	size_t len_bytes;	/* without the NUL */
	size_t cap_bytes;	/* allocated */
	size_t max_bytes;	/* bound on len_bytes */
	bool overflow;
};

void kt_strbuf_init(struct kt_strbuf *sb, size_t max_bytes);
void kt_strbuf_fini(struct kt_strbuf *sb);
void kt_strbuf_reset(struct kt_strbuf *sb);
void kt_strbuf_add(struct kt_strbuf *sb, const void *data, size_t len_bytes);
void kt_strbuf_addf(struct kt_strbuf *sb, const char *fmt, ...) __printf(2, 3);
void kt_strbuf_vaddf(struct kt_strbuf *sb, const char *fmt, va_list ap);

/* Like addf for one path component: adds "/" between when needed. */
void kt_strbuf_add_path(struct kt_strbuf *sb, const char *component);

/* The text, "" while empty; owned by @sb. */
const char *kt_strbuf_str(const struct kt_strbuf *sb);

/*
 * Copies at most @size - 1 bytes of @src, cut at a UTF-8 character boundary,
 * and terminates. Returns the bytes copied.
 */
size_t kt_utf8_copy(char *dst, size_t size, const char *src);

/* Length at which @len_bytes of @s may be cut to at most @max_bytes. */
size_t kt_utf8_cut(const char *s, size_t len_bytes, size_t max_bytes);

/*
 * Makes text from a guest fit to print: control characters but tab and
 * newline become '?', also those of a terminal's escape sequences.
 */
void kt_text_sanitize(char *s, size_t len_bytes);
/* A copy of @text, made so, to @f. Nothing of it without memory. */
void kt_text_write(FILE *f, const void *text, size_t len_bytes);

#endif /* KTSTR_BASE_STRBUF_H */
