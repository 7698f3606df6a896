/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One case, run: in a process of its own that boots the machine, drives the
 * coordinator, writes the diagnostics and exits with the outcome.
 */
#ifndef KTSTR_HOST_RUN_H
#define KTSTR_HOST_RUN_H

#include <stdio.h>

#include "../base/outcome.h"
#include "../base/strv.h"
#include "case.h"
#include "../inspect/symbols.h"
#include "initramfs.h"
#include "kernel.h"
#include "selection.h"

#define KT_SKIP_MAX	512

/* What all cases of a program share that run on one kernel. */
struct kt_session {
	const struct kt_options *options;
	const struct kt_engine_ops *engine;
	struct kt_engine_caps caps;
	struct kt_kernel kernel;
	const char *label;		/* the kernel's, in names; NULL: the only one */
	struct kt_symbols *symbols;	/* of its vmlinux; NULL: not known */
	int stats_fd;			/* of --stats; -1: none */
	struct kt_initramfs *base;
	const char *program;		/* its file's name */
	const struct kt_strv *command;	/* that runs it; NULL: @program */
	const struct kt_strv *command_end;	/* NULL: what chooses the case */
	const struct kt_initramfs_entry *entries;	/* for each machine, or NULL */
	const char *fragment;		/* options the kernel must have, or NULL */
	/* why @test cannot run, or NULL; NULL: all can */
	const char *(*skips)(const struct kt_session *s,
			     const struct ktstr_test *test);
	const void *skips_arg;
	bool takes_ktap;		/* what cases print is KTAP to be nested */
	FILE *ktap;			/* in a case's process: gets it */
	bool shows_payloads;		/* what they print is told in any case */
};

/*
 * Runs @cell in @s to its end and returns the outcome. Diagnostics go to @out,
 * one line each, without "# ". @cancel_fd readable ends it early.
 */
enum kt_outcome kt_run_cell(const struct kt_session *s,
			    const struct kt_cell *cell, FILE *out,
			    int cancel_fd);

/*
 * Whether @test needs what this engine, kernel or host does not have: a SKIP,
 * the reason and the remedy in @why.
 */
bool kt_run_skips(const struct kt_session *s, const struct ktstr_test *test,
		  char *why, size_t size);

/* The line that runs it again; the caller's, NULL without memory. */
char *kt_run_again(const struct kt_session *s, const struct kt_cell *cell);

/* Prints @cell's plan and the engine's exact command. 0 or -errno. */
int kt_run_describe(const struct kt_cell *cell, FILE *out);

#endif /* KTSTR_HOST_RUN_H */
