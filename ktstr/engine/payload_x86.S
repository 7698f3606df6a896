/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest an engine must be able to run before it is trusted with Linux: it
 * enters as PVH does (32-bit, no paging), goes to long mode and uses what
 * half-working hypervisors lack. Before each step it sends that step's letter
 * to COM1, so that a machine that dies says where; after the last one '!', and
 * leaves through isa-debug-exit (port 0x501).
 *
 *	p	paging and long mode
 *	i	int3 through an IDT
 *	c	popcnt
 *	x	cmpxchg16b
 *	s	xsave and xrstor
 *	t	the TSC advances
 *	!	all of it worked
 *
 * It is linked nowhere: payload.c copies it to KT_PAYLOAD_GPA, and every
 * absolute address is written as AT(label).
 */
#define BASE		0x100000	/* KT_PAYLOAD_GPA */
#define AT(x)		(BASE + (x) - kt_payload_start)
#define COM1		0x3f8
#define DEBUG_EXIT	0x501

#define PML4		0x200000
#define PDPT		0x201000
#define PD		0x202000
#define IDT		0x203000
#define XSAVE_AREA	0x204000
#define STACK		0x210000

#define CR0_PE_PG	0x80000001
#define CR4_BITS	0x00040620	/* PAE, OSFXSR, OSXMMEXCPT, OSXSAVE */
#define EFER		0xc0000080
#define EFER_LME	0x100

.macro say letter
	mov	$COM1, %dx
	mov	$\letter, %al
	out	%al, %dx
.endm

	.section .rodata.kt_payload, "a"
	.balign	16
	.globl	kt_payload_start, kt_payload_end
kt_payload_start:
	.code32
	cli
	mov	$STACK, %esp
	say	'p'

	/* identity map of the first GiB by 2 MiB pages */
	xor	%eax, %eax
	mov	$PML4, %edi
	mov	$(5 * 0x1000 / 4), %ecx
	rep stosl
	movl	$(PDPT + 3), PML4
	movl	$(PD + 3), PDPT
	mov	$PD, %edi
	mov	$0x83, %eax
	mov	$512, %ecx
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

	/* the gate of vector 3: interrupt gate, present, selector 8 */
	mov	$IDT, %rdi
	mov	$AT(on_int3), %eax
	mov	%ax, 3 * 16(%rdi)
	movw	$8, 3 * 16 + 2(%rdi)
	movw	$0x8e00, 3 * 16 + 4(%rdi)
	shr	$16, %eax
	mov	%ax, 3 * 16 + 6(%rdi)
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

	say	'!'
	xor	%eax, %eax
	jmp	leave
fail:
	say	'?'
	mov	$1, %eax
leave:
	mov	$DEBUG_EXIT, %dx
	out	%al, %dx
3:	hlt
	jmp	3b

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
	.word	4 * 16 - 1
	.quad	IDT
kt_payload_end:

	.section .note.GNU-stack, "", @progbits
