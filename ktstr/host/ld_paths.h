/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists of directories in which ld.so looks for libraries: /etc/ld.so.conf
 * with its includes, the built-in ones, and lists as DT_RUNPATH and
 * LD_LIBRARY_PATH have them, with $ORIGIN, $LIB and $PLATFORM.
 */
#ifndef KTSTR_HOST_LD_PATHS_H
#define KTSTR_HOST_LD_PATHS_H

#include "../base/types.h"

#define KT_MAX_LD_DIRS	512

struct kt_ld_dir {
	char *path;
	bool fixed;		/* absolute without $ORIGIN: moves with nobody */
};

struct kt_ld_paths {
	struct kt_ld_dir *dir;
	u32 nr;
	u32 cap;
};

/*
 * Adds the parts of @list, separated by any of @seps. @origin stands for
 * $ORIGIN; NULL when it is not known, and parts that use it are left out, as
 * ld.so does. An empty part is the working directory.
 */
int kt_ld_paths_add_list(struct kt_ld_paths *paths, const char *list,
			 const char *seps, const char *origin);

/* Adds what @conf (/etc/ld.so.conf) says; nothing when there is no such file. */
int kt_ld_paths_add_conf(struct kt_ld_paths *paths, const char *conf);

/* Adds the directories that some ld.so has built in. */
int kt_ld_paths_add_defaults(struct kt_ld_paths *paths);

void kt_ld_paths_fini(struct kt_ld_paths *paths);

#endif /* KTSTR_HOST_LD_PATHS_H */
