// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runqueues, one after the other. A runqueue lies in the direct map, as a rule,
 * and then its address is translated once for all of its fields.
 */
#include <stdio.h>

#include "sched.h"

#define MAX_LOCAL_DSQ	10000	/* more is no queue, but memory not yet in use */
#define DOMAIN_CPUS	64	/* with counters of their domains, in a capture */

struct rq_field {
	const char *path;
	const char *name;	/* in a capture's tree; NULL: not by itself */
};

static const struct rq_field rq_fields[] = {
	[KT_RQ_NR_RUNNING]	= { "nr_running", "nr_running" },
	[KT_RQ_CLOCK]		= { "clock", "clock_ns" },
	[KT_RQ_CURR]		= { "curr" },
	[KT_RQ_ONLINE]		= { "online", "online" },
	[KT_RQ_NR_SWITCHES]	= { "nr_switches", "nr_switches" },
	[KT_RQ_SCX_NR_RUNNING]	= { "scx.nr_running", "scx_nr_running" },
	[KT_RQ_SCX_FLAGS]	= { "scx.flags" },
	[KT_RQ_LOCAL_DSQ]	= { "scx.local_dsq.nr", "local_dsq" },
	[KT_RQ_RUN_DELAY]	= { "rq_sched_info.run_delay", "run_delay" },
	[KT_RQ_PCOUNT]		= { "rq_sched_info.pcount", "pcount" },
	[KT_RQ_YLD_COUNT]	= { "yld_count", "yld_count" },
	[KT_RQ_SCHED_COUNT]	= { "sched_count", "sched_count" },
	[KT_RQ_SCHED_GOIDLE]	= { "sched_goidle", "sched_goidle" },
	[KT_RQ_TTWU_COUNT]	= { "ttwu_count", "ttwu_count" },
	[KT_RQ_TTWU_LOCAL]	= { "ttwu_local", "ttwu_local" },
};

static int find_fields(struct kt_sched_layout *l,
		       const struct kt_guest_kernel *k)
{
	static const char *const task[] = { "pid", "comm" };
	static const char *const sd = "sd";
	const char *paths[KT_RQ_NR_FIELDS];
	struct kt_field task_fields[ARRAY_SIZE(task)];
	s64 bytes;
	u32 i;

	for (i = 0; i < KT_RQ_NR_FIELDS; i++)
		paths[i] = rq_fields[i].path;
	if (kt_fields_find(k, "rq", paths, KT_RQ_NR_FIELDS, KT_RQ_CURR + 1,
			   l->rq, NULL) ||
	    kt_fields_find(k, "task_struct", task, ARRAY_SIZE(task),
			   ARRAY_SIZE(task), task_fields, NULL))
		return -ENOENT;
	kt_fields_find(k, "rq", &sd, 1, 0, &l->sd, NULL);
	l->pid = task_fields[0];
	l->comm = task_fields[1];
	bytes = kt_types_size(k->types, kt_types_struct(k->types, "rq"));
	if (bytes <= 0 || bytes > UINT32_MAX)
		return -ENOENT;
	l->rq_bytes = bytes;
	/* what is no number of a word is none that a sample holds */
	for (i = 0; i < KT_RQ_NR_FIELDS; i++)
		if (l->rq[i].size_bytes > sizeof(u64) || l->rq[i].bit_size)
			memset(&l->rq[i], 0, sizeof(l->rq[i]));
	for (i = 0; i <= KT_RQ_CURR; i++)
		if (!kt_sched_has(l, i))
			return -ENOENT;
	return 0;
}

int kt_sched_layout_init(struct kt_sched_layout *l,
			 const struct kt_guest_kernel *k)
{
	memset(l, 0, sizeof(*l));
	l->why_not = "runqueues are not described by the BTF";
	if (!k->types || find_fields(l, k))
		return -ENOENT;
	if (!kt_guest_kernel_is_percpu(k, "runqueues") ||
	    kt_guest_kernel_symbol(k, "runqueues", &l->runqueues_kva) ||
	    kt_guest_kernel_symbol(k, "__per_cpu_offset",
				   &l->percpu_offsets_kva) ||
	    kt_guest_kernel_symbol(k, "jiffies_64", &l->jiffies_kva)) {
		l->why_not = "the vmlinux has no runqueues or no jiffies_64";
		return -ENOENT;
	}
	kt_events_init(&l->events, k, l->percpu_offsets_kva);
	l->known = true;
	return 0;
}

