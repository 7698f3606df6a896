// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which sets of a scheduler's flags are valid, and which of them a case takes.
 */
#include <stdio.h>

#include "profiles.h"

#define LETTERS	"abcdefghijklmnopqrstuvwxyz0123456789_-"

static const struct ktstr_flag *flags_of(const struct ktstr_sched *sched)
{
	static const struct ktstr_flag none = {};

	return sched && sched->flags ? sched->flags : &none;
}

static u32 count(const struct ktstr_sched *sched)
{
	const struct ktstr_flag *f = flags_of(sched);
	u32 nr = 0;

	while (f[nr].name)
		nr++;
	return nr;
}

/* Its bit; 0 when there is none of that name. */
static u32 bit_of(const struct ktstr_sched *sched, const char *name)
{
	const struct ktstr_flag *f = flags_of(sched);
	u32 i;

	for (i = 0; f[i].name; i++)
		if (!strcmp(f[i].name, name))
			return 1u << i;
	return 0;
}

u32 kt_profiles_nr(const struct ktstr_sched *sched)
{
	return 1u << min_t(u32, count(sched), KTSTR_MAX_FLAGS);
}

const char *kt_profile_name(const struct ktstr_sched *sched, u32 profile,
			    char *buf, size_t size)
{
	const struct ktstr_flag *f = flags_of(sched);
	size_t len = 0;
	u32 i;

	snprintf(buf, size, "%s", KT_PROFILE_DEFAULT);
	for (i = 0; f[i].name && len < size; i++)
		if (profile & (1u << i))
			len += snprintf(buf + len, size - len, "%s%s",
					len ? "+" : "", f[i].name);
	return buf;
}

/* One flag that is on, against the others of @profile. */
static bool flag_fits(const struct ktstr_sched *sched,
		      const struct ktstr_flag *f, u32 profile, char *why,
		      size_t why_size)
{
	const char *const *name;

	for (name = f->requires; name && *name; name++) {
		if (profile & bit_of(sched, *name))
			continue;
		snprintf(why, why_size, "%s requires %s", f->name, *name);
		return false;
	}
	for (name = f->excludes; name && *name; name++) {
		if (!(profile & bit_of(sched, *name)))
			continue;
		snprintf(why, why_size, "%s excludes %s", f->name, *name);
		return false;
	}
	return true;
}

static bool is_valid(const struct ktstr_sched *sched, u32 profile, char *why,
		     size_t why_size)
{
	const struct ktstr_flag *f = flags_of(sched);
	u32 i;

	for (i = 0; f[i].name; i++)
		if (profile & (1u << i) &&
		    !flag_fits(sched, &f[i], profile, why, why_size))
			return false;
	return true;
}

bool kt_profile_fits(const struct ktstr_test *test, u32 profile, char *why,
		     size_t why_size)
{
	const char *const *name;

	if (!is_valid(test->sched, profile, why, why_size))
		return false;
	for (name = test->flags; name && *name; name++) {
		if (profile & bit_of(test->sched, *name))
			continue;
		snprintf(why, why_size, "the case has %s always on", *name);
		return false;
	}
	for (name = test->not_flags; name && *name; name++) {
		if (!(profile & bit_of(test->sched, *name)))
			continue;
		snprintf(why, why_size, "the case has %s never on", *name);
		return false;
	}
	return true;
}

u32 kt_profile_of(const struct ktstr_test *test)
{
	const char *const *name;
	u32 profile = 0;

	for (name = test->flags; name && *name; name++)
		profile |= bit_of(test->sched, *name);
	return profile;
}

/* The first of @names that is no flag of @sched, or NULL. */
static const char *unknown(const struct ktstr_sched *sched,
			   const char *const *names)
{
	for (; names && *names; names++)
		if (!bit_of(sched, *names))
			return *names;
	return NULL;
}

static const char *flag_fault(const struct ktstr_sched *sched, u32 i, char *why,
			      size_t why_size)
{
	const struct ktstr_flag *f = &flags_of(sched)[i];
	const char *name = unknown(sched, f->requires);

	if (!*f->name || strlen(f->name) >= KT_FLAG_NAME ||
	    f->name[strspn(f->name, LETTERS)] ||
	    !strcmp(f->name, KT_PROFILE_DEFAULT)) {
		snprintf(why, why_size,
			 "flag \"%s\" of scheduler %s: its name must be made of at most %u of a-z, 0-9, _ and -, and not be \"%s\"",
			 f->name, sched->name, KT_FLAG_NAME - 1, KT_PROFILE_DEFAULT);
		return why;
	}
	if (bit_of(sched, f->name) != 1u << i) {
		snprintf(why, why_size, "scheduler %s has two flags \"%s\"",
			 sched->name, f->name);
		return why;
	}
	if (!f->args || !*f->args) {
		snprintf(why, why_size, "flag \"%s\" of scheduler %s has no .args",
			 f->name, sched->name);
		return why;
	}
	name = name ? name : unknown(sched, f->excludes);
	if (!name)
		return NULL;
	snprintf(why, why_size,
		 "flag \"%s\" of scheduler %s requires or excludes \"%s\", which is none of its flags",
		 f->name, sched->name, name);
	return why;
}

const char *kt_profile_fault(const struct ktstr_test *test, char *why,
			     size_t why_size)
{
	const char *name;
	char reason[128];
	u32 i;

	if (count(test->sched) > KTSTR_MAX_FLAGS)
		return "its scheduler has more than 8 .flags";
	for (i = 0; i < count(test->sched); i++)
		if (flag_fault(test->sched, i, why, why_size))
			return why;
	name = unknown(test->sched, test->flags);
	name = name ? name : unknown(test->sched, test->not_flags);
	if (name) {
		snprintf(why, why_size,
			 ".flags or .not_flags has \"%s\", which is no flag of its scheduler",
			 name);
		return why;
	}
	if (kt_profile_fits(test, kt_profile_of(test), reason, sizeof(reason)))
		return NULL;
	snprintf(why, why_size, ".flags cannot be on together: %s", reason);
	return why;
}
