// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of an x86-64 guest's kernel: what the vmlinux calls them, where
 * they are in this guest, and which guest-physical memory is behind them. The
 * page tables are walked as the hardware does it, each entry read once.
 */
#include <linux/bits.h>

#include "../base/log.h"
#include "kernel.h"

#define PAGE_BYTES		4096ULL
#define PAGE_OFFSET_DEFAULT	0xffff888000000000ULL
#define MAX_CPUS		8192

#define PTE_PRESENT		BIT_ULL(0)
#define PTE_LARGE		BIT_ULL(7)	/* in levels 2 and 3 */
#define PTE_LARGE_PAT		BIT_ULL(12)	/* of a large page */
#define PTE_ADDRESS		0x000ffffffffff000ULL

static int find(const struct kt_guest_kernel *k, const char *name, u64 *kva)
{
	if (!kt_guest_kernel_symbol(k, name, kva))
		return 0;
	return kt_err(-ENOENT,
		      "the vmlinux has no symbol %s: its guests cannot be looked into; build it with CONFIG_SMP",
		      name);
}

static int image_gpa(const struct kt_guest_kernel *k, u64 kva, u64 *gpa)
{
	if (kva < k->image_start || kva >= k->image_end)
		return -ERANGE;
	*gpa = kva - KT_START_KERNEL_MAP + k->phys_base;
	return kt_guest_mem_ptr(&k->mem, *gpa, 1) ? 0 : -ERANGE;
}

static int image_read_u64(const struct kt_guest_kernel *k, u64 kva, u64 *v)
{
	u64 gpa;

	if (image_gpa(k, kva, &gpa))
		return -EFAULT;
	return kt_guest_mem_read_u64(&k->mem, gpa, v);
}

static int image_read_u32(const struct kt_guest_kernel *k, u64 kva, u32 *v)
{
	u64 gpa;

	if (image_gpa(k, kva, &gpa))
		return -EFAULT;
	return kt_guest_mem_read_u32(&k->mem, gpa, v);
}

static int init_image(struct kt_guest_kernel *k)
{
	int ret;

	ret = find(k, "_text", &k->image_start);
	if (!ret)
		ret = find(k, "_end", &k->image_end);
	if (ret)
		return ret;
	if (k->image_start < KT_START_KERNEL_MAP ||
	    k->image_end <= k->image_start)
		return -EFAULT;
	return 0;
}

static int init_page_tables(struct kt_guest_kernel *k)
{
	u32 l5 = 0;
	u64 kva;
	int ret;

	ret = find(k, "init_top_pgt", &kva);
	if (ret)
		return ret;
	if (image_gpa(k, kva, &k->top_pgt_gpa) ||
	    !kt_guest_mem_ptr(&k->mem, k->top_pgt_gpa, PAGE_BYTES))
		return -EFAULT;
	if (!kt_guest_kernel_symbol(k, "__pgtable_l5_enabled", &kva))
		ret = image_read_u32(k, kva, &l5);
	k->levels = l5 ? 5 : 4;
	return ret;
}

static int init_direct_map(struct kt_guest_kernel *k)
{
	u64 kva;
	int ret;

	k->page_offset = PAGE_OFFSET_DEFAULT;
	if (kt_guest_kernel_symbol(k, "page_offset_base", &kva))
		return 0;
	ret = image_read_u64(k, kva, &k->page_offset);
	if (ret)
		return ret;
	if (!kt_guest_kernel_half(k, k->page_offset) ||
	    k->page_offset % PAGE_BYTES)
		return -EAGAIN;
	return 0;
}

/*
 * Until the per-CPU areas are set up each offset leads to the copy of them in
 * the image, and nr_cpu_ids is what the kernel was built for.
 */
static int check_percpu_ready(const struct kt_guest_kernel *k)
{
	u64 offsets, start, off0;
	int ret;

	ret = find(k, "__per_cpu_offset", &offsets);
	if (!ret)
		ret = find(k, "__per_cpu_start", &start);
	if (!ret)
		ret = image_read_u64(k, offsets, &off0);
	if (ret)
		return ret;
	start += off0;
	if (!kt_guest_kernel_half(k, start) ||
	    (start >= k->image_start && start < k->image_end))
		return -EAGAIN;
	return 0;
}

