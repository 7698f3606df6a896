/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr kernel`: build, list and remove cached kernels.
 */
#ifndef KTSTR_TOOLS_KERNEL_H
#define KTSTR_TOOLS_KERNEL_H

#include <limits.h>
#include <stdbool.h>

int kt_cmd_kernel(int argc, const char **argv);

/* The tree to build from when none was named: quickstart's, or the one above us. */
bool kt_find_source(char source[PATH_MAX]);

struct kt_kernel_entry;

/* Builds the tree at @source with our configuration, or finds it built. */
int kt_kernel_build_tree(const char *source, struct kt_kernel_entry *e);

#endif /* KTSTR_TOOLS_KERNEL_H */
