/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest an engine must be able to run before it is trusted with Linux: it
 * enters as PVH does (32-bit, no paging), goes to long mode and uses what
 * half-working hypervisors lack. Before each step it sends that step's letter
 * to COM1, so that a machine that dies says where; after the last one '!', and
 * leaves through isa-debug-exit (port 0x501). A device at KT_PAYLOAD_MMIO must
 * read as virtio-mmio does; QEMU's microvm has one there.
 *
 *	p	paging and long mode
 *	i	int3 through an IDT
 *	c	popcnt
 *	x	cmpxchg16b
 *	s	xsave and xrstor
 *	t	the TSC advances
 *	m	a load from a device's register
 *	h	HLT, until the local APIC's timer interrupts
 *	w	a store to KT_PAYLOAD_WATCHED, which the host may watch
 *	!	all of it worked
 *
 * It is linked nowhere: payload.c copies it to KT_PAYLOAD_GPA, and every
 * absolute address is written as AT(label).
 */
#include "payload_x86.h"

.macro say letter
	mov	$COM1, %dx
	mov	$\letter, %al
	out	%al, %dx
.endm

/* interrupt gate, present, selector 8 */
.macro gate vector, handler
	mov	$AT(\handler), %eax
	mov	%ax, \vector * 16(%rdi)
	movw	$8, \vector * 16 + 2(%rdi)
	movw	$0x8e00, \vector * 16 + 4(%rdi)
	shr	$16, %eax
	mov	%ax, \vector * 16 + 6(%rdi)
.endm

	.section .rodata.kt_payload, "a"
	.balign	16
	.globl	kt_payload_start, kt_payload_end
kt_payload_start:
	.code32
	cli
	mov	$STACK, %esp
	say	'p'

	/* identity map of the first 4 GiB by 2 MiB pages */
	xor	%eax, %eax
	mov	$PML4, %edi
	mov	$(10 * 0x1000 / 4), %ecx
	rep stosl
	movl	$(PDPT + 3), PML4
	movl	$(PD + 3), PDPT
	movl	$(PD + 0x1003), PDPT + 8
	movl	$(PD + 0x2003), PDPT + 16
	movl	$(PD + 0x3003), PDPT + 24
	mov	$PD, %edi
	mov	$0x83, %eax
	mov	$(4 * 512), %ecx
1:	mov	%eax, (%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	1b

	mov	%cr4, %eax
	or	$CR4_BITS, %eax
	mov	%eax, %cr4
	mov	$PML4, %eax
	mov	%eax, %cr3
	mov	$EFER, %ecx
	rdmsr
	or	$EFER_LME, %eax
	wrmsr
	lgdt	AT(gdt_ptr)
	mov	%cr0, %eax
	or	$CR0_PE_PG, %eax
	and	$~0xc, %eax		/* no EM, no TS */
	mov	%eax, %cr0
	ljmp	$8, $AT(long_mode)

	.code64
long_mode:
	mov	$0x10, %eax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	mov	$STACK, %rsp

	mov	$IDT, %rdi
	gate	3, on_int3
	gate	TIMER_VECTOR, on_timer
	lidt	AT(idt_ptr)

	say	'i'
	xor	%ebx, %ebx
	int3
	cmp	$1, %ebx
	jne	fail

	say	'c'
	mov	$0xf0f, %ecx
	popcnt	%rcx, %rax
	cmp	$8, %rax
	jne	fail

	say	'x'
	mov	$XSAVE_AREA, %rdi
	movq	$1, (%rdi)
	movq	$2, 8(%rdi)
	mov	$1, %eax
	mov	$2, %edx
	mov	$3, %ebx
	mov	$4, %ecx
	lock cmpxchg16b (%rdi)
	jne	fail
	cmpq	$3, (%rdi)
	jne	fail
	cmpq	$4, 8(%rdi)
	jne	fail

	say	's'
	xor	%ecx, %ecx
	mov	$3, %eax		/* x87 and SSE */
	xor	%edx, %edx
	xsetbv
	mov	$XSAVE_AREA, %rdi
	xor	%eax, %eax
	mov	$(0x1000 / 4), %ecx
	rep stosl
	mov	$0x1234, %eax
	movq	%rax, %xmm0
	mov	$XSAVE_AREA, %rdi
	mov	$3, %eax
	xor	%edx, %edx
	xsave	(%rdi)
	pxor	%xmm0, %xmm0
	mov	$3, %eax
	xor	%edx, %edx
	xrstor	(%rdi)
	movq	%xmm0, %rax
	cmp	$0x1234, %eax
	jne	fail

	say	't'
	rdtsc
	mov	%eax, %ebx
	mov	$1000, %ecx
2:	pause
	loop	2b
	rdtsc
	cmp	%eax, %ebx
	je	fail

	say	'm'
	mov	$KT_PAYLOAD_MMIO, %edi
	mov	(%rdi), %eax
	cmp	$KT_PAYLOAD_MMIO_VALUE, %eax
	jne	fail

	say	'h'
	mov	$0xff, %al
	out	%al, $PIC1_DATA
	out	%al, $PIC2_DATA
	mov	$LAPIC, %edi
	movl	$0x1ff, LAPIC_SPURIOUS(%rdi)
	movl	$0xb, LAPIC_DIVIDE(%rdi)
	/* more than once: an emulated sti may let one in before hlt */
	movl	$(LAPIC_PERIODIC + TIMER_VECTOR), LAPIC_TIMER(%rdi)
	xor	%ebx, %ebx
	movl	$0x100000, LAPIC_COUNT(%rdi)
3:	sti
	hlt
	cli
	test	%ebx, %ebx
	jz	3b
	movl	$LAPIC_MASKED, LAPIC_TIMER(%rdi)

	say	'w'
	mov	$KT_PAYLOAD_WATCHED, %edi
	movl	$1, (%rdi)
	nop

	say	'!'
	xor	%eax, %eax
	jmp	leave
fail:
	say	'?'
	mov	$1, %eax
leave:
	mov	$KT_PAYLOAD_EXIT_PORT, %dx
	out	%al, %dx
4:	hlt
	jmp	4b

on_timer:
	movl	$0, LAPIC_EOI(%rdi)
on_int3:
	inc	%ebx
	iretq

	.balign	8
gdt:	.quad	0
	.quad	0x00af9a000000ffff	/* 64-bit code */
	.quad	0x00cf92000000ffff	/* data */
gdt_ptr:
	.word	gdt_ptr - gdt - 1
	.quad	AT(gdt)
idt_ptr:
	.word	(TIMER_VECTOR + 1) * 16 - 1
	.quad	IDT
kt_payload_end:

	.section .note.GNU-stack, "", @progbits
