/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where all tasks of the guest's kernel are: its list of processes, and the
 * list of threads of each. Lists that lead back, or nowhere, end there.
 */
#ifndef KTSTR_INSPECT_TASK_LIST_H
#define KTSTR_INSPECT_TASK_LIST_H

#include "json.h"
#include "kernel.h"

#define KT_TASKS_MAX	16384	/* looked at */

struct kt_task_list {
	u64 *kva;		/* of each struct task_struct, each once */
	u32 nr;
	char broken[96];	/* what was wrong with the lists; "" nothing */
};

/*
 * All but the idle tasks. -ENOENT when this kernel's BTF does not describe
 * them, noted in @absent; else whatever could be found, 0.
 */
int kt_task_list_read(const struct kt_guest_kernel *k, json_t *absent,
		      struct kt_task_list *list);
void kt_task_list_fini(struct kt_task_list *list);

#endif /* KTSTR_INSPECT_TASK_LIST_H */
