/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's physical memory as mapped into this process. The guest writes it
 * concurrently: a number is loaded once, whole, and every range is checked
 * against the regions before it is touched.
 */
#ifndef KTSTR_INSPECT_GUEST_MEM_H
#define KTSTR_INSPECT_GUEST_MEM_H

#include "../base/types.h"

/* Guest-physical memory mapped into this process. */
struct kt_region {
	u64 gpa;
	u64 size_bytes;
	void *hva;
};

struct kt_guest_mem {
	const struct kt_region *regions;	/* the machine's */
	u32 nr;
};

/* @len_bytes at @gpa, all in one region, or NULL. */
void *kt_guest_mem_ptr(const struct kt_guest_mem *m, u64 gpa,
		       size_t len_bytes);

/* As much of @len_bytes at @gpa as lies in one region, or NULL. */
void *kt_guest_mem_span(const struct kt_guest_mem *m, u64 gpa, u64 *len_bytes);

/*
 * -EFAULT unless all of it is memory. 1, 2, 4 or 8 bytes that are aligned, in
 * this process as well, are one load or one store; all else is copied in parts
 * that the guest may write in between.
 */
int kt_guest_mem_read(const struct kt_guest_mem *m, u64 gpa, void *buf,
		      size_t len_bytes);
int kt_guest_mem_write(const struct kt_guest_mem *m, u64 gpa, const void *buf,
		       size_t len_bytes);
int kt_guest_mem_read_u32(const struct kt_guest_mem *m, u64 gpa, u32 *v);
int kt_guest_mem_read_u64(const struct kt_guest_mem *m, u64 gpa, u64 *v);
int kt_guest_mem_write_u32(const struct kt_guest_mem *m, u64 gpa, u32 v);
int kt_guest_mem_write_u64(const struct kt_guest_mem *m, u64 gpa, u64 v);

#endif /* KTSTR_INSPECT_GUEST_MEM_H */
