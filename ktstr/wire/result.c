// SPDX-License-Identifier: GPL-2.0-only
/*
 * TestResult's layout: version, outcome, test and duration, then details,
 * claims and cgroups, each list behind a u32 count that is checked before it
 * is believed. The decoder fills fixed arrays and allocates nothing.
 */
#include "codec.h"
#include "result.h"

static void encode_details(struct kt_enc *e, const struct kt_result *r)
{
	u32 i;

	e->bad |= r->nr_details > KT_MAX_DETAILS;
	kt_enc_u32(e, r->nr_details);
	kt_enc_u32(e, r->details_dropped);
	for (i = 0; i < r->nr_details && !e->bad; i++) {
		e->bad |= r->details[i].kind >= KT_NR_DETAIL_KINDS;
		kt_enc_u8(e, r->details[i].kind);
		kt_enc_str(e, r->details[i].text);
	}
}

static void encode_claims(struct kt_enc *e, const struct kt_result *r)
{
	u32 i;

	e->bad |= r->nr_claims > KT_MAX_CLAIMS;
	kt_enc_u32(e, r->nr_claims);
	kt_enc_u32(e, r->claims_dropped);
	for (i = 0; i < r->nr_claims && !e->bad; i++) {
		const struct kt_claim *c = &r->claims[i];

		e->bad |= c->ok > 1;
		kt_enc_u8(e, c->ok);
		kt_enc_str(e, c->label);
		kt_enc_u64(e, c->value);
		kt_enc_u64(e, c->bound);
	}
}

static void encode_telemetry(struct kt_enc *e, const struct kt_cgroup_stats *c)
{
	kt_enc_u64(e, c->work_units);
	kt_enc_u32(e, c->throughput_cv_pct);
	kt_enc_u32(e, c->off_cpu_pct);
	kt_enc_u64(e, c->run_delay_ns);
	kt_enc_u64(e, c->slices);
	kt_enc_u32(e, c->cpus_used);
	kt_enc_u32(e, c->cross_node);
	kt_enc_u64(e, c->wakes);
	kt_enc_u32(e, c->wake_p50_us);
	kt_enc_u32(e, c->wake_p99_us);
	kt_enc_u32(e, c->wake_max_us);
	kt_enc_u32(e, c->wake_cv_pct);
	kt_enc_u64(e, c->pages);
	kt_enc_u32(e, c->local_pct);
	kt_enc_u32(e, c->slow_pct);
}

static void encode_cgroups(struct kt_enc *e, const struct kt_result *r)
{
	u32 i;

	e->bad |= r->nr_cgroups > KT_MAX_CGROUP_STATS;
	kt_enc_u32(e, r->nr_cgroups);
	for (i = 0; i < r->nr_cgroups && !e->bad; i++) {
		const struct kt_cgroup_stats *c = &r->cgroups[i];

		kt_enc_str(e, c->name);
		kt_enc_u32(e, c->workers);
		kt_enc_u64(e, c->iterations);
		kt_enc_u64(e, c->cpu_ns);
		kt_enc_u32(e, c->spread_pct);
		kt_enc_u32(e, c->min_share_pct);
		kt_enc_u32(e, c->max_share_pct);
		kt_enc_u32(e, c->longest_gap_ms);
		kt_enc_u32(e, c->gap_cpu);
		kt_enc_u32(e, c->migrations);
		encode_telemetry(e, c);
	}
}

int kt_result_encode(const struct kt_result *r, void *buf, size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, size);
	e.bad = r->outcome >= KT_NR_OUTCOMES;
	kt_enc_u32(&e, KT_RESULT_VERSION);
	kt_enc_u8(&e, r->outcome);
	kt_enc_str(&e, r->test);
	kt_enc_u32(&e, r->duration_ms);
	encode_details(&e, r);
	encode_claims(&e, r);
	encode_cgroups(&e, r);
	return kt_enc_finish(&e);
}

