/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasks of the guest's kernel, found by pid.
 */
#ifndef KTSTR_INSPECT_TASK_H
#define KTSTR_INSPECT_TASK_H

#include "kernel.h"

#define KT_SCHED_EXT_POLICY	7	/* SCHED_EXT, include/uapi/linux/sched.h */

/* What a task is now; each read on its own, so racy unless frozen. */
struct kt_task {
	u64 kva;		/* struct task_struct */
	u32 pid;
	u64 start_boottime_ns;
	u32 state;		/* __state */
	u32 exit_state;
	u32 on_rq;
	u32 policy;
	bool class_ext;		/* sched_class is ext_sched_class */
	bool on_dsq;		/* scx.dsq is set */
	char comm[17];
};

/*
 * The task with @pid in the initial namespace. -ESRCH none, -ENOENT this
 * kernel has no sched_ext, -EFAULT not readable.
 */
int kt_task_find(const struct kt_guest_kernel *k, u32 pid, struct kt_task *t);

#endif /* KTSTR_INSPECT_TASK_H */
