/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names close to one that is not there, for a message that helps.
 */
#ifndef KTSTR_INSPECT_NEAR_H
#define KTSTR_INSPECT_NEAR_H

#include "symbols.h"

#define KT_NEAR_MAX_NAMES	3

/* "jiffies_64, jiffies": as many as fit whole, the closest first; "" for none. */
void kt_symbols_near(const struct kt_symbols *syms, const char *name, char *buf,
		     size_t size);

#endif /* KTSTR_INSPECT_NEAR_H */