u32 kt_sched_nr_cpus(const struct kt_guest_kernel *k)
{
	return min_t(u32, k->nr_cpus, KT_SAMPLE_MAX_CPUS);
}

size_t kt_sched_sample_bytes(u32 nr_cpus)
{
	return sizeof(struct kt_sched_sample) +
	       nr_cpus * sizeof(struct kt_cpu_sample);
}

int kt_sched_rq(const struct kt_guest_kernel *k,
		const struct kt_sched_layout *l, u32 cpu, u64 *kva)
{
	u64 offset;
	int ret;

	ret = kt_guest_kernel_read_u64(k, l->percpu_offsets_kva +
				       cpu * sizeof(u64), &offset);
	if (ret)
		return ret;
	*kva = l->runqueues_kva + offset;
	return kt_guest_kernel_half(k, *kva) ? 0 : -EFAULT;
}

/* All of the runqueue at @kva is at *@gpa and behind. */
static bool one_piece(const struct kt_guest_kernel *k,
		      const struct kt_sched_layout *l, u64 kva, u64 *gpa)
{
	return !kt_guest_kernel_direct(k, kva, gpa) &&
	       kt_guest_mem_ptr(&k->mem, *gpa, l->rq_bytes);
}

static int read_fields(const struct kt_guest_kernel *k,
		       const struct kt_sched_layout *l, u64 kva,
		       struct kt_cpu_sample *c)
{
	u64 gpa;
	bool direct = one_piece(k, l, kva, &gpa);
	int ret = 0;
	u32 i;

	for (i = 0; i < KT_RQ_NR_FIELDS && !ret; i++) {
		const struct kt_field *f = &l->rq[i];

		c->rq[i] = 0;
		if (!kt_field_known(f))
			continue;
		if (direct)
			ret = kt_guest_mem_read(&k->mem, gpa + f->offset_bytes,
						&c->rq[i], f->size_bytes);
		else
			ret = kt_field_read(k, kva, f, &c->rq[i]);
	}
	return ret;
}

static void read_curr(const struct kt_guest_kernel *k,
		      const struct kt_sched_layout *l, struct kt_cpu_sample *c)
{
	u64 task = c->rq[KT_RQ_CURR], pid = 0;
	u32 len = min_t(u32, l->comm.size_bytes, KT_COMM_BYTES);

	memset(c->curr_comm, 0, sizeof(c->curr_comm));
	c->curr_known = !kt_field_read(k, task, &l->pid, &pid) &&
			!kt_guest_kernel_read(k, kt_field_kva(task, &l->comm),
					      c->curr_comm, len);
	c->curr_pid = pid;
}

static void read_events(const struct kt_guest_kernel *k,
			const struct kt_events *e, struct kt_sched_sample *s)
{
	s->has_events = !kt_events_sum(k, e, KT_EVENT_FALLBACK, s->nr_cpus,
				       &s->fallbacks) &&
			!kt_events_sum(k, e, KT_EVENT_KEEP_LAST, s->nr_cpus,
				       &s->keep_lasts);
}

int kt_sched_sample(const struct kt_guest_kernel *k,
		    const struct kt_sched_layout *l, struct kt_sched_sample *s,
		    char *why, size_t size)
{
	u64 kva;
	int ret;
	u32 i;

	memset(s, 0, sizeof(*s));
	if (!l->known) {
		snprintf(why, size, "%s", l->why_not ? l->why_not :
			 "runqueues were not looked for");
		return -ENOENT;
	}
	ret = kt_guest_kernel_read_u64(k, l->jiffies_kva, &s->jiffies);
	if (ret) {
		snprintf(why, size, "jiffies_64 cannot be read");
		return ret;
	}
	s->nr_cpus = kt_sched_nr_cpus(k);
	for (i = 0; i < s->nr_cpus && !ret; i++) {
		ret = kt_sched_rq(k, l, i, &kva);
		if (!ret)
			ret = read_fields(k, l, kva, &s->cpus[i]);
		if (!ret)
			read_curr(k, l, &s->cpus[i]);
	}
	if (ret)
		snprintf(why, size, "the runqueue of CPU %u cannot be read",
			 i - 1);
	else
		read_events(k, &l->events, s);
	return ret;
}

