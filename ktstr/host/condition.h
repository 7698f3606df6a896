/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A condition over what was seen of a guest: "sched_ext.exit.kind != 0", a path
 * as `ktstr show` takes it, one of == != < <= > >=, and a number or text.
 */
#ifndef KTSTR_HOST_CONDITION_H
#define KTSTR_HOST_CONDITION_H

#include <jansson.h>

#include "../base/types.h"

#define KT_CONDITION_PATH	512
#define KT_CONDITION_VALUE	128

struct kt_condition {
	char path[KT_CONDITION_PATH];
	char op[3];
	char value[KT_CONDITION_VALUE];
};

/* -EINVAL, reported. */
int kt_condition_parse(struct kt_condition *c, const char *text);

/*
 * 1 it holds, 0 it does not; -ENOENT when nothing is at its path, -EINVAL when
 * its value is of no use there: the reason in @why. Numbers are compared as such,
 * also that of an enumerator's "NAME (5)"; all else as text, by == and != alone.
 */
int kt_condition_holds(const struct kt_condition *c, const json_t *state,
		       char *why, size_t size);

#endif /* KTSTR_HOST_CONDITION_H */
