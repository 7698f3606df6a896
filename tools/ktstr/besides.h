/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs of the host need in a machine that does not show in them: the
 * library that ends threads, a shell for scripts.
 */
#ifndef KTSTR_TOOLS_BESIDES_H
#define KTSTR_TOOLS_BESIDES_H

#include "ktstr/base/strv.h"
#include "ktstr/host/initramfs_entries.h"

/*
 * Adds to @pairs a path in the machine and a host path, or a link's target
 * behind "->"; a shell and common commands only with @shell. -ENOMEM.
 */
int kt_besides_add(struct kt_strv *pairs, bool shell);

/* @pairs as entries, of which @e has half as many. */
void kt_besides_entries(const struct kt_strv *pairs,
			struct kt_initramfs_entry *e);

#endif /* KTSTR_TOOLS_BESIDES_H */
