/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr kselftest`: another selftest target of a kernel tree, each of its
 * programs, or each test of its runner, in a machine of its own.
 */
#ifndef KTSTR_TOOLS_KSELFTEST_H
#define KTSTR_TOOLS_KSELFTEST_H

#include <limits.h>

#include "ktstr/base/strv.h"

struct kt_initramfs_entry;

/* Where things are in the machine. */
#define KT_KSELFTEST_DIR	"/kselftest"
#define KT_KSELFTEST_JOBS	"/etc/ktstr-kselftest"

int kt_cmd_kselftest(int argc, const char **argv);

struct ktstr_ctx;
/* In the machine: runs the one that its plan names. */
void kt_kselftest_body(struct ktstr_ctx *t);

/* A target, installed by the tree's own make. */
struct kt_kselftest {
	const char *target;		/* "futex/functional" */
	char install[PATH_MAX];		/* kselftest-list.txt is here */
	char dir[PATH_MAX];		/* the target's files */
	int lock_fd;			/* of the build; -1: none */
	struct kt_strv programs;	/* file names in @dir */
	char *fragment;			/* its config; NULL: it has none */
	u32 timeout_s;			/* of its settings */
};

struct kt_kselftest_build {
	const char *source;
	const char *vmlinux;		/* with BTF; NULL or "": none */
	u32 jobs;
};

/*
 * Builds and installs k->target into the cache; k->install is set. Reported;
 * -EINTR when a signal asked to end.
 */
int kt_kselftest_build(struct kt_kselftest *k,
		       const struct kt_kselftest_build *b);

/* Reads what is in k->install. Reported; -ENOENT: the target is not there. */
int kt_kselftest_read(struct kt_kselftest *k);
void kt_kselftest_fini(struct kt_kselftest *k);

/*
 * A program that holds many tests, tells of them on its output alone, and
 * exits with 0 whatever they said.
 */
struct kt_kselftest_runner {
	const char *target;
	const char *program;
	const char *const *list;	/* arguments that make it name its tests */
	const char *run;		/* the flag before a test's name */
};

/* NULL for a program that is a test itself. */
const struct kt_kselftest_runner *
kt_kselftest_runner(const char *target, const char *program);

/* The names of the tests in the runner at @path. Reported. */
int kt_kselftest_runner_list(const struct kt_kselftest_runner *r,
			     const char *path, struct kt_strv *names);

/* Those of @text, result lines as the runner prints them. */
void kt_kselftest_runner_names(const char *text, struct kt_strv *names);

/* Whether @path is a script, and in @lacks why it cannot run, or NULL. */
bool kt_kselftest_is_script(const char *path, const char **lacks);

/*
 * A shell and what scripts call, as far as this host has them: pairs of a path
 * in the machine and a host path, or a link's target behind "->".
 */
int kt_kselftest_shell(struct kt_strv *pairs);

#endif /* KTSTR_TOOLS_KSELFTEST_H */
