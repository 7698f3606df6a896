/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel and an initramfs put into guest memory, and the state in which the
 * boot CPU enters it: a bzImage by the 64-bit boot protocol
 * (Documentation/arch/x86/boot.rst), a vmlinux by PVH
 * (Documentation/arch/x86/pvh). The files are hostile.
 */
#ifndef KTSTR_ENGINE_KVM_X86_BOOT_H
#define KTSTR_ENGINE_KVM_X86_BOOT_H

#include "../../../inspect/guest_mem.h"

struct kvm_regs;
struct kvm_sregs;

struct kt_x86_boot_opts {
	const char *kernel;	/* bzImage or vmlinux, told apart by content */
	int initrd_fd;		/* -1 none; not taken over */
	const char *cmdline;
	u64 acpi_gpa;		/* the RSDP, reserved to KT_X86_ACPI_END; 0 none */
};

struct kt_x86_entry {
	bool pvh;		/* 32-bit protected mode; else 64-bit */
	u64 rip;
	u64 rbx;		/* PVH: hvm_start_info */
	u64 rsi;		/* 64-bit: boot_params */
};

/*
 * Loads everything into fresh memory, which may be in several regions side by
 * side; -errno, reported, when it does not fit or is no kernel.
 */
int kt_x86_boot_load(const struct kt_guest_mem *mem,
		     const struct kt_x86_boot_opts *opts,
		     struct kt_x86_entry *entry);

/* The boot CPU's registers for @entry; @sregs as KVM_GET_SREGS gave them. */
void kt_x86_boot_regs(const struct kt_x86_entry *entry, struct kvm_regs *regs,
		      struct kvm_sregs *sregs);

#endif /* KTSTR_ENGINE_KVM_X86_BOOT_H */
