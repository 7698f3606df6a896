/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding what lies near the program: schedulers, named files, the command
 * line, in a build directory as well as in an install directory.
 */
#ifndef KTSTR_HOST_FIND_H
#define KTSTR_HOST_FIND_H

#include "../base/types.h"

/* The running program's own file and its directory. */
int kt_find_self(char *path, size_t size);
int kt_find_self_dir(char *path, size_t size);

/*
 * @name as a path when it has a '/', else looked for beside the program, where
 * the build puts schedulers, and in PATH. -ENOENT and an error with the places
 * and the remedy.
 */
int kt_find_file(const char *name, char *path, size_t size);

#endif /* KTSTR_HOST_FIND_H */
