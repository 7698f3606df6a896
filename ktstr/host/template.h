/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Templates: a machine that has booted and waits for its Plan, saved, from
 * which machines of later cases start in a tenth of the time. Whatever is
 * wrong with one, the case's machine boots, and a line says why.
 */
#ifndef KTSTR_HOST_TEMPLATE_H
#define KTSTR_HOST_TEMPLATE_H

#include <stdio.h>

#include "../base/strbuf.h"
#include "../coord/coord.h"
#include "run.h"
#include "template_cache.h"
#include "template_file.h"

/* The template of one case's machine; its parts are template.c's. */
struct kt_template {
	FILE *out;		/* gets a line on what became of it */
	bool wanted;
	bool started;		/* the machine is from it */
	bool loaded;		/* @image is usable */
	struct kt_strbuf key;	/* text: all that makes the machine what it is */
	char name[KT_TEMPLATE_NAME_SIZE];	/* the key's hash */
	struct kt_identity_files booted;	/* for the file's head */
	struct kt_template_image image;
};

/*
 * Why @c's machine is booted in any case, or NULL. "" when that is what was
 * asked for.
 */
const char *kt_template_refusal(const struct kt_session *s,
				const struct kt_case *c);

/*
 * What tells @mp's machines from others: text in @key. @initramfs as of
 * kt_initramfs_identify(), @disks are @mp's and open. -errno when something of
 * it cannot be known.
 */
int kt_template_key(const struct kt_session *s,
		    const struct kt_machine_plan *mp, u64 initramfs,
		    const struct kt_disks *disks, struct kt_strbuf *key);

/* Nothing is wanted of it; kt_template_fini() in any case. */
void kt_template_init(struct kt_template *t, FILE *out);
void kt_template_fini(struct kt_template *t);

/* Looks for the template of @mp's machines. t->loaded when it is there. */
void kt_template_find(struct kt_template *t, const struct kt_session *s,
		      const struct kt_machine_plan *mp, u64 initramfs,
		      const struct kt_disks *disks);

/* It was of no use, with @ret: it is removed, and not made anew by this case. */
void kt_template_discard(struct kt_template *t, const char *what, int ret);

/*
 * A machine has started from it, and it is as it was written: engines need not
 * see to that again before the host boots anew.
 */
void kt_template_trust(struct kt_template *t);

/* For the coordinator: what a machine from @t had sent, or to save it. */
void kt_template_coord(struct kt_template *t, struct kt_coord_opts *opts);

#endif /* KTSTR_HOST_TEMPLATE_H */
