/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own unwind table, ORC: how to find the caller's frame from any
 * instruction. Read from the guest's memory, where the sorted tables of the
 * image lie, an entry at a time.
 */
#ifndef KTSTR_INSPECT_ORC_H
#define KTSTR_INSPECT_ORC_H

#include "kernel.h"

enum kt_orc_reg {
	KT_ORC_REG_UNDEFINED,
	KT_ORC_REG_PREV_SP,
	KT_ORC_REG_DX,
	KT_ORC_REG_DI,
	KT_ORC_REG_BP,
	KT_ORC_REG_SP,
	KT_ORC_REG_R10,
	KT_ORC_REG_R13,
	KT_ORC_REG_BP_INDIRECT,
	KT_ORC_REG_SP_INDIRECT,
};

enum kt_orc_type {
	KT_ORC_TYPE_UNDEFINED,
	KT_ORC_TYPE_END_OF_STACK,
	KT_ORC_TYPE_CALL,
	KT_ORC_TYPE_REGS,
	KT_ORC_TYPE_REGS_PARTIAL,
};

struct kt_orc_entry {
	s32 sp_offset;
	s32 bp_offset;
	u32 sp_reg;
	u32 bp_reg;
	u32 type;
	bool signal;
};

struct kt_orc {
	u64 ips_kva;		/* s32 each, from where it lies */
	u64 entries_kva;
	u32 nr;
	u32 entry_bytes;
	struct kt_field sp_offset, bp_offset, sp_reg, bp_reg, type, signal;
};

/* -ENOENT: this kernel has no ORC, or one of another form. */
int kt_orc_init(struct kt_orc *orc, const struct kt_guest_kernel *k);

/* The entry for @ip, in the image's text. -EFAULT. */
int kt_orc_find(const struct kt_orc *orc, const struct kt_guest_kernel *k,
		u64 ip, struct kt_orc_entry *entry);

#endif /* KTSTR_INSPECT_ORC_H */
