// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a kernel source tree is: version, state, and the key of a build. The
 * key must change when a scheduler developer saves a file, and need not look
 * into eighty thousand files to see it.
 */
#include <fts.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/proc.h"
#include "../base/strbuf.h"
#include "../base/fnv.h"
#include "kernel_source.h"
#include "pathf.h"

#define MAKEFILE_MAX	(1024 * 1024)
#define FRAGMENT_MAX	(1024 * 1024)
#define GIT_OUT_MAX	(64 * 1024 * 1024)
#define GIT_TIMEOUT_MS	120000

/* What of these a kernel build reads, and nothing else below them. */
static const char *const arch_dirs[] = { "x86", NULL };
static const char *const tools_dirs[] = {
	"arch", "bpf", "build", "include", "lib", "objtool", "scripts", NULL
};

static const char *const products[] = {
	".o", ".a", ".d", ".ko", ".mod", ".cmd", ".order", ".orig", ".rej", "~",
};

/* The value of "@name = value" at the start of a line of a Makefile. */
static void make_var(const char *text, const char *name, char *buf, size_t size)
{
	size_t len = strlen(name);

	buf[0] = '\0';
	while (text) {
		const char *p = text + len;

		if (!strncmp(text, name, len) && p[strspn(p, " \t")] == '=') {
			p += strspn(p, " \t") + 1;
			p += strspn(p, " \t");
			snprintf(buf, size, "%.*s", (int)strcspn(p, " \t\r\n"),
				 p);
			return;
		}
		text = strchr(text, '\n');
		text += !!text;
	}
}

static bool has(const struct kt_source *src, const char *name)
{
	char path[PATH_MAX];

	return !kt_pathf(path, "%s/%s", src->dir, name) && !access(path, F_OK);
}

int kt_source_open(const char *path, struct kt_source *src)
{
	char version[16], patch[16], sub[16], extra[16], makefile[PATH_MAX];
	char *text;
	int ret;

	if (!realpath(path, src->dir))
		return kt_err(-EINVAL, "kernel source %s: %s", path,
			      strerror(errno));
	kt_pathf(makefile, "%s/Makefile", src->dir);
	ret = kt_read_file(makefile, MAKEFILE_MAX, &text, NULL);
	if (ret || !has(src, "Kbuild") || !has(src, "scripts/kconfig")) {
		if (!ret)
			free(text);
		return kt_err(-EINVAL, "%s is no kernel source tree", src->dir);
	}
	make_var(text, "VERSION", version, sizeof(version));
	make_var(text, "PATCHLEVEL", patch, sizeof(patch));
	make_var(text, "SUBLEVEL", sub, sizeof(sub));
	make_var(text, "EXTRAVERSION", extra, sizeof(extra));
	free(text);
	if (!version[0] || strchr(extra, '/'))
		return kt_err(-EINVAL, "%s: its Makefile names no version",
			      src->dir);
	snprintf(src->version, sizeof(src->version), "%s.%s.%s%s", version,
		 patch, sub, extra);
	return 0;
}

/* The same three that the tree's own Makefile refuses. */
bool kt_source_is_built(const struct kt_source *src)
{
	return has(src, ".config") || has(src, "include/config") ||
	       has(src, "arch/x86/include/generated");
}

void kt_source_compiler(bool llvm, char *buf, size_t size)
{
	const char *const argv[] = { llvm ? "clang" : "gcc", "--version", NULL };
	struct kt_proc_opts po = KT_PROC_OPTS_INIT;
	struct kt_strbuf out;

	kt_strbuf_init(&out, 4096);
	if (kt_proc_run(argv, &po, 10000, &out))
		kt_strbuf_reset(&out);
	kt_utf8_copy(buf, size, kt_strbuf_str(&out));
	buf[strcspn(buf, "\n")] = '\0';
	kt_strbuf_fini(&out);
}

static bool in_list(const char *const *list, const char *name)
{
	while (*list && strcmp(*list, name))
		list++;
	return *list;
}

/* @path is relative to the tree: "arch", "arch/x86". */
static bool skip_dir(const FTSENT *ent, const char *path)
{
	if (ent->fts_name[0] == '.')
		return true;
	if (ent->fts_level == 1)
		return !strcmp(path, "Documentation") ||
		       !strcmp(path, "samples");
	if (ent->fts_level != 2)
		return false;
	if (!strncmp(path, "arch/", 5))
		return !in_list(arch_dirs, ent->fts_name);
	return !strncmp(path, "tools/", 6) &&
	       !in_list(tools_dirs, ent->fts_name);
}

static bool is_product(const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < ARRAY_SIZE(products); i++) {
		size_t tail = strlen(products[i]);

		if (len > tail && !strcmp(name + len - tail, products[i]))
			return true;
	}
	return name[0] == '.';
}

static u64 hash_file(const char *path, const struct stat *st)
{
	u64 h = kt_fnv64_str(KT_FNV64_INIT, path);

	h = kt_fnv64(h, &st->st_size, sizeof(st->st_size));
	h = kt_fnv64(h, &st->st_mtim.tv_sec, sizeof(st->st_mtim.tv_sec));
	return kt_fnv64(h, &st->st_mtim.tv_nsec, sizeof(st->st_mtim.tv_nsec));
}

