/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The initramfs of a machine: cpio newc archives written by us. The base (the
 * test program as /init, its shared libraries, the directories a guest
 * mounts on) is the same for all tests; the part that differs (the scheduler,
 * named files, their libraries) is a small second archive behind it. The kernel
 * unpacks them in order. What is in them is known from the start; they are
 * written when a machine boots, which one from a template does not.
 */
#ifndef KTSTR_HOST_INITRAMFS_H
#define KTSTR_HOST_INITRAMFS_H

#include "../base/types.h"
#include "initramfs_entries.h"

/* Where things are in the guest. */
#define KT_GUEST_SCHED_DIR	"/sched"
#define KT_GUEST_FILES_DIR	"/files"

struct kt_initramfs;

/*
 * The base of @program. Finds its libraries by walking DT_NEEDED; a missing
 * one is -ENOENT and an error that names it and who needs it.
 */
int kt_initramfs_base_new(const char *program, struct kt_initramfs **base);
/*
 * With @entries in it as well, which end with one without a path and stay the
 * caller's as long as there is a base.
 */
int kt_initramfs_base_with(const char *program,
			   const struct kt_initramfs_entry *entries,
			   struct kt_initramfs **base);
void kt_initramfs_free(struct kt_initramfs *base);

/* A further scheduler. */
struct kt_initramfs_sched {
	char *host;			/* path; NULL ends a list */
	const char *name;		/* in KT_GUEST_SCHED_DIR */
};

struct kt_initramfs_extra {
	const char *sched;		/* host path, or NULL */
	const struct kt_initramfs_sched *scheds;	/* or NULL */
	const char *const *files;	/* host paths, ends with NULL; or NULL */
};

/*
 * Base and extra in one sealed memfd, its descriptor in @fd (close-on-exec,
 * the caller's to close). @base is not changed; libraries already in it are
 * not repeated. -ESTALE, reported, when a file of it has changed since.
 */
int kt_initramfs_build(const struct kt_initramfs *base,
		       const struct kt_initramfs_extra *extra, int *fd,
		       u64 *len_bytes);

/*
 * Without building it: a number that is another one whenever what is built
 * from @base and @extra may be. -errno as of the building, reported.
 */
int kt_initramfs_identify(const struct kt_initramfs *base,
			  const struct kt_initramfs_extra *extra,
			  u64 *identity);

#endif /* KTSTR_HOST_INITRAMFS_H */
