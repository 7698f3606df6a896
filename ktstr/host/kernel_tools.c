// SPDX-License-Identifier: GPL-2.0-only
/*
 * Says what a kernel build lacks before it fails in the middle of one. In the
 * project's directory tools/packages knows best (headers, too); installed
 * without it, the programs are looked for here.
 */
#include <stdio.h>
#include <unistd.h>

#include "../base/log.h"
#include "../base/proc.h"
#include "../base/strbuf.h"
#include "kernel_tools.h"
#include "pathf.h"

enum { ALWAYS, GCC_ONLY, LLVM_ONLY };

static const struct {
	const char *program;
	const char *package;	/* Debian's name */
	int when;
} tools[] = {
	{ "make", "make", ALWAYS },
	{ "gcc", "gcc", GCC_ONLY },
	{ "ld", "binutils", GCC_ONLY },
	{ "clang", "clang", LLVM_ONLY },
	{ "ld.lld", "lld", LLVM_ONLY },
	{ "llvm-objcopy", "llvm", LLVM_ONLY },
	{ "flex", "flex", ALWAYS },
	{ "bison", "bison", ALWAYS },
	{ "bc", "bc", ALWAYS },
	{ "pahole", "dwarves", ALWAYS },
	{ "perl", "perl", ALWAYS },
};

static bool in_path(const char *program)
{
	const char *dirs = getenv("PATH");
	char path[PATH_MAX];

	while (dirs && *dirs) {
		int len = strcspn(dirs, ":");

		if (!kt_pathf(path, "%.*s/%s", len, dirs, program) &&
		    !access(path, X_OK))
			return true;
		dirs += len + (dirs[len] == ':');
	}
	return false;
}

/* tools/packages beside @fragment: 0 or 1 from it, -errno when not to be had. */
static int ask_packages(const char *fragment)
{
	struct kt_proc_opts po = KT_PROC_OPTS_INIT;
	const char *slash = strrchr(fragment, '/');
	char path[PATH_MAX];
	const char *const argv[] = { path, "check", "kernel", NULL };

	if (kt_pathf(path, "%.*s/tools/packages",
		     slash ? (int)(slash - fragment) : 1,
		     slash ? fragment : ".") || access(path, X_OK))
		return -ENOENT;
	return kt_proc_run(argv, &po, 60000, NULL);
}

int kt_kernel_tools_check(const char *fragment, bool llvm)
{
	struct kt_strbuf programs, packages;
	int ret = 0;
	size_t i;

	if (ask_packages(fragment) == 1)
		return -ENOENT;
	kt_strbuf_init(&programs, 1024);
	kt_strbuf_init(&packages, 1024);
	for (i = 0; i < ARRAY_SIZE(tools); i++) {
		if (tools[i].when == (llvm ? GCC_ONLY : LLVM_ONLY) ||
		    in_path(tools[i].program))
			continue;
		kt_strbuf_addf(&programs, " %s", tools[i].program);
		kt_strbuf_addf(&packages, " %s", tools[i].package);
	}
	if (programs.len_bytes)
		ret = kt_err(-ENOENT,
			     "no kernel can be built here, missing:%s (Debian: apt-get install%s)",
			     kt_strbuf_str(&programs),
			     kt_strbuf_str(&packages));
	kt_strbuf_fini(&programs);
	kt_strbuf_fini(&packages);
	return ret;
}
