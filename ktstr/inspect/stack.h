/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks of the guest's kernel: by ORC when it has that, else by frame
 * pointers; BPF programs by their frame pointers in either case. Across
 * interrupts and exceptions and the stacks these run on. What lies on a stack
 * is the guest's word: each step is checked, and there are not many.
 */
#ifndef KTSTR_INSPECT_STACK_H
#define KTSTR_INSPECT_STACK_H

#include "json.h"
#include "names.h"
#include "orc.h"
#include "regs.h"

#define KT_STACK_MAX_FRAMES	64

struct kt_stack_frame {
	u64 ip;
	bool exact;		/* of this instruction; else a return address */
};

struct kt_stack {
	struct kt_stack_frame frames[KT_STACK_MAX_FRAMES];
	u32 nr;
	char why[96];		/* why it ends here; "": it is whole */
};

struct kt_unwinder {
	const struct kt_names *names;
	bool has_orc;
	struct kt_orc orc;
	u64 ret_from_fork;	/* 0: not known, as the following */
	u64 return_to_handler;
	u64 rethook;
	u64 ftrace_ops_list;
	struct kt_field thread_sp;		/* task_struct */
	struct kt_field frame_bp, frame_ret;	/* inactive_task_frame */
	u32 frame_bytes;
};

/* @names lives longer than @u. Never fails: it does with what there is. */
void kt_unwinder_init(struct kt_unwinder *u, const struct kt_names *names,
		      json_t *absent);

/* From where a parked vCPU is. */
void kt_stack_of_vcpu(const struct kt_unwinder *u,
		      const struct kt_vcpu_regs *regs, struct kt_stack *s);
/* Of the task_struct at @task_kva, which runs on no CPU. */
void kt_stack_of_task(const struct kt_unwinder *u, u64 task_kva,
		      struct kt_stack *s);

/* Members "stack", an array of names, and "no_stack", why it ends early. */
void kt_stack_json(const struct kt_unwinder *u, const struct kt_stack *s,
		   json_t *object);

/* A vCPU of which registers were asked. */
struct kt_vcpu_state {
	int err;		/* of asking, as a -errno */
	struct kt_vcpu_regs regs;
};

/* The member "vcpus" of a capture. */
json_t *kt_vcpus_json(const struct kt_names *names,
		      const struct kt_vcpu_state *vcpus, u32 nr,
		      json_t *absent);

#endif /* KTSTR_INSPECT_STACK_H */
