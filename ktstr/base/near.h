/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names that are there, for who asked for one that is not: those spelled alike
 * first.
 */
#ifndef KTSTR_BASE_NEAR_H
#define KTSTR_BASE_NEAR_H

#include "strbuf.h"

#define KT_NEAR_MAX_LETTERS	64	/* longer names are not compared */

/* Letters to change, drop or put in; neither has more than are compared. */
u32 kt_near_distance(const char *a, const char *b);

/* Whether one holds the other, or few letters make one of the other. */
bool kt_near(const char *a, const char *b);

#define KT_NAMES_MAX	512

struct kt_name_list {
	const char *v[KT_NAMES_MAX];	/* the caller's */
	u32 nr;				/* may be more than are held */
};

/* Adds @name unless it is there. */
void kt_name_list_add(struct kt_name_list *l, const char *name);

/* "a, b, 5 more", near ones of @wanted first; "none" when there is none. */
void kt_name_list_text(const struct kt_name_list *l, const char *wanted,
		       struct kt_strbuf *text);

#endif /* KTSTR_BASE_NEAR_H */
