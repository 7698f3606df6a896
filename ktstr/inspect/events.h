/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event counters of sched_ext, which 6.15 brought: on each CPU a structure
 * of numbers, whose names are the events. Where it is moved twice.
 */
#ifndef KTSTR_INSPECT_EVENTS_H
#define KTSTR_INSPECT_EVENTS_H

#include "fields.h"

#define KT_EVENTS_MAX		64
#define KT_EVENT_FALLBACK	"SCX_EV_SELECT_CPU_FALLBACK"
#define KT_EVENT_KEEP_LAST	"SCX_EV_DISPATCH_KEEP_LAST"

struct kt_events {
	const char *how;		/* NULL: this kernel has none */
	u64 percpu_kva;			/* a per-CPU variable; 0: by the pointer */
	u64 root_kva;			/* of the pointer to struct scx_sched */
	struct kt_field pointer;	/* in it, to per-CPU memory */
	u64 offset_bytes;		/* of the counters in that */
	u64 percpu_offsets_kva;
	u32 nr;
	struct {
		const char *name;	/* lives as long as the types */
		struct kt_field field;
	} ev[KT_EVENTS_MAX];
};

void kt_events_init(struct kt_events *e, const struct kt_guest_kernel *k,
		    u64 percpu_offsets_kva);

/*
 * Sums of counter @name over @nr_cpus CPUs. -ENOENT: there is none now, for the
 * kernel or for want of a scheduler; -EFAULT.
 */
int kt_events_sum(const struct kt_guest_kernel *k, const struct kt_events *e,
		  const char *name, u32 nr_cpus, u64 *sum);

/* The member "events" of a capture, NULL when there is none. */
json_t *kt_events_json(const struct kt_guest_kernel *k,
		       const struct kt_events *e, u32 nr_cpus, json_t *absent);

#endif /* KTSTR_INSPECT_EVENTS_H */
