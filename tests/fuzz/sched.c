// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runqueues, domains and event counters of a guest, with any words of its
 * memory written over: nothing outside of the memory is touched, every walk
 * ends, and what the monitor makes of the samples is a line of text.
 */
#include <assert.h>

#include "../unit/mini_rq.h"
#include "drop_log.h"
#include "ktstr/coord/monitor.h"

#define NR_SAMPLES	8

struct patch {
	u32 gpa;
	u64 value;
} __packed;

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const struct kt_monitor_opts opts = {
	.sample_ms = 100,
	.bounds = {
		.of = { { 1, true }, { 1 }, { 1, true }, { 1 }, { 1 } },
		.sustained = 2,
	},
};

static void judge(struct mini_rq *m)
{
	struct kt_monitor_sample *s;
	struct kt_monitor mon;
	char buf[512];
	u32 i;

	kt_monitor_init(&mon, &opts);
	assert(!kt_monitor_prepare(&mon, kt_sched_nr_cpus(&m->g.k), true));
	for (i = 0; i < NR_SAMPLES; i++) {
		s = kt_monitor_next(&mon);
		if (kt_sched_sample(&m->g.k, &m->l, &s->sched, buf, sizeof(buf)))
			break;
		/* one clock moves; else all of it came too early */
		s->sched.cpus[0].rq[KT_RQ_CLOCK] += i;
		s->in_workload = true;
		s->running_ns = i * 1000000;
		memset(kt_monitor_ran(s), i, s->sched.nr_cpus * sizeof(u64));
		kt_monitor_put(&mon);
	}
	for (i = 0; i < mon.judge.nr; i++) {
		kt_monitor_finding_str(&mon.judge.findings[i], buf, sizeof(buf));
		assert(!strchr(buf, '\n'));
	}
	kt_monitor_fini(&mon);
}

static void look(struct mini_rq *m)
{
	u32 nr_cpus = kt_sched_nr_cpus(&m->g.k);
	json_t *absent = json_array(), *cpus;
	struct kt_sched_sample *s;
	char why[128];

	s = malloc(kt_sched_sample_bytes(nr_cpus));
	assert(s && absent);
	if (!kt_sched_sample(&m->g.k, &m->l, s, why, sizeof(why))) {
		cpus = kt_sched_json(&m->g.k, &m->l, s, absent);
		assert(json_array_size(cpus) == nr_cpus);
		json_decref(cpus);
	}
	json_decref(kt_events_json(&m->g.k, &m->l.events, nr_cpus, absent));
	json_decref(absent);
	free(s);
}

static void apply(struct mini_guest *g, const u8 *data, size_t size)
{
	struct patch p;

	for (; size >= sizeof(p); data += sizeof(p), size -= sizeof(p)) {
		memcpy(&p, data, sizeof(p));
		mini_put_u64(g, p.gpa % (MINI_RAM_BYTES - 7), p.value);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct mini_rq *m;

	drop_log();
	if (!m)
		m = mini_rq_new(MINI_HAS_ALL | MINI_HAS_EV_6_18);
	mini_rq_boot(m);
	mini_put_u64(&m->g, MINI_IMAGE_GPA + AT_SCX_ROOT, KVA(SCHED_GPA));
	mini_put_u64(&m->g, SCHED_GPA + 32, EVENTS_AT);
	apply(&m->g, data, size);
	/* of just that size, for the sanitizer to see its end */
	m->g.region.hva = malloc(MINI_RAM_BYTES);
	assert(m->g.region.hva);
	memcpy(m->g.region.hva, m->g.ram, MINI_RAM_BYTES);
	if (!mini_guest_init(&m->g, 0)) {
		m->g.k.types = m->types;
		look(m);
		judge(m);
	}
	free(m->g.region.hva);
	return 0;
}
