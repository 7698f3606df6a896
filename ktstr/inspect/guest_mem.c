// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads from and stores to guest-physical memory. A guest has few regions
 * (below and above the hole under 4 GiB), so they are searched one by one.
 * Nothing outside of a region is ever touched, whatever address comes in.
 */
#include "guest_mem.h"

void *kt_guest_mem_span(const struct kt_guest_mem *m, u64 gpa, u64 *len_bytes)
{
	u32 i;

	for (i = 0; i < m->nr; i++) {
		const struct kt_region *r = &m->regions[i];
		u64 off = gpa - r->gpa;		/* huge when below it */

		if (off >= r->size_bytes)
			continue;
		*len_bytes = min(*len_bytes, r->size_bytes - off);
		return (char *)r->hva + off;
	}
	return NULL;
}

void *kt_guest_mem_ptr(const struct kt_guest_mem *m, u64 gpa, size_t len_bytes)
{
	u64 span = len_bytes;
	void *p = kt_guest_mem_span(m, gpa, &span);

	return span == len_bytes ? p : NULL;
}

/* Whether a single load or store reaches all of it. */
static bool is_whole(const void *p, size_t len_bytes)
{
	switch (len_bytes) {
	case 1:
	case 2:
	case 4:
	case 8:
		return !((uintptr_t)p & (len_bytes - 1));
	default:
		return false;
	}
}

int kt_guest_mem_read(const struct kt_guest_mem *m, u64 gpa, void *buf,
		      size_t len_bytes)
{
	const void *p = kt_guest_mem_ptr(m, gpa, len_bytes);
	u64 once;

	if (!p)
		return -EFAULT;
	if (is_whole(p, len_bytes)) {
		__read_once_size(p, &once, len_bytes);
		p = &once;
	}
	memcpy(buf, p, len_bytes);
	return 0;
}

int kt_guest_mem_write(const struct kt_guest_mem *m, u64 gpa, const void *buf,
		       size_t len_bytes)
{
	void *p = kt_guest_mem_ptr(m, gpa, len_bytes);
	u64 once;

	if (!p)
		return -EFAULT;
	if (is_whole(p, len_bytes)) {
		memcpy(&once, buf, len_bytes);
		__write_once_size(p, &once, len_bytes);
	} else {
		memcpy(p, buf, len_bytes);
	}
	return 0;
}

int kt_guest_mem_read_u32(const struct kt_guest_mem *m, u64 gpa, u32 *v)
{
	return kt_guest_mem_read(m, gpa, v, sizeof(*v));
}

int kt_guest_mem_read_u64(const struct kt_guest_mem *m, u64 gpa, u64 *v)
{
	return kt_guest_mem_read(m, gpa, v, sizeof(*v));
}

int kt_guest_mem_write_u32(const struct kt_guest_mem *m, u64 gpa, u32 v)
{
	return kt_guest_mem_write(m, gpa, &v, sizeof(v));
}

int kt_guest_mem_write_u64(const struct kt_guest_mem *m, u64 gpa, u64 v)
{
	return kt_guest_mem_write(m, gpa, &v, sizeof(v));
}
