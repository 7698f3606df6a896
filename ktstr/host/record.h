/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record of a run: a directory with its frame stream (frames), its serial
 * console, its virtio console (hvc), its captures, its dump, its outcome and
 * when it was ready and answered its Plan, under KTSTR_RUN_DIR or the state directory. Old ones are
 * pruned.
 */
#ifndef KTSTR_HOST_RECORD_H
#define KTSTR_HOST_RECORD_H

#include <limits.h>
#include <stdio.h>

#include "../base/types.h"

struct kt_record {
	char dir[PATH_MAX];	/* "" when there is none */
	int stream_fd;		/* frames, guest to host */
	int console_fd;
	int hvc_fd;
};

/*
 * Makes the directory for a run of @test in @program. A record is a
 * convenience: when it cannot be made (a full disk) it is warned about, and
 * @r is one that takes nothing.
 */
void kt_record_open(struct kt_record *r, const char *base, const char *program,
		    const char *test);
void kt_record_close(struct kt_record *r);

/* What was recorded of a machine goes: another one takes its place. */
void kt_record_rewind(const struct kt_record *r);

/* Adds a file of its own, "outcome" for instance. */
void kt_record_text(const struct kt_record *r, const char *name,
		    const char *text);

/* The same, as it is written: NULL when there is no record. */
FILE *kt_record_file(const struct kt_record *r, const char *name);
/* Closes @f; what could not be written is warned about. */
void kt_record_file_end(const struct kt_record *r, const char *name, FILE *f);

/* Keeps the newest runs under @base (NULL: the default) and removes others. */
void kt_record_prune(const char *base);

/*
 * The record that @name means: a directory (with a slash in it), the begin of
 * one's name under @base that no other begins with, or KT_RECORD_LAST. Its
 * path in @dir. -ENOENT, -EEXIST, reported.
 */
#define KT_RECORD_LAST	"last"
int kt_record_find(const char *base, const char *name, char *dir, size_t size);

/* Where the records are under @base (NULL: the default), which is made. */
int kt_record_base(const char *base, char *path, size_t size);

struct dirent;
/* Whether @d has the name of a record. */
int kt_record_is_run(const struct dirent *d);

#endif /* KTSTR_HOST_RECORD_H */
