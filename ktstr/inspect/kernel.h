/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's kernel seen from outside: addresses of its symbols where KASLR put
 * them, and translation of any kernel address to guest-physical memory by the
 * image's mapping, the direct map, or a walk of the kernel's page tables.
 *
 * Nothing here waits or writes unless asked to. What it reads may change
 * between two reads, and may be a guest's lie: every result is checked, and an
 * address that leads nowhere is -EFAULT.
 */
#ifndef KTSTR_INSPECT_KERNEL_H
#define KTSTR_INSPECT_KERNEL_H

#include "guest_mem.h"
#include "symbols.h"
#include "types.h"

#define KT_KERNEL_HALF		0xffff800000000000ULL
#define KT_KERNEL_HALF_L5	0xff00000000000000ULL	/* with 5 levels */
#define KT_START_KERNEL_MAP	0xffffffff80000000ULL

struct kt_guest_kernel {
	struct kt_guest_mem mem;
	const struct kt_symbols *syms;
	const struct kt_types *types;	/* NULL until it is needed */
	u64 slide;			/* KASLR, 0 without */
	u64 phys_base;			/* may be negative, as unsigned */
	u64 page_offset;		/* start of the direct map */
	u64 image_start;		/* _text and _end in this guest */
	u64 image_end;
	u64 top_pgt_gpa;		/* swapper's page table */
	u32 levels;			/* of page tables: 4 or 5 */
	u32 nr_cpus;			/* possible ones */
};

/*
 * Fills @k for a kernel at @slide and @phys_base: reads what else it takes
 * from the guest. -EAGAIN when the guest has not come far enough for that,
 * -EFAULT when what it says cannot be, -ENOENT when the vmlinux lacks a symbol
 * without which nothing goes (reported). @mem and @syms live longer than @k.
 */
int kt_guest_kernel_init(struct kt_guest_kernel *k,
			 const struct kt_guest_mem *mem,
			 const struct kt_symbols *syms, u64 slide,
			 u64 phys_base);

/*
 * Whether @kva is in the kernel's half of the addresses, which is wider with
 * 5 levels of page tables: there the direct map lies below KT_KERNEL_HALF.
 */
static inline bool kt_guest_kernel_half(const struct kt_guest_kernel *k,
					u64 kva)
{
	return kva >= (k->levels == 5 ? KT_KERNEL_HALF_L5 : KT_KERNEL_HALF);
}

/* Guest-physical address of @kva; -EFAULT when it maps nothing. */
int kt_guest_kernel_translate(const struct kt_guest_kernel *k, u64 kva,
			      u64 *gpa);
/* By the direct map alone: -ERANGE when @kva is not in it. */
int kt_guest_kernel_direct(const struct kt_guest_kernel *k, u64 kva, u64 *gpa);

/*
 * The first address from *@kva on, and before @end, that the page tables map:
 * holes are passed as a whole, so a sparse area of any size takes few steps.
 * -ENOENT: there is none, -E2BIG: *@steps, which counts down, did not suffice.
 */
int kt_guest_kernel_next_page(const struct kt_guest_kernel *k, u64 *kva,
			      u64 end, u32 *steps, u64 *gpa);

/* Any range of kernel addresses, page by page. -EFAULT with nothing promised. */
int kt_guest_kernel_read(const struct kt_guest_kernel *k, u64 kva, void *buf,
			 size_t len_bytes);
int kt_guest_kernel_write(const struct kt_guest_kernel *k, u64 kva,
			  const void *buf, size_t len_bytes);
/* A number loaded or stored whole; -EFAULT when it crosses a page. */
int kt_guest_kernel_read_u32(const struct kt_guest_kernel *k, u64 kva, u32 *v);
int kt_guest_kernel_read_u64(const struct kt_guest_kernel *k, u64 kva, u64 *v);

/* Where @name is in this guest; per-CPU symbols are offsets. -ENOENT. */
int kt_guest_kernel_symbol(const struct kt_guest_kernel *k, const char *name,
			   u64 *kva);
/* Whether @name is a per-CPU symbol. */
bool kt_guest_kernel_is_percpu(const struct kt_guest_kernel *k,
			       const char *name);
/*
 * Where per-CPU symbol @name is for @cpu. -ENOENT no such symbol, -EINVAL it
 * is not per-CPU, -ERANGE no such CPU, -EFAULT not readable.
 */
int kt_guest_kernel_percpu(const struct kt_guest_kernel *k, const char *name,
			   u32 cpu, u64 *kva);

#endif /* KTSTR_INSPECT_KERNEL_H */
