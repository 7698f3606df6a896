// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories of libraries. Of ld.so.conf the directories are read, not
 * /etc/ld.so.cache: they are in the order in which ldconfig prefers them, and
 * a container without a cache has them too. glibc-hwcaps directories below
 * them are left out, since the guest's processor is another than the host's.
 */
#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "ld_paths.h"

#define CONF_MAX_BYTES		65536
#define CONF_MAX_DEPTH		8
#define CONF_SPACE		" \t\r"

static const char *const defaults[] = {
	"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
	"/lib64", "/usr/lib64", "/lib", "/usr/lib",
};

static int add_dir(struct kt_ld_paths *paths, const char *path, bool fixed)
{
	struct kt_ld_dir *grown;
	u32 cap;

	if (paths->nr == KT_MAX_LD_DIRS)
		return kt_err(-E2BIG, "more than %d library directories",
			      KT_MAX_LD_DIRS);
	if (paths->nr == paths->cap) {
		cap = paths->cap ? paths->cap * 2 : 16;
		grown = realloc(paths->dir, cap * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		paths->dir = grown;
		paths->cap = cap;
	}
	paths->dir[paths->nr].fixed = fixed;
	paths->dir[paths->nr].path = strdup(path);
	if (!paths->dir[paths->nr].path)
		return -ENOMEM;
	paths->nr++;
	return 0;
}

/* What the distribution's ld.so has for $LIB: the place of its libc. */
static const char *lib_token(void)
{
	if (!access("/lib/x86_64-linux-gnu/libc.so.6", F_OK))
		return "lib/x86_64-linux-gnu";
	return access("/lib64/libc.so.6", F_OK) ? "lib" : "lib64";
}

static const char *platform_token(void)
{
	const char *platform = (const char *)getauxval(AT_PLATFORM);

	return platform ? platform : "x86_64";
}

/* Length of $@name or ${@name} at @s, which begins with '$', or 0. */
static size_t token_len(const char *s, const char *name)
{
	bool curly = s[1] == '{';
	size_t len = strlen(name);

	s += 1 + curly;
	if (strncmp(s, name, len))
		return 0;
	if (curly)
		return s[len] == '}' ? len + 3 : 0;
	if (isalnum((unsigned char)s[len]) || s[len] == '_')
		return 0;
	return len + 1;
}

/* Expands the token at *@s, or copies one byte. False: $ORIGIN is unknown. */
static bool expand_one(const char **s, const char *origin,
		       struct kt_strbuf *out, bool *fixed)
{
	static const char *const names[] = { "ORIGIN", "LIB", "PLATFORM" };
	const char *value;
	size_t i, len = 0;

	for (i = 0; **s == '$' && i < ARRAY_SIZE(names); i++) {
		len = token_len(*s, names[i]);
		if (len)
			break;
	}
	if (!len) {
		kt_strbuf_add(out, (*s)++, 1);
		return true;
	}
	if (i == 0)
		*fixed = false;
	value = i == 0 ? origin : i == 1 ? lib_token() : platform_token();
	if (!value)
		return false;
	kt_strbuf_add(out, value, strlen(value));
	*s += len;
	return true;
}

static int add_expanded(struct kt_ld_paths *paths, const char *part,
			const char *origin)
{
	bool fixed = part[0] == '/';
	struct kt_strbuf out;
	int ret = 0;

	kt_strbuf_init(&out, PATH_MAX - 1);
	while (*part) {
		/* Such a part cannot be searched: ld.so drops it too. */
		if (!expand_one(&part, origin, &out, &fixed))
			goto out;
	}
	if (!out.overflow)
		ret = add_dir(paths, out.len_bytes ? out.str : ".", fixed);
out:
	kt_strbuf_fini(&out);
	return ret;
}

int kt_ld_paths_add_list(struct kt_ld_paths *paths, const char *list,
			 const char *seps, const char *origin)
{
	char *copy, *next, *part;
	int ret = 0;

	if (!*list)
		return 0;
	copy = strdup(list);
	if (!copy)
		return -ENOMEM;
	next = copy;
	while (!ret && (part = strsep(&next, seps)))
		ret = add_expanded(paths, part, origin);
	free(copy);
	return ret;
}

static int conf_file(struct kt_ld_paths *paths, const char *conf, int depth);

/* One pattern of an include line, relative to the directory of @conf. */
static int conf_include(struct kt_ld_paths *paths, const char *conf,
			const char *pattern, int depth)
{
	const char *slash = strrchr(conf, '/');
	char path[PATH_MAX];
	int ret = 0, len;
	glob_t found;
	size_t i;

	if (pattern[0] == '/' || !slash)
		len = snprintf(path, sizeof(path), "%s", pattern);
	else
		len = snprintf(path, sizeof(path), "%.*s/%s",
			       (int)(slash - conf), conf, pattern);
	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	if (glob(path, 0, NULL, &found))
		return 0;
	for (i = 0; !ret && i < found.gl_pathc; i++)
		ret = conf_file(paths, found.gl_pathv[i], depth + 1);
	globfree(&found);
	return ret;
}

static int conf_line(struct kt_ld_paths *paths, const char *conf, char *line,
		     int depth)
{
	char *word, *rest;
	int ret = 0;
	size_t len;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, CONF_SPACE);
	len = strcspn(line, CONF_SPACE);
	if (len == 7 && !strncmp(line, "include", len)) {
		rest = line + len;
		while (!ret && (word = strsep(&rest, CONF_SPACE)))
			if (*word)
				ret = conf_include(paths, conf, word, depth);
		return ret;
	}
	/* The rest are directories; "hwcap" lines say nothing about those. */
	if (line[0] != '/')
		return 0;
	for (len = strlen(line); len && strchr(CONF_SPACE, line[len - 1]); len--)
		line[len - 1] = '\0';
	return add_dir(paths, line, true);
}

static int conf_file(struct kt_ld_paths *paths, const char *conf, int depth)
{
	char *text, *next, *line;
	int ret;

	if (depth > CONF_MAX_DEPTH)
		return kt_err(-ELOOP, "%s: more than %d includes deep; "
			      "look for one that includes itself",
			      conf, CONF_MAX_DEPTH);
	/* ld.so goes without what ldconfig could not read; so do we. */
	if (kt_read_file(conf, CONF_MAX_BYTES, &text, NULL))
		return 0;
	next = text;
	ret = 0;
	while (!ret && (line = strsep(&next, "\n")))
		ret = conf_line(paths, conf, line, depth);
	free(text);
	return ret;
}

int kt_ld_paths_add_conf(struct kt_ld_paths *paths, const char *conf)
{
	return conf_file(paths, conf, 0);
}

int kt_ld_paths_add_defaults(struct kt_ld_paths *paths)
{
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < ARRAY_SIZE(defaults); i++)
		ret = add_dir(paths, defaults[i], true);
	return ret;
}

void kt_ld_paths_fini(struct kt_ld_paths *paths)
{
	u32 i;

	for (i = 0; i < paths->nr; i++)
		free(paths->dir[i].path);
	free(paths->dir);
	memset(paths, 0, sizeof(*paths));
}
