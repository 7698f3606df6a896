// SPDX-License-Identifier: GPL-2.0-only
/*
 * One ELF file, read with libelf from its program headers. The descriptor is
 * read, not mapped: a file cut short meanwhile is an error and no SIGBUS.
 */
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "elf_object.h"

#define DYNAMIC_MAX_BYTES	(1024 * 1024)
#define STRTAB_MAX_BYTES	(64 * 1024 * 1024)
#define NEEDED_MAX		1024
#define SCRIPT_LINE_MAX		256

struct reader {
	Elf *elf;
	u64 size_bytes;		/* of the file */
	size_t nr_phdrs;
	const char *strtab;
	size_t strtab_bytes;
	struct kt_elf_object *obj;
};

struct string_tags {
	u64 strtab;
	u64 strsz;
};

int kt_open_regular(const char *path, int *fd, struct stat *st)
{
	/* Looked at before it is opened: opening a device can do things. */
	if (stat(path, st))
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -ENOEXEC;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return -errno;
	if (fstat(*fd, st) || !S_ISREG(st->st_mode)) {
		kt_close(fd);
		return -ENOEXEC;
	}
	return 0;
}

static Elf_Data *chunk(struct reader *r, u64 off, u64 len, u64 max,
		       Elf_Type type)
{
	if (!len || len > max || off > r->size_bytes ||
	    len > r->size_bytes - off)
		return NULL;
	return elf_getdata_rawchunk(r->elf, off, len, type);
}

/* File offset of @len bytes at the virtual address @addr. */
static int file_offset(struct reader *r, u64 addr, u64 len, u64 *off)
{
	GElf_Phdr ph;
	size_t i;

	for (i = 0; i < r->nr_phdrs; i++) {
		if (!gelf_getphdr(r->elf, i, &ph))
			return -EBADMSG;
		if (ph.p_type != PT_LOAD || addr < ph.p_vaddr ||
		    addr - ph.p_vaddr > ph.p_filesz ||
		    len > ph.p_filesz - (addr - ph.p_vaddr))
			continue;
		if (__builtin_add_overflow(ph.p_offset, addr - ph.p_vaddr, off))
			return -EBADMSG;
		return 0;
	}
	return -EBADMSG;
}

static int read_interp(struct reader *r, const GElf_Phdr *ph)
{
	Elf_Data *data = chunk(r, ph->p_offset, ph->p_filesz, PATH_MAX,
			       ELF_T_BYTE);
	const char *s;

	if (!data || r->obj->interp)
		return -EBADMSG;
	s = data->d_buf;
	if (s[0] != '/' || s[data->d_size - 1])
		return -EBADMSG;
	r->obj->interp = strdup(s);
	return r->obj->interp ? 0 : -ENOMEM;
}

static const char *string_at(const struct reader *r, u64 off)
{
	if (off >= r->strtab_bytes ||
	    !memchr(r->strtab + off, '\0', r->strtab_bytes - off))
		return NULL;
	return r->strtab + off;
}

static int take_string(const struct reader *r, u64 off, char **to)
{
	const char *s = string_at(r, off);

	if (!s)
		return -EBADMSG;
	free(*to);
	*to = strdup(s);
	return *to ? 0 : -ENOMEM;
}

static int take_needed(const struct reader *r, u64 off)
{
	const char *s = string_at(r, off);

	if (!s || !*s || strlen(s) >= PATH_MAX || r->obj->needed.nr >= NEEDED_MAX)
		return -EBADMSG;
	kt_strv_add(&r->obj->needed, s);
	return r->obj->needed.err;
}

static int take_dyn(struct reader *r, const GElf_Dyn *dyn)
{
	struct kt_elf_object *obj = r->obj;

	switch (dyn->d_tag) {
	case DT_NEEDED:
		return take_needed(r, dyn->d_un.d_val);
	case DT_SONAME:
		return take_string(r, dyn->d_un.d_val, &obj->soname);
	case DT_RPATH:
		return take_string(r, dyn->d_un.d_val, &obj->rpath);
	case DT_RUNPATH:
		return take_string(r, dyn->d_un.d_val, &obj->runpath);
	case DT_FLAGS_1:
		obj->no_default_lib = dyn->d_un.d_val & DF_1_NODEFLIB;
	}
	return 0;
}

/* Entries up to DT_NULL; finds where the strings are. */
static size_t dyn_entries(Elf_Data *data, struct string_tags *tags)
{
	size_t nr = data->d_size / sizeof(Elf64_Dyn);
	GElf_Dyn dyn;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!gelf_getdyn(data, i, &dyn) || dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag == DT_STRTAB)
			tags->strtab = dyn.d_un.d_ptr;
		else if (dyn.d_tag == DT_STRSZ)
			tags->strsz = dyn.d_un.d_val;
	}
	return i;
}

