/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a reader of newc archives that checks what the kernel's unpacker
 * wants (init/initramfs.c), over several archives behind each other.
 */
#ifndef KTSTR_TESTS_UNIT_NEWC_H
#define KTSTR_TESTS_UNIT_NEWC_H

#include <stdio.h>

#include "ktstr/base/types.h"

#define NEWC_MAX	512
#define NEWC_HEADER	110

struct newc_entry {
	u32 ino, mode, uid, gid, nlink, mtime, size, rmajor, rminor;
	const char *name;
	const char *data;	/* not terminated */
	int archive;		/* 0: the first one */
};

struct newc {
	struct newc_entry e[NEWC_MAX];
	int nr;
	int trailers;
};

static inline u32 newc_field(const char *header, int i)
{
	char hex[9];

	snprintf(hex, sizeof(hex), "%.8s", header + 6 + 8 * i);
	return strtoul(hex, NULL, 16);
}

/* One entry at @at; the offset behind it, or 0 when it is broken. */
static inline size_t newc_parse_one(struct newc *n, const char *buf, size_t at,
				    size_t len)
{
	struct newc_entry *e = &n->e[n->nr];
	size_t name_bytes, data;

	if (at % 4 || len - at < NEWC_HEADER || n->nr == NEWC_MAX ||
	    memcmp(buf + at, "070701", 6))
		return 0;
	*e = (struct newc_entry){
		.ino = newc_field(buf + at, 0), .mode = newc_field(buf + at, 1),
		.uid = newc_field(buf + at, 2), .gid = newc_field(buf + at, 3),
		.nlink = newc_field(buf + at, 4),
		.mtime = newc_field(buf + at, 5),
		.size = newc_field(buf + at, 6),
		.rmajor = newc_field(buf + at, 9),
		.rminor = newc_field(buf + at, 10),
		.name = buf + at + NEWC_HEADER, .archive = n->trailers,
	};
	name_bytes = newc_field(buf + at, 11);
	data = (at + NEWC_HEADER + name_bytes + 3) & ~3UL;
	if (data > len || e->size > len - data || !name_bytes ||
	    strnlen(e->name, name_bytes) != name_bytes - 1)
		return 0;
	e->data = buf + data;
	if (!strcmp(e->name, "TRAILER!!!"))
		n->trailers++;
	else
		n->nr++;
	return (data + e->size + 3) & ~3UL;
}

/* False when anything is not as it should be. */
static inline bool newc_parse(struct newc *n, const char *buf, size_t len)
{
	size_t at = 0;

	memset(n, 0, sizeof(*n));
	while (at < len) {
		if (!buf[at]) {
			at++;
			continue;
		}
		at = newc_parse_one(n, buf, at, len);
		if (!at)
			return false;
	}
	return n->trailers > 0 && at == len;
}

static inline const struct newc_entry *newc_find(const struct newc *n,
						 const char *name)
{
	int i;

	for (i = 0; i < n->nr; i++)
		if (!strcmp(n->e[i].name, name))
			return &n->e[i];
	return NULL;
}

static inline bool newc_data_is(const struct newc_entry *e, const void *data,
				size_t len)
{
	return e && e->size == len && !memcmp(e->data, data, len);
}

#endif /* KTSTR_TESTS_UNIT_NEWC_H */
