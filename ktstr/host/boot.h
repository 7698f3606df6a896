/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a case to its machine: the plan for the engine, the initramfs, a
 * template where there is one.
 */
#ifndef KTSTR_HOST_BOOT_H
#define KTSTR_HOST_BOOT_H

#include <stdio.h>

#include "record.h"
#include "run.h"
#include "template.h"

#define KT_CMDLINE_MAX	2048

struct kt_boot {
	struct kt_template template;
	int initrd_fd;		/* -1: none is built */
};

/* @mp of @c, without an initramfs; @cmdline of KT_CMDLINE_MAX is part of it. */
void kt_boot_plan(const struct kt_session *s, const struct kt_case *c,
		  struct kt_machine_plan *mp, char *cmdline);

/*
 * Looks for a template of @c's machine, or builds what is booted; while there
 * are privileges, as they may be needed to read files. -errno, reported;
 * kt_boot_fini() in any case.
 */
int kt_boot_prepare(const struct kt_session *s, const struct kt_case *c,
		    struct kt_boot *b, FILE *out);
void kt_boot_fini(struct kt_boot *b);

/*
 * A machine from the template when there is one that works, else one that
 * boots. The identity of a deterministic one is in @c then, and in @rec.
 * -errno, reported.
 */
int kt_boot_machine(const struct kt_session *s, struct kt_case *c,
		    const struct kt_record *rec, struct kt_boot *b,
		    struct kt_machine **m);

#endif /* KTSTR_HOST_BOOT_H */
