// SPDX-License-Identifier: GPL-2.0-only
/*
 * From .writes of a declaration to the coordinator's list and back to people.
 */
#include "writes.h"

int kt_writes_check(const struct ktstr_test *test, u32 duration_ms, char *why,
		    size_t size)
{
	const struct ktstr_write *e;
	u32 nr = 0;

	for (e = test->writes; e && e->var; e++, nr++) {
		if (!*e->var) {
			snprintf(why, size, ".writes: a variable has no name");
			return -EINVAL;
		}
		if (e->at_ms >= duration_ms) {
			snprintf(why, size,
				 ".writes: \"%.64s\" at %u ms, when the workload of %u ms is over",
				 e->var, e->at_ms, duration_ms);
			return -EINVAL;
		}
	}
	if (nr > KT_MAX_WRITES) {
		snprintf(why, size, ".writes: %u, at most %u", nr,
			 KT_MAX_WRITES);
		return -EINVAL;
	}
	return 0;
}

u32 kt_writes_fill(struct kt_write *list, const struct ktstr_test *test)
{
	const struct ktstr_write *e = test->writes;
	u32 nr;

	for (nr = 0; e && e->var && nr < KT_MAX_WRITES; e++, nr++)
		list[nr] = (struct kt_write){
			.var = e->var, .map = e->map, .value = e->value,
			.at_ns = e->at_ms * KT_NSEC_PER_MSEC,
		};
	return nr;
}

void kt_writes_report(FILE *out, const struct kt_writes *w)
{
	const struct kt_write_result *r;
	u32 i;

	for (i = 0; i < w->nr; i++) {
		r = &w->results[i];
		if (r->made)
			fprintf(out, "wrote %s = %lld (was %lld) in %s at %llu ms\n",
				w->list[i].var, (long long)w->list[i].value,
				(long long)r->before, r->map,
				(unsigned long long)(r->at_ns /
						     KT_NSEC_PER_MSEC));
		else
			fprintf(out, "did not write %s = %lld: %s\n",
				w->list[i].var, (long long)w->list[i].value,
				*r->why ? r->why :
				"the workload ended before it was due");
	}
}
