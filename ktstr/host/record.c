// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run directories: "20261121T035512-1234-simple-llcs_apart". Their names sort
 * by time, so the oldest are found without opening any.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/xdg.h"
#include "record.h"

#define KEEP_RUNS	200

int kt_record_base(const char *base, char *path, size_t size)
{
	if (!base || !*base)
		return kt_state_dir("runs", path, size);
	if ((size_t)snprintf(path, size, "%s", base) >= size)
		return -ENAMETOOLONG;
	return kt_mkdirs(path, 0755);
}

static int open_in(const struct kt_record *r, const char *name)
{
	char path[PATH_MAX + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		kt_warn("cannot record the run: %s: %s", path, strerror(errno));
	return fd;
}

void kt_record_open(struct kt_record *r, const char *base, const char *program,
		    const char *test)
{
	char dir[PATH_MAX], stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	int ret;

	r->dir[0] = '\0';
	r->stream_fd = -1;
	r->console_fd = -1;
	r->hvc_fd = -1;
	ret = kt_record_base(base, dir, sizeof(dir));
	if (ret) {
		kt_warn("cannot record runs: %s", strerror(-ret));
		return;
	}
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S",
		 gmtime_r(&now, &tm));
	if ((size_t)snprintf(r->dir, sizeof(r->dir), "%s/%s-%d-%s-%s", dir,
			     stamp, getpid(), program, test) >=
	    sizeof(r->dir) || kt_mkdirs(r->dir, 0755)) {
		kt_warn("cannot record the run in %s", dir);
		r->dir[0] = '\0';
		return;
	}
	r->stream_fd = open_in(r, "frames");
	r->console_fd = open_in(r, "console");
	r->hvc_fd = open_in(r, "hvc");
}

void kt_record_close(struct kt_record *r)
{
	kt_close(&r->stream_fd);
	kt_close(&r->console_fd);
	kt_close(&r->hvc_fd);
}

void kt_record_text(const struct kt_record *r, const char *name,
		    const char *text)
{
	int fd, ret;

	if (!r->dir[0])
		return;
	fd = open_in(r, name);
	if (fd < 0)
		return;
	ret = kt_write_all(fd, text, strlen(text), 0);
	if (ret)
		kt_warn("cannot write %s/%s: %s", r->dir, name, strerror(-ret));
	close(fd);
}

void kt_record_rewind(const struct kt_record *r)
{
	const int fds[] = { r->stream_fd, r->console_fd, r->hvc_fd };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0 &&
		    (ftruncate(fds[i], 0) || lseek(fds[i], 0, SEEK_SET) < 0))
			kt_warn("%s: what it has of two machines is not kept apart: %s",
				r->dir, strerror(errno));
}

FILE *kt_record_file(const struct kt_record *r, const char *name)
{
	FILE *f;
	int fd;

	if (!r->dir[0])
		return NULL;
	fd = open_in(r, name);
	if (fd < 0)
		return NULL;
	f = fdopen(fd, "w");
	if (!f)
		close(fd);
	return f;
}

void kt_record_file_end(const struct kt_record *r, const char *name, FILE *f)
{
	bool failed = ferror(f);

	if (fclose(f) || failed)
		kt_warn("cannot write %s/%s: %s", r->dir, name,
			strerror(errno));
}

/* A directory that we made: "<8 digits>T<6 digits>-". */
int kt_record_is_run(const struct dirent *d)
{
	size_t i;

	for (i = 0; i < 16; i++) {
		char c = d->d_name[i];

		if (i == 8 ? c != 'T' : i == 15 ? c != '-' :
		    c < '0' || c > '9')
			return 0;
	}
	return 1;
}

void kt_record_prune(const char *base)
{
	char dir[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	struct dirent **names;
	int i, n;

	if (kt_record_base(base, dir, sizeof(dir)))
		return;
	n = scandir(dir, &names, kt_record_is_run, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (i < n - KEEP_RUNS)
			kt_remove_tree(path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}
