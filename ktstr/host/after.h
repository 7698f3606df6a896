/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A case's .after: what its author expects of what the host itself kept of the
 * run.
 */
#ifndef KTSTR_HOST_AFTER_H
#define KTSTR_HOST_AFTER_H

#include <stdio.h>

#include "../base/outcome.h"
#include "../coord/capture.h"
#include "../include/ktstr.h"

/*
 * Runs the .after that @test has, with its notes and what failed on @out.
 * KT_PASS when every claim held, KT_FAIL when one did not, KT_ERROR when none
 * was made.
 */
enum kt_outcome kt_after_run(const struct ktstr_test *test,
			     const struct kt_captures *captures, FILE *out);

#endif /* KTSTR_HOST_AFTER_H */
