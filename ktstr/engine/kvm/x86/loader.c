// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory seen as one piece, although each node's is mapped apart, and
 * files read into it without a copy in between.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "../../../base/log.h"
#include "layout.h"
#include "loader.h"

#define ISA_START	0xa0000ULL
#define PAGE_BYTES	4096ULL
#define MIB(bytes)	((unsigned long long)((bytes) >> 20))
#define READ_MAX	((u64)1 << 30)	/* at once */

static u64 low_end(const struct kt_guest_mem *m)
{
	u64 end = 0, len = KT_X86_HOLE_START;

	while (end < KT_X86_HOLE_START && kt_guest_mem_span(m, end, &len)) {
		end += len;
		len = KT_X86_HOLE_START - end;
	}
	return end;
}

static int add_range(struct kt_x86_loader *l, u64 start, u64 end, u32 type)
{
	if (start >= end)
		return 0;
	if (l->nr_ranges == ARRAY_SIZE(l->ranges))
		return kt_err(-E2BIG,
			      "guest memory has more than %u pieces: give it fewer nodes",
			      KT_X86_MAX_RANGES);
	l->ranges[l->nr_ranges++] = (struct kt_x86_range){
		start, end - start, type,
	};
	return 0;
}

/* What of each region lies between @start and @end. */
static int add_ram(struct kt_x86_loader *l, u64 start, u64 end)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < l->mem->nr && !ret; i++) {
		const struct kt_region *r = &l->mem->regions[i];

		ret = add_range(l, max(r->gpa, start),
				min(r->gpa + r->size_bytes, end),
				KT_X86_RANGE_RAM);
	}
	return ret;
}

int kt_x86_loader_map(struct kt_x86_loader *l)
{
	u64 acpi = l->opts->acpi_gpa ?: KT_X86_ACPI_END;
	int ret;

	l->ram_end = low_end(l->mem);
	if (l->ram_end <= KT_X86_KERNEL_MIN)
		return kt_err(-EINVAL,
			      "guest memory ends at %llu bytes: give it some MiB",
			      (unsigned long long)l->ram_end);
	ret = add_ram(l, 0, ISA_START);
	if (!ret)
		ret = add_range(l, ISA_START, acpi, KT_X86_RANGE_RESERVED);
	if (!ret)
		ret = add_range(l, acpi, KT_X86_ACPI_END, KT_X86_RANGE_ACPI);
	if (!ret)
		ret = add_ram(l, KT_X86_ACPI_END, UINT64_MAX);
	return ret;
}

int kt_x86_loader_peek(const struct kt_x86_loader *l, u64 offset, void *buf,
		       size_t len_bytes)
{
	ssize_t n;

	if (offset > l->file_bytes || len_bytes > l->file_bytes - offset)
		return -ENOEXEC;
	n = pread(l->fd, buf, len_bytes, offset);
	if (n < 0)
		return -errno;
	return (size_t)n == len_bytes ? 0 : -ENOEXEC;
}

/* -ENODATA when the file ends, -EFAULT when the memory does. */
static int read_to(const struct kt_guest_mem *m, int fd, u64 offset, u64 gpa,
		   u64 len_bytes)
{
	while (len_bytes) {
		u64 part = min(len_bytes, READ_MAX);
		void *p = kt_guest_mem_span(m, gpa, &part);
		ssize_t n;

		if (!p)
			return -EFAULT;
		n = pread(fd, p, part, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENODATA;
		offset += n;
		gpa += n;
		len_bytes -= n;
	}
	return 0;
}

int kt_x86_loader_copy(const struct kt_x86_loader *l, u64 offset, u64 gpa,
		       u64 len_bytes)
{
	int ret = read_to(l->mem, l->fd, offset, gpa, len_bytes);

	if (ret)
		ret = kt_err(ret, "kernel %s: reading %llu bytes at %llu: %s",
			     l->opts->kernel, (unsigned long long)len_bytes,
			     (unsigned long long)offset, strerror(-ret));
	return ret;
}

int kt_x86_loader_initrd(struct kt_x86_loader *l)
{
	u64 end = min(l->ram_end, l->initrd_limit);
	struct stat st;
	int ret;

	if (l->opts->initrd_fd < 0)
		return 0;
	if (fstat(l->opts->initrd_fd, &st) || !S_ISREG(st.st_mode))
		return kt_err(-EINVAL, "the initramfs is no regular file");
	if (!st.st_size)
		return 0;
	l->initrd_bytes = st.st_size;
	if (end < l->kernel_end || l->initrd_bytes > end - l->kernel_end ||
	    ((end - l->initrd_bytes) & -PAGE_BYTES) < l->kernel_end)
		return kt_err(-ENOMEM,
			      "an initramfs of %llu MiB does not fit between the kernel's end at %llu MiB and %llu MiB: give the guest more memory",
			      MIB(l->initrd_bytes), MIB(l->kernel_end),
			      MIB(end));
	l->initrd_gpa = (end - l->initrd_bytes) & -PAGE_BYTES;
	ret = read_to(l->mem, l->opts->initrd_fd, 0, l->initrd_gpa,
		      l->initrd_bytes);
	if (ret)
		ret = kt_err(ret, "reading the initramfs: %s", strerror(-ret));
	return ret;
}

int kt_x86_loader_write(const struct kt_x86_loader *l, u64 gpa,
			const void *data, size_t len_bytes)
{
	if (kt_guest_mem_write(l->mem, gpa, data, len_bytes))
		return kt_err(-EFAULT,
			      "no guest memory in one piece for %zu bytes at %#llx",
			      len_bytes, (unsigned long long)gpa);
	return 0;
}
