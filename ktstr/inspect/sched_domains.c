// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scheduling domains of a CPU, from the lowest up its parents. A tree that a
 * guest made up may lead in circles: its height is bounded.
 */
#include "../base/strbuf.h"
#include "sched.h"

#define MAX_LEVELS	16
#define MAX_IDLE_TYPES	4
#define NAME_BYTES	16
#define SPAN_BYTES	4096

enum {
	SD_PARENT, SD_SPAN,			/* without them there is nothing */
	SD_LEVEL, SD_FLAGS, SD_NAME, SD_BALANCE_INTERVAL, SD_NR_BALANCE_FAILED,
	SD_IMBALANCE_PCT, SD_COUNTERS,		/* from here on */
};

/* @name in the tree; counters are by the kind of idleness, or single. */
static const struct {
	const char *path, *name;
} fields[] = {
	[SD_PARENT]		= { "parent" },
	[SD_SPAN]		= { "span" },
	[SD_LEVEL]		= { "level", "level" },
	[SD_FLAGS]		= { "flags" },
	[SD_NAME]		= { "name" },
	[SD_BALANCE_INTERVAL]	= { "balance_interval", "balance_interval" },
	[SD_NR_BALANCE_FAILED]	= { "nr_balance_failed", "nr_balance_failed" },
	[SD_IMBALANCE_PCT]	= { "imbalance_pct", "imbalance_pct" },
	[SD_COUNTERS]		= { "lb_count", "count" },
	{ "lb_failed", "failed" },
	{ "lb_balanced", "balanced" },
	{ "lb_imbalance", "imbalance" },
	{ "lb_gained", "gained" },
	{ "lb_hot_gained", "hot_gained" },
	{ "lb_nobusyg", "nobusyg" },
	{ "lb_nobusyq", "nobusyq" },
	{ "alb_count", "active_count" },
	{ "alb_failed", "active_failed" },
	{ "alb_pushed", "active_pushed" },
	{ "ttwu_wake_remote", "ttwu_wake_remote" },
	{ "ttwu_move_affine", "ttwu_move_affine" },
	{ "ttwu_move_balance", "ttwu_move_balance" },
};

int kt_domains_init(struct kt_domains *d, const struct kt_guest_kernel *k,
		    const struct kt_sched_layout *l, json_t *absent)
{
	const char *paths[ARRAY_SIZE(fields)];
	u32 i;

	*d = (struct kt_domains){ .k = k, .sd = l->sd };
	d->fields = calloc(ARRAY_SIZE(fields), sizeof(*d->fields));
	if (!d->fields)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		paths[i] = fields[i].path;
	/* the span has no size: it is as long as there are CPUs */
	kt_fields_find(k, "sched_domain", paths, ARRAY_SIZE(fields), 0,
		       d->fields, NULL);
	if (kt_field_known(&d->sd) && kt_field_known(&d->fields[SD_PARENT]) &&
	    d->fields[SD_SPAN].offset_bytes)
		return 0;
	kt_json_absent(absent, "scheduling domains: not in this kernel");
	return -ENOENT;
}

void kt_domains_fini(struct kt_domains *d)
{
	free(d->fields);
	d->fields = NULL;
}

/* Bits as a list: "0-3,8". */
static json_t *span_json(const u64 *bits, u32 nr_cpus)
{
	struct kt_strbuf sb;
	u32 from, to;
	json_t *v;

	kt_strbuf_init(&sb, SPAN_BYTES);
	for (from = 0; from < nr_cpus; from = to + 1) {
		for (to = from; to < nr_cpus && bits[to / 64] >> to % 64 & 1;)
			to++;
		if (to == from)
			continue;
		kt_strbuf_addf(&sb, "%s%u", sb.len_bytes ? "," : "", from);
		if (to - from > 1)
			kt_strbuf_addf(&sb, "-%u", to - 1);
	}
	v = kt_json_text(kt_strbuf_str(&sb), SPAN_BYTES);
	kt_strbuf_fini(&sb);
	return v;
}

static void add_span(const struct kt_domains *d, u64 sd, json_t *o)
{
	u64 bits[KT_SAMPLE_MAX_CPUS / 64] = {};
	u32 nr = kt_sched_nr_cpus(d->k);

	if (!kt_guest_kernel_read(d->k, kt_field_kva(sd, &d->fields[SD_SPAN]),
				  bits, DIV_ROUND_UP(nr, 64) * sizeof(u64)))
		kt_json_set(o, "span", span_json(bits, nr));
}

static void add_name(const struct kt_domains *d, u64 sd, json_t *o)
{
	char name[NAME_BYTES];
	u64 kva;

	if (!kt_field_read(d->k, sd, &d->fields[SD_NAME], &kva) &&
	    kt_read_text(d->k, kva, name, sizeof(name)))
		kt_json_set_text(o, "name", name);
}

/* Of a field that is one number of four bytes, or several. NULL: all are 0. */
static json_t *counter_json(const struct kt_domains *d, u64 sd,
			    const struct kt_field *f)
{
	u32 v[MAX_IDLE_TYPES], nr = f->size_bytes / sizeof(*v), i;
	bool any = false;
	json_t *all;

	if (!nr || nr > MAX_IDLE_TYPES ||
	    kt_guest_kernel_read(d->k, kt_field_kva(sd, f), v,
				 nr * sizeof(*v)))
		return NULL;
	for (i = 0; i < nr; i++)
		any |= v[i];
	if (!any)
		return NULL;
	if (nr == 1)
		return kt_json_u64(v[0]);
	all = json_array();
	for (i = 0; i < nr; i++)
		json_array_append_new(all, kt_json_u64(v[i]));
	return all;
}

static json_t *counters_json(const struct kt_domains *d, u64 sd)
{
	json_t *o = json_object(), *v;
	u32 i;

	for (i = SD_COUNTERS; i < ARRAY_SIZE(fields); i++) {
		v = counter_json(d, sd, &d->fields[i]);
		if (v)
			kt_json_set(o, fields[i].name, v);
	}
	return o;
}

static json_t *domain_json(const struct kt_domains *d, u64 sd, bool counters)
{
	json_t *o = json_object();
	u64 v;
	u32 i;

	for (i = 0; i < SD_COUNTERS; i++)
		if (fields[i].name &&
		    !kt_field_read(d->k, sd, &d->fields[i], &v))
			kt_json_set_u64(o, fields[i].name, v);
	if (!kt_field_read(d->k, sd, &d->fields[SD_FLAGS], &v))
		kt_json_set_hex(o, "flags", v);
	add_name(d, sd, o);
	add_span(d, sd, o);
	/* none are kept without schedstats */
	if (counters && kt_field_known(&d->fields[SD_COUNTERS]))
		kt_json_set(o, "lb", counters_json(d, sd));
	return o;
}

json_t *kt_domains_json(const struct kt_domains *d, u64 rq_kva, bool counters)
{
	json_t *all = json_array(), *o;
	u32 i;
	u64 sd;

	if (kt_field_read(d->k, rq_kva, &d->sd, &sd))
		sd = 0;
	for (i = 0; i < MAX_LEVELS && sd; i++) {
		o = domain_json(d, sd, counters);
		json_array_append_new(all, o);
		if (!kt_field_read(d->k, sd, &d->fields[SD_PARENT], &sd))
			continue;
		kt_json_set_text(o, "broken", "its parent cannot be read");
		break;
	}
	if (i == MAX_LEVELS && sd)
		kt_json_set_text(o, "broken", "there are too many above it");
	return all;
}
