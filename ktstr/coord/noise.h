/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host did to a machine's time, between the monitor's first sample
 * and its last one: how long its vCPU threads waited for a CPU, how long the
 * host's own CPUs were taken from it, how far the two clocks went apart.
 */
#ifndef KTSTR_COORD_NOISE_H
#define KTSTR_COORD_NOISE_H

#include "../base/types.h"

struct kt_noise_point {
	u64 at_ns;		/* since the run began */
	u64 running_ns;		/* without the time that the host froze */
	u64 waited_ns;		/* by all vCPU threads, for the host */
	u64 jiffies;		/* of the guest */
};

struct kt_noise {
	struct kt_noise_point first, last;
	u32 nr_points;
	u32 nr_threads;		/* that run vCPUs; 0: not known */
	u32 hz;			/* of the guest's jiffies; 0: not known */
	u32 nr_host_cpus;
	u64 stolen_at_ns;	/* kt_now_ns() of @stolen_ns at the first point */
	u64 stolen_ns;		/* from all CPUs of the host; in the span, once ended */
	u64 stolen_span_ns;	/* 0 until it has ended */
};

/* A point that has waited for less than the last lacks a thread: left out. */
void kt_noise_add(struct kt_noise *n, const struct kt_noise_point *p);

/* Behind the last point. */
void kt_noise_end(struct kt_noise *n);

/* Milliseconds between the first point and the last one. */
u64 kt_noise_span_ms(const struct kt_noise *n);

/* That a vCPU thread waited for a CPU of the host, on average. */
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
