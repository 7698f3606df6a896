// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a TestResult. One that is accepted must be within its bounds
 * and encode to the same bytes.
 */
#include <assert.h>

#include "ktstr/wire/result.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check(const struct kt_result *r)
{
	u32 i;

	assert(r->outcome < KT_NR_OUTCOMES);
	assert(strlen(r->test) < sizeof(r->test));
	for (i = 0; i < r->nr_details; i++) {
		assert(r->details[i].kind < KT_NR_DETAIL_KINDS);
		assert(strlen(r->details[i].text) < KT_DETAIL_TEXT_MAX);
	}
	for (i = 0; i < r->nr_claims; i++)
		assert(strlen(r->claims[i].label) < KT_CLAIM_LABEL_MAX);
	for (i = 0; i < r->nr_cgroups; i++)
		assert(strlen(r->cgroups[i].name) < KT_NAME_MAX);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 buf[KT_RESULT_MAX_BYTES];
	static struct kt_result r;
	int err = kt_result_decode(&r, data, size);

	assert(r.nr_details <= KT_MAX_DETAILS);
	assert(r.nr_claims <= KT_MAX_CLAIMS);
	assert(r.nr_cgroups <= KT_MAX_CGROUP_STATS);
	if (err)
		return 0;
	check(&r);
	assert(kt_result_encode(&r, buf, sizeof(buf)) == (int)size);
	assert(!memcmp(buf, data, size));
	return 0;
}
