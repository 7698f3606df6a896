// SPDX-License-Identifier: GPL-2.0-only
/*
 * Percentages.
 */
#include "spread.h"

static u64 root(u64 square)
{
	u64 bit, r = 0;

	for (bit = 1ULL << 31; bit; bit >>= 1)
		if ((r + bit) * (r + bit) <= square)
			r += bit;
	return r;
}

u32 kt_spread_cv_pct(u64 nr, double sum, double sum_sq)
{
	double mean, variance, square;

	if (nr < 2 || sum <= 0)
		return 0;
	mean = sum / nr;
	variance = sum_sq / nr - mean * mean;
	square = 10000 * (variance / (mean * mean));
	/* rounding may take it below 0; all in one of many is the most */
	if (!(square > 0))
		return 0;
	return root(square < (double)UINT32_MAX * UINT32_MAX ?
		    (u64)square : (u64)UINT32_MAX * UINT32_MAX);
}

u32 kt_spread_pct(u64 part, u64 whole)
{
	if (!whole)
		return 0;
	/* so that it does not overflow */
	while (part > UINT64_MAX / 100) {
		part >>= 1;
		whole = max(whole >> 1, (u64)1);
	}
	return min_t(u64, part * 100 / whole, UINT32_MAX);
}
