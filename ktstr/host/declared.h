/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a declaration says beyond itself: the canned scenario that it stands
 * for, what it needs of a machine, under what it is expected to fail.
 */
#ifndef KTSTR_HOST_DECLARED_H
#define KTSTR_HOST_DECLARED_H

#include "../base/outcome.h"
#include "../base/topology.h"
#include "../include/ktstr.h"
#include "options.h"

/*
 * @test with what its scenario says where it says nothing itself; @test when
 * it has none, or one that is unknown. Kept for as long as the program runs.
 */
const struct ktstr_test *kt_declared_fill(const struct ktstr_test *test);

/* What is wrong with its flags, scenario or expected failures; NULL: nothing. */
const char *kt_declared_fault(const struct ktstr_test *test, char *why,
			      size_t why_size);

/* Whether @topo is not what @test needs: the reason of a SKIP in @why. */
bool kt_declared_lacks(const struct ktstr_test *test,
		       const struct kt_topology *topo, char *why,
		       size_t why_size);

/*
 * What @outcome of @test counts as under the scheduler that @o gives it, by its
 * expected failures. @report is what its run said, NULL for nothing. @reason is
 * set for KT_XFAIL, and for a pass that counts as a failure.
 */
enum kt_outcome kt_declared_outcome(const struct ktstr_test *test,
				    const struct kt_options *o,
				    enum kt_outcome outcome,
				    const char *report, const char **reason);

#endif /* KTSTR_HOST_DECLARED_H */
