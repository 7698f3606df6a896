// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vmlinux by PVH: segments go to their physical addresses, a note says where
 * to enter, and hvm_start_info (Xen's ABI, version 1) tells the rest.
 */
#include <elf.h>

#include "../../../base/log.h"
#include "layout.h"
#include "loader.h"

#define MAX_PHDRS		64
#define NOTES_MAX_BYTES		65536
#define NOTE_OWNER		"Xen"
#define NOTE_PHYS32_ENTRY	18

#define START_MAGIC		0x336ec578
#define START_VERSION		1
#define MODULE_OFFSET		0x40	/* from KT_X86_PVH_INFO on */
#define MEMMAP_OFFSET		0x80

#define no_kernel(l, what)						\
	kt_err(-ENOEXEC, "kernel %s: %s", (l)->opts->kernel, what)

struct start_info {
	__le32 magic;
	__le32 version;
	__le32 flags;
	__le32 nr_modules;
	__le64 modules;
	__le64 cmdline;
	__le64 rsdp;
	__le64 memmap;
	__le32 nr_memmap;
	__le32 reserved;
};

struct start_module {
	__le64 gpa;
	__le64 size_bytes;
	__le64 cmdline;
	__le64 reserved;
};

struct start_range {
	__le64 gpa;
	__le64 size_bytes;
	__le32 type;
	__le32 reserved;
};

static_assert(sizeof(struct start_info) <= MODULE_OFFSET, "must fit");
static_assert(MODULE_OFFSET + sizeof(struct start_module) <= MEMMAP_OFFSET,
	      "must fit");
static_assert(MEMMAP_OFFSET + KT_X86_MAX_RANGES * sizeof(struct start_range) <=
	      KT_X86_PAGE_TABLES - KT_X86_PVH_INFO, "must fit");

struct image {
	Elf64_Phdr ph[MAX_PHDRS];
	u32 nr;
	u64 entry;	/* 0: not found */
};

static int read_phdrs(const struct kt_x86_loader *l, struct image *im)
{
	Elf64_Ehdr eh;

	if (kt_x86_loader_peek(l, 0, &eh, sizeof(eh)))
		return no_kernel(l, "too short for a vmlinux");
	if (eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_machine != EM_X86_64 ||
	    eh.e_type != ET_EXEC)
		return no_kernel(l, "an ELF file, but no vmlinux for x86-64");
	if (!eh.e_phnum || eh.e_phnum > MAX_PHDRS ||
	    eh.e_phentsize != sizeof(im->ph[0]))
		return no_kernel(l, "odd program headers");
	im->nr = eh.e_phnum;
	if (kt_x86_loader_peek(l, eh.e_phoff, im->ph,
			       im->nr * sizeof(im->ph[0])))
		return no_kernel(l, "program headers outside of the file");
	return 0;
}

static int load_segment(struct kt_x86_loader *l, const Elf64_Phdr *ph)
{
	if (ph->p_filesz > ph->p_memsz || ph->p_offset > l->file_bytes ||
	    ph->p_filesz > l->file_bytes - ph->p_offset)
		return no_kernel(l, "a segment outside of the file");
	if (ph->p_paddr < KT_X86_KERNEL_MIN)
		return no_kernel(l, "a segment below 1 MiB");
	if (ph->p_paddr > l->ram_end || ph->p_memsz > l->ram_end - ph->p_paddr)
		return kt_err(-ENOMEM,
			      "kernel %s has %#llx bytes for %#llx: give the guest more than its %llu MiB",
			      l->opts->kernel, (unsigned long long)ph->p_memsz,
			      (unsigned long long)ph->p_paddr,
			      (unsigned long long)l->ram_end >> 20);
	l->kernel_end = max(l->kernel_end, (u64)(ph->p_paddr + ph->p_memsz));
	return kt_x86_loader_copy(l, ph->p_offset, ph->p_paddr, ph->p_filesz);
}

static u64 aligned(u64 v, u64 align)
{
	return (v + align - 1) & -align;
}

/* The entry among the @len bytes of notes at @p. */
static u64 find_entry(const u8 *p, u64 len, u64 align)
{
	u64 at = 0, name, desc, entry = 0;
	Elf64_Nhdr nh;

	while (at <= len && len - at >= sizeof(nh)) {
		memcpy(&nh, p + at, sizeof(nh));
		name = at + sizeof(nh);
		desc = aligned(name + nh.n_namesz, align);
		at = aligned(desc + nh.n_descsz, align);
		if (desc + nh.n_descsz > len)
			break;
		if (nh.n_type != NOTE_PHYS32_ENTRY ||
		    nh.n_namesz != sizeof(NOTE_OWNER) ||
		    memcmp(p + name, NOTE_OWNER, sizeof(NOTE_OWNER)))
			continue;
		if (nh.n_descsz == 4 || nh.n_descsz == 8)
			memcpy(&entry, p + desc, nh.n_descsz);
	}
	return entry;
}

static int read_notes(const struct kt_x86_loader *l, struct image *im,
		      const Elf64_Phdr *ph)
{
	u64 entry;
	u8 *notes;

	if (!ph->p_filesz || ph->p_filesz > NOTES_MAX_BYTES)
		return 0;
	notes = malloc(ph->p_filesz);
	if (!notes)
		return -ENOMEM;
	if (kt_x86_loader_peek(l, ph->p_offset, notes, ph->p_filesz)) {
		free(notes);
		return no_kernel(l, "notes outside of the file");
	}
	entry = find_entry(notes, ph->p_filesz, ph->p_align == 8 ? 8 : 4);
	free(notes);
	if (entry)
		im->entry = entry;
	return 0;
}

/* It lies in bytes that came from the file. */
static bool entry_loaded(const struct image *im)
{
	u32 i;

	for (i = 0; i < im->nr; i++) {
		const Elf64_Phdr *ph = &im->ph[i];

		if (ph->p_type == PT_LOAD && im->entry >= ph->p_paddr &&
		    im->entry - ph->p_paddr < ph->p_filesz)
			return true;
	}
	return false;
}

static int load_image(struct kt_x86_loader *l, struct image *im)
{
	int ret = read_phdrs(l, im);
	u32 i;

	for (i = 0; i < im->nr && !ret; i++) {
		const Elf64_Phdr *ph = &im->ph[i];

		if (ph->p_type == PT_LOAD && (ph->p_memsz || ph->p_filesz))
			ret = load_segment(l, ph);
		else if (ph->p_type == PT_NOTE)
			ret = read_notes(l, im, ph);
	}
	if (ret)
		return ret;
	if (!im->entry)
		return no_kernel(l, "no PVH entry: build it with CONFIG_PVH, or boot its bzImage");
	if (!entry_loaded(im))
		return no_kernel(l, "its PVH entry lies outside of it");
	return 0;
}

static int write_start_info(const struct kt_x86_loader *l)
{
	struct start_range ranges[KT_X86_MAX_RANGES] = {};
	struct start_module module = { l->initrd_gpa, l->initrd_bytes };
	struct start_info info = {
		.magic = START_MAGIC, .version = START_VERSION,
		.nr_modules = !!l->initrd_gpa,
		.cmdline = KT_X86_CMDLINE, .rsdp = l->opts->acpi_gpa,
		.memmap = KT_X86_PVH_INFO + MEMMAP_OFFSET,
		.nr_memmap = l->nr_ranges,
	};
	int ret;
	u32 i;

	if (l->initrd_gpa)
		info.modules = KT_X86_PVH_INFO + MODULE_OFFSET;
	for (i = 0; i < l->nr_ranges; i++)
		ranges[i] = (struct start_range){
			l->ranges[i].gpa, l->ranges[i].size_bytes,
			l->ranges[i].type,
		};
	ret = kt_x86_loader_write(l, KT_X86_PVH_INFO, &info, sizeof(info));
	if (!ret)
		ret = kt_x86_loader_write(l, KT_X86_PVH_INFO + MODULE_OFFSET,
					  &module, sizeof(module));
	if (!ret)
		ret = kt_x86_loader_write(l, KT_X86_PVH_INFO + MEMMAP_OFFSET,
					  ranges,
					  l->nr_ranges * sizeof(ranges[0]));
	return ret;
}

int kt_x86_load_vmlinux(struct kt_x86_loader *l, struct kt_x86_entry *entry)
{
	struct image im = { .entry = 0 };
	int ret;

	l->initrd_limit = l->ram_end;
	ret = load_image(l, &im);
	if (!ret)
		ret = kt_x86_loader_initrd(l);
	if (ret)
		return ret;
	*entry = (struct kt_x86_entry){
		.pvh = true, .rip = im.entry, .rbx = KT_X86_PVH_INFO,
	};
	return write_start_info(l);
}
