// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payload programs that miss their bounds, fail, or do not end, for the script
 * payloads-that-fail.
 */
#include <ktstr.h>

static const struct ktstr_payload slow = {
	.name = "slow",
	.binary = "printf",
	.args = KTSTR_ARGS("Time: 7.5\\n"),
	.metrics = KTSTR_METRICS({ .name = "time", .regex = "Time: ([0-9.]+)",
				   .unit = "s", .upper = KTSTR_BOUND(2) },
				 { .name = "rate", .json = "rate" }),
};

static const struct ktstr_payload failing = {
	.name = "failing", .binary = "false",
};

static const struct ktstr_payload endless = {
	.name = "endless", .binary = "sleep", .args = KTSTR_ARGS("1000"),
	.timeout_ms = 100,
};

#define PAYLOAD_CASE(id, payload)					\
	KTSTR_TEST(id, .desc = "a payload that fails: " #id,		\
		   .payloads = KTSTR_PAYLOADS(&(payload)), .duration_ms = 500) \
	{								\
		KTSTR_RUN(t, KTSTR_CHANGE(KTSTR_HOLD_MS(1),		\
					  KTSTR_RUN_PAYLOAD(payload, NULL), \
					  KTSTR_WAIT_PAYLOAD(payload)));	\
	}

PAYLOAD_CASE(misses_its_bounds, slow)
PAYLOAD_CASE(exits_with_1, failing)
PAYLOAD_CASE(does_not_end, endless)

KTSTR_TEST(is_not_declared, .desc = "a payload that was not brought along",
	   .duration_ms = 500)
{
	KTSTR_RUN(t, KTSTR_CHANGE(KTSTR_HOLD_MS(1), KTSTR_RUN_PAYLOAD(slow, NULL)));
}
