// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a Plan. One that is accepted must encode to the same bytes.
 */
#include <assert.h>

#include "ktstr/wire/plan.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 buf[KT_PLAN_MAX_BYTES];
	static struct kt_plan plan;
	u32 i;

	if (kt_plan_decode(&plan, data, size)) {
		assert(plan.sched_argc <= KT_PLAN_MAX_ARGS);
		return 0;
	}
	assert(strlen(plan.test) < sizeof(plan.test));
	assert(strlen(plan.sched_path) < sizeof(plan.sched_path));
	for (i = 0; i < plan.sched_argc; i++)
		assert(strlen(plan.sched_argv[i]) < KT_PLAN_ARG_MAX);
	assert(kt_plan_encode(&plan, buf, sizeof(buf)) == (int)size);
	assert(!memcmp(buf, data, size));
	return 0;
}
