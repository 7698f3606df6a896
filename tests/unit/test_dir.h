/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a directory of a test's own and paths below it. Whoever makes it
 * removes it, with kt_remove_tree(root).
 */
#ifndef KTSTR_TESTS_UNIT_TEST_DIR_H
#define KTSTR_TESTS_UNIT_TEST_DIR_H

#include <stdio.h>
#include <stdlib.h>

#include "ktstr/base/fd.h"

static char root[64];

static inline bool make_root(const char *parent)
{
	snprintf(root, sizeof(root), "%s/ktstr-test-XXXXXX", parent);
	return mkdtemp(root);
}

/* A path below it; good for some calls. */
static inline const char *at(const char *name)
{
	static char bufs[32][256];
	static unsigned int turn;
	char *buf = bufs[turn++ % ARRAY_SIZE(bufs)];

	snprintf(buf, sizeof(bufs[0]), "%s/%s", root, name);
	return buf;
}

#endif /* KTSTR_TESTS_UNIT_TEST_DIR_H */
