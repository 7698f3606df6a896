/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of a vCPU, as an engine knows them and as what looks into its
 * guest needs them.
 */
#ifndef KTSTR_INSPECT_REGS_H
#define KTSTR_INSPECT_REGS_H

#include "../base/types.h"

/* A vCPU of a frozen machine, by the names of x86-64. */
struct kt_vcpu_regs {
	u64 rip, rflags;
	u64 rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 cr0, cr2, cr3, cr4, efer;
	u64 fs_base, gs_base;
	u16 cs;
};

#endif /* KTSTR_INSPECT_REGS_H */