/* The sum does not depend on the order in which directories list files. */
static int walk_tree(const char *dir, u64 *sum)
{
	char *const roots[] = { (char *)dir, NULL };
	size_t root_len = strlen(dir);
	FTSENT *ent;
	FTS *fts;

	*sum = 0;
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!fts)
		return kt_err(-errno, "%s: %s", dir, strerror(errno));
	while ((ent = fts_read(fts))) {
		const char *path = ent->fts_path + root_len;

		path += *path == '/';
		if (ent->fts_info == FTS_D && ent->fts_level &&
		    skip_dir(ent, path))
			fts_set(fts, ent, FTS_SKIP);
		else if (ent->fts_info == FTS_F && !is_product(ent->fts_name))
			*sum += hash_file(path, ent->fts_statp);
	}
	fts_close(fts);
	return 0;
}

/* Adds the output of git in @dir to @h; what is only tested is left out. */
static int hash_git(const char *dir, const char *const words[], u64 *h)
{
	const char *argv[16] = { "git", "--no-optional-locks", "-C", dir };
	struct kt_proc_opts po = KT_PROC_OPTS_INIT;
	struct kt_strbuf out;
	u32 n = 4;
	int ret;

	while (*words)
		argv[n++] = *words++;
	kt_strbuf_init(&out, GIT_OUT_MAX);
	ret = kt_proc_run(argv, &po, GIT_TIMEOUT_MS, &out);
	if (!ret && out.overflow)
		ret = -EFBIG;
	if (!ret)
		*h = kt_fnv64(*h, kt_strbuf_str(&out), out.len_bytes);
	kt_strbuf_fini(&out);
	return ret;
}

/* Files git does not know yet count by size and time. */
static int hash_untracked(const char *dir, u64 *h)
{
	const char *const argv[] = {
		"git", "-C", dir, "ls-files", "-z", "-o", "--exclude-standard",
		"--", ".", ":(exclude)tools/testing", ":(exclude)Documentation",
		NULL
	};
	struct kt_proc_opts po = KT_PROC_OPTS_INIT;
	struct kt_strbuf out;
	const char *name;
	size_t at = 0;
	int ret;

	kt_strbuf_init(&out, GIT_OUT_MAX);
	ret = kt_proc_run(argv, &po, GIT_TIMEOUT_MS, &out);
	for (; !ret && at < out.len_bytes; at += strlen(name) + 1) {
		char path[PATH_MAX];
		struct stat st;
		u64 one;

		name = out.str + at;
		kt_pathf(path, "%s/%s", dir, name);
		if (lstat(path, &st))
			continue;
		one = hash_file(name, &st);
		*h = kt_fnv64(*h, &one, sizeof(one));
	}
	kt_strbuf_fini(&out);
	return ret;
}

static int hash_git_tree(const struct kt_source *src, u64 *h)
{
	static const char *const head[] = { "rev-parse", "HEAD", NULL };
	static const char *const diff[] = {
		"diff", "--no-ext-diff", "--no-color", "HEAD", "--", ".",
		":(exclude)tools/testing", ":(exclude)Documentation", NULL
	};
	u64 sum = *h;

	if (!has(src, ".git") || hash_git(src->dir, head, &sum) ||
	    hash_git(src->dir, diff, &sum) || hash_untracked(src->dir, &sum))
		return -ENODATA;
	*h = sum;
	return 0;
}

/* Adds the text of a fragment to @h. */
static int hash_fragment(const char *path, u64 *h)
{
	char *text;
	int ret = kt_read_file(path, FRAGMENT_MAX, &text, NULL);

	if (ret)
		return kt_err(ret, "%s: %s", path, strerror(-ret));
	*h = kt_fnv64_str(*h, text);
	free(text);
	return 0;
}

int kt_source_key(const struct kt_source *src,
		  const struct kt_kernel_build_opts *opts,
		  char key[KT_KERNEL_KEY_SIZE])
{
	u64 h = kt_fnv64_str(KT_FNV64_INIT, src->version), sum;
	char compiler[256];
	int ret;

	if (hash_git_tree(src, &h)) {
		ret = walk_tree(src->dir, &sum);
		if (ret)
			return ret;
		h = kt_fnv64(h, &sum, sizeof(sum));
	}
	ret = hash_fragment(opts->fragment, &h);
	if (!ret && opts->extra)
		ret = hash_fragment(opts->extra, &h);
	if (ret)
		return ret;
	kt_source_compiler(opts->llvm, compiler, sizeof(compiler));
	h = kt_fnv64_str(h, compiler);
	h = kt_fnv64(h, &opts->base, sizeof(opts->base));
	h = kt_fnv64_str(h, opts->llvm ? "llvm" : "");
	snprintf(key, KT_KERNEL_KEY_SIZE, "%016llx", (unsigned long long)h);
	return 0;
}
