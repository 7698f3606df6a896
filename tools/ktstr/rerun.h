/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr rerun`: the same run once more, and whether it was the same.
 */
#ifndef KTSTR_TOOLS_RERUN_H
#define KTSTR_TOOLS_RERUN_H

#include "ktstr/coord/chase.h"

/*
 * Runs the command of the record @dir with @chase (may be NULL); where its own
 * record is in @again. -errno, reported.
 */
int rerun_run(const char *dir, const struct kt_chase_opts *chase, bool verbose,
	      char *again, size_t size);

/* Hands @chase (may be NULL) to what is run from here on. */
int rerun_set_chase(const struct kt_chase_opts *chase);

int kt_cmd_rerun(int argc, const char **argv);

#endif /* KTSTR_TOOLS_RERUN_H */
