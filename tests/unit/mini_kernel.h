/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: the smallest files that are a bzImage and a vmlinux with a PVH
 * entry to a loader, and guest memory in several pieces to load them into.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_KERNEL_H
#define KTSTR_TESTS_UNIT_MINI_KERNEL_H

#include <asm/bootparam.h>
#include <elf.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ktstr/engine/kvm/x86/boot.h"
#include "ktstr/engine/kvm/x86/layout.h"

#define MINI_SETUP_BYTES	1024
#define MINI_PAYLOAD_BYTES	0x180000
#define MINI_LOAD_GPA		0x100000
#define MINI_INIT_SIZE		0x400000
#define MINI_SEGMENT_GPA	0x1ff000
#define MINI_SEGMENT_BYTES	0x3000
#define MINI_BSS_BYTES		0x5000
#define MINI_ENTRY		(MINI_SEGMENT_GPA + 0x40)

/* Two nodes that meet in the middle of a kernel, a third, memory above 4 GiB. */
#define MINI_NR_REGIONS		4
#define MINI_LOW_END		0x1000000ULL
#define MINI_HIGH_BYTES		0x200000ULL

struct mini_bzimage {
	u8 setup[MINI_SETUP_BYTES];
	u8 payload[MINI_PAYLOAD_BYTES];
};

struct mini_note {
	Elf64_Nhdr nh;
	char name[4];
	u64 desc;
};

struct mini_kernel {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[3];
	struct mini_note other, entry;
	u8 segment[MINI_SEGMENT_BYTES];
};

struct mini_ram {
	struct kt_region regions[MINI_NR_REGIONS];
	struct kt_guest_mem mem;
};

static inline void mini_pattern(u8 *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = i * 7 + (i >> 8);
}

static inline struct setup_header *mini_header(struct mini_bzimage *b)
{
	return (void *)(b->setup + 0x1f1);
}

static inline void mini_bzimage_fill(struct mini_bzimage *b)
{
	struct setup_header *h = mini_header(b);

	memset(b->setup, 0, sizeof(b->setup));
	h->setup_sects = 1;
	h->boot_flag = 0xaa55;
	h->jump = (0x1f1 + sizeof(*h) - 0x202) << 8 | 0xeb;
	h->header = 0x53726448;
	h->version = 0x020f;
	h->loadflags = LOADED_HIGH;
	h->code32_start = 0xdeadbeef;
	h->setup_data = 0xdeadbeef;
	h->initrd_addr_max = 0x7fffffff;
	h->kernel_alignment = 0x200000;
	h->relocatable_kernel = 1;
	h->xloadflags = XLF_KERNEL_64;
	h->cmdline_size = 2047;
	h->pref_address = MINI_LOAD_GPA;
	h->init_size = MINI_INIT_SIZE;
	mini_pattern(b->payload, sizeof(b->payload));
}

static inline void mini_note_fill(struct mini_note *n, u32 type, u64 desc)
{
	n->nh.n_namesz = sizeof(n->name);
	n->nh.n_descsz = sizeof(n->desc);
	n->nh.n_type = type;
	memcpy(n->name, "Xen", sizeof(n->name));
	n->desc = desc;
}

static inline void mini_kernel_fill(struct mini_kernel *k)
{
	const Elf64_Phdr notes = {
		.p_type = PT_NOTE, .p_align = 4,
		.p_offset = offsetof(struct mini_kernel, other),
		.p_filesz = sizeof(k->other) + sizeof(k->entry),
	};
	const Elf64_Phdr segment = {
		.p_type = PT_LOAD, .p_paddr = MINI_SEGMENT_GPA,
		.p_vaddr = 0xffffffff81000000,
		.p_offset = offsetof(struct mini_kernel, segment),
		.p_filesz = sizeof(k->segment),
		.p_memsz = sizeof(k->segment) + MINI_BSS_BYTES,
	};

	memset(k, 0, sizeof(*k));
	memcpy(k->eh.e_ident, ELFMAG, SELFMAG);
	k->eh.e_ident[EI_CLASS] = ELFCLASS64;
	k->eh.e_ident[EI_DATA] = ELFDATA2LSB;
	k->eh.e_type = ET_EXEC;
	k->eh.e_machine = EM_X86_64;
	k->eh.e_phoff = offsetof(struct mini_kernel, ph);
	k->eh.e_phentsize = sizeof(k->ph[0]);
	k->eh.e_phnum = ARRAY_SIZE(k->ph);
	k->ph[0] = notes;
	k->ph[1] = segment;
	k->ph[2].p_type = PT_LOAD;	/* empty */
	mini_note_fill(&k->other, 6, 0x1234);
	mini_note_fill(&k->entry, 18, MINI_ENTRY);
	mini_pattern(k->segment, sizeof(k->segment));
}

/* Pieces of their own, so that a sanitizer sees who leaves one. */
static inline void mini_ram_init(struct mini_ram *r)
{
	static const u64 starts[] = { 0, 0x200000, 0x300000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		u64 end = i + 1 < ARRAY_SIZE(starts) ? starts[i + 1] :
			  MINI_LOW_END;

		r->regions[i] = (struct kt_region){
			starts[i], end - starts[i],
			calloc(1, end - starts[i]),
		};
	}
	r->regions[i] = (struct kt_region){
		KT_X86_HIGH_START, MINI_HIGH_BYTES, calloc(1, MINI_HIGH_BYTES),
	};
	r->mem = (struct kt_guest_mem){ r->regions, MINI_NR_REGIONS };
}

static inline void mini_ram_fini(struct mini_ram *r)
{
	u32 i;

	for (i = 0; i < MINI_NR_REGIONS; i++)
		free(r->regions[i].hva);
}

static inline int mini_memfd(const void *data, size_t len)
{
	int fd = memfd_create("mini", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	return fd;
}

/* Loads @len bytes at @file as a kernel; @o without one. */
static inline int mini_load(const struct mini_ram *r, const void *file,
			    size_t len, struct kt_x86_boot_opts *o,
			    struct kt_x86_entry *entry)
{
	int fd = mini_memfd(file, len), ret;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	o->kernel = path;
	ret = kt_x86_boot_load(&r->mem, o, entry);
	close(fd);
	o->kernel = NULL;
	return ret;
}

#endif /* KTSTR_TESTS_UNIT_MINI_KERNEL_H */
