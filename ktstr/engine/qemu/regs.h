/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers out of what QEMU's monitor prints of a vCPU ("info registers").
 */
#ifndef KTSTR_ENGINE_QEMU_REGS_H
#define KTSTR_ENGINE_QEMU_REGS_H

#include "../engine.h"

#define KT_QEMU_REGS_TEXT	(16u << 10)	/* with the widest of vectors */

/* -ENODATA unless all of them are there: the vCPU is not in 64-bit mode. */
int kt_qemu_regs_parse(const char *text, struct kt_vcpu_regs *regs);

#endif /* KTSTR_ENGINE_QEMU_REGS_H */
