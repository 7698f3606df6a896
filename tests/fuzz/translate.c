// SPDX-License-Identifier: GPL-2.0-only
/*
 * A booted guest's memory, with any words of it written over: whatever its
 * variables, page tables, xarrays and tasks say then, nothing outside of the
 * memory is touched, and every walk ends.
 */
#include <assert.h>

#include "../unit/mini_btf.h"
#include "../unit/mini_guest.h"
#include "drop_log.h"
#include "ktstr/inspect/task.h"
#include "ktstr/inspect/xarray.h"

#define MAX_ENTRIES	100

struct head {
	u64 slide;
	u64 phys_base_add;
	u64 kva;
	u32 ram_pages;		/* 0: all */
	u32 pid;
} __packed;

struct patch {
	u32 gpa;
	u64 value;
} __packed;

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static int count(void *arg, u64 index, u64 entry_kva)
{
	(void)index;
	assert(entry_kva && !(entry_kva & 3));
	++*(u32 *)arg;
	return 0;
}

static void look(const struct kt_guest_kernel *k, const struct head *h)
{
	struct kt_task task;
	u8 buf[8192];
	u32 nr = 0;
	u64 v;

	if (!kt_guest_kernel_direct(k, h->kva, &v))
		assert(kt_guest_mem_ptr(&k->mem, v, 1));
	kt_guest_kernel_translate(k, h->kva, &v);
	if (!kt_guest_kernel_read(k, h->kva, buf, sizeof(buf)))
		assert(!kt_guest_kernel_write(k, h->kva, buf, sizeof(buf)));
	kt_guest_kernel_read_u32(k, h->kva, &nr);
	kt_guest_kernel_read_u64(k, h->kva, &v);
	kt_guest_kernel_percpu(k, "runqueues", h->pid, &v);
	if (!kt_task_find(k, h->pid, &task))
		assert(task.pid == h->pid && !task.comm[16]);
	kt_xarray_load(k, h->kva, h->pid, &v);
	nr = 0;
	kt_xarray_for_each(k, h->kva, MAX_ENTRIES, count, &nr);
	assert(nr <= MAX_ENTRIES);
}

static void apply(struct mini_guest *g, const u8 *data, size_t size)
{
	struct patch p;

	for (; size >= sizeof(p); data += sizeof(p), size -= sizeof(p)) {
		memcpy(&p, data, sizeof(p));
		mini_put_u64(g, p.gpa % (MINI_RAM_BYTES - 7), p.value);
	}
}

/* Looks also when init refuses: with what it would have found. */
static void try_guest(struct mini_guest *g, const struct kt_types *types,
		      const struct head *h)
{
	struct kt_guest_kernel *k = &g->k;
	u64 phys_base = MINI_IMAGE_GPA - h->slide + h->phys_base_add -
			(MINI_TEXT - KT_START_KERNEL_MAP);

	if (kt_guest_kernel_init(k, &g->mem, g->syms, h->slide, phys_base)) {
		k->page_offset = MINI_DIRECT;
		k->top_pgt_gpa = MINI_IMAGE_GPA + MINI_TOP_PGT;
		k->levels = h->slide & 1 ? 5 : 4;
		k->nr_cpus = MINI_NR_CPUS;
	}
	k->types = types;
	look(k, h);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct kt_types *types;
	static struct mini_guest *g;
	struct head h;
	size_t len;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	drop_log();
	if (!g) {
		types = mini_btf_types(64);
		g = aligned_alloc(4096, sizeof(*g));
		assert(g && !mini_guest_symbols(&g->syms, 0, NULL));
	}
	mini_guest_boot(g);
	apply(g, data + sizeof(h), size - sizeof(h));
	len = h.ram_pages % (MINI_RAM_BYTES / 4096 + 1) * 4096;
	if (!len)
		len = MINI_RAM_BYTES;
	/* of just that size, for the sanitizer to see its end */
	g->region.size_bytes = len;
	g->region.hva = malloc(len);
	assert(g->region.hva);
	memcpy(g->region.hva, g->ram, len);
	try_guest(g, types, &h);
	free(g->region.hva);
	return 0;
}
