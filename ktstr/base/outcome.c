// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one table from outcomes to KTAP and exit status.
 */
#include "outcome.h"

static const struct kt_outcome_info table[KT_NR_OUTCOMES] = {
	[KT_PASS]	= { "pass",	true,	NULL,		0 },
	[KT_FAIL]	= { "fail",	false,	NULL,		1 },
	[KT_SKIP]	= { "skip",	true,	"SKIP",		4 },
	[KT_XFAIL]	= { "xfail",	true,	"XFAIL",	0 },
	[KT_TIMEOUT]	= { "timeout",	false,	"TIMEOUT",	1 },
	[KT_ERROR]	= { "error",	false,	"ERROR",	1 },
};

const struct kt_outcome_info *kt_outcome_info(u32 outcome)
{
	return &table[outcome < KT_NR_OUTCOMES ? outcome : KT_ERROR];
}
