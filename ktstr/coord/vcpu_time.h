/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long the host has run each vCPU: by the threads that run them, which the
 * engine names. Where one thread runs them all in turn, each gets its share.
 */
#ifndef KTSTR_COORD_VCPU_TIME_H
#define KTSTR_COORD_VCPU_TIME_H

#include "../engine/engine.h"

struct kt_vcpu_thread {
	int fd;			/* /proc/TID/schedstat */
	u64 waited_ns;		/* before it was opened */
};

struct kt_vcpu_time {
	u32 nr_threads;		/* 0: not known; 1 for all vCPUs, or one each */
	u32 nr_vcpus;
	struct kt_vcpu_thread *threads;
};

/* -EAGAIN: the engine does not say yet; -errno: it cannot be known. */
int kt_vcpu_time_init(struct kt_vcpu_time *t, const struct kt_machine *m);
void kt_vcpu_time_fini(struct kt_vcpu_time *t);

/*
 * Fills @ran_ns of @nr CPUs since they began, UINT64_MAX for what is not known;
 * *@waited_ns: how long the thread that waited longest has waited for the host
 * since init. An average would hide one that waits among those that sleep.
 */
void kt_vcpu_time_read(const struct kt_vcpu_time *t, u64 *ran_ns, u32 nr,
		       u64 *waited_ns);

#endif /* KTSTR_COORD_VCPU_TIME_H */
