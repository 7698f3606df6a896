/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's kernel as the subject of inspection: put together from what the
 * host knows (vmlinux) and the guest has told (KernAddrs), when it is needed
 * and as soon as it can be.
 */
#ifndef KTSTR_COORD_SUBJECT_H
#define KTSTR_COORD_SUBJECT_H

#include "../engine/engine.h"
#include "../inspect/bpf.h"
#include "../inspect/kernel.h"
#include "../inspect/sched.h"
#include "dispatch.h"

struct kt_subject_opts {
	const struct kt_symbols *symbols;	/* NULL: there is no vmlinux */
	const char *vmlinux;			/* its types are read from it */
	bool kaslr;				/* without it, slide is 0 */
	bool has_sched;				/* BPF maps are to be expected */
	u32 hz;					/* CONFIG_HZ, 0 not known */
};

struct kt_subject {
	struct kt_subject_opts opts;
	struct kt_guest_kernel kernel;
	struct kt_types *types;
	bool located;				/* @kernel is usable */
	bool no_types;				/* they could not be read */
	struct kt_sched_layout sched;		/* once located; may be unknown */
	struct kt_btf_cache *btf;		/* of BPF programs, kept */
};

void kt_subject_fini(struct kt_subject *s);

/* For kt_bpf_read(); NULL without memory, with which it works as well. */
struct kt_btf_cache *kt_subject_btf(struct kt_subject *s);

/*
 * Reads the types of the kernel, some milliseconds of work, once. Without them
 * what needs none of them still works.
 */
void kt_subject_load_types(struct kt_subject *s);

/*
 * Makes @s->kernel usable. 0, or -errno with the reason in @why: no vmlinux,
 * slide not yet known, not booted far enough.
 */
int kt_subject_locate(struct kt_subject *s, const struct kt_machine *m,
		      const struct kt_sinks *sinks, char *why, size_t size);

/* Whether a capture sees all that it should: located, and BPF maps are there. */
bool kt_subject_ready(struct kt_subject *s, const struct kt_machine *m,
		      const struct kt_sinks *sinks);

#endif /* KTSTR_COORD_SUBJECT_H */