static int map_strings(struct reader *r, const struct string_tags *tags)
{
	Elf_Data *data;
	u64 off = 0;
	int ret;

	ret = file_offset(r, tags->strtab, tags->strsz, &off);
	if (ret)
		return ret;
	data = chunk(r, off, tags->strsz, STRTAB_MAX_BYTES, ELF_T_BYTE);
	if (!data)
		return -EBADMSG;
	r->strtab = data->d_buf;
	r->strtab_bytes = data->d_size;
	return 0;
}

static int read_dynamic(struct reader *r, const GElf_Phdr *ph)
{
	struct string_tags tags = { 0 };
	Elf_Data *data;
	GElf_Dyn dyn;
	size_t nr, i;
	int ret = 0;

	data = chunk(r, ph->p_offset, ph->p_filesz, DYNAMIC_MAX_BYTES,
		     ELF_T_DYN);
	if (!data)
		return -EBADMSG;
	nr = dyn_entries(data, &tags);
	/* Without strings a reference to one is an error by itself. */
	if (tags.strsz)
		ret = map_strings(r, &tags);
	for (i = 0; !ret && i < nr; i++)
		ret = gelf_getdyn(data, i, &dyn) ? take_dyn(r, &dyn) : -EBADMSG;
	return ret;
}

static int check_header(struct reader *r)
{
	GElf_Ehdr eh;

	if (elf_kind(r->elf) != ELF_K_ELF || !gelf_getehdr(r->elf, &eh))
		return -ENOEXEC;
	if (eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_machine != EM_X86_64)
		return -ENOEXEC;
	if (eh.e_type != ET_EXEC && eh.e_type != ET_DYN)
		return -ENOEXEC;
	return elf_getphdrnum(r->elf, &r->nr_phdrs) ? -EBADMSG : 0;
}

static int take_extent(struct reader *r, u64 off, u64 len)
{
	if (off > r->size_bytes || len > r->size_bytes - off)
		return -EBADMSG;
	r->obj->loaded_bytes = max(r->obj->loaded_bytes, off + len);
	return 0;
}

static int read_segments(struct reader *r)
{
	struct kt_elf_object *obj = r->obj;
	bool dynamic = false;
	GElf_Phdr ph;
	size_t i;
	int ret;

	ret = check_header(r);
	for (i = 0; !ret && i < r->nr_phdrs; i++) {
		if (!gelf_getphdr(r->elf, i, &ph))
			return -EBADMSG;
		if (ph.p_type == PT_LOAD) {
			ret = take_extent(r, ph.p_offset, ph.p_filesz);
		} else if (ph.p_type == PT_INTERP) {
			ret = read_interp(r, &ph);
		} else if (ph.p_type == PT_DYNAMIC && !dynamic) {
			dynamic = true;
			ret = read_dynamic(r, &ph);
		}
	}
	if (obj->runpath) {
		free(obj->rpath);
		obj->rpath = NULL;
	}
	return ret;
}

int kt_elf_object_read(const char *path, struct kt_elf_object *obj)
{
	struct reader r = { .obj = obj };
	struct stat st;
	int fd, ret;

	memset(obj, 0, sizeof(*obj));
	kt_strv_init(&obj->needed);
	elf_version(EV_CURRENT);
	ret = kt_open_regular(path, &fd, &st);
	if (ret)
		return ret;
	r.size_bytes = st.st_size;
	r.elf = elf_begin(fd, ELF_C_READ, NULL);
	ret = r.elf ? read_segments(&r) : -ENOEXEC;
	elf_end(r.elf);
	close(fd);
	if (ret)
		kt_elf_object_fini(obj);
	return ret;
}

void kt_elf_object_fini(struct kt_elf_object *obj)
{
	free(obj->interp);
	free(obj->soname);
	free(obj->rpath);
	free(obj->runpath);
	kt_strv_fini(&obj->needed);
	memset(obj, 0, sizeof(*obj));
}

int kt_script_interp(const char *path, char *interp, size_t size)
{
	char line[SCRIPT_LINE_MAX];
	struct stat st;
	int fd, ret;
	ssize_t n;
	char *s;

	ret = kt_open_regular(path, &fd, &st);
	if (ret)
		return ret;
	n = kt_read_all(fd, line, sizeof(line) - 1);
	close(fd);
	if (n < 0)
		return n;
	if (n < 2 || memcmp(line, "#!", 2))
		return 0;
	line[n] = '\0';
	s = line + 2 + strspn(line + 2, " \t");
	s[strcspn(s, " \t\r\n")] = '\0';
	snprintf(interp, size, "%s", s);
	return 1;
}
