/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which thread runs each vCPU, out of what QEMU's monitor prints ("info cpus").
 * TCG with one thread for all says the same of each.
 */
#ifndef KTSTR_ENGINE_QEMU_THREADS_H
#define KTSTR_ENGINE_QEMU_THREADS_H

#include "../../base/types.h"
#include "qmp.h"

#define KT_QEMU_THREADS_TEXT	(40u << 10)

/* Fills @tids of @nr vCPUs. -ENODATA unless each of them is told. */
int kt_qemu_threads_parse(const char *text, u32 *tids, u32 nr);

/* Asks QEMU. -errno; then it is not known. */
int kt_qemu_threads(struct kt_qmp *q, u32 *tids, u32 nr, u64 deadline_ns);

#endif /* KTSTR_ENGINE_QEMU_THREADS_H */
