// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernels of both formats loaded into plain memory of several pieces: what the
 * kernel would find there, and every way in which a file or the memory can be
 * wrong.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "mini_kernel.h"
#include "nr_fds.h"

#define CMDLINE		"console=ttyS0 panic=-1"
#define INITRD_BYTES	0x101001	/* crosses pieces, no whole pages */
#define E820_RAM	1
#define E820_RESERVED	2
#define E820_ACPI	3

FIXTURE(boot)
{
	struct mini_ram ram;
	struct mini_bzimage *bz;
	struct mini_kernel *elf;
	struct kt_x86_boot_opts opts;
	struct kt_x86_entry entry;
	u8 *initrd;
	int fds;
};

FIXTURE_SETUP(boot)
{
	keep_log();
	self->fds = nr_fds();
	mini_ram_init(&self->ram);
	self->bz = malloc(sizeof(*self->bz));
	self->elf = malloc(sizeof(*self->elf));
	self->initrd = malloc(INITRD_BYTES);
	mini_bzimage_fill(self->bz);
	mini_kernel_fill(self->elf);
	mini_pattern(self->initrd, INITRD_BYTES);
	self->opts = (struct kt_x86_boot_opts){
		.initrd_fd = mini_memfd(self->initrd, INITRD_BYTES),
		.cmdline = CMDLINE, .acpi_gpa = KT_X86_ACPI,
	};
}

FIXTURE_TEARDOWN(boot)
{
	if (self->opts.initrd_fd >= 0)
		close(self->opts.initrd_fd);
	EXPECT_EQ(nr_fds(), self->fds);
	mini_ram_fini(&self->ram);
	free(self->bz);
	free(self->elf);
	free(self->initrd);
}

#define load_bz()							\
	mini_load(&self->ram, self->bz, sizeof(*self->bz), &self->opts,	\
		  &self->entry)
#define load_elf()							\
	mini_load(&self->ram, self->elf, sizeof(*self->elf), &self->opts, \
		  &self->entry)

static u64 get(const struct mini_ram *r, u64 gpa, u32 bytes)
{
	u64 v = 0;

	if (kt_guest_mem_read(&r->mem, gpa, &v, bytes))
		abort();
	return v;
}

/* @len bytes at @gpa, over the edges of regions. */
static bool has(const struct mini_ram *r, u64 gpa, const u8 *data, size_t len)
{
	for (; len; len--, gpa++, data++)
		if (get(r, gpa, 1) != *data)
			return false;
	return true;
}

static bool has_cmdline(const struct mini_ram *r, u64 gpa)
{
	return has(r, gpa, (const u8 *)CMDLINE, sizeof(CMDLINE));
}

struct range {
	u64 start, end;
	u32 type;
};

static const struct range map[] = {
	{ 0, 0xa0000, E820_RAM },
	{ 0xa0000, KT_X86_ACPI, E820_RESERVED },
	{ KT_X86_ACPI, KT_X86_ACPI_END, E820_ACPI },
	{ KT_X86_ACPI_END, 0x200000, E820_RAM },
	{ 0x200000, 0x300000, E820_RAM },
	{ 0x300000, MINI_LOW_END, E820_RAM },
	{ KT_X86_HIGH_START, KT_X86_HIGH_START + MINI_HIGH_BYTES, E820_RAM },
};

TEST_F(boot, bzimage)
{
	u64 initrd = (MINI_LOW_END - INITRD_BYTES) & ~0xfffULL;
	const struct mini_ram *r = &self->ram;
	struct boot_params bp;
	u32 i;

	ASSERT_EQ(load_bz(), 0);
	EXPECT_FALSE(self->entry.pvh);
	EXPECT_EQ(self->entry.rip, MINI_LOAD_GPA + 0x200);
	EXPECT_EQ(self->entry.rsi, KT_X86_BOOT_PARAMS);
	EXPECT_TRUE(has(r, MINI_LOAD_GPA, self->bz->payload,
			MINI_PAYLOAD_BYTES));
	ASSERT_EQ(kt_guest_mem_read(&r->mem, KT_X86_BOOT_PARAMS, &bp,
				    sizeof(bp)), 0);
	EXPECT_EQ(bp.sentinel, 0);
	EXPECT_EQ(bp.hdr.type_of_loader, 0xff);
	EXPECT_EQ(bp.hdr.code32_start, MINI_LOAD_GPA);
	EXPECT_EQ(bp.hdr.setup_data, 0);
	EXPECT_EQ(bp.hdr.init_size, MINI_INIT_SIZE);
	EXPECT_TRUE(has_cmdline(r, bp.hdr.cmd_line_ptr));
	EXPECT_EQ(bp.hdr.ramdisk_image, initrd);
	EXPECT_EQ(bp.hdr.ramdisk_size, INITRD_BYTES);
	EXPECT_TRUE(has(r, initrd, self->initrd, INITRD_BYTES));
	EXPECT_EQ(bp.acpi_rsdp_addr, KT_X86_ACPI);
	ASSERT_EQ(bp.e820_entries, ARRAY_SIZE(map));
	for (i = 0; i < ARRAY_SIZE(map); i++) {
		EXPECT_EQ(bp.e820_table[i].addr, map[i].start);
		EXPECT_EQ(bp.e820_table[i].size, map[i].end - map[i].start);
		EXPECT_EQ(bp.e820_table[i].type, map[i].type);
	}
	EXPECT_EQ(nr_errors, 0);
}

