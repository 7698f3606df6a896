/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where ktstr keeps things between runs, by the XDG base directory rules.
 */
#ifndef KTSTR_BASE_XDG_H
#define KTSTR_BASE_XDG_H

#include "types.h"

/*
 * $XDG_CACHE_HOME/ktstr/@sub, else ~/.cache/ktstr/@sub; made when missing.
 * -ENOENT when neither variable nor HOME is set.
 */
int kt_cache_dir(const char *sub, char *path, size_t size);

/* Likewise $XDG_STATE_HOME, else ~/.local/state. */
int kt_state_dir(const char *sub, char *path, size_t size);

#endif /* KTSTR_BASE_XDG_H */
