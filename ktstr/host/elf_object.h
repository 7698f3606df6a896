/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one ELF file says about loading it: interpreter, DT_NEEDED and search
 * paths. Read through program headers, as ld.so does, so that a file without
 * sections is understood. The file is hostile: all is bounded and checked.
 */
#ifndef KTSTR_HOST_ELF_OBJECT_H
#define KTSTR_HOST_ELF_OBJECT_H

#include <sys/stat.h>

#include "../base/strv.h"
#include "../base/types.h"

struct kt_elf_object {
	char *interp;		/* PT_INTERP, or NULL; so are the others */
	char *soname;
	char *rpath;		/* NULL also when there is a runpath */
	char *runpath;
	struct kt_strv needed;
	bool no_default_lib;	/* DF_1_NODEFLIB */
	u64 loaded_bytes;	/* of the file, to the end of its last segment */
};

/*
 * Reads a program or shared object. Logs nothing, for a search tries many.
 * -ENOEXEC: none, or not for this machine; -EBADMSG: a broken one.
 */
int kt_elf_object_read(const char *path, struct kt_elf_object *obj);
void kt_elf_object_fini(struct kt_elf_object *obj);

/* Opens a regular file for reading; -ENOEXEC for any other kind. */
int kt_open_regular(const char *path, int *fd, struct stat *st);

/*
 * 1 when @path is a script, with the interpreter of its first line in @interp
 * ("" when the line names none); 0 when it is not.
 */
int kt_script_interp(const char *path, char *interp, size_t size);

#endif /* KTSTR_HOST_ELF_OBJECT_H */
