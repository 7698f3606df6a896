/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host did to a machine's time, between the monitor's first sample
 * and its last one: how long a vCPU thread waited for a CPU, how long the
 * host's own CPUs were taken from it, how far the two clocks went apart.
 */
#ifndef KTSTR_COORD_NOISE_H
#define KTSTR_COORD_NOISE_H

#include "../base/types.h"

struct kt_noise_point {
	u64 running_ns;		/* since the run began, but while the host froze it */
	u64 waited_ns;		/* for the host, by the vCPU thread that did longest */
	u64 jiffies;		/* of the guest */
};

struct kt_noise {
	struct kt_noise_point first, last;
	u32 nr_points;
	bool waits_known;	/* how long vCPU threads wait */
	u32 hz;			/* of the guest's jiffies; 0: not known */
	u32 nr_host_cpus;
	u64 stolen_ns;		/* from all CPUs of the host; in the span, once ended */
	bool ended;
};

/* A point that has waited for less than the last lacks that thread: left out. */
void kt_noise_add(struct kt_noise *n, const struct kt_noise_point *p);

/* Behind the last point. */
void kt_noise_end(struct kt_noise *n);

/* Milliseconds that it ran between the first point and the last one. */
u64 kt_noise_span_ms(const struct kt_noise *n);

/* That the vCPU which waited longest waited for a CPU of the host. */
u64 kt_noise_waited_ms(const struct kt_noise *n);

/* That a CPU of the host was taken from it, on average: "steal" of /proc/stat. */
u64 kt_noise_stolen_ms(const struct kt_noise *n);

/* By how much the guest's clock was ahead of the host's; exact to a jiffy. */
s64 kt_noise_drift_ms(const struct kt_noise *n);

/*
 * The field "steal" in the text of /proc/stat, of ticks of which there are
 * @ticks_per_s; 0 when it has none.
 */
u64 kt_noise_parse_steal_ns(const char *stat, long ticks_per_s);

#endif /* KTSTR_COORD_NOISE_H */