TEST_F(boot, vmlinux)
{
	u64 initrd = (MINI_LOW_END - INITRD_BYTES) & ~0xfffULL;
	u64 info = KT_X86_PVH_INFO, modules, memmap;
	const struct mini_ram *r = &self->ram;
	u32 i;

	ASSERT_EQ(load_elf(), 0);
	EXPECT_TRUE(self->entry.pvh);
	EXPECT_EQ(self->entry.rip, MINI_ENTRY);
	EXPECT_EQ(self->entry.rbx, info);
	EXPECT_TRUE(has(r, MINI_SEGMENT_GPA, self->elf->segment,
			MINI_SEGMENT_BYTES));
	EXPECT_EQ(get(r, info, 4), 0x336ec578);
	EXPECT_EQ(get(r, info + 4, 4), 1);
	EXPECT_EQ(get(r, info + 12, 4), 1);
	modules = get(r, info + 16, 8);
	EXPECT_TRUE(has_cmdline(r, get(r, info + 24, 8)));
	EXPECT_EQ(get(r, info + 32, 8), KT_X86_ACPI);
	memmap = get(r, info + 40, 8);
	ASSERT_EQ(get(r, info + 48, 4), ARRAY_SIZE(map));
	EXPECT_EQ(get(r, modules, 8), initrd);
	EXPECT_EQ(get(r, modules + 8, 8), INITRD_BYTES);
	EXPECT_TRUE(has(r, initrd, self->initrd, INITRD_BYTES));
	for (i = 0; i < ARRAY_SIZE(map); i++) {
		EXPECT_EQ(get(r, memmap + 24 * i, 8), map[i].start);
		EXPECT_EQ(get(r, memmap + 24 * i + 8, 8),
			  map[i].end - map[i].start);
		EXPECT_EQ(get(r, memmap + 24 * i + 16, 4), map[i].type);
	}
	EXPECT_EQ(nr_errors, 0);
}

TEST_F(boot, without_initrd)
{
	int empty = mini_memfd("", 0), i;

	close(self->opts.initrd_fd);
	for (i = 0; i < 2; i++) {
		self->opts.initrd_fd = i ? empty : -1;
		ASSERT_EQ(load_bz(), 0);
		EXPECT_EQ(get(&self->ram, KT_X86_BOOT_PARAMS + 0x218, 8), 0);
		ASSERT_EQ(load_elf(), 0);
		EXPECT_EQ(get(&self->ram, KT_X86_PVH_INFO + 12, 4), 0);
		EXPECT_EQ(get(&self->ram, KT_X86_PVH_INFO + 16, 8), 0);
	}
}

TEST_F(boot, without_acpi)
{
	struct boot_params bp;

	self->opts.acpi_gpa = 0;
	ASSERT_EQ(load_bz(), 0);
	ASSERT_EQ(kt_guest_mem_read(&self->ram.mem, KT_X86_BOOT_PARAMS, &bp,
				    sizeof(bp)), 0);
	EXPECT_EQ(bp.acpi_rsdp_addr, 0);
	EXPECT_EQ(bp.e820_entries, ARRAY_SIZE(map) - 1);
	EXPECT_EQ(bp.e820_table[1].size, 0x60000);
	EXPECT_EQ(bp.e820_table[1].type, E820_RESERVED);
}

