// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plan's layout: version, then the fields in the order of the struct; strings
 * with a u16 length, the arguments behind a u32 count. Both sides refuse what
 * is out of its range.
 */
#include "codec.h"
#include "plan.h"

/* In the order of the layout. */
static const size_t thresholds[] = {
	offsetof(struct kt_thresholds, starvation),
	offsetof(struct kt_thresholds, fairness_spread_pct),
	offsetof(struct kt_thresholds, longest_gap_ms),
	offsetof(struct kt_thresholds, isolation),
	offsetof(struct kt_thresholds, throughput_cv_pct),
	offsetof(struct kt_thresholds, throughput_per_s),
	offsetof(struct kt_thresholds, iterations_per_s),
	offsetof(struct kt_thresholds, wake_p99_us),
	offsetof(struct kt_thresholds, wake_cv_pct),
	offsetof(struct kt_thresholds, migrations_per_1000),
	offsetof(struct kt_thresholds, page_locality_pct),
	offsetof(struct kt_thresholds, cross_node_pct),
	offsetof(struct kt_thresholds, slow_tier_pct),
};

static s32 threshold(const struct kt_thresholds *t, size_t i)
{
	return *(const s32 *)((const char *)t + thresholds[i]);
}

static bool thresholds_ok(const struct kt_thresholds *t)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(thresholds); i++)
		if (threshold(t, i) < KT_UNSET)
			return false;
	return t->starvation <= 1 && t->isolation <= 1;
}

static bool holds_ok(const struct kt_plan *plan)
{
	u32 i;

	if (plan->nr_holds > KT_PLAN_MAX_HOLDS)
		return false;
	for (i = 1; i < plan->nr_holds; i++)
		if (plan->hold_ns[i] < plan->hold_ns[i - 1])
			return false;
	return true;
}

static bool plan_ok(const struct kt_plan *plan)
{
	return plan->test[0] && plan->sched_argc <= KT_PLAN_MAX_ARGS &&
	       plan->speed_pct >= 1 && plan->speed_pct <= 100 &&
	       plan->workers_pct <= 100 &&
	       plan->events_kib <= KT_PLAN_MAX_EVENTS_KIB && holds_ok(plan) &&
	       thresholds_ok(&plan->thresholds);
}

int kt_plan_encode(const struct kt_plan *plan, void *buf, size_t size)
{
	struct kt_enc e;
	u32 i;

	kt_enc_init(&e, buf, size);
	e.bad = !plan_ok(plan);
	kt_enc_u32(&e, KT_PLAN_VERSION);
	kt_enc_str(&e, plan->test);
	kt_enc_str(&e, plan->sched_path);
	kt_enc_u32(&e, plan->sched_argc);
	for (i = 0; i < plan->sched_argc && !e.bad; i++)
		kt_enc_str(&e, plan->sched_argv[i]);
	kt_enc_u64(&e, plan->seed);
	kt_enc_u32(&e, plan->duration_ms);
	kt_enc_u32(&e, plan->attach_timeout_ms);
	kt_enc_u32(&e, plan->test_timeout_ms);
	kt_enc_u64(&e, plan->wallclock_ns);
	kt_enc_u32(&e, plan->speed_pct);
	kt_enc_u32(&e, plan->start_spread_us);
	kt_enc_u32(&e, plan->workers_pct);
	kt_enc_u32(&e, plan->events_kib);
	kt_enc_u32(&e, plan->nr_holds);
	for (i = 0; i < plan->nr_holds && !e.bad; i++)
		kt_enc_u64(&e, plan->hold_ns[i]);
	for (i = 0; i < ARRAY_SIZE(thresholds); i++)
		kt_enc_u32(&e, threshold(&plan->thresholds, i));
	return kt_enc_finish(&e);
}

static void decode_args(struct kt_dec *d, struct kt_plan *plan)
{
	u32 nr = kt_dec_u32(d), i;

	kt_dec_require(d, nr <= KT_PLAN_MAX_ARGS);
	for (i = 0; i < nr && !d->bad; i++)
		kt_dec_str(d, plan->sched_argv[i], KT_PLAN_ARG_MAX);
	plan->sched_argc = d->bad ? 0 : nr;
}

static void decode_holds(struct kt_dec *d, struct kt_plan *plan)
{
	u32 nr = kt_dec_u32(d), i;

	kt_dec_require(d, nr <= KT_PLAN_MAX_HOLDS);
	for (i = 0; i < nr && !d->bad; i++)
		plan->hold_ns[i] = kt_dec_u64(d);
	plan->nr_holds = d->bad ? 0 : nr;
}

int kt_plan_decode(struct kt_plan *plan, const void *buf, size_t len)
{
	struct kt_dec d;
	size_t i;

	memset(plan, 0, sizeof(*plan));
	kt_dec_init(&d, buf, len);
	kt_dec_require(&d, len <= KT_PLAN_MAX_BYTES);
	kt_dec_require(&d, kt_dec_u32(&d) == KT_PLAN_VERSION);
	kt_dec_str(&d, plan->test, sizeof(plan->test));
	kt_dec_str(&d, plan->sched_path, sizeof(plan->sched_path));
	decode_args(&d, plan);
	plan->seed = kt_dec_u64(&d);
	plan->duration_ms = kt_dec_u32(&d);
	plan->attach_timeout_ms = kt_dec_u32(&d);
	plan->test_timeout_ms = kt_dec_u32(&d);
	plan->wallclock_ns = kt_dec_u64(&d);
	plan->speed_pct = kt_dec_u32(&d);
	plan->start_spread_us = kt_dec_u32(&d);
	plan->workers_pct = kt_dec_u32(&d);
	plan->events_kib = kt_dec_u32(&d);
	decode_holds(&d, plan);
	for (i = 0; i < ARRAY_SIZE(thresholds); i++)
		*(s32 *)((char *)&plan->thresholds + thresholds[i]) =
			kt_dec_u32(&d);
	kt_dec_require(&d, plan_ok(plan));
	return kt_dec_finish(&d);
}
