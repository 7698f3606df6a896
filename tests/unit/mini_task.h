/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a sched_ext task in a mini guest, found from its pid through the
 * IDR of the pid namespace.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_TASK_H
#define KTSTR_TESTS_UNIT_MINI_TASK_H

#include "ktstr/inspect/task.h"
#include "mini_btf.h"
#include "mini_guest.h"

#define SLIDE		0x1000000	/* of the guest's kernel */
#define PID		42
#define NODE		MINI_FREE_GPA
#define STRUCT_PID	(MINI_FREE_GPA + 0x1000)
#define TASK		(MINI_FREE_GPA + 0x2000)
#define IDR_HEAD	(MINI_IMAGE_GPA + MINI_PID_NS + MINI_NS_IDR + 8 + MINI_XA_HEAD)
#define SLOT		(NODE + MINI_NODE_SLOTS + PID * 8)

static inline void mini_task_add(struct mini_guest *g, u64 start_ns, u32 state,
				 const char *comm)
{
	mini_put_u64(g, IDR_HEAD, MINI_DIRECT + NODE + 2);
	mini_put_u64(g, SLOT, MINI_DIRECT + STRUCT_PID);
	mini_put_u64(g, STRUCT_PID + MINI_PID_TASKS,
		     MINI_DIRECT + TASK + MINI_TASK_LINKS);
	mini_put_u32(g, TASK + MINI_TASK_PID, PID);
	mini_put_u64(g, TASK + MINI_TASK_START, start_ns);
	mini_put_u32(g, TASK + MINI_TASK_STATE, state);
	mini_put_u32(g, TASK + MINI_TASK_POLICY, KT_SCHED_EXT_POLICY);
	mini_put_u64(g, TASK + MINI_TASK_CLASS,
		     MINI_TEXT + SLIDE + MINI_EXT_CLASS);
	memcpy(g->ram + TASK + MINI_TASK_COMM, comm, strnlen(comm, 16));
}

#endif /* KTSTR_TESTS_UNIT_MINI_TASK_H */
