// SPDX-License-Identifier: GPL-2.0-only
/*
 * The record that a user names.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "../base/log.h"
#include "../base/strbuf.h"
#include "pathf.h"
#include "record.h"

#define MAX_LISTED	5	/* of the records that a prefix fits */

static bool is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* More than one begins with @name. */
static int ambiguous(char *const *found, u32 nr, const char *name)
{
	struct kt_strbuf text;
	u32 i;

	kt_strbuf_init(&text, 4096);
	for (i = 0; i < nr && i < MAX_LISTED; i++)
		kt_strbuf_addf(&text, "%s%s", i ? ", " : "", found[i]);
	kt_err(-EEXIST, "\"%s\" is the begin of %u records: %s%s; give more of the name",
	       name, nr, kt_strbuf_str(&text), nr > MAX_LISTED ? ", ..." : "");
	kt_strbuf_fini(&text);
	return -EEXIST;
}

/* @names, in the order of time, hold one that is meant. */
static int choose(struct dirent **names, int nr, const char *name,
		  const char **chosen)
{
	char **found = calloc(nr + 1, sizeof(*found));
	u32 nr_found = 0;
	int i, ret = 0;

	if (!found)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		if (!strcmp(names[i]->d_name, name)) {
			found[0] = names[i]->d_name;
			nr_found = 1;
			break;
		}
		if (!strncmp(names[i]->d_name, name, strlen(name)))
			found[nr_found++] = names[i]->d_name;
	}
	if (!strcmp(name, KT_RECORD_LAST) && nr)
		*chosen = names[nr - 1]->d_name;
	else if (nr_found == 1)
		*chosen = found[0];
	else if (nr_found)
		ret = ambiguous(found, nr_found, name);
	else
		ret = -ENOENT;
	free(found);
	return ret;
}

int kt_record_find(const char *base, const char *name, char *dir, size_t size)
{
	struct dirent **names = NULL;
	const char *chosen = "";
	char runs[PATH_MAX];
	int i, nr, ret;

	if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..")) {
		if (!is_dir(name))
			return kt_err(-ENOENT, "%s: no directory; name the record of a run, or \"%s\"",
				      name, KT_RECORD_LAST);
		if ((size_t)snprintf(dir, size, "%s", name) >= size)
			return kt_err(-ENAMETOOLONG, "%.80s...: too long a path",
				      name);
		return 0;
	}
	ret = kt_record_base(base, runs, sizeof(runs));
	if (ret)
		return kt_err(ret, "the directory of records (KTSTR_RUN_DIR): %s",
			      strerror(-ret));
	nr = scandir(runs, &names, kt_record_is_run, alphasort);
	ret = nr < 0 ? -errno : *name ? choose(names, nr, name, &chosen) :
	      -ENOENT;
	if (!ret && (size_t)snprintf(dir, size, "%s/%s", runs, chosen) >= size)
		ret = -ENAMETOOLONG;
	if (ret && ret != -EEXIST)
		kt_err(ret, "no record \"%s\" in %s (%s): name a directory, what a record's name begins with, or \"%s\"",
		       name, runs, strerror(-ret), KT_RECORD_LAST);
	for (i = 0; i < nr; i++)
		free(names[i]);
	free(names);
	return ret;
}
