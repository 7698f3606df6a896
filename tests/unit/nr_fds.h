/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many descriptors this process has open, for tests that look whether the
 * code under test leaves one behind.
 */
#ifndef KTSTR_TESTS_NR_FDS_H
#define KTSTR_TESTS_NR_FDS_H

#include <dirent.h>

static inline int nr_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int nr = 0;

	while (d && readdir(d))
		nr++;
	if (d)
		closedir(d);
	return nr;
}

#endif /* KTSTR_TESTS_NR_FDS_H */
