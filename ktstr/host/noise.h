/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host did to a machine's time, for people, the record and the
 * verdict.
 */
#ifndef KTSTR_HOST_NOISE_H
#define KTSTR_HOST_NOISE_H

#include <jansson.h>

#include "../coord/noise.h"

/*
 * Whether the host let the machine wait for so much of the time that what was
 * measured in it is the host's as much as the scheduler's: a line in @why.
 * Without @counts the machine's clock stood still meanwhile, and it only took
 * longer.
 */
bool kt_noise_starved(const struct kt_noise *n, bool counts, char *why,
		      size_t size);

/*
 * "span_ms", and of it "vcpu_waited_ms", "host_stolen_ms", "clock_drift_ms";
 * what is not known is left out, without samples all of it.
 */
json_t *kt_noise_json(const struct kt_noise *n);

#endif /* KTSTR_HOST_NOISE_H */
