// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk over DT_NEEDED, breadth first as ld.so does it: a name that is
 * loaded already is not searched again, and the rest is searched in the order
 * of ld.so(8). Nothing is executed to find out.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/log.h"
#include "../base/strbuf.h"
#include "elf_deps.h"
#include "elf_object.h"
#include "ld_paths.h"

#define LD_SO_CONF	"/etc/ld.so.conf"
#define TRIED_MAX	1400
#define MESSAGE_MAX	2000
#define MAX_OBJECTS	(KT_MAX_DEPS + 1)

struct object {
	char *name;		/* what DT_NEEDED called it; NULL: the program */
	char *path;
	struct kt_elf_object elf;
	struct kt_ld_paths own;	/* of its DT_RPATH or DT_RUNPATH */
	const struct object *loader;
};

struct walk {
	struct kt_elf_deps *deps;
	struct object *obj;	/* MAX_OBJECTS of them; [0] is the program */
	u32 nr;
	struct kt_ld_paths env;	/* LD_LIBRARY_PATH */
	struct kt_ld_paths common;
	struct kt_strbuf tried;	/* directories of the search under way */
};

static int add_dep(struct kt_elf_deps *deps, const char *path,
		   enum kt_dep_how how)
{
	u32 i;

	for (i = 0; i < deps->nr; i++)
		if (deps->dep[i].how == how && !strcmp(deps->dep[i].path, path))
			return 0;
	if (deps->nr == KT_MAX_DEPS)
		return kt_err(-E2BIG, "%s is one library too many: at most %d",
			      path, KT_MAX_DEPS);
	deps->dep[deps->nr].how = how;
	deps->dep[deps->nr].path = strdup(path);
	if (!deps->dep[deps->nr].path)
		return -ENOMEM;
	deps->nr++;
	return 0;
}

bool kt_elf_deps_has(const struct kt_elf_deps *deps, const char *path)
{
	u32 i;

	for (i = 0; i < deps->nr; i++)
		if (!strcmp(deps->dep[i].path, path))
			return true;
	return false;
}

void kt_elf_deps_fini(struct kt_elf_deps *deps)
{
	u32 i;

	for (i = 0; i < deps->nr; i++)
		free(deps->dep[i].path);
	memset(deps, 0, sizeof(*deps));
}

/*
 * $ORIGIN of @path: for the program through links, as /proc/self/exe goes;
 * for a library the directory it was found in. NULL when it cannot be known.
 */
static char *origin_of(const char *path, bool program)
{
	char cwd[PATH_MAX] = "";
	char *full = NULL, *slash;

	if (program)
		full = realpath(path, NULL);
	else if (path[0] == '/')
		full = strdup(path);
	else if (getcwd(cwd, sizeof(cwd)) &&
		 asprintf(&full, "%s/%s", cwd, path) < 0)
		full = NULL;
	slash = full ? strrchr(full, '/') : NULL;
	if (slash)
		slash[slash == full] = '\0';
	return full;
}

static int set_own_paths(struct object *obj)
{
	const char *list = obj->elf.runpath;
	char *origin;
	int ret;

	if (!list)
		list = obj->elf.rpath;
	if (!list)
		return 0;
	origin = origin_of(obj->path, !obj->name);
	ret = kt_ld_paths_add_list(&obj->own, list, ":", origin);
	free(origin);
	return ret;
}

