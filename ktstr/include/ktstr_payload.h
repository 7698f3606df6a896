/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Payload programs: any program of the host, run in the machine by the
 * operations KTSTR_RUN_PAYLOAD, KTSTR_WAIT_PAYLOAD and KTSTR_KILL_PAYLOAD, and
 * what is to be read from its output.
 *
 *	static const struct ktstr_payload hackbench = {
 *		.name = "hackbench", .binary = "hackbench",
 *		.args = KTSTR_ARGS("-l", "100"),
 *		.metrics = KTSTR_METRICS({ .name = "time", .unit = "s",
 *			.regex = "Time: ([0-9.]+)",
 *			.upper = KTSTR_BOUND(30) }),
 *	};
 *
 *	KTSTR_TEST(bench, .desc = "hackbench ends in time",
 *		   .payloads = KTSTR_PAYLOADS(&hackbench), .duration_ms = 1000)
 *	{
 *		KTSTR_RUN(t, KTSTR_CHANGE(KTSTR_HOLD_MS(0),
 *			KTSTR_RUN_PAYLOAD(hackbench, NULL),
 *			KTSTR_WAIT_PAYLOAD(hackbench)));
 *	}
 */
#ifndef KTSTR_PAYLOAD_H
#define KTSTR_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

struct ktstr_bound {
	bool set;
	double value;
};

#define KTSTR_BOUND(v)	{ .set = true, .value = (v) }

/**
 * struct ktstr_metric - a number in a payload's output
 * @name: what it is called; required
 * @regex: POSIX extended, with one group that is the number; the last match in
 *	the output counts
 * @json: or a path into the output, or into its last line that is an object:
 *	"jobs[0].read.iops"
 * @unit: for the reader; NULL none
 * @lower: less is a failure
 * @upper: more is a failure
 * @higher_is_better: for the reader, and for who compares runs
 *
 * It is judged as it is: an emulated machine is not allowed for.
 */
struct ktstr_metric {
	const char *name;
	const char *regex;
	const char *json;
	const char *unit;
	struct ktstr_bound lower;
	struct ktstr_bound upper;
	bool higher_is_better;
};

#define KTSTR_METRICS(...)						\
	((const struct ktstr_metric[]){ __VA_ARGS__, { .name = NULL } })

/**
 * struct ktstr_payload - a program of the host to be run in the machine
 * @name: [a-z0-9_]; required, unique within a case
 * @binary: found as schedulers are, in PATH at last; required
 * @args: its arguments, ends with NULL; may be NULL
 * @files: host files that it needs, in /files, where it starts; may be NULL
 * @metrics: as KTSTR_METRICS(); NULL none. One that is not to be found fails
 *	the case.
 * @timeout_ms: KTSTR_WAIT_PAYLOAD waits so long; 0 means 10 s; scaled
 *
 * It must exit with 0, unless it is killed: by its operation, or because the
 * steps are over. Its output is kept in the run's record as payload-<name>.
 */
struct ktstr_payload {
	const char *name;
	const char *binary;
	const char *const *args;
	const char *const *files;
	const struct ktstr_metric *metrics;
	uint32_t timeout_ms;
};

#define KT_MAX_PAYLOADS		8
#define KT_PAYLOAD_MAX_ARGS	64

/* At most KT_MAX_PAYLOADS. */
#define KTSTR_PAYLOADS(...)						\
	((const struct ktstr_payload *const[]){ __VA_ARGS__, NULL })

#endif /* KTSTR_PAYLOAD_H */
