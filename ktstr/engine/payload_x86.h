/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of the probe's guest: those it agrees on with its host, and its own.
 * For C and assembly.
 */
#ifndef KTSTR_ENGINE_PAYLOAD_X86_H
#define KTSTR_ENGINE_PAYLOAD_X86_H

#define KT_PAYLOAD_GPA		0x100000	/* where it lies and is entered */
#define KT_PAYLOAD_MEM_BYTES	0x400000	/* what it uses, from 0 */
#define KT_PAYLOAD_EXIT_PORT	0x501
#define KT_PAYLOAD_MMIO		0xfeb00000	/* a register that reads as: */
#define KT_PAYLOAD_MMIO_VALUE	0x74726976	/* "virt" */
#define KT_PAYLOAD_WATCHED	0x209000	/* behind 'w' it stores there */

#define AT(x)		(KT_PAYLOAD_GPA + (x) - kt_payload_start)
#define COM1		0x3f8

#define PML4		0x200000
#define PDPT		0x201000
#define PD		0x202000	/* 4 of them */
#define IDT		0x206000
#define XSAVE_AREA	0x207000
#define STACK		0x210000

#define LAPIC		0xfee00000
#define LAPIC_EOI	0xb0
#define LAPIC_SPURIOUS	0xf0
#define LAPIC_TIMER	0x320
#define LAPIC_COUNT	0x380
#define LAPIC_DIVIDE	0x3e0
#define LAPIC_PERIODIC	0x20000
#define LAPIC_MASKED	0x10000
#define TIMER_VECTOR	0x20
#define PIC1_DATA	0x21
#define PIC2_DATA	0xa1

#define CR0_PE_PG	0x80000001
#define CR4_BITS	0x00040620	/* PAE, OSFXSR, OSXMMEXCPT, OSXSAVE */
#define EFER		0xc0000080
#define EFER_LME	0x100

#endif /* KTSTR_ENGINE_PAYLOAD_X86_H */
