/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Advisory locks on directories. The directory is the lock, so nothing is left
 * behind when it is removed, and the kernel drops the lock with its holder.
 */
#ifndef KTSTR_HOST_DIR_LOCK_H
#define KTSTR_HOST_DIR_LOCK_H

#include "../base/types.h"

/*
 * Makes @path when missing and locks it, trying until @deadline_ns of
 * kt_now_ns() (0: once). On success the directory locked is the one at @path
 * now, and @fd (close-on-exec) holds the lock until closed. -EBUSY when another
 * has it.
 */
int kt_dir_lock(const char *path, u64 deadline_ns, int *fd);

#endif /* KTSTR_HOST_DIR_LOCK_H */
