/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: ELF files with nothing in them but what ld.so looks for, since a
 * compiler may not be there when tests run. One PT_LOAD covers the file.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_ELF_H
#define KTSTR_TESTS_UNIT_MINI_ELF_H

#include <elf.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ktstr/base/types.h"

#define MINI_ELF_NEEDED	8

struct mini_elf {
	const char *interp;
	const char *soname;
	const char *rpath;
	const char *runpath;
	const char *needed[MINI_ELF_NEEDED];
	u64 flags_1;
	u64 strsz_add;	/* a lie on top of the size of the strings */
	u16 machine;	/* 0: x86-64 */
	u8 class;		/* 0: ELFCLASS64 */
};

struct mini_elf_image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[3];
	Elf64_Dyn dyn[MINI_ELF_NEEDED + 8];
	char str[2048];
};

static inline size_t mini_elf_str(struct mini_elf_image *im, size_t *used,
				  const char *s)
{
	size_t at = *used;

	*used += snprintf(im->str + at, sizeof(im->str) - at, "%s", s) + 1;
	return at;
}

static inline void mini_elf_dynamic(struct mini_elf_image *im,
				    const struct mini_elf *m, size_t *used)
{
	const struct {
		Elf64_Sxword tag;
		const char *s;
	} strings[] = {
		{ DT_SONAME, m->soname },
		{ DT_RPATH, m->rpath },
		{ DT_RUNPATH, m->runpath },
	};
	Elf64_Dyn *d = im->dyn;
	size_t i;

	for (i = 0; i < MINI_ELF_NEEDED && m->needed[i]; i++, d++) {
		d->d_tag = DT_NEEDED;
		d->d_un.d_val = mini_elf_str(im, used, m->needed[i]);
	}
	for (i = 0; i < 3; i++) {
		if (!strings[i].s)
			continue;
		d->d_tag = strings[i].tag;
		d->d_un.d_val = mini_elf_str(im, used, strings[i].s);
		d++;
	}
	*d++ = (Elf64_Dyn){ DT_FLAGS_1, { m->flags_1 } };
	*d++ = (Elf64_Dyn){
		DT_STRTAB, { offsetof(struct mini_elf_image, str) }
	};
	*d++ = (Elf64_Dyn){ DT_STRSZ, { *used + m->strsz_add } };
}

static inline Elf64_Phdr mini_elf_segment(u32 type, u64 off,
					  u64 len)
{
	return (Elf64_Phdr){
		.p_type = type, .p_flags = PF_R, .p_offset = off,
		.p_vaddr = off, .p_filesz = len, .p_memsz = len, .p_align = 1,
	};
}

static inline void mini_elf_fill(struct mini_elf_image *im,
				 const struct mini_elf *m)
{
	size_t used = 1, interp;

	memset(im, 0, sizeof(*im));
	memcpy(im->eh.e_ident, ELFMAG, SELFMAG);
	im->eh.e_ident[EI_CLASS] = m->class ? m->class : ELFCLASS64;
	im->eh.e_ident[EI_DATA] = ELFDATA2LSB;
	im->eh.e_ident[EI_VERSION] = EV_CURRENT;
	im->eh.e_type = ET_DYN;
	im->eh.e_machine = m->machine ? m->machine : EM_X86_64;
	im->eh.e_version = EV_CURRENT;
	im->eh.e_ehsize = sizeof(im->eh);
	im->eh.e_phoff = offsetof(struct mini_elf_image, ph);
	im->eh.e_phentsize = sizeof(im->ph[0]);
	im->eh.e_phnum = m->interp ? 3 : 2;
	mini_elf_dynamic(im, m, &used);
	im->ph[0] = mini_elf_segment(PT_LOAD, 0, sizeof(*im));
	im->ph[1] = mini_elf_segment(PT_DYNAMIC,
				     offsetof(struct mini_elf_image, dyn),
				     sizeof(im->dyn));
	if (!m->interp)
		return;
	interp = offsetof(struct mini_elf_image, str) +
		 mini_elf_str(im, &used, m->interp);
	im->ph[2] = mini_elf_segment(PT_INTERP, interp, strlen(m->interp) + 1);
}

/* 0, or -1 with errno. */
static inline int mini_elf_write(const char *path, const struct mini_elf *m)
{
	struct mini_elf_image im;
	FILE *f = fopen(path, "w");
	int ok;

	if (!f)
		return -1;
	mini_elf_fill(&im, m);
	ok = fwrite(&im, sizeof(im), 1, f) == 1;
	ok &= !fclose(f);
	return ok && !chmod(path, 0755) ? 0 : -1;
}

#endif /* KTSTR_TESTS_UNIT_MINI_ELF_H */