/* Takes @elf over, also when it fails. */
static int push(struct walk *w, const char *name, const char *path,
		const struct object *loader, struct kt_elf_object *elf)
{
	struct object *obj = &w->obj[w->nr];

	if (w->nr == MAX_OBJECTS) {
		kt_elf_object_fini(elf);
		return kt_err(-E2BIG, "%s needs more than %d libraries",
			      w->obj[0].path, KT_MAX_DEPS);
	}
	w->nr++;
	obj->elf = *elf;
	obj->loader = loader;
	obj->path = strdup(path);
	obj->name = name ? strdup(name) : NULL;
	if (!obj->path || (name && !obj->name))
		return -ENOMEM;
	return set_own_paths(obj);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool loaded(const struct walk *w, const char *name)
{
	const char *interp = w->obj[0].elf.interp;
	u32 i;

	/* libc needs the interpreter, which is there before anything. */
	if (interp && !strcmp(base_name(interp), name))
		return true;
	for (i = 1; i < w->nr; i++) {
		const struct object *obj = &w->obj[i];

		if (!strcmp(obj->name, name) ||
		    (obj->elf.soname && !strcmp(obj->elf.soname, name)))
			return true;
	}
	return false;
}

/* Loads @path: 1, 0 when it is none for us, -errno. */
static int try_path(struct walk *w, const char *name, const char *path,
		    const struct object *loader, enum kt_dep_how how)
{
	struct kt_elf_object elf;
	int ret;

	ret = kt_elf_object_read(path, &elf);
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	ret = push(w, name, path, loader, &elf);
	if (!ret)
		ret = add_dep(w->deps, path, how);
	return ret ? ret : 1;
}

/* @how is for directories that are the same in a guest. */
static int try_dirs(struct walk *w, const char *name,
		    const struct kt_ld_paths *dirs,
		    const struct object *loader, enum kt_dep_how how)
{
	char path[PATH_MAX];
	int ret = 0, len;
	u32 i;

	for (i = 0; !ret && i < dirs->nr; i++) {
		const struct kt_ld_dir *dir = &dirs->dir[i];

		kt_strbuf_addf(&w->tried, "%s%s",
			       w->tried.len_bytes ? ", " : "", dir->path);
		len = snprintf(path, sizeof(path), "%s/%s", dir->path, name);
		if (len < 0 || (size_t)len >= sizeof(path))
			continue;
		ret = try_path(w, name, path, loader,
			       dir->fixed ? how : KT_DEP_BY_NAME);
	}
	return ret;
}

/* A DT_RPATH also serves what its object's libraries need. */
static int try_rpaths(struct walk *w, const char *name,
		      const struct object *loader)
{
	const struct object *obj;
	int ret = 0;

	for (obj = loader; !ret && obj; obj = obj->loader)
		if (obj->elf.rpath)
			ret = try_dirs(w, name, &obj->own, loader,
				       KT_DEP_BY_RUNPATH);
	return ret;
}

static int search(struct walk *w, const char *name,
		  const struct object *loader)
{
	int ret = 0;

	kt_strbuf_reset(&w->tried);
	if (!loader->elf.runpath)
		ret = try_rpaths(w, name, loader);
	if (!ret)
		ret = try_dirs(w, name, &w->env, loader, KT_DEP_BY_NAME);
	if (!ret && loader->elf.runpath)
		ret = try_dirs(w, name, &loader->own, loader,
			       KT_DEP_BY_RUNPATH);
	if (!ret && !loader->elf.no_default_lib)
		ret = try_dirs(w, name, &w->common, loader, KT_DEP_BY_NAME);
	return ret;
}

static int report_missing(struct walk *w, const char *name,
			  const struct object *loader)
{
	struct kt_strbuf text;
	int ret;

	kt_strbuf_init(&text, MESSAGE_MAX);
	kt_strbuf_addf(&text, "%.200s, needed by %.300s, not found in: %s%s; "
		       "install the package that has it",
		       name, loader->path, kt_strbuf_str(&w->tried),
		       w->tried.overflow ? ", ..." : "");
	if (text.str)
		kt_text_sanitize(text.str, text.len_bytes);
	ret = kt_err(-ENOENT, "%s", kt_strbuf_str(&text));
	kt_strbuf_fini(&text);
	return ret;
}

static int load_by_path(struct walk *w, const char *path,
			const struct object *loader)
{
	int ret;

	if (path[0] != '/')
		return kt_err(-EINVAL, "%s needs a library by a relative path, which means "
			      "nothing in a guest; give the library a soname and link again",
			      loader->path);
	ret = try_path(w, path, path, loader, KT_DEP_BY_PATH);
	if (ret)
		return ret;
	kt_strbuf_reset(&w->tried);
	kt_strbuf_addf(&w->tried, "that path");
	return report_missing(w, path, loader);
}

static int load(struct walk *w, const char *name, const struct object *loader)
{
	int ret;

	if (loaded(w, name))
		return 0;
	if (strchr(name, '/'))
		ret = load_by_path(w, name, loader);
	else
		ret = search(w, name, loader);
	if (!ret)
		ret = report_missing(w, name, loader);
	return ret < 0 ? ret : 0;
}

static int walk_needed(struct walk *w)
{
	u32 i, j;
	int ret;

	for (i = 0; i < w->nr; i++) {
		const struct object *obj = &w->obj[i];

		for (j = 0; j < obj->elf.needed.nr; j++) {
			ret = load(w, obj->elf.needed.v[j], obj);
			if (ret)
				return ret;
		}
	}
	return 0;
}

static int add_interp(struct walk *w)
{
	const char *interp = w->obj[0].elf.interp;
	struct kt_elf_object elf;
	int ret;

	if (!interp)
		return 0;
	ret = kt_elf_object_read(interp, &elf);
	if (ret)
		return kt_err(ret, "%s, the interpreter of %s: %s; install the C library "
			      "it was built for",
			      interp, w->obj[0].path, strerror(-ret));
	kt_elf_object_fini(&elf);
	return add_dep(w->deps, interp, KT_DEP_BY_PATH);
}

static int set_search_paths(struct walk *w)
{
	const char *env = getenv("LD_LIBRARY_PATH");
	char *origin;
	int ret = 0;

	if (env) {
		origin = origin_of(w->obj[0].path, true);
		ret = kt_ld_paths_add_list(&w->env, env, ":;", origin);
		free(origin);
	}
	if (!ret)
		ret = kt_ld_paths_add_conf(&w->common, LD_SO_CONF);
	if (!ret)
		ret = kt_ld_paths_add_defaults(&w->common);
	return ret;
}

static void walk_fini(struct walk *w)
{
	u32 i;

	for (i = 0; i < w->nr; i++) {
		free(w->obj[i].name);
		free(w->obj[i].path);
		kt_elf_object_fini(&w->obj[i].elf);
		kt_ld_paths_fini(&w->obj[i].own);
	}
	free(w->obj);
	kt_ld_paths_fini(&w->env);
	kt_ld_paths_fini(&w->common);
	kt_strbuf_fini(&w->tried);
}

/* Takes @elf over. */
static int walk_program(struct kt_elf_deps *deps, const char *program,
			struct kt_elf_object *elf)
{
	struct walk w = { .deps = deps };
	int ret;

	kt_strbuf_init(&w.tried, TRIED_MAX);
	w.obj = calloc(MAX_OBJECTS, sizeof(*w.obj));
	if (!w.obj) {
		kt_elf_object_fini(elf);
		return -ENOMEM;
	}
	ret = push(&w, NULL, program, NULL, elf);
	if (!ret)
		ret = add_interp(&w);
	if (!ret)
		ret = set_search_paths(&w);
	if (!ret)
		ret = walk_needed(&w);
	walk_fini(&w);
	return ret;
}

int kt_elf_deps_add(struct kt_elf_deps *deps, const char *program)
{
	struct kt_elf_object elf;
	char interp[PATH_MAX];
	int ret;

	ret = kt_script_interp(program, interp, sizeof(interp));
	if (ret == 1)
		return 0;
	if (!ret)
		ret = kt_elf_object_read(program, &elf);
	if (ret == -ENOEXEC || ret == -EBADMSG)
		return kt_err(-ENOEXEC, "%s is no program for this machine (%s); "
			      "give an x86-64 ELF executable",
			      program, ret == -EBADMSG ? "a broken ELF file" :
			      "no ELF file, or for another one");
	if (ret)
		return kt_err(ret, "%s: %s; give the path of a program",
			      program, strerror(-ret));
	return walk_program(deps, program, &elf);
}
