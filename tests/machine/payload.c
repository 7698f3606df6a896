// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payload programs in a machine: some of the host's own, which say what they
 * are told to.
 */
#include <ktstr.h>

static const struct ktstr_payload speaker = {
	.name = "speaker",
	.binary = "printf",
	.args = KTSTR_ARGS("Time: 1.5\\n{\"ops\": {\"rate\": [10, 123]}}\\n"),
	.metrics = KTSTR_METRICS({ .name = "time", .regex = "Time: ([0-9.]+)",
				   .unit = "s", .upper = KTSTR_BOUND(2) },
				 { .name = "rate", .json = "ops.rate[1]",
				   .lower = KTSTR_BOUND(100),
				   .higher_is_better = true }),
};

static const struct ktstr_payload sleeper = {
	.name = "sleeper",
	.binary = "sleep",
	.args = KTSTR_ARGS("1000"),
};

KTSTR_TEST(payload_is_measured,
	   .desc = "a payload's output is read and judged, in a cgroup",
	   .payloads = KTSTR_PAYLOADS(&speaker), .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_MS(1),
			     { .name = "bench", .workers = 1,
			       .work = { KTSTR_SPIN_WAIT } }),
		  KTSTR_CHANGE(KTSTR_HOLD_MS(1),
			       KTSTR_RUN_PAYLOAD(speaker, "bench"),
			       KTSTR_WAIT_PAYLOAD(speaker)));
}

KTSTR_TEST(payload_is_killed,
	   .desc = "a payload that goes on is killed, by its operation or at the end",
	   .payloads = KTSTR_PAYLOADS(&speaker, &sleeper), .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_CHANGE(KTSTR_HOLD_MS(50),
			       KTSTR_RUN_PAYLOAD(sleeper, NULL),
			       KTSTR_RUN_PAYLOAD(speaker, NULL)),
		  KTSTR_CHANGE(KTSTR_HOLD_MS(1), KTSTR_KILL_PAYLOAD(sleeper),
			       KTSTR_WAIT_PAYLOAD(speaker)));
}
