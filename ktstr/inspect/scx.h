/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where this kernel keeps the state of sched_ext. It moved between versions:
 * all fallbacks are in one table here, and which of them was taken is told.
 */
#ifndef KTSTR_INSPECT_SCX_H
#define KTSTR_INSPECT_SCX_H

#include "kernel.h"

#define KT_SCX_EXIT_ERROR	1024	/* SCX_EXIT_ERROR: it and above are errors */

/* Found once per kernel; addresses are guest-virtual, 0: not in this kernel. */
struct kt_scx {
	const char *how;	/* "scx_root (6.16)", "globals (6.12)": told once */
	u64 attached_kva;	/* a pointer: not NULL while one is attached */
	/*
	 * exit_kind: at exit_kind_kva (a global), or exit_kind_offset bytes
	 * into what attached_kva points to.
	 */
	u64 exit_kind_kva;
	s64 exit_kind_offset;
	/* struct scx_exit_info *: likewise */
	u64 exit_info_kva;
	s64 exit_info_offset;
	/* struct sched_ext_ops (6.12: a global; later in struct scx_sched) */
	u64 ops_kva;
	s64 ops_offset;
	u64 enable_state_kva;	/* scx_ops_enable_state_var or its successor */
};

/*
 * -ENOENT when the kernel has no sched_ext, or keeps it as no known version
 * does; @why says so.
 */
int kt_scx_find(const struct kt_guest_kernel *k, struct kt_scx *scx, char *why,
		size_t size);

/* What the scheduler's pointer is now: 0 none attached. -EFAULT. */
int kt_scx_attached(const struct kt_guest_kernel *k, const struct kt_scx *scx,
		    u64 *sched_kva);

/* Where a field found by @global or @offset is, for the scheduler attached. */
static inline u64 kt_scx_field(u64 global, s64 offset, u64 sched_kva)
{
	return global ? global : sched_kva && offset >= 0 ? sched_kva + offset : 0;
}

#endif /* KTSTR_INSPECT_SCX_H */
