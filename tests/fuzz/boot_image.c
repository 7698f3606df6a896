// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a kernel to boot, into 16 MiB of two pieces. What is accepted
 * lies in memory, and the initramfs apart from the kernel.
 */
#include <assert.h>

#include "../unit/mini_kernel.h"
#include "drop_log.h"

#define PIECE_BYTES	0x800000ULL
#define INITRD_BYTES	5000

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u64 get(const struct mini_ram *r, u64 gpa, u32 bytes)
{
	u64 v = 0;

	assert(!kt_guest_mem_read(&r->mem, gpa, &v, bytes));
	return v;
}

static void check_initrd(const struct mini_ram *r, u64 gpa, u64 len)
{
	u8 initrd[INITRD_BYTES];
	u64 i;

	assert(len == INITRD_BYTES);
	assert(gpa >= MINI_LOAD_GPA && gpa + len <= 2 * PIECE_BYTES);
	assert(!(gpa & 0xfff));
	/* nothing of the kernel has overwritten it */
	mini_pattern(initrd, sizeof(initrd));
	for (i = 0; i < len; i++)
		assert(get(r, gpa + i, 1) == initrd[i]);
}

static void check(const struct mini_ram *r, const struct kt_x86_entry *e)
{
	u64 modules;

	get(r, e->rip, 1);
	assert(e->rip >= MINI_LOAD_GPA);
	if (e->pvh) {
		assert(e->rbx == KT_X86_PVH_INFO);
		modules = get(r, e->rbx + 16, 8);
		check_initrd(r, get(r, modules, 8), get(r, modules + 8, 8));
		return;
	}
	assert(e->rsi == KT_X86_BOOT_PARAMS);
	check_initrd(r, get(r, e->rsi + 0x218, 4), get(r, e->rsi + 0x21c, 4));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct mini_ram r;
	static int initrd = -1;
	struct kt_x86_boot_opts o = {
		.cmdline = "quiet", .acpi_gpa = KT_X86_ACPI,
	};
	struct kt_x86_entry entry;
	u8 text[INITRD_BYTES];

	if (initrd < 0) {
		drop_log();
		r.regions[0] = (struct kt_region){
			0, PIECE_BYTES, calloc(1, PIECE_BYTES),
		};
		r.regions[1] = (struct kt_region){
			PIECE_BYTES, PIECE_BYTES, calloc(1, PIECE_BYTES),
		};
		r.mem = (struct kt_guest_mem){ r.regions, 2 };
		mini_pattern(text, sizeof(text));
		initrd = mini_memfd(text, sizeof(text));
	}
	o.initrd_fd = initrd;
	if (!mini_load(&r, data, size, &o, &entry))
		check(&r, &entry);
	return 0;
}
