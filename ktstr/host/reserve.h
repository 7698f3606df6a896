/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host CPUs, reserved by advisory locks across programs and users, so that two
 * runs do not starve each other into false stalls. A lock is a flock() on the
 * CPU's directory in sysfs: it leaves nothing behind and ends with its process.
 */
#ifndef KTSTR_HOST_RESERVE_H
#define KTSTR_HOST_RESERVE_H

#include "../base/types.h"

#define KT_MAX_RESERVED	512

struct kt_reservation {
	int fds[KT_MAX_RESERVED];
	u32 cpus[KT_MAX_RESERVED];	/* their numbers */
	u32 nr;
};

/* CPUs this process may run on. */
u32 kt_host_cpus(void);

/* Memory that can be had without swapping, MiB. */
u32 kt_host_free_mib(void);

/*
 * Takes @nr CPUs (at most all), waiting until @deadline_ns or until
 * @cancel_fd is readable: 0, -ETIMEDOUT, -ECANCELED. Says on the log when it
 * has to wait.
 */
int kt_reserve_cpus(struct kt_reservation *r, u32 nr, u64 deadline_ns,
		    int cancel_fd);
void kt_reserve_release(struct kt_reservation *r);

#endif /* KTSTR_HOST_RESERVE_H */
