/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Templates under $XDG_CACHE_HOME/ktstr/templates (~/.cache/ktstr/templates),
 * a file each, named by the hash of its key. A file appears whole, by rename,
 * or not at all; several runs may read, make and remove them at once. Bounded
 * in number, size and age: what was used longest ago goes first.
 */
#ifndef KTSTR_HOST_TEMPLATE_CACHE_H
#define KTSTR_HOST_TEMPLATE_CACHE_H

#include <limits.h>

#include "../base/types.h"

#define KT_TEMPLATE_NAME_SIZE	17	/* 16 hexadecimal digits */

struct kt_template_entry {
	char name[KT_TEMPLATE_NAME_SIZE];
	char path[PATH_MAX];
	u64 used_at_ns;			/* CLOCK_REALTIME */
	u64 size_bytes;			/* on the disk */
};

/* One being made, by nobody else at the same time. */
struct kt_template_draft {
	char dir[PATH_MAX];
	char tmp[PATH_MAX];
	char path[PATH_MAX];		/* what it becomes */
	int fd;				/* empty; owned */
};

/* Opens the template called @name and marks it used; -ENOENT. */
int kt_template_cache_open(const char *name, int *fd);

/*
 * -EBUSY when another process makes it, -EEXIST when it is there, another
 * -errno when it cannot be made. Then there is no draft.
 */
int kt_template_cache_begin(const char *name, struct kt_template_draft *d);

/* Makes it the template, and room for it. Of the draft nothing is left. */
int kt_template_cache_commit(struct kt_template_draft *d);
void kt_template_cache_abandon(struct kt_template_draft *d);

void kt_template_cache_remove(const char *name);

/* Used last first; the caller frees @entries. */
int kt_template_cache_list(struct kt_template_entry **entries, u32 *nr);

/* All, and what interrupted runs have left. */
int kt_template_cache_clean(u32 *removed);

#endif /* KTSTR_HOST_TEMPLATE_CACHE_H */