/* As high as the kernel wants it, above what it needs for itself. */
TEST_F(boot, initrd_limit)
{
	struct setup_header *h = mini_header(self->bz);

	h->initrd_addr_max = 0x900fff;
	ASSERT_EQ(load_bz(), 0);
	EXPECT_EQ(get(&self->ram, KT_X86_BOOT_PARAMS + 0x218, 4),
		  (0x901000 - INITRD_BYTES) & ~0xfffULL);
	/* its end: alignment to 2 MiB, then 4 MiB */
	h->initrd_addr_max = 0x600000 + 0x102000 - 1;
	ASSERT_EQ(load_bz(), 0);
	EXPECT_EQ(get(&self->ram, KT_X86_BOOT_PARAMS + 0x218, 4), 0x600000);
	h->initrd_addr_max--;
	ASSERT_EQ(load_bz(), 0);
	h->initrd_addr_max = 0x600000 + INITRD_BYTES - 2;
	EXPECT_EQ(load_bz(), -ENOMEM);
	h->initrd_addr_max = 0;
	EXPECT_EQ(load_bz(), -ENOMEM);
	/* room for its bytes, but not from a page's start on */
	h->init_size++;
	h->initrd_addr_max = 0x600800 + INITRD_BYTES - 1;
	EXPECT_EQ(load_bz(), -ENOMEM);
	EXPECT_EQ(nr_errors, 3);
}

TEST_F(boot, identity_map)
{
	u64 pages = KT_X86_PAGE_TABLES, gpa, entry;
	const struct mini_ram *r = &self->ram;

	ASSERT_EQ(load_bz(), 0);
	for (gpa = 0; gpa < 1ULL << 32; gpa += 2 << 20) {
		entry = get(r, pages + 8 * (gpa >> 39 & 511), 8);
		ASSERT_EQ(entry & 0xfff, 3);
		entry = get(r, (entry & ~0xfffULL) + 8 * (gpa >> 30 & 511), 8);
		ASSERT_EQ(entry & 0xfff, 3);
		entry = get(r, (entry & ~0xfffULL) + 8 * (gpa >> 21 & 511), 8);
		ASSERT_EQ(entry, gpa | 0x83);
	}
	EXPECT_EQ(get(r, pages + 8, 8), 0);
	EXPECT_EQ(get(r, pages + 4096 + 8 * 4, 8), 0);
}

/* The descriptor that @seg was loaded from, were it loaded by the guest. */
static u64 descriptor(const struct kvm_segment *seg)
{
	u64 limit = seg->g ? seg->limit >> 12 : seg->limit;

	return (limit & 0xffff) | (limit >> 16) << 48 |
	       (u64)seg->type << 40 | (u64)seg->s << 44 |
	       (u64)seg->dpl << 45 | (u64)seg->present << 47 |
	       (u64)seg->l << 53 | (u64)seg->db << 54 | (u64)seg->g << 55;
}

static u64 gdt_entry(const struct mini_ram *r, const struct kvm_sregs *s,
		     const struct kvm_segment *seg)
{
	if (seg->selector + 7u > s->gdt.limit)
		return 0;
	return get(r, s->gdt.base + seg->selector, 8);
}

TEST_F(boot, registers)
{
	struct kvm_sregs s;
	struct kvm_regs r;
	u32 pvh;

	for (pvh = 0; pvh < 2; pvh++) {
		memset(&s, 0xff, sizeof(s));
		memset(&r, 0xff, sizeof(r));
		ASSERT_EQ(pvh ? load_elf() : load_bz(), 0);
		kt_x86_boot_regs(&self->entry, &r, &s);
		EXPECT_EQ(r.rip, self->entry.rip);
		EXPECT_EQ(r.rflags, 2);
		EXPECT_EQ(r.rbx, pvh ? KT_X86_PVH_INFO : 0);
		EXPECT_EQ(r.rsi, pvh ? 0 : KT_X86_BOOT_PARAMS);
		EXPECT_EQ(s.cr0, pvh ? 0x11 : 0x80000011);
		EXPECT_EQ(s.cr4, pvh ? 0 : 0x20);
		EXPECT_EQ(s.efer, pvh ? 0 : 0x500);
		if (!pvh)
			EXPECT_EQ(s.cr3, KT_X86_PAGE_TABLES);
		EXPECT_EQ(s.cs.selector, 0x10);
		EXPECT_EQ(s.ds.selector, 0x18);
		EXPECT_EQ(s.cs.l, !pvh);
		EXPECT_EQ(s.cs.db, pvh);
		EXPECT_EQ(s.tr.type, 11);
		EXPECT_EQ(s.ldt.unusable, 1);
		/* the GDT says the same as the registers */
		EXPECT_EQ(gdt_entry(&self->ram, &s, &s.cs), descriptor(&s.cs));
		EXPECT_EQ(gdt_entry(&self->ram, &s, &s.ds), descriptor(&s.ds));
		EXPECT_EQ(gdt_entry(&self->ram, &s, &s.ss), descriptor(&s.ss));
		EXPECT_EQ(gdt_entry(&self->ram, &s, &s.tr), descriptor(&s.tr));
		/* where the APIC is was KVM's to say */
		EXPECT_EQ(s.apic_base, UINT64_MAX);
	}
}

