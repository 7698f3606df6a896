/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A growing argv: strings it owns, always ended by NULL. Like kt_strbuf it
 * remembers the first failure, so that a run of additions is checked once.
 */
#ifndef KTSTR_BASE_STRV_H
#define KTSTR_BASE_STRV_H

#include "types.h"

struct kt_strv {
	char **v;		/* NULL until something was added */
	u32 nr;
	u32 cap;
	int err;		/* 0 or -ENOMEM */
};

void kt_strv_init(struct kt_strv *sv);
void kt_strv_fini(struct kt_strv *sv);
void kt_strv_add(struct kt_strv *sv, const char *s);
void kt_strv_addf(struct kt_strv *sv, const char *fmt, ...) __printf(2, 3);

/* As one line that a shell would take apart again; the caller frees it. */
char *kt_strv_quote(const struct kt_strv *sv);

#endif /* KTSTR_BASE_STRV_H */
