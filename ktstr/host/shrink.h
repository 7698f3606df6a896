/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A failure that a seed has found, made smaller: the same case and seed on fewer
 * CPUs, with fewer workers, for a shorter time, as long as it fails alike.
 */
#ifndef KTSTR_HOST_SHRINK_H
#define KTSTR_HOST_SHRINK_H

#include "run.h"

#define KT_SHRINK_RUNS		8	/* in all */
#define KT_SHRINK_LEAST_MS	100
#define KT_SHRINK_LEAST_PCT	25

/* In the order in which they are tried. */
enum kt_shrink_kind {
	KT_SHRINK_NODES,
	KT_SHRINK_LLCS,
	KT_SHRINK_CORES,
	KT_SHRINK_THREADS,
	KT_SHRINK_WORKERS,
	KT_SHRINK_DURATION,
	KT_SHRINK_NR,
};

/* What was given or declared, and how it is said. */
struct kt_shrink {
	struct kt_options options;
	struct kt_topology topo;
	char topology[KT_TOPOLOGY_STR];
	char duration[24];
};

/* @o as @test is run with it. -errno when it cannot be. */
int kt_shrink_init(struct kt_shrink *sh, const struct kt_options *o,
		   const struct ktstr_test *test);

/* Half of it; false when there is nothing to halve. */
bool kt_shrink_halve(struct kt_shrink *sh, enum kt_shrink_kind kind);

/* Of one's own, which its options point into. */
void kt_shrink_copy(struct kt_shrink *to, const struct kt_shrink *from);

/*
 * Runs @cell, which has ended with @outcome, KT_SHRINK_RUNS times at most, and
 * tells on @out the line of the smallest one that ends so, too.
 */
void kt_shrink(const struct kt_session *s, const struct kt_cell *cell,
	       enum kt_outcome outcome, FILE *out, int cancel_fd);

#endif /* KTSTR_HOST_SHRINK_H */
