/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where vCPU threads meet: they run until they are asked to park, stand still
 * until they are let go, and leave when the machine ends. It knows nothing of
 * KVM; who asks also kicks them out of the guest.
 */
#ifndef KTSTR_ENGINE_KVM_PARK_H
#define KTSTR_ENGINE_KVM_PARK_H

#include <pthread.h>
#include <stdatomic.h>

#include "../../base/types.h"

struct kt_park {
	pthread_mutex_t lock;	/* for what follows, but @asked */
	pthread_cond_t arrived;	/* nr_parked or nr_gone has grown */
	pthread_cond_t let_go;	/* frozen or stopped has changed */
	u32 nr;
	u32 nr_parked;
	u32 nr_gone;
	bool frozen;
	bool stopped;
	/* frozen || stopped: written under the lock, read without */
	_Atomic bool asked;
};

int kt_park_init(struct kt_park *p, u32 nr);
void kt_park_fini(struct kt_park *p);

/* A vCPU thread, before each entry: whether it must call kt_park_wait(). */
bool kt_park_asked(struct kt_park *p);

/* Stands still while frozen: true to go on, false when the machine ends. */
bool kt_park_wait(struct kt_park *p);

/* A vCPU thread's last call. It counts as parked from then on. */
void kt_park_leave(struct kt_park *p);

/* Asks all to park, and lets them go. From any thread; either may repeat. */
void kt_park_freeze(struct kt_park *p);
void kt_park_thaw(struct kt_park *p);

/* Asks all to leave, for good. */
void kt_park_stop(struct kt_park *p);

/* Until all are parked or @deadline_ns: 0 or -ETIMEDOUT; how many are. */
int kt_park_await(struct kt_park *p, u64 deadline_ns, u32 *parked);

/* Likewise until all have left. */
int kt_park_await_gone(struct kt_park *p, u64 deadline_ns);

#endif /* KTSTR_ENGINE_KVM_PARK_H */
