// SPDX-License-Identifier: GPL-2.0-only
/*
 * A row for each way in which a kernel has kept the state of sched_ext, the
 * newest first. 6.16 gave each scheduler a structure of its own; before that
 * there was one of everything.
 */
#include <stdio.h>

#include "scx.h"

#define SCX_SCHED	"scx_sched"

struct layout {
	const char *how;
	const char *attached;		/* a pointer: required */
	const char *exit_kind;		/* global, or NULL: in struct scx_sched */
	const char *exit_info;
	const char *ops;
};

static const struct layout layouts[] = {
	{ "scx_root (6.16)", "scx_root" },
	{ "globals (6.12)", "scx_root_kobj", "scx_exit_kind", "scx_exit_info",
	  "scx_ops" },
};

static const char * const enable_states[] = {
	"scx_enable_state_var",		/* 6.16 */
	"scx_ops_enable_state_var",
};

static void find_global(const struct kt_guest_kernel *k, const char *name,
			u64 *kva)
{
	if (!name || kt_guest_kernel_symbol(k, name, kva))
		*kva = 0;
}

static s64 find_field(const struct kt_guest_kernel *k, const char *field)
{
	return k->types ? kt_types_offset(k->types, SCX_SCHED, field) : -ENOENT;
}

static void find_states(const struct kt_guest_kernel *k, struct kt_scx *scx)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(enable_states) && !scx->enable_state_kva; i++)
		find_global(k, enable_states[i], &scx->enable_state_kva);
}

/* What is neither a global nor a field stays 0 and negative: absent. */
static void take(const struct kt_guest_kernel *k, const struct layout *l,
		 struct kt_scx *scx)
{
	scx->how = l->how;
	find_global(k, l->exit_kind, &scx->exit_kind_kva);
	find_global(k, l->exit_info, &scx->exit_info_kva);
	find_global(k, l->ops, &scx->ops_kva);
	scx->exit_kind_offset = -ENOENT;
	scx->exit_info_offset = -ENOENT;
	scx->ops_offset = -ENOENT;
	if (!l->exit_kind) {
		scx->exit_kind_offset = find_field(k, "exit_kind");
		scx->exit_info_offset = find_field(k, "exit_info");
		scx->ops_offset = find_field(k, "ops");
	}
	find_states(k, scx);
}

int kt_scx_find(const struct kt_guest_kernel *k, struct kt_scx *scx, char *why,
		size_t size)
{
	const char *seen = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		memset(scx, 0, sizeof(*scx));
		find_global(k, layouts[i].attached, &scx->attached_kva);
		if (!scx->attached_kva)
			continue;
		seen = layouts[i].attached;
		take(k, &layouts[i], scx);
		if (scx->exit_kind_kva || scx->exit_kind_offset >= 0)
			return 0;
	}
	memset(scx, 0, sizeof(*scx));
	if (!seen)
		snprintf(why, size, "this kernel has no sched_ext");
	else
		snprintf(why, size,
			 "this kernel has %s, but no exit_kind where it is known%s",
			 seen, k->types ? "" : " (no BTF was read)");
	return -ENOENT;
}

int kt_scx_attached(const struct kt_guest_kernel *k, const struct kt_scx *scx,
		    u64 *sched_kva)
{
	return kt_guest_kernel_read_u64(k, scx->attached_kva, sched_kva);
}
