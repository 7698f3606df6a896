/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which shared libraries a program needs, found as ld.so finds them: DT_NEEDED
 * walked with libelf; DT_RPATH, DT_RUNPATH with $ORIGIN, LD_LIBRARY_PATH,
 * /etc/ld.so.conf with its includes, the default directories.
 */
#ifndef KTSTR_HOST_ELF_DEPS_H
#define KTSTR_HOST_ELF_DEPS_H

#include "../base/types.h"

#define KT_MAX_DEPS	256

/* What has to be the same in a guest for its ld.so to find the file. */
enum kt_dep_how {
	KT_DEP_BY_PATH,		/* asked for by this path: interpreter, or DT_NEEDED with a slash */
	KT_DEP_BY_RUNPATH,	/* in an absolute directory of a DT_RPATH or DT_RUNPATH */
	KT_DEP_BY_NAME,		/* elsewhere: its name alone, in a default directory */
};

struct kt_elf_dep {
	char *path;		/* on the host, as it was found */
	enum kt_dep_how how;
};

struct kt_elf_deps {
	struct kt_elf_dep dep[KT_MAX_DEPS];	/* also the interpreter */
	u32 nr;
};

/*
 * Adds to @deps what @program needs and is not there yet. A script or a static
 * program needs nothing. -ENOENT names the library, who needs it and where it
 * was looked for; -ENOEXEC a file that is no program for this machine.
 */
int kt_elf_deps_add(struct kt_elf_deps *deps, const char *program);
void kt_elf_deps_fini(struct kt_elf_deps *deps);
bool kt_elf_deps_has(const struct kt_elf_deps *deps, const char *path);

#endif /* KTSTR_HOST_ELF_DEPS_H */
