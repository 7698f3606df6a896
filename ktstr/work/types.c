// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of work types.
 */
#include "types.h"

#define PARAM(name_, unit_, default_) {					\
	.name = #name_,							\
	.unit = unit_,							\
	.default_value = default_,					\
	.offset = offsetof(struct ktstr_work, name_),			\
}

static const struct kt_work_type types[KTSTR_NR_WORK_TYPES] = {
	[KTSTR_SPIN_WAIT] = {
		.name = "spin_wait",
		.desc = "burns CPU",
		.step = kt_work_spin_wait,
	},
	[KTSTR_YIELD_HEAVY] = {
		.name = "yield_heavy",
		.desc = "yields after every short burst of work",
		.params = { PARAM(burst_us, "us", 20) },
		.step = kt_work_yield_heavy,
	},
	[KTSTR_BURSTY] = {
		.name = "bursty",
		.desc = "works, sleeps, works again",
		.params = {
			PARAM(burst_us, "us", 2000),
			PARAM(sleep_us, "us", 2000),
		},
		.step = kt_work_bursty,
	},
	[KTSTR_PIPE_IO] = {
		.name = "pipe_io",
		.desc = "pairs pass a byte to and fro over two pipes",
		.paired = true,
		.step = kt_work_pipe_io,
	},
};

const struct kt_work_type *kt_work_type(u32 type)
{
	return type < ARRAY_SIZE(types) && types[type].name ? &types[type] :
							      NULL;
}

struct ktstr_work kt_work_defaults(const struct ktstr_work *work)
{
	const struct kt_work_type *type = kt_work_type(work->type);
	const struct kt_work_param *p;
	struct ktstr_work filled = *work;

	for (p = type ? type->params : NULL; p && p->name; p++) {
		u32 *value = (u32 *)((char *)&filled + p->offset);

		if (!*value)
			*value = p->default_value;
	}
	return filled;
}
