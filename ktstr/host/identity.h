/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The identity of a deterministic run: everything that decides what its guest
 * does, a line each, and one number over all of it. It tells runs apart that are
 * not the same by accident; it is no protection against who wants two to collide.
 */
#ifndef KTSTR_HOST_IDENTITY_H
#define KTSTR_HOST_IDENTITY_H

#include "../engine/engine.h"
#include "kernel.h"

struct kt_identity {
	u64 hash;
	char *text;	/* "identity HASH", then what it is made of */
};

/* Hashes of what a machine boots, or has booted. */
struct kt_identity_files {
	u64 kernel, initramfs;
};

/* What decides a run. Whether its machine boots or goes on is no part of that. */
struct kt_identity_parts {
	const struct kt_engine_ops *engine;
	const char *engine_version;
	const struct kt_kernel *kernel;
	const struct kt_machine_plan *mp;
	struct kt_identity_files files;
	const void *plan;	/* encoded */
	size_t plan_bytes;
	u32 events_kib;		/* not in @plan: what is traced of it */
};

/* The hash of a file's contents, called @what. -errno, reported. */
int kt_identity_hash_fd(int fd, const char *what, u64 *hash);
int kt_identity_hash_file(const char *path, u64 *hash);

/* -errno, reported. */
int kt_identity_make(struct kt_identity *id,
		     const struct kt_identity_parts *parts);
void kt_identity_fini(struct kt_identity *id);

/*
 * Two of those texts, compared: true when they are equal, else what differs
 * first, a line of each, in @why. @traced: they are equal but for the tracing of
 * events, which is no reason to say false.
 */
bool kt_identity_same(const char *a, const char *b, bool *traced, char *why,
		      size_t size);

#endif /* KTSTR_HOST_IDENTITY_H */
