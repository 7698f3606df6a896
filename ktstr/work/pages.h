/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * On which nodes a worker's memory lies: what it has mapped itself, and not
 * what it has from the process that forked it.
 */
#ifndef KTSTR_WORK_PAGES_H
#define KTSTR_WORK_PAGES_H

#include "../base/topology.h"

/*
 * Adds up the lines of a numa_maps that @fd is at the start of: anonymous
 * memory that no other process has mapped. Pages of the kernel's base size.
 */
int kt_pages_read(int fd, u32 pages[KT_MAX_NODES]);

/* Whether "0-1", the list of nodes, has more than one. */
bool kt_pages_many_nodes(const char *list);

#endif /* KTSTR_WORK_PAGES_H */
