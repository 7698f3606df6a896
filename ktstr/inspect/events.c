// SPDX-License-Identifier: GPL-2.0-only
/*
 * A row for each way in which a kernel has kept the counters, newest first.
 */
#include <bpf/btf.h>

#include "events.h"

#define STATS	"scx_event_stats"

struct layout {
	const char *how;
	const char *symbol;	/* a per-CPU variable, or NULL: */
	const char *pointer;	/* of struct scx_sched, to ... */
	const char *outer;	/* this structure, NULL: the counters themselves */
	const char *inner;	/* where they are in it */
};

static const struct layout layouts[] = {
	{ "scx_sched_pcpu.event_stats (6.18)", NULL, "pcpu", "scx_sched_pcpu",
	  "event_stats" },
	{ "scx_sched.event_stats_cpu (6.16)", NULL, "event_stats_cpu" },
	{ "event_stats_cpu (6.15)", "event_stats_cpu" },
};

static bool take(struct kt_events *e, const struct kt_guest_kernel *k,
		 const struct layout *l)
{
	struct kt_field inner = {};

	if (l->symbol)
		return kt_guest_kernel_is_percpu(k, l->symbol) &&
		       !kt_guest_kernel_symbol(k, l->symbol, &e->percpu_kva);
	if (kt_guest_kernel_symbol(k, "scx_root", &e->root_kva) ||
	    kt_fields_find(k, "scx_sched", &l->pointer, 1, 1, &e->pointer, NULL))
		return false;
	if (l->outer &&
	    kt_fields_find(k, l->outer, &l->inner, 1, 1, &inner, NULL))
		return false;
	e->offset_bytes = inner.offset_bytes;
	return true;
}

/* The events are what the structure's members are called. */
static void find_events(struct kt_events *e, const struct kt_types *types)
{
	const struct btf *btf = kt_types_btf(types);
	int id = kt_types_struct(types, STATS);
	const struct btf_type *s = id > 0 ? btf__type_by_id(btf, id) : NULL;
	const char *name;
	u32 i;

	for (i = 0; s && i < btf_vlen(s) && e->nr < KT_EVENTS_MAX; i++) {
		name = btf__name_by_offset(btf, btf_members(s)[i].name_off);
		if (!name || !*name ||
		    kt_types_member(btf, s, i, &e->ev[e->nr].field))
			continue;
		e->ev[e->nr++].name = name;
	}
}

void kt_events_init(struct kt_events *e, const struct kt_guest_kernel *k,
		    u64 percpu_offsets_kva)
{
	size_t i;

	memset(e, 0, sizeof(*e));
	e->percpu_offsets_kva = percpu_offsets_kva;
	if (!k->types || kt_types_struct(k->types, STATS) < 0)
		return;
	for (i = 0; i < ARRAY_SIZE(layouts) && !e->how; i++)
		if (take(e, k, &layouts[i]))
			e->how = layouts[i].how;
	if (e->how)
		find_events(e, k->types);
}

/* What is to be added to each CPU's offset. */
static int find_base(const struct kt_guest_kernel *k, const struct kt_events *e,
		     u64 *base)
{
	u64 sched;
	int ret;

	if (!e->how)
		return -ENOENT;
	*base = e->percpu_kva;
	if (e->percpu_kva)
		return 0;
	ret = kt_guest_kernel_read_u64(k, e->root_kva, &sched);
	if (ret)
		return ret;
	if (!sched)
		return -ENOENT;
	ret = kt_field_read(k, sched, &e->pointer, base);
	*base += e->offset_bytes;
	return ret;
}

static int sum_field(const struct kt_guest_kernel *k, const struct kt_events *e,
		     u64 base, const struct kt_field *f, u32 nr_cpus, u64 *sum)
{
	u64 offset, v;
	int ret = 0;
	u32 i;

	*sum = 0;
	for (i = 0; i < nr_cpus && !ret; i++) {
		ret = kt_guest_kernel_read_u64(k, e->percpu_offsets_kva +
					       i * sizeof(u64), &offset);
		if (!ret)
			ret = kt_field_read(k, base + offset, f, &v);
		if (!ret)
			*sum += v;
	}
	return ret;
}

int kt_events_sum(const struct kt_guest_kernel *k, const struct kt_events *e,
		  const char *name, u32 nr_cpus, u64 *sum)
{
	u64 base;
	u32 i;
	int ret = find_base(k, e, &base);

	if (ret)
		return ret;
	for (i = 0; i < e->nr; i++)
		if (!strcmp(e->ev[i].name, name))
			return sum_field(k, e, base, &e->ev[i].field, nr_cpus,
					 sum);
	return -ENOENT;
}

json_t *kt_events_json(const struct kt_guest_kernel *k,
		       const struct kt_events *e, u32 nr_cpus, json_t *absent)
{
	json_t *o;
	u64 base, sum;
	u32 i;

	if (!e->how) {
		kt_json_absent(absent, "sched_ext event counters: not in this kernel");
		return NULL;
	}
	if (find_base(k, e, &base))
		return NULL;
	o = json_object();
	for (i = 0; i < e->nr; i++)
		if (!sum_field(k, e, base, &e->ev[i].field, nr_cpus, &sum))
			kt_json_set_u64(o, e->ev[i].name, sum);
	return o;
}