#define bad_bz(err, field, value) ({					\
	mini_bzimage_fill(self->bz);					\
	mini_header(self->bz)->field = value;				\
	nr_errors = 0;							\
	EXPECT_EQ(load_bz(), err) TH_LOG(#field " " #value);		\
	EXPECT_EQ(nr_errors, 1);					\
})

TEST_F(boot, bzimage_wrong)
{
	bad_bz(-ENOEXEC, header, 0);
	bad_bz(-ENOEXEC, boot_flag, 0);
	bad_bz(-ENOEXEC, version, 0x020b);
	bad_bz(-ENOEXEC, loadflags, 0);
	bad_bz(-ENOEXEC, xloadflags, 0);
	bad_bz(-ENOEXEC, jump, 0x10eb);
	bad_bz(-ENOEXEC, jump, 0xeb);
	bad_bz(-ENOEXEC, kernel_alignment, 0);
	bad_bz(-ENOEXEC, kernel_alignment, 0x300000);
	bad_bz(-ENOMEM, kernel_alignment, 0x80000000);
	bad_bz(-ENOMEM, pref_address, MINI_LOW_END);
	bad_bz(-ENOMEM, pref_address, UINT64_MAX);
	bad_bz(-ENOMEM, init_size, UINT32_MAX);
	bad_bz(-ENOMEM, init_size, MINI_LOW_END - 0x200000 + 1);
	bad_bz(-E2BIG, cmdline_size, strlen(CMDLINE) - 1);
}

/* No number of an older header is taken from what follows it. */
TEST_F(boot, bzimage_short_header)
{
	struct setup_header *h = mini_header(self->bz);

	h->jump = (0x264 - 0x202) << 8 | 0xeb;
	h->handover_offset = 0xdeadbeef;
	ASSERT_EQ(load_bz(), 0);
	EXPECT_EQ(get(&self->ram, KT_X86_BOOT_PARAMS + 0x260, 4),
		  MINI_INIT_SIZE);
	EXPECT_EQ(get(&self->ram, KT_X86_BOOT_PARAMS + 0x264, 4), 0);
}

#define bad_elf(err, field, value) ({					\
	mini_kernel_fill(self->elf);					\
	self->elf->field = value;					\
	nr_errors = 0;							\
	EXPECT_EQ(load_elf(), err) TH_LOG(#field " " #value);		\
	EXPECT_EQ(nr_errors, 1);					\
})

TEST_F(boot, vmlinux_wrong)
{
	bad_elf(-ENOEXEC, eh.e_ident[EI_CLASS], ELFCLASS32);
	bad_elf(-ENOEXEC, eh.e_ident[EI_DATA], ELFDATA2MSB);
	bad_elf(-ENOEXEC, eh.e_machine, EM_386);
	bad_elf(-ENOEXEC, eh.e_type, ET_DYN);
	bad_elf(-ENOEXEC, eh.e_phnum, 0);
	bad_elf(-ENOEXEC, eh.e_phnum, 65);
	bad_elf(-ENOEXEC, eh.e_phnum, PN_XNUM);
	bad_elf(-ENOEXEC, eh.e_phentsize, 32);
	bad_elf(-ENOEXEC, eh.e_phoff, sizeof(*self->elf));
	bad_elf(-ENOEXEC, eh.e_phoff, UINT64_MAX);
	bad_elf(-ENOEXEC, ph[0].p_offset, UINT64_MAX);
	bad_elf(-ENOEXEC, ph[0].p_filesz, 0);
	bad_elf(-ENOEXEC, ph[0].p_filesz, UINT64_MAX);
	bad_elf(-ENOEXEC, ph[0].p_type, PT_NULL);
	bad_elf(-ENOEXEC, ph[1].p_paddr, 0xff000);
	bad_elf(-ENOMEM, ph[1].p_paddr, MINI_LOW_END - MINI_SEGMENT_BYTES);
	bad_elf(-ENOMEM, ph[1].p_paddr, UINT64_MAX);
	bad_elf(-ENOMEM, ph[1].p_memsz, UINT64_MAX);
	bad_elf(-ENOEXEC, ph[1].p_memsz, 1);
	bad_elf(-ENOEXEC, ph[1].p_memsz, 0);
	bad_elf(-ENOEXEC, ph[2].p_filesz, 1);
	bad_elf(-ENOEXEC, ph[1].p_offset, UINT64_MAX);
	bad_elf(-ENOEXEC, ph[1].p_filesz, MINI_SEGMENT_BYTES + 1);
	bad_elf(-ENOEXEC, ph[1].p_type, PT_NULL);
	bad_elf(-ENOEXEC, entry.nh.n_type, 17);
	bad_elf(-ENOEXEC, entry.name[0], 'x');
	bad_elf(-ENOEXEC, entry.nh.n_namesz, UINT32_MAX);
	bad_elf(-ENOEXEC, entry.nh.n_descsz, 16);
	bad_elf(-ENOEXEC, entry.nh.n_descsz, UINT32_MAX);
	bad_elf(-ENOEXEC, other.nh.n_descsz, UINT32_MAX);
	bad_elf(-ENOEXEC, entry.desc, MINI_SEGMENT_GPA - 1);
	bad_elf(-ENOEXEC, entry.desc, MINI_SEGMENT_GPA + MINI_SEGMENT_BYTES);
	bad_elf(-ENOEXEC, entry.desc, 0);
}

