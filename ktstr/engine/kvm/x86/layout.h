/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things are in the native machine's physical address space, and which
 * interrupts they have. No PCI, no firmware.
 */
#ifndef KTSTR_ENGINE_KVM_X86_LAYOUT_H
#define KTSTR_ENGINE_KVM_X86_LAYOUT_H

#include "../../../base/types.h"

/* Guest memory: from 0 to the hole below 4 GiB, the rest from 4 GiB. */
#define KT_X86_HOLE_START	0xc0000000ULL
#define KT_X86_HIGH_START	0x100000000ULL

/* Below 1 MiB; what the kernel is given at its start. */
#define KT_X86_GDT		0x500
#define KT_X86_BOOT_PARAMS	0x7000
#define KT_X86_PVH_INFO		0x8000
#define KT_X86_PAGE_TABLES	0x9000	/* a few pages, up to 0x10000 */
#define KT_X86_CMDLINE		0x20000
#define KT_X86_CMDLINE_MAX	4096
#define KT_X86_ACPI		0xe0000	/* to 0xfffff; RSDP first */
#define KT_X86_ACPI_END		0x100000

#define KT_X86_IOAPIC		0xfec00000ULL
#define KT_X86_LAPIC		0xfee00000ULL

/* Devices on virtio-mmio, one every KT_X86_MMIO_STRIDE bytes. */
#define KT_X86_MMIO		0xd0000000ULL
#define KT_X86_MMIO_STRIDE	0x1000
#define KT_X86_MMIO_GSI		16	/* of the first, edge triggered */
#define KT_X86_MAX_MMIO		8

#define KT_X86_COM1		0x3f8
#define KT_X86_COM1_GSI		4
#define KT_X86_COM2		0x2f8
#define KT_X86_COM2_GSI		3

/* ACPI hardware-reduced: sleep control and status, reset, one byte each. */
#define KT_X86_PM_SLEEP_CONTROL	0x600
#define KT_X86_PM_SLEEP_STATUS	0x601
#define KT_X86_PM_RESET		0x602
#define KT_X86_PM_RESET_VALUE	1
#define KT_X86_PM_S5		5	/* sleep type of power-off */

/* For KVM itself: an unused page for KVM_SET_TSS_ADDR and its identity map. */
#define KT_X86_TSS		0xfffbd000ULL
#define KT_X86_IDENTITY_MAP	0xfffbc000ULL

#endif /* KTSTR_ENGINE_KVM_X86_LAYOUT_H */