bool kt_sched_sample_early(const struct kt_sched_sample *s)
{
	bool same = true;
	u32 i;

	for (i = 0; i < s->nr_cpus; i++) {
		if (s->cpus[i].rq[KT_RQ_LOCAL_DSQ] > MAX_LOCAL_DSQ)
			return true;
		if (s->cpus[i].rq[KT_RQ_CLOCK] != s->cpus[0].rq[KT_RQ_CLOCK])
			same = false;
	}
	/* a single one is always like itself */
	return s->nr_cpus == 1 ? !s->cpus[0].rq[KT_RQ_CLOCK] : same;
}

static json_t *curr_json(const struct kt_cpu_sample *c)
{
	json_t *o = json_object();

	kt_json_set_u64(o, "pid", c->curr_pid);
	kt_json_set(o, "comm", kt_json_text(c->curr_comm, KT_COMM_BYTES));
	return o;
}

static void set_rq_fields(json_t *o, const struct kt_sched_layout *l,
			  const struct kt_cpu_sample *c, u32 from, u32 end)
{
	u32 i;

	for (i = from; i < end; i++)
		if (rq_fields[i].name && kt_sched_has(l, i))
			kt_json_set_u64(o, rq_fields[i].name, c->rq[i]);
}

static json_t *cpu_json(const struct kt_guest_kernel *k,
			const struct kt_sched_layout *l, u32 cpu,
			const struct kt_cpu_sample *c)
{
	json_t *o = json_object(), *stats;
	char flags[128];

	kt_json_set_u64(o, "cpu", cpu);
	set_rq_fields(o, l, c, 0, KT_RQ_RUN_DELAY);
	if (kt_sched_has(l, KT_RQ_SCX_FLAGS)) {
		kt_enum_flags(k->types, "scx_rq_flags", "SCX_RQ_",
			      c->rq[KT_RQ_SCX_FLAGS], flags, sizeof(flags));
		kt_json_set_text(o, "scx_flags", flags);
	}
	if (c->curr_known)
		kt_json_set(o, "curr", curr_json(c));
	else
		kt_json_set(o, "curr_error",
			    kt_json_textf("0x%llx cannot be read",
					  (unsigned long long)c->rq[KT_RQ_CURR]));
	stats = json_object();
	set_rq_fields(stats, l, c, KT_RQ_RUN_DELAY, KT_RQ_NR_FIELDS);
	if (json_object_size(stats))
		kt_json_set(o, "schedstat", stats);
	else
		json_decref(stats);
	return o;
}

json_t *kt_sched_json(const struct kt_guest_kernel *k,
		      const struct kt_sched_layout *l,
		      const struct kt_sched_sample *s, json_t *absent)
{
	json_t *cpus = json_array(), *o, *domains;
	struct kt_domains d;
	bool has_domains = !kt_domains_init(&d, k, l, absent);
	u64 kva;
	u32 i;

	if (!kt_sched_has(l, KT_RQ_SCHED_COUNT))
		kt_json_absent(absent, "schedstats: not in this kernel");
	for (i = 0; i < s->nr_cpus; i++) {
		o = cpu_json(k, l, i, &s->cpus[i]);
		domains = has_domains && !kt_sched_rq(k, l, i, &kva) ?
			  kt_domains_json(&d, kva, i < DOMAIN_CPUS) : NULL;
		if (domains)
			kt_json_set(o, "domains", domains);
		json_array_append_new(cpus, o);
	}
	kt_domains_fini(&d);
	return cpus;
}
