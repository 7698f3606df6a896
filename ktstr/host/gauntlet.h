/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The gauntlet: cases over topology presets, flag profiles of their schedulers
 * and kernels. A cell is called case/preset/profile, with several kernels
 * case/preset/profile/kernel.
 */
#ifndef KTSTR_HOST_GAUNTLET_H
#define KTSTR_HOST_GAUNTLET_H

#include <stdio.h>

#include "run.h"

/*
 * The cells that @o chooses of the declared cases, a group for each case; @s
 * has one of @nr sessions for each kernel. What a case's constraints leave out
 * is told on @left_out, which may be NULL. -ENOENT and others, reported.
 */
int kt_gauntlet_cells(struct kt_selection *sel, const struct kt_options *o,
		      const struct kt_session *s, u32 nr, FILE *left_out);

/*
 * Names for the kernels of @o, from what was given: the last part of a path,
 * with a number behind it where two are the same. 0 or -ENOMEM.
 */
int kt_gauntlet_labels(const struct kt_options *o, struct kt_strv *labels);

#endif /* KTSTR_HOST_GAUNTLET_H */