/* A 32-bit entry, as Xen's ABI has it for 32-bit kernels. */
TEST_F(boot, vmlinux_short_entry)
{
	self->elf->entry.nh.n_descsz = 4;
	self->elf->entry.desc |= 0xffULL << 32;
	ASSERT_EQ(load_elf(), 0);
	EXPECT_EQ(self->entry.rip, MINI_ENTRY);
}

TEST_F(boot, cut_short)
{
	size_t len;

	for (len = 0; len < sizeof(*self->elf); len += len < 0x200 ? 1 : 0x800)
		EXPECT_EQ(mini_load(&self->ram, self->elf, len, &self->opts,
				    &self->entry), -ENOEXEC);
	for (len = 0; len <= MINI_SETUP_BYTES + 0x200; len += 3)
		EXPECT_EQ(mini_load(&self->ram, self->bz, len, &self->opts,
				    &self->entry), -ENOEXEC);
}

TEST_F(boot, cmdline_too_long)
{
	char *text = malloc(KT_X86_CMDLINE_MAX + 1);

	memset(text, 'x', KT_X86_CMDLINE_MAX);
	text[KT_X86_CMDLINE_MAX] = '\0';
	self->opts.cmdline = text;
	EXPECT_EQ(load_elf(), -E2BIG);
	text[KT_X86_CMDLINE_MAX - 1] = '\0';
	EXPECT_EQ(load_elf(), 0);
	free(text);
}

TEST_F(boot, no_file)
{
	self->opts.kernel = "/no/such/kernel";
	EXPECT_EQ(kt_x86_boot_load(&self->ram.mem, &self->opts, &self->entry),
		  -ENOENT);
	self->opts.kernel = "/proc/self/fd";
	EXPECT_EQ(kt_x86_boot_load(&self->ram.mem, &self->opts, &self->entry),
		  -EINVAL);
	close(self->opts.initrd_fd);
	self->opts.initrd_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(load_elf(), -EINVAL);
	EXPECT_EQ(nr_errors, 3);
}

/* The pieces of memory themselves: too little, a gap, more than can be told. */
TEST_F(boot, memory)
{
	struct kt_region many[200];
	u32 i;

	self->ram.mem.nr = 0;
	EXPECT_EQ(load_bz(), -EINVAL);
	self->ram.mem.nr = 1;
	EXPECT_EQ(load_bz(), -ENOMEM);
	EXPECT_EQ(load_elf(), -ENOMEM);
	self->ram.mem.nr = MINI_NR_REGIONS;
	/* what lies behind a gap is not low memory */
	self->ram.regions[2].gpa += 0x1000;
	EXPECT_EQ(load_bz(), -ENOMEM);
	self->ram.regions[2].gpa -= 0x1000;

	for (i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = self->ram.regions[min(i, 3u)];
	self->ram.mem = (struct kt_guest_mem){ many, ARRAY_SIZE(many) };
	EXPECT_EQ(load_elf(), -E2BIG);
	self->ram.mem.nr = 124;
	EXPECT_EQ(load_elf(), 0);
	EXPECT_EQ(nr_errors, 5);
}

TEST_HARNESS_MAIN
