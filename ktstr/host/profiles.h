/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flag profiles: sets of a scheduler's declared flags, as a bit for each flag
 * in the order of its declaration.
 */
#ifndef KTSTR_HOST_PROFILES_H
#define KTSTR_HOST_PROFILES_H

#include "../include/ktstr.h"
#include "../base/types.h"

#define KT_FLAG_NAME	24
#define KT_PROFILE_STR	(KTSTR_MAX_FLAGS * KT_FLAG_NAME)
#define KT_PROFILE_DEFAULT	"default"	/* the name of the empty one */

/* How many sets there are of @sched's flags, valid or not. 1 without any. */
u32 kt_profiles_nr(const struct ktstr_sched *sched);

/* "fifo+short" into @buf of at least KT_PROFILE_STR bytes; returns @buf. */
const char *kt_profile_name(const struct ktstr_sched *sched, u32 profile,
			    char *buf, size_t size);

/*
 * Whether @profile is a valid one of @test's scheduler and one that @test takes
 * by its .flags and .not_flags; why not in @why.
 */
bool kt_profile_fits(const struct ktstr_test *test, u32 profile, char *why,
		     size_t why_size);

/* The one that @test runs in: its .flags. */
u32 kt_profile_of(const struct ktstr_test *test);

/* What is wrong with the flags of @test and its scheduler; NULL: nothing. */
const char *kt_profile_fault(const struct ktstr_test *test, char *why,
			     size_t why_size);

#endif /* KTSTR_HOST_PROFILES_H */
