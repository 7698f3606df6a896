/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much numbers vary: the coefficient of variation, which is their standard
 * deviation over their mean. Pure.
 */
#ifndef KTSTR_CHECK_SPREAD_H
#define KTSTR_CHECK_SPREAD_H

#include "../base/types.h"

/* Of @nr numbers with these sums, of them and of their squares; in percent. */
u32 kt_spread_cv_pct(u64 nr, double sum, double sum_sq);

/* @part of @whole in percent, rounded down; 0 of nothing. */
u32 kt_spread_pct(u64 part, u64 whole);

#endif /* KTSTR_CHECK_SPREAD_H */