static int init_cpus(struct kt_guest_kernel *k)
{
	const struct kt_symbol *offsets;
	u64 kva;
	int ret;

	ret = find(k, "nr_cpu_ids", &kva);
	if (!ret)
		ret = check_percpu_ready(k);
	if (!ret)
		ret = image_read_u32(k, kva, &k->nr_cpus);
	if (ret)
		return ret;
	if (!k->nr_cpus)
		return -EAGAIN;
	offsets = kt_symbols_find(k->syms, "__per_cpu_offset");
	if (k->nr_cpus > MAX_CPUS ||
	    (offsets->size_bytes &&
	     k->nr_cpus > offsets->size_bytes / sizeof(u64)))
		return -EFAULT;
	return 0;
}

int kt_guest_kernel_init(struct kt_guest_kernel *k,
			 const struct kt_guest_mem *mem,
			 const struct kt_symbols *syms, u64 slide,
			 u64 phys_base)
{
	int ret;

	*k = (struct kt_guest_kernel){
		.mem = *mem, .syms = syms, .slide = slide,
		.phys_base = phys_base,
	};
	ret = init_image(k);
	if (!ret)
		ret = init_page_tables(k);
	if (!ret)
		ret = init_direct_map(k);
	if (!ret)
		ret = init_cpus(k);
	return ret;
}

/* What an entry of a table at @level says: 1 a page, 0 a table, -EFAULT. */
static int check_entry(u64 entry, u32 level)
{
	u64 page_mask = (1ULL << (12 + 9 * (level - 1))) - 1;

	if (!(entry & PTE_PRESENT))
		return -EFAULT;
	if (level == 1)
		return 1;
	if (!(entry & PTE_LARGE))
		return 0;
	/* A large page has reserved bits below its address. */
	if (level > 3 || entry & PTE_ADDRESS & page_mask & ~PTE_LARGE_PAT)
		return -EFAULT;
	return 1;
}

/* @shift: of the entry that it ends at. */
static int walk(const struct kt_guest_kernel *k, u64 kva, u64 *gpa, u32 *shift)
{
	u64 table = k->top_pgt_gpa, entry, page_mask;
	u32 level;
	int ret;

	for (level = k->levels; level; level--) {
		*shift = 12 + 9 * (level - 1);
		ret = kt_guest_mem_read_u64(&k->mem,
					    table + (kva >> *shift) % 512 * 8,
					    &entry);
		if (!ret)
			ret = check_entry(entry, level);
		if (ret < 0)
			return ret;
		if (ret) {
			page_mask = (1ULL << *shift) - 1;
			*gpa = (entry & PTE_ADDRESS & ~page_mask) |
			       (kva & page_mask);
			return 0;
		}
		table = entry & PTE_ADDRESS;
	}
	return -EFAULT;
}

int kt_guest_kernel_direct(const struct kt_guest_kernel *k, u64 kva, u64 *gpa)
{
	if (kva < k->page_offset ||
	    !kt_guest_mem_ptr(&k->mem, kva - k->page_offset, 1))
		return -ERANGE;
	*gpa = kva - k->page_offset;
	return 0;
}

int kt_guest_kernel_translate(const struct kt_guest_kernel *k, u64 kva,
			      u64 *gpa)
{
	u32 shift;

	if (!kt_guest_kernel_half(k, kva))
		return -EFAULT;
	if (!image_gpa(k, kva, gpa) || !kt_guest_kernel_direct(k, kva, gpa))
		return 0;
	return walk(k, kva, gpa, &shift);
}

int kt_guest_kernel_next_page(const struct kt_guest_kernel *k, u64 *kva,
			      u64 end, u32 *steps, u64 *gpa)
{
	u32 shift;

	for (; *kva < end && *steps; --*steps) {
		if (!kt_guest_kernel_half(k, *kva))
			return -ENOENT;
		if (!walk(k, *kva, gpa, &shift))
			return 0;
		*kva = (*kva | ((1ULL << shift) - 1)) + 1;
		if (!*kva)
			return -ENOENT;
	}
	return *kva < end ? -E2BIG : -ENOENT;
}

