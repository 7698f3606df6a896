// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interaction: workers that wait for each other, or push each other off their
 * CPUs, beside some who want to get on.
 */
#include "families.h"

#define FAMILY	.family = "interaction", .duration_ms = 1000, TWO_CPUS

static const struct ktstr_step futex_fan_out[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "fan", .workers = 4, .work = { KTSTR_FUTEX_FAN_OUT } },
		   { .name = "compute", .workers = 4, .work = { KTSTR_FAN_OUT_COMPUTE } }),
};

static const struct ktstr_step wake_chain[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "chain", .workers = 4, .work = { KTSTR_WAKE_CHAIN } },
		   { .name = "spin", SPINNERS(1) }),
};

static const struct ktstr_step thundering_herd[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "herd", .workers = 8, .work = { KTSTR_THUNDERING_HERD } },
		   { .name = "storm", .workers = 4, .work = { KTSTR_EPOLL_STORM } }),
};

static const struct ktstr_step mutex_contention[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "mutex", .workers = 4, .work = { KTSTR_MUTEX_CONTENTION } },
		   { .name = "spin", SPINNERS(1) }),
};

static const struct ktstr_step producer_consumer[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "ring", .workers = 4,
		     .work = { KTSTR_PRODUCER_CONSUMER_IMBALANCE } },
		   { .name = "waker", .workers = 4, .work = { KTSTR_ASYMMETRIC_WAKER } }),
};

static const struct ktstr_step priority_inversion[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "inheriting", .workers = 3,
		     .work = { KTSTR_PRIORITY_INVERSION, .pi = true } },
		   { .name = "spin", SPINNERS(1) }),
};

static const struct ktstr_step rt_preemption[] = {
	KTSTR_STEP(KTSTR_HOLD_ALL,
		   { .name = "instants", .workers = 4, .work = { KTSTR_PREEMPT_STORM } },
		   { .name = "hog", .workers = 4,
		     .work = { KTSTR_RT_STARVATION, .burst_us = 5000 } }),
};

static const struct ktstr_canned table[] = {
	KT_CANNED(futex_fan_out, FAMILY,
		  .desc = "one wakes several, who answer at once or compute first"),
	KT_CANNED(wake_chain, FAMILY,
		  .desc = "a ring in which each wakes the next, beside a spinner"),
	KT_CANNED(thundering_herd, FAMILY,
		  .desc = "many are woken at once, by a futex and by epoll"),
	KT_CANNED(mutex_contention, FAMILY,
		  .desc = "four hold one mutex in turn, beside a spinner"),
	KT_CANNED(producer_consumer, FAMILY,
		  .desc = "producers outrun their consumer, a waker its sleepers"),
	KT_CANNED(priority_inversion, FAMILY,
		  .desc = "a mutex that inherits priorities, between three of them"),
	KT_CANNED(rt_preemption, FAMILY,
		  .desc = "real-time workers take CPUs away, for instants and for long"),
};

KT_CANNED_FAMILY(interaction, table);
