/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Built kernels under $XDG_CACHE_HOME/ktstr/kernels (~/.cache/ktstr/kernels),
 * one directory each, keyed by what went in: source, configuration fragment,
 * base configuration, compiler. An entry appears whole, by rename, or not at
 * all. Two builds at once are safe: the second of the same key waits for the
 * first and takes its result.
 */
#ifndef KTSTR_HOST_KERNEL_CACHE_H
#define KTSTR_HOST_KERNEL_CACHE_H

#include <limits.h>

#include "../base/types.h"

#define KT_KERNEL_NAME_MAX	128
#define KT_KERNEL_KEY_SIZE	17	/* 16 hexadecimal digits */

/* Work in progress in the cache: locked directories of this prefix. */
#define KT_BUILD_PREFIX		".build-"

struct kt_kernel_entry {
	char name[KT_KERNEL_NAME_MAX];	/* "6.12.48-minimal-1a2b3c4d" */
	char dir[PATH_MAX];
	char release[128];
	char key[KT_KERNEL_KEY_SIZE];
	char base[16];			/* "minimal"; "" when not known */
	u64 built_at_s;			/* CLOCK_REALTIME */
	u64 size_bytes;
};

enum kt_kernel_base {
	KT_BASE_MINIMAL,	/* allnoconfig and the fragment */
	KT_BASE_DEFCONFIG,	/* defconfig and the fragment */
	KT_BASE_NESTED,		/* minimal, and what runs machines in it */
};

struct kt_kernel_build_opts {
	const char *source;	/* a kernel source tree */
	const char *fragment;	/* the project's `config` */
	const char *extra;	/* a fragment behind it; NULL: none */
	enum kt_kernel_base base;
	u32 jobs;		/* 0: as many as CPUs */
	bool force;		/* build again when it is there */
	bool llvm;		/* LLVM=1 */
};

/*
 * Builds, or finds it built; the entry in @e. SIGINT, SIGTERM and SIGHUP end a
 * build under way, which then leaves nothing, with -EINTR.
 */
int kt_kernel_build(const struct kt_kernel_build_opts *opts,
		    struct kt_kernel_entry *e);

/* Newest first; the caller frees @entries. */
int kt_kernel_list(struct kt_kernel_entry **entries, u32 *nr);

/*
 * The entry called @name, or the only one whose name begins so. -ENOENT when
 * there is none, -ENOTUNIQ when there are several.
 */
int kt_kernel_find(const char *name, struct kt_kernel_entry *e);

/*
 * The newest entry for tests that name none: of the minimal ones, else of
 * others, but never a nested one. -ENOENT when there is none.
 */
int kt_kernel_newest(struct kt_kernel_entry *e);

/* "minimal": part of an entry's name, and the base in its meta. */
const char *kt_kernel_base_name(enum kt_kernel_base base);

/* Reads the entry in directory @dir; -ENOENT when it holds none. */
int kt_kernel_entry_read(const char *dir, struct kt_kernel_entry *e);

/*
 * Removes entries by name, all when @name is NULL, and what interrupted builds
 * left behind. How many entries in @removed.
 */
int kt_kernel_clean(const char *name, u32 *removed);

/* Removes what interrupted builds and removals left in the cache at @dir. */
void kt_kernel_sweep(const char *dir);

#endif /* KTSTR_HOST_KERNEL_CACHE_H */
