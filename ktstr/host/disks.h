/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The disks of a case: from their declarations to open files. Files of two runs
 * are never the same one unless the author asked for it, and none has a name
 * that could be left behind.
 */
#ifndef KTSTR_HOST_DISKS_H
#define KTSTR_HOST_DISKS_H

#include <stdio.h>

#include "../base/strbuf.h"
#include "../engine/engine.h"
#include "../include/ktstr.h"

struct kt_disks {
	const struct ktstr_disk *declared;
	struct kt_disk disks[KT_MAX_DISKS];	/* for the plan; fd -1: not open */
	u32 nr;
	u64 sources[KT_MAX_DISKS];	/* what tells their files apart; 0: empty */
	/* as they were when the machine ended */
	struct kt_block_counters counters[KT_MAX_DISKS];
};

/* What is wrong with @declared (may be NULL), or NULL. */
const char *kt_disks_fault(const struct ktstr_disk *declared);

/* @declared is in order; nothing is opened. */
void kt_disks_init(struct kt_disks *d, const struct ktstr_disk *declared);

/*
 * Finds files, makes copies, opens all. -errno, reported; kt_disks_close() in
 * any case.
 */
int kt_disks_open(struct kt_disks *d);
void kt_disks_close(struct kt_disks *d);

/*
 * What a guest that has not written to them may have seen of them, as lines.
 * They are open.
 */
void kt_disks_identify(const struct kt_disks *d, struct kt_strbuf *text);

/* Whether one of them is a file that others may write to as well. */
bool kt_disks_shared(const struct kt_disks *d);

/* Keeps the counters of @m's disks. */
void kt_disks_count(struct kt_disks *d, const struct kt_machine *m);

/* A line for each disk. */
void kt_disks_report(FILE *out, const struct kt_disks *d);

#endif /* KTSTR_HOST_DISKS_H */
