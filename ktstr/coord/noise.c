// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting by schedstat, steal by /proc/stat, drift by the guest's jiffies.
 */
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "noise.h"

#define STAT_MAX_BYTES	(4u << 20)	/* it has a number for each interrupt */

u64 kt_noise_parse_steal_ns(const char *stat, long ticks_per_s)
{
	unsigned long long steal;

	/* "cpu " is all of them, "cpu0 " is one */
	if (ticks_per_s <= 0 || strncmp(stat, "cpu ", 4) ||
	    sscanf(stat, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &steal) != 1)
		return 0;
	return steal / ticks_per_s * KT_NSEC_PER_SEC +
	       steal % ticks_per_s * KT_NSEC_PER_SEC / ticks_per_s;
}

static u64 host_stolen_ns(void)
{
	char *text;
	size_t len;
	u64 ns;

	if (kt_read_file("/proc/stat", STAT_MAX_BYTES, &text, &len))
		return 0;
	ns = kt_noise_parse_steal_ns(text, sysconf(_SC_CLK_TCK));
	free(text);
	return ns;
}

void kt_noise_add(struct kt_noise *n, const struct kt_noise_point *p)
{
	if (!n->nr_points++) {
		n->first = *p;
		n->nr_host_cpus = max(sysconf(_SC_NPROCESSORS_ONLN), 1L);
		n->stolen_ns = host_stolen_ns();
	} else if (p->waited_ns < n->last.waited_ns) {
		/* a thread has ended, and its time with it */
		return;
	}
	n->last = *p;
}

void kt_noise_end(struct kt_noise *n)
{
	u64 now_ns;

	if (!n->nr_points || n->ended)
		return;
	now_ns = host_stolen_ns();
	n->stolen_ns = now_ns - min(now_ns, n->stolen_ns);
	n->ended = true;
}

u64 kt_noise_span_ms(const struct kt_noise *n)
{
	return (n->last.running_ns - n->first.running_ns) / KT_NSEC_PER_MSEC;
}

u64 kt_noise_waited_ms(const struct kt_noise *n)
{
	return (n->last.waited_ns - n->first.waited_ns) / KT_NSEC_PER_MSEC;
}

u64 kt_noise_stolen_ms(const struct kt_noise *n)
{
	u64 ms = n->stolen_ns / max(n->nr_host_cpus, 1u) / KT_NSEC_PER_MSEC;

	/* it was counted for a little longer than the samples were taken */
	return n->ended ? min(ms, kt_noise_span_ms(n)) : 0;
}

s64 kt_noise_drift_ms(const struct kt_noise *n)
{
	u64 jiffies = n->last.jiffies - n->first.jiffies;

	if (!n->hz)
		return 0;
	return (s64)(jiffies / n->hz * 1000 + jiffies % n->hz * 1000 / n->hz) -
	       (s64)kt_noise_span_ms(n);
}
