/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Topologies with names, small ones first: what the gauntlet runs cases on.
 */
#ifndef KTSTR_BASE_PRESETS_H
#define KTSTR_BASE_PRESETS_H

#include "types.h"

struct kt_preset {
	const char *name;
	const char *topology;
};

/* Ends with one without a name. */
extern const struct kt_preset kt_presets[];

/* NULL when there is none of that name. */
const struct kt_preset *kt_preset_find(const char *name);

#endif /* KTSTR_BASE_PRESETS_H */
