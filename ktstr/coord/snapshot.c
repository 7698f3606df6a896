// SPDX-License-Identifier: GPL-2.0-only
/*
 * One snapshot: each part of the kernel's state by who knows to read it.
 */
#include <stdio.h>

#include "../inspect/bpf.h"
#include "../inspect/dsq.h"
#include "../inspect/exit_info.h"
#include "../inspect/sched.h"
#include "../inspect/stack.h"
#include "../inspect/tasks.h"
#include "snapshot.h"

#define MAX_VCPUS	512

/* What all parts of one snapshot are given. */
struct snapshot {
	struct kt_subject *subject;
	struct kt_machine *m;
	struct kt_names names;
	struct kt_bpf *bpf;
	struct kt_scx scx_found;
	const struct kt_scx *scx;	/* NULL: the kernel has none */
	json_t *absent;
	json_t *state;
};

static json_t *kernel_json(const struct snapshot *s, u64 jiffies)
{
	const struct kt_guest_kernel *k = &s->subject->kernel;
	json_t *o = json_object();

	kt_json_set_hex(o, "slide", k->slide);
	kt_json_set_u64(o, "levels", k->levels);
	kt_json_set_u64(o, "jiffies", jiffies);
	if (s->scx)
		kt_json_set_text(o, "scx", s->scx->how);
	return o;
}

static int add_cpus(struct snapshot *s, char *why, size_t size)
{
	const struct kt_guest_kernel *k = &s->subject->kernel;
	const struct kt_sched_layout *l = &s->subject->sched;
	u32 nr_cpus = kt_sched_nr_cpus(k);
	struct kt_sched_sample *sample;
	json_t *events;
	int ret;

	sample = malloc(kt_sched_sample_bytes(nr_cpus));
	if (!sample)
		return -ENOMEM;
	ret = kt_sched_sample(k, l, sample, why, size);
	kt_json_set(s->state, "kernel", kernel_json(s, sample->jiffies));
	if (!ret) {
		kt_json_set(s->state, "cpus",
			    kt_sched_json(k, l, sample, s->absent));
		events = kt_events_json(k, &l->events, nr_cpus, s->absent);
		if (events)
			kt_json_set(s->state, "events", events);
	}
	free(sample);
	return ret;
}

/* An engine that has no registers, or a machine that has ended, has none. */
static void add_vcpus(struct snapshot *s)
{
	u32 nr = min_t(u32, s->m->nr_vcpus, MAX_VCPUS), i;
	struct kt_vcpu_state *vcpus;

	vcpus = s->m->ops->regs ? calloc(nr, sizeof(*vcpus)) : NULL;
	if (!vcpus)
		return;
	for (i = 0; i < nr; i++)
		vcpus[i].err = s->m->ops->regs(s->m, i, &vcpus[i].regs);
	/* one that stands within an instruction has none to tell */
	if (vcpus[0].err != -EBUSY)
		kt_json_set(s->state, "vcpus",
			    kt_vcpus_json(&s->names, vcpus, nr, s->absent));
	free(vcpus);
}

static void add_sched_ext(struct snapshot *s)
{
	u32 hz = s->subject->opts.hz;

	if (s->scx)
		kt_json_set(s->state, "sched_ext",
			    kt_scx_json(&s->names, s->scx, hz, s->absent));
	kt_json_set(s->state, "dsqs",
		    kt_dsqs_json(&s->subject->kernel, s->scx, hz, s->absent));
}

static void add_tasks(struct snapshot *s)
{
	json_t *left = NULL;

	kt_json_set(s->state, "tasks",
		    kt_tasks_json(&s->names, s->subject->opts.hz, s->absent,
				  &left));
	if (left)
		kt_json_set(s->state, "tasks_left", left);
}

static void add_bpf(struct snapshot *s)
{
	kt_json_set(s->state, "maps", kt_bpf_maps_json(s->bpf));
	kt_json_set(s->state, "progs", kt_bpf_progs_json(s->bpf));
}

int kt_snapshot_take(struct kt_subject *subject, struct kt_machine *m,
		     json_t *state, char *why, size_t size)
{
	struct snapshot s = {
		.subject = subject,
		.m = m,
		.names = { .k = &subject->kernel },
		.absent = json_array(),
		.state = state,
	};
	char no_scx[128];
	int ret;

	if (!subject->types) {
		json_decref(s.absent);
		snprintf(why, size, "the kernel's types are not known");
		return -ENOENT;
	}
	if (!kt_scx_find(&subject->kernel, &s.scx_found, no_scx,
			 sizeof(no_scx)))
		s.scx = &s.scx_found;
	else
		kt_json_absent(s.absent, no_scx);
	if (!kt_bpf_read(&subject->kernel, kt_subject_btf(subject), s.absent,
			 &s.bpf))
		s.names.bpf = s.bpf;
	ret = add_cpus(&s, why, size);
	add_vcpus(&s);
	add_sched_ext(&s);
	add_tasks(&s);
	if (s.bpf)
		add_bpf(&s);
	kt_bpf_free(s.bpf);
	kt_json_set(state, "absent", s.absent);
	return ret;
}

json_t *kt_snapshot_exit(struct kt_subject *subject)
{
	struct kt_names names = { .k = &subject->kernel };
	json_t *absent = json_array(), *all = NULL, *ended;
	struct kt_bpf *b = NULL;
	struct kt_scx scx;
	char why[128];

	if (!kt_scx_find(&subject->kernel, &scx, why, sizeof(why))) {
		if (!kt_bpf_read(&subject->kernel, kt_subject_btf(subject),
				 absent, &b))
			names.bpf = b;
		all = kt_scx_json(&names, &scx, subject->opts.hz, absent);
		kt_bpf_free(b);
	}
	ended = json_incref(json_object_get(all, "exit"));
	json_decref(all);
	json_decref(absent);
	return ended;
}
