// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names spelled alike: by the letters to change, drop or put in.
 */
#include "near.h"

#define NEAR		2	/* letters apart */
#define MAX_LISTED	24

u32 kt_near_distance(const char *a, const char *b)
{
	u32 row[KT_NEAR_MAX_LETTERS + 1], len = strlen(b), i, j, diagonal, up;

	for (j = 0; j <= len; j++)
		row[j] = j;
	for (i = 0; a[i]; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (j = 1; j <= len; j++) {
			up = row[j];
			row[j] = min(min(up, row[j - 1]) + 1,
				     diagonal + (a[i] != b[j - 1]));
			diagonal = up;
		}
	}
	return row[len];
}

bool kt_near(const char *a, const char *b)
{
	if (!*a || !*b)
		return false;
	if (strstr(a, b) || strstr(b, a))
		return true;
	return strlen(a) <= KT_NEAR_MAX_LETTERS &&
	       strlen(b) <= KT_NEAR_MAX_LETTERS &&
	       kt_near_distance(a, b) <= NEAR;
}

void kt_name_list_add(struct kt_name_list *l, const char *name)
{
	u32 i;

	for (i = 0; i < min_t(u32, l->nr, KT_NAMES_MAX); i++)
		if (!strcmp(l->v[i], name))
			return;
	if (l->nr < KT_NAMES_MAX)
		l->v[l->nr] = name;
	l->nr++;
}

static u32 list(const struct kt_name_list *l, const char *wanted, bool near,
		u32 listed, struct kt_strbuf *text)
{
	u32 i;

	for (i = 0; i < min_t(u32, l->nr, KT_NAMES_MAX) && listed < MAX_LISTED;
	     i++)
		if (kt_near(wanted, l->v[i]) == near)
			kt_strbuf_addf(text, "%s%.64s", listed++ ? ", " : "",
				       l->v[i]);
	return listed;
}

void kt_name_list_text(const struct kt_name_list *l, const char *wanted,
		       struct kt_strbuf *text)
{
	u32 listed = list(l, wanted, true, 0, text);

	listed = list(l, wanted, false, listed, text);
	if (l->nr > listed)
		kt_strbuf_addf(text, ", %u more", l->nr - listed);
	if (!l->nr)
		kt_strbuf_addf(text, "none");
}
