/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor: a sample of the guest's scheduler every so often, taken while
 * it runs, into a ring that is allocated once, and judged as it comes.
 */
#ifndef KTSTR_COORD_MONITOR_H
#define KTSTR_COORD_MONITOR_H

#include "monitor_judge.h"
#include "noise.h"
#include "vcpu_time.h"

#define KT_MONITOR_SAMPLE_MS	100	/* unless told otherwise */
#define KT_MONITOR_MIN_RING	64
#define KT_MONITOR_MAX_RING	2048
#define KT_MONITOR_RING_BYTES	(16u << 20)

struct kt_coord;

struct kt_monitor_opts {
	u32 sample_ms;		/* 0: no samples */
	struct kt_monitor_bounds bounds;
};

struct kt_monitor {
	struct kt_monitor_opts opts;
	u64 next_at_ns;
	bool by_tick;		/* samples are taken where the machine stops for them */
	bool ended;		/* there will be no samples, or no more */
	char why[128];		/* then; or why the last one was not taken */
	u8 *ring;
	u32 nr_ring;
	u32 nr_cpus;
	size_t sample_bytes;
	u64 taken;		/* in all */
	u64 failed;
	u64 spent_ns;		/* on taking them */
	u64 spent_max_ns;
	struct kt_noise noise;
	struct kt_vcpu_time vcpu_time;
	bool vcpu_time_known;
	struct kt_monitor_judge judge;
};

void kt_monitor_init(struct kt_monitor *mon, const struct kt_monitor_opts *opts);
void kt_monitor_fini(struct kt_monitor *mon);

/* Takes and judges a sample if one is due; the machine runs. */
void kt_monitor_turn(struct kt_coord *c, struct kt_machine *m);

/* Likewise where it stands at a tick, @now_ns by its own clock. */
void kt_monitor_tick(struct kt_coord *c, struct kt_machine *m, u64 now_ns);

/* How long until the next one is due; UINT64_MAX: never. */
u64 kt_monitor_left_ns(const struct kt_monitor *mon, u64 now_ns);

u32 kt_monitor_nr(const struct kt_monitor *mon);
/* The @i-th of those kept, oldest first; NULL beyond the last. */
const struct kt_monitor_sample *kt_monitor_get(const struct kt_monitor *mon,
					       u32 i);

/* Allocates the ring and the judge for samples of @nr_cpus. -ENOMEM. */
int kt_monitor_prepare(struct kt_monitor *mon, u32 nr_cpus, bool has_online);
/* The place for the next sample; kt_monitor_put() makes it count. */
struct kt_monitor_sample *kt_monitor_next(struct kt_monitor *mon);
void kt_monitor_put(struct kt_monitor *mon);

#endif /* KTSTR_COORD_MONITOR_H */
