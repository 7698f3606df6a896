// SPDX-License-Identifier: GPL-2.0-only
/*
 * The closest of a kernel's many symbols.
 */
#include <stdio.h>

#include "../base/near.h"
#include "near.h"

#define MAX_DISTANCE	3

/* Keeps the closest, in order; of equals the first. */
static void keep(const char *name, u32 d, const char **names, u32 *ds)
{
	u32 i, at = KT_NEAR_MAX_NAMES;

	while (at && ds[at - 1] > d)
		at--;
	for (i = 0; i < at; i++)
		if (names[i] && !strcmp(names[i], name))
			return;
	if (at == KT_NEAR_MAX_NAMES)
		return;
	for (i = KT_NEAR_MAX_NAMES - 1; i > at; i--) {
		names[i] = names[i - 1];
		ds[i] = ds[i - 1];
	}
	names[at] = name;
	ds[at] = d;
}

static void join(const char **names, char *buf, size_t size)
{
	size_t used = 0, len;
	u32 i;

	for (i = 0; i < KT_NEAR_MAX_NAMES && names[i]; i++) {
		len = strlen(names[i]) + (i ? 2 : 0);
		if (used + len >= size)
			break;
		used += snprintf(buf + used, size - used, "%s%s",
				 i ? ", " : "", names[i]);
	}
}

void kt_symbols_near(const struct kt_symbols *syms, const char *name, char *buf,
		     size_t size)
{
	const char *names[KT_NEAR_MAX_NAMES] = {};
	u32 ds[KT_NEAR_MAX_NAMES], i, most, d;
	size_t len = strlen(name), other;
	const struct kt_symbol *s;

	buf[0] = '\0';
	if (!len || len > KT_NEAR_MAX_LETTERS)
		return;
	most = min_t(u32, MAX_DISTANCE, (len - 1) / 2);
	for (i = 0; i < KT_NEAR_MAX_NAMES; i++)
		ds[i] = most + 1;
	for (i = 0; (s = kt_symbols_nth(syms, i)); i++) {
		other = strlen(s->name);
		if (other > KT_NEAR_MAX_LETTERS || other + most < len ||
		    len + most < other)
			continue;
		d = kt_near_distance(name, s->name);
		if (d <= most)
			keep(s->name, d, names, ds);
	}
	join(names, buf, size);
}
