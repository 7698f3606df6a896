/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Members of a dump by path. Elements of its lists go by what names them, so
 * that those of two runs can be told apart: "state.maps.scx_ktst.bss.id",
 * "state.cpus.3.nr_running", "state.tasks.47/worker.scx.weight".
 */
#ifndef KTSTR_HOST_DUMP_PATH_H
#define KTSTR_HOST_DUMP_PATH_H

#include <jansson.h>

#include "../base/types.h"

/*
 * @array, a member called @name, as an object by its elements' names; of equal
 * ones the second is "name#2". The caller's. NULL for a list that goes by
 * position.
 */
json_t *kt_dump_by_key(const char *name, const json_t *array);

/*
 * What is at @path, from the dump's top or from its "state"; an element may
 * also be given as "[3]". NULL and the reason in @why, of @size; may be 0.
 */
const json_t *kt_dump_at(const json_t *dump, const char *path, char *why,
			 size_t size);

#endif /* KTSTR_HOST_DUMP_PATH_H */