/* A count up to @max; above it @d is bad and there is nothing to read. */
static u32 decode_count(struct kt_dec *d, u32 max)
{
	u32 nr = kt_dec_u32(d);

	kt_dec_require(d, nr <= max);
	return d->bad ? 0 : nr;
}

static void decode_details(struct kt_dec *d, struct kt_result *r)
{
	u32 i;

	r->nr_details = decode_count(d, KT_MAX_DETAILS);
	r->details_dropped = kt_dec_u32(d);
	for (i = 0; i < r->nr_details && !d->bad; i++) {
		r->details[i].kind = kt_dec_u8(d);
		kt_dec_require(d, r->details[i].kind < KT_NR_DETAIL_KINDS);
		kt_dec_str(d, r->details[i].text, KT_DETAIL_TEXT_MAX);
	}
}

static void decode_claims(struct kt_dec *d, struct kt_result *r)
{
	u32 i;

	r->nr_claims = decode_count(d, KT_MAX_CLAIMS);
	r->claims_dropped = kt_dec_u32(d);
	for (i = 0; i < r->nr_claims && !d->bad; i++) {
		struct kt_claim *c = &r->claims[i];

		c->ok = kt_dec_u8(d);
		kt_dec_require(d, c->ok <= 1);
		kt_dec_str(d, c->label, sizeof(c->label));
		c->value = kt_dec_u64(d);
		c->bound = kt_dec_u64(d);
	}
}

static void decode_telemetry(struct kt_dec *d, struct kt_cgroup_stats *c)
{
	c->work_units = kt_dec_u64(d);
	c->throughput_cv_pct = kt_dec_u32(d);
	c->off_cpu_pct = kt_dec_u32(d);
	c->run_delay_ns = kt_dec_u64(d);
	c->slices = kt_dec_u64(d);
	c->cpus_used = kt_dec_u32(d);
	c->cross_node = kt_dec_u32(d);
	c->wakes = kt_dec_u64(d);
	c->wake_p50_us = kt_dec_u32(d);
	c->wake_p99_us = kt_dec_u32(d);
	c->wake_max_us = kt_dec_u32(d);
	c->wake_cv_pct = kt_dec_u32(d);
	c->pages = kt_dec_u64(d);
	c->local_pct = kt_dec_u32(d);
	c->slow_pct = kt_dec_u32(d);
}

static void decode_cgroups(struct kt_dec *d, struct kt_result *r)
{
	u32 i;

	r->nr_cgroups = decode_count(d, KT_MAX_CGROUP_STATS);
	for (i = 0; i < r->nr_cgroups && !d->bad; i++) {
		struct kt_cgroup_stats *c = &r->cgroups[i];

		kt_dec_str(d, c->name, sizeof(c->name));
		c->workers = kt_dec_u32(d);
		c->iterations = kt_dec_u64(d);
		c->cpu_ns = kt_dec_u64(d);
		c->spread_pct = kt_dec_u32(d);
		c->min_share_pct = kt_dec_u32(d);
		c->max_share_pct = kt_dec_u32(d);
		c->longest_gap_ms = kt_dec_u32(d);
		c->gap_cpu = kt_dec_u32(d);
		c->migrations = kt_dec_u32(d);
		decode_telemetry(d, c);
	}
}

int kt_result_decode(struct kt_result *r, const void *buf, size_t len)
{
	struct kt_dec d;

	memset(r, 0, sizeof(*r));
	kt_dec_init(&d, buf, len);
	kt_dec_require(&d, kt_dec_u32(&d) == KT_RESULT_VERSION);
	r->outcome = kt_dec_u8(&d);
	kt_dec_require(&d, r->outcome < KT_NR_OUTCOMES);
	kt_dec_str(&d, r->test, sizeof(r->test));
	r->duration_ms = kt_dec_u32(&d);
	decode_details(&d, r);
	decode_claims(&d, r);
	decode_cgroups(&d, r);
	return kt_dec_finish(&d);
}
