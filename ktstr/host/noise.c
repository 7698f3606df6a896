// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine that emulates goes on with its clock while the host runs something
 * else, or is itself not run; but not one that counts its instructions.
 */
#include <stdio.h>

#include "../inspect/json.h"
#include "noise.h"

#define STARVED_PCT	33	/* of the time, waited for the host */

bool kt_noise_starved(const struct kt_noise *n, bool counts, char *why,
		      size_t size)
{
	u64 waited = kt_noise_waited_ms(n), stolen = kt_noise_stolen_ms(n);
	u64 span = kt_noise_span_ms(n);
	int len;

	if (!span || (waited + stolen) * 100 / span < STARVED_PCT)
		return false;
	len = snprintf(why, size, "the host was busy: the machine waited for a CPU for %llu of %llu ms%s",
		       (unsigned long long)waited, (unsigned long long)span,
		       counts ? ", which counts as time in it" : "");
	if (stolen && len > 0 && (size_t)len < size)
		snprintf(why + len, size - len, "; the host's own CPUs were taken from it for %llu ms",
			 (unsigned long long)stolen);
	return true;
}

json_t *kt_noise_json(const struct kt_noise *n)
{
	json_t *o = json_object();

	if (!n->nr_points)
		return o;
	kt_json_set_u64(o, "span_ms", kt_noise_span_ms(n));
	if (n->waits_known)
		kt_json_set_u64(o, "vcpu_waited_ms", kt_noise_waited_ms(n));
	kt_json_set_u64(o, "host_stolen_ms", kt_noise_stolen_ms(n));
	if (n->hz)
		kt_json_set(o, "clock_drift_ms",
			    json_integer(kt_noise_drift_ms(n)));
	return o;
}