/* Bytes from @kva to the end of its page, at most @len_bytes. */
static size_t in_page(u64 kva, size_t len_bytes)
{
	u64 left = PAGE_BYTES - kva % PAGE_BYTES;

	return len_bytes < left ? len_bytes : left;
}

int kt_guest_kernel_read(const struct kt_guest_kernel *k, u64 kva, void *buf,
			 size_t len_bytes)
{
	size_t n;
	u64 gpa;
	int ret;

	for (; len_bytes; len_bytes -= n, kva += n, buf = (char *)buf + n) {
		n = in_page(kva, len_bytes);
		ret = kt_guest_kernel_translate(k, kva, &gpa);
		if (!ret)
			ret = kt_guest_mem_read(&k->mem, gpa, buf, n);
		if (ret)
			return ret;
	}
	return 0;
}

int kt_guest_kernel_write(const struct kt_guest_kernel *k, u64 kva,
			  const void *buf, size_t len_bytes)
{
	size_t n;
	u64 gpa;
	int ret;

	for (; len_bytes; len_bytes -= n, kva += n,
	     buf = (const char *)buf + n) {
		n = in_page(kva, len_bytes);
		ret = kt_guest_kernel_translate(k, kva, &gpa);
		if (!ret)
			ret = kt_guest_mem_write(&k->mem, gpa, buf, n);
		if (ret)
			return ret;
	}
	return 0;
}

int kt_guest_kernel_read_u32(const struct kt_guest_kernel *k, u64 kva, u32 *v)
{
	u64 gpa;

	if (in_page(kva, sizeof(*v)) < sizeof(*v) ||
	    kt_guest_kernel_translate(k, kva, &gpa))
		return -EFAULT;
	return kt_guest_mem_read_u32(&k->mem, gpa, v);
}

int kt_guest_kernel_read_u64(const struct kt_guest_kernel *k, u64 kva, u64 *v)
{
	u64 gpa;

	if (in_page(kva, sizeof(*v)) < sizeof(*v) ||
	    kt_guest_kernel_translate(k, kva, &gpa))
		return -EFAULT;
	return kt_guest_mem_read_u64(&k->mem, gpa, v);
}

/* Per-CPU symbols that start at 0 are offsets, which KASLR does not move. */
static u64 runtime_kva(const struct kt_guest_kernel *k, u64 link_kva)
{
	return link_kva >= KT_KERNEL_HALF ? link_kva + k->slide : link_kva;
}

int kt_guest_kernel_symbol(const struct kt_guest_kernel *k, const char *name,
			   u64 *kva)
{
	const struct kt_symbol *s = kt_symbols_find(k->syms, name);

	if (!s)
		return -ENOENT;
	*kva = runtime_kva(k, s->link_kva);
	return 0;
}

bool kt_guest_kernel_is_percpu(const struct kt_guest_kernel *k,
			       const char *name)
{
	const struct kt_symbol *start, *end, *s;

	start = kt_symbols_find(k->syms, "__per_cpu_start");
	end = kt_symbols_find(k->syms, "__per_cpu_end");
	s = kt_symbols_find(k->syms, name);
	return start && end && s && !s->absolute &&
	       s->link_kva >= start->link_kva && s->link_kva < end->link_kva;
}

int kt_guest_kernel_percpu(const struct kt_guest_kernel *k, const char *name,
			   u32 cpu, u64 *kva)
{
	u64 offsets, off, sym;
	int ret;

	ret = kt_guest_kernel_symbol(k, name, &sym);
	if (!ret)
		ret = kt_guest_kernel_symbol(k, "__per_cpu_offset", &offsets);
	if (ret)
		return ret;
	if (!kt_guest_kernel_is_percpu(k, name))
		return -EINVAL;
	if (cpu >= k->nr_cpus)
		return -ERANGE;
	ret = image_read_u64(k, offsets + cpu * sizeof(u64), &off);
	if (ret)
		return ret;
	*kva = sym + off;
	return kt_guest_kernel_half(k, *kva) ? 0 : -EFAULT;
}
