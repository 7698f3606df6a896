/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: ELF files with a symbol table and nothing else, in a memfd.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_VMLINUX_H
#define KTSTR_TESTS_UNIT_MINI_VMLINUX_H

#include <elf.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ktstr/inspect/symbols.h"

#define MINI_SYMBOLS	64
#define MINI_NOTYPE	0xff
#define MINI_UNDEFINED	0xfffe

struct mini_symbol {
	const char *name;
	u64 value;
	u64 size;
	bool local;
	u8 type;		/* 0: STT_OBJECT */
	u16 section;		/* 0: the one there is */
};

enum { MINI_SH_NULL, MINI_SH_DATA, MINI_SH_SYMTAB, MINI_SH_STRTAB, MINI_NR_SH };

struct mini_vmlinux {
	Elf64_Ehdr eh;
	Elf64_Shdr sh[MINI_NR_SH];
	Elf64_Sym sym[MINI_SYMBOLS + 1];
	char str[2048];
};

static inline void mini_vmlinux_symbol(struct mini_vmlinux *im, Elf64_Sym *to,
				       const struct mini_symbol *s,
				       size_t *used)
{
	u8 type = s->type ? s->type : STT_OBJECT;
	u16 section = s->section ? s->section : MINI_SH_DATA;

	*to = (Elf64_Sym){
		.st_name = *used,
		.st_value = s->value,
		.st_size = s->size,
		.st_info = ELF64_ST_INFO(s->local ? STB_LOCAL : STB_GLOBAL,
					 type == MINI_NOTYPE ? 0 : type),
		.st_shndx = section == MINI_UNDEFINED ? SHN_UNDEF : section,
	};
	*used += snprintf(im->str + *used, sizeof(im->str) - *used, "%s",
			  s->name) + 1;
}

static inline void mini_vmlinux_sections(struct mini_vmlinux *im, u32 nr,
					 size_t used)
{
	Elf64_Shdr *sh = im->sh;

	sh[MINI_SH_DATA].sh_type = SHT_NOBITS;
	sh[MINI_SH_SYMTAB].sh_type = SHT_SYMTAB;
	sh[MINI_SH_SYMTAB].sh_offset = offsetof(struct mini_vmlinux, sym);
	sh[MINI_SH_SYMTAB].sh_size = (nr + 1) * sizeof(im->sym[0]);
	sh[MINI_SH_SYMTAB].sh_link = MINI_SH_STRTAB;
	sh[MINI_SH_SYMTAB].sh_entsize = sizeof(im->sym[0]);
	sh[MINI_SH_STRTAB].sh_type = SHT_STRTAB;
	sh[MINI_SH_STRTAB].sh_offset = offsetof(struct mini_vmlinux, str);
	sh[MINI_SH_STRTAB].sh_size = used;
}

static inline void mini_vmlinux_fill(struct mini_vmlinux *im,
				     const struct mini_symbol *syms, u32 nr)
{
	size_t used = 1;
	u32 i;

	memset(im, 0, sizeof(*im));
	memcpy(im->eh.e_ident, ELFMAG, SELFMAG);
	im->eh.e_ident[EI_CLASS] = ELFCLASS64;
	im->eh.e_ident[EI_DATA] = ELFDATA2LSB;
	im->eh.e_ident[EI_VERSION] = EV_CURRENT;
	im->eh.e_type = ET_EXEC;
	im->eh.e_machine = EM_X86_64;
	im->eh.e_version = EV_CURRENT;
	im->eh.e_ehsize = sizeof(im->eh);
	im->eh.e_shoff = offsetof(struct mini_vmlinux, sh);
	im->eh.e_shentsize = sizeof(im->sh[0]);
	im->eh.e_shnum = MINI_NR_SH;
	for (i = 0; i < nr; i++)
		mini_vmlinux_symbol(im, &im->sym[i + 1], &syms[i], &used);
	mini_vmlinux_sections(im, nr, used);
}

/* Loads the first @len_bytes at @image as a file. */
static inline int mini_vmlinux_load(const void *image, size_t len_bytes,
				    struct kt_symbols **syms)
{
	int fd = memfd_create("vmlinux", MFD_CLOEXEC), ret;
	char path[32];

	if (fd < 0 || write(fd, image, len_bytes) != (ssize_t)len_bytes)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = kt_symbols_load(path, syms);
	close(fd);
	return ret;
}

#endif /* KTSTR_TESTS_UNIT_MINI_VMLINUX_H */
