// SPDX-License-Identifier: GPL-2.0-only
/*
 * Argument vectors, built piece by piece.
 */
#include <stdarg.h>
#include <stdio.h>

#include "strbuf.h"
#include "strv.h"

#define QUOTE_MAX	(1024 * 1024)

void kt_strv_init(struct kt_strv *sv)
{
	memset(sv, 0, sizeof(*sv));
}

void kt_strv_fini(struct kt_strv *sv)
{
	u32 i;

	for (i = 0; i < sv->nr; i++)
		free(sv->v[i]);
	free(sv->v);
	kt_strv_init(sv);
}

/* Takes @s over, also when it is NULL for want of memory. */
static void take(struct kt_strv *sv, char *s)
{
	char **grown;

	if (!s || sv->err)
		goto fail;
	if (sv->nr + 2 > sv->cap) {
		sv->cap = sv->cap ? sv->cap * 2 : 32;
		grown = realloc(sv->v, sv->cap * sizeof(*grown));
		if (!grown)
			goto fail;
		sv->v = grown;
	}
	sv->v[sv->nr++] = s;
	sv->v[sv->nr] = NULL;
	return;

fail:
	free(s);
	sv->err = -ENOMEM;
}

void kt_strv_add(struct kt_strv *sv, const char *s)
{
	take(sv, strdup(s));
}

void kt_strv_addf(struct kt_strv *sv, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	take(sv, s);
}

static void quote_one(struct kt_strbuf *sb, const char *s)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-+=./,:@%";

	if (*s && strspn(s, plain) == strlen(s)) {
		kt_strbuf_add(sb, s, strlen(s));
		return;
	}
	kt_strbuf_add(sb, "'", 1);
	for (; *s; s++) {
		if (*s == '\'')
			kt_strbuf_add(sb, "'\\''", 4);
		else
			kt_strbuf_add(sb, s, 1);
	}
	kt_strbuf_add(sb, "'", 1);
}

char *kt_strv_quote(const struct kt_strv *sv)
{
	struct kt_strbuf sb;
	u32 i;

	kt_strbuf_init(&sb, QUOTE_MAX);
	for (i = 0; i < sv->nr; i++) {
		if (i)
			kt_strbuf_add(&sb, " ", 1);
		quote_one(&sb, sv->v[i]);
	}
	return sb.str;
}
