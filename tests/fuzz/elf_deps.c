// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a program whose libraries are looked for. The file is a memfd,
 * opened by its path in /proc, so nothing is written to a disk.
 */
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drop_log.h"
#include "ktstr/host/elf_deps.h"
#include "ktstr/host/elf_object.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void try_file(const char *path)
{
	struct kt_elf_deps deps = { .nr = 0 };
	struct kt_elf_object elf;
	char interp[64];
	u32 i;

	kt_script_interp(path, interp, sizeof(interp));
	if (!kt_elf_object_read(path, &elf)) {
		assert(!elf.interp || elf.interp[0] == '/');
		assert(!elf.rpath || !elf.runpath);
		kt_elf_object_fini(&elf);
	}
	kt_elf_deps_add(&deps, path);
	assert(deps.nr <= KT_MAX_DEPS);
	for (i = 0; i < deps.nr; i++)
		assert(!access(deps.dep[i].path, R_OK));
	kt_elf_deps_fini(&deps);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char path[32];
	int fd;

	drop_log();
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	assert(fd >= 0);
	assert(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	try_file(path);
	close(fd);
	return 0;
}
