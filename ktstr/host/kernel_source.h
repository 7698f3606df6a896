/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel source tree that is to be built: its version, and the key of what a
 * build of it would make.
 */
#ifndef KTSTR_HOST_KERNEL_SOURCE_H
#define KTSTR_HOST_KERNEL_SOURCE_H

#include "kernel_cache.h"

struct kt_source {
	char dir[PATH_MAX];	/* absolute */
	char version[64];	/* "6.12.48", "6.13.0-rc1" */
};

/* -EINVAL, reported, when @path is no kernel source tree. */
int kt_source_open(const char *path, struct kt_source *src);

/* Whether it was built in place: then it cannot be built elsewhere. */
bool kt_source_is_built(const struct kt_source *src);

/* "gcc (Debian 12.2.0-14) 12.2.0"; "" when there is none. */
void kt_source_compiler(bool llvm, char *buf, size_t size);

/*
 * 16 hexadecimal digits over all that decides the outcome: the sources, the
 * text of the fragment, the base, the compiler. A git tree is known by its
 * commit and what differs from it, another one by the size and modification
 * time of its files.
 */
int kt_source_key(const struct kt_source *src,
		  const struct kt_kernel_build_opts *opts,
		  char key[KT_KERNEL_KEY_SIZE]);

#endif /* KTSTR_HOST_KERNEL_SOURCE_H */
