/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a guest's kernel in a few pages of plain memory. Its image lies
 * at MINI_IMAGE_GPA, which makes phys_base negative, as KASLR may; the direct
 * map begins at page_offset; page tables and data are the test's to lay out
 * from MINI_FREE_GPA on.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_GUEST_H
#define KTSTR_TESTS_UNIT_MINI_GUEST_H

#include "ktstr/inspect/kernel.h"
#include "mini_vmlinux.h"

#define MINI_RAM_BYTES		0x80000
#define MINI_IMAGE_GPA		0x10000
#define MINI_FREE_GPA		0x20000
#define MINI_TEXT		0xffffffff81000000ULL
#define MINI_TOP_PGT		0x1000	/* offsets in the image */
#define MINI_PAGE_OFFSET	0x2000
#define MINI_NR_CPU_IDS		0x2008
#define MINI_L5_ENABLED		0x200c
#define MINI_JIFFIES		0x2010
#define MINI_PERCPU_OFFSETS	0x2040
#define MINI_PERCPU_LOAD	0x3000
#define MINI_EXT_CLASS		0x4000
#define MINI_PID_NS		0x5000
#define MINI_MAP_IDR		0x6000
#define MINI_PROG_IDR		0x6100
#define MINI_BPF_KALLSYMS	0x6200
#define MINI_IMAGE_BYTES	0x8000
#define MINI_NR_CPUS		8	/* that the kernel was built for */
#define MINI_DIRECT		0xffff888000000000ULL
#define MINI_PERCPU_GPA		0x60000	/* of CPU 0, 1 after 64 KiB */
#define MINI_RQ			0x200	/* in a CPU's area */

struct mini_guest {
	u8 ram[MINI_RAM_BYTES] __attribute__((aligned(4096)));
	struct kt_region region;
	struct kt_guest_mem mem;
	struct kt_symbols *syms;
	struct kt_guest_kernel k;
};

/* @percpu_start: link address of the per-CPU section; @without: a symbol. */
static inline int mini_guest_symbols(struct kt_symbols **syms, u64 percpu_start,
				     const char *without)
{
	const struct mini_symbol all[] = {
		{ "_text", MINI_TEXT },
		{ "_end", MINI_TEXT + MINI_IMAGE_BYTES },
		{ "init_top_pgt", MINI_TEXT + MINI_TOP_PGT },
		{ "page_offset_base", MINI_TEXT + MINI_PAGE_OFFSET },
		{ "nr_cpu_ids", MINI_TEXT + MINI_NR_CPU_IDS, sizeof(u32) },
		{ "__pgtable_l5_enabled", MINI_TEXT + MINI_L5_ENABLED },
		{ "jiffies_64", MINI_TEXT + MINI_JIFFIES },
		{ "__per_cpu_offset", MINI_TEXT + MINI_PERCPU_OFFSETS,
		  MINI_NR_CPUS * sizeof(u64) },
		{ "ext_sched_class", MINI_TEXT + MINI_EXT_CLASS },
		{ "init_pid_ns", MINI_TEXT + MINI_PID_NS },
		{ "map_idr", MINI_TEXT + MINI_MAP_IDR },
		{ "prog_idr", MINI_TEXT + MINI_PROG_IDR },
		{ "bpf_kallsyms", MINI_TEXT + MINI_BPF_KALLSYMS },
		{ "__per_cpu_start", percpu_start },
		{ "__per_cpu_end", percpu_start + 0x1000 },
		{ "runqueues", percpu_start + MINI_RQ },
		{ "untyped", percpu_start + 0x800 },
		{ "a_number", 0x200, .section = SHN_ABS },
	};
	struct mini_symbol used[ARRAY_SIZE(all)];
	struct mini_vmlinux im;
	u32 i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (!without || strcmp(without, all[i].name))
			used[nr++] = all[i];
	mini_vmlinux_fill(&im, used, nr);
	return mini_vmlinux_load(&im, sizeof(im), syms);
}

static inline void mini_put_u64(struct mini_guest *g, u64 gpa, u64 v)
{
	memcpy(g->ram + gpa, &v, sizeof(v));
}

static inline void mini_put_u32(struct mini_guest *g, u64 gpa, u32 v)
{
	memcpy(g->ram + gpa, &v, sizeof(v));
}

/* A booted kernel of two CPUs. */
static inline void mini_guest_boot(struct mini_guest *g)
{
	memset(g->ram, 0, sizeof(g->ram));
	g->region = (struct kt_region){ 0, MINI_RAM_BYTES, g->ram };
	g->mem = (struct kt_guest_mem){ &g->region, 1 };
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PAGE_OFFSET, MINI_DIRECT);
	mini_put_u32(g, MINI_IMAGE_GPA + MINI_NR_CPU_IDS, 2);
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS,
		     MINI_DIRECT + MINI_PERCPU_GPA);
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS + 8,
		     MINI_DIRECT + MINI_PERCPU_GPA + 0x10000);
}

static inline int mini_guest_init(struct mini_guest *g, u64 slide)
{
	return kt_guest_kernel_init(&g->k, &g->mem, g->syms, slide,
				    MINI_IMAGE_GPA - slide -
				    (MINI_TEXT - KT_START_KERNEL_MAP));
}

#endif /* KTSTR_TESTS_UNIT_MINI_GUEST_H */
