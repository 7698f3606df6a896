/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the loaders of the two kernel formats share: guest memory as the kernel
 * is told about it, bytes of a file put into it, the initramfs placed.
 *
 * Guest memory is as it came from the host's kernel, all zero: what a file does
 * not fill (a bss) is not touched.
 */
#ifndef KTSTR_ENGINE_KVM_X86_LOADER_H
#define KTSTR_ENGINE_KVM_X86_LOADER_H

#include "boot.h"

/* Below is for us, the kernel and the initramfs lie above. */
#define KT_X86_KERNEL_MIN	0x100000ULL

#define KT_X86_MAX_RANGES	127	/* what both protocols can carry */
#define KT_X86_RANGE_RAM	1
#define KT_X86_RANGE_RESERVED	2
#define KT_X86_RANGE_ACPI	3

struct kt_x86_range {
	u64 gpa;
	u64 size_bytes;
	u32 type;
};

struct kt_x86_loader {
	const struct kt_guest_mem *mem;
	const struct kt_x86_boot_opts *opts;
	int fd;			/* the kernel's */
	u64 file_bytes;
	u64 ram_end;		/* of memory without a gap from 0, below the hole */
	u64 kernel_end;		/* of what the kernel needs to start */
	u64 initrd_limit;	/* the format's: no byte of it there or above */
	u64 initrd_gpa;		/* 0 without one */
	u64 initrd_bytes;
	struct kt_x86_range ranges[KT_X86_MAX_RANGES];
	u32 nr_ranges;
};

/* Fills ram_end and ranges from the memory. */
int kt_x86_loader_map(struct kt_x86_loader *l);

/* @len_bytes at @offset of the kernel's file into @buf; -ENOEXEC when outside. */
int kt_x86_loader_peek(const struct kt_x86_loader *l, u64 offset, void *buf,
		       size_t len_bytes);

/* The same straight to @gpa of guest memory. */
int kt_x86_loader_copy(const struct kt_x86_loader *l, u64 offset, u64 gpa,
		       u64 len_bytes);

/* Puts the initramfs as high as it may be, above kernel_end. */
int kt_x86_loader_initrd(struct kt_x86_loader *l);

/* What the kernel is given at its start, below 1 MiB. */
int kt_x86_loader_write(const struct kt_x86_loader *l, u64 gpa,
			const void *data, size_t len_bytes);

/* The formats: load everything, say where to enter. */
int kt_x86_load_bzimage(struct kt_x86_loader *l, struct kt_x86_entry *entry);
int kt_x86_load_vmlinux(struct kt_x86_loader *l, struct kt_x86_entry *entry);

#endif /* KTSTR_ENGINE_KVM_X86_LOADER_H */
