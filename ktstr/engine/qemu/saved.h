/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A QEMU machine to files and back: its memory by us, all else by QEMU's
 * migration, which is told to leave shared memory alone (x-ignore-shared).
 */
#ifndef KTSTR_ENGINE_QEMU_SAVED_H
#define KTSTR_ENGINE_QEMU_SAVED_H

#include "../engine.h"
#include "qmp.h"

/* The files of the nodes' memory, in their order. */
struct kt_qemu_memory {
	u32 nr;
	int fds[KT_MAX_NODES];		/* owned */
	u64 sizes_bytes[KT_MAX_NODES];
};

/* Keeps a duplicate of @fd. */
int kt_qemu_memory_add(struct kt_qemu_memory *mem, int fd, u64 size_bytes);
void kt_qemu_memory_fini(struct kt_qemu_memory *mem);

/* What the files take of the host's memory. */
int kt_qemu_memory_count(const struct kt_qemu_memory *mem,
			 struct kt_machine_memory *count);

/* -errno, not reported; -EBADMSG when the sum is not that of @saved. */
int kt_qemu_memory_save(const struct kt_qemu_memory *mem,
			struct kt_saved *saved);
int kt_qemu_memory_load(const struct kt_qemu_memory *mem,
			const struct kt_saved *saved);

/* The machine stands still before, and does behind it. -errno, not reported. */
int kt_qemu_state_save(struct kt_qmp *q, const struct kt_saved *saved,
		       u64 deadline_ns);
int kt_qemu_state_load(struct kt_qmp *q, const struct kt_saved *saved,
		       u64 deadline_ns);

#endif /* KTSTR_ENGINE_QEMU_SAVED_H */
