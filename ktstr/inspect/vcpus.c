// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks and registers as a capture shows them.
 */
#include <stdio.h>

#include "stack.h"

void kt_stack_json(const struct kt_unwinder *u, const struct kt_stack *s,
		   json_t *object)
{
	json_t *frames = json_array();
	char name[KT_NAME_BYTES];
	u32 i;

	for (i = 0; i < s->nr; i++) {
		if (s->frames[i].exact)
			kt_name_at(u->names, s->frames[i].ip, name,
				   sizeof(name));
		else
			kt_name_of_return(u->names, s->frames[i].ip, name,
					  sizeof(name));
		json_array_append_new(frames, kt_json_text(name, sizeof(name)));
	}
	kt_json_set(object, "stack", frames);
	if (*s->why)
		kt_json_set_text(object, "no_stack", s->why);
}

static json_t *regs_json(const struct kt_vcpu_regs *r)
{
	const struct {
		const char *name;
		u64 v;
	} all[] = {
		{ "rax", r->rax }, { "rbx", r->rbx }, { "rcx", r->rcx },
		{ "rdx", r->rdx }, { "rsi", r->rsi }, { "rdi", r->rdi },
		{ "rbp", r->rbp }, { "rsp", r->rsp }, { "r8", r->r8 },
		{ "r9", r->r9 }, { "r10", r->r10 }, { "r11", r->r11 },
		{ "r12", r->r12 }, { "r13", r->r13 }, { "r14", r->r14 },
		{ "r15", r->r15 }, { "rflags", r->rflags }, { "cs", r->cs },
		{ "cr0", r->cr0 }, { "cr2", r->cr2 }, { "cr3", r->cr3 },
		{ "cr4", r->cr4 }, { "efer", r->efer },
		{ "fs_base", r->fs_base }, { "gs_base", r->gs_base },
	};
	json_t *o = json_object();
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		kt_json_set_hex(o, all[i].name, all[i].v);
	return o;
}

static json_t *vcpu_json(const struct kt_unwinder *u, u32 i,
			 const struct kt_vcpu_state *v)
{
	json_t *o = json_object();
	char name[KT_NAME_BYTES];
	struct kt_stack stack;

	kt_json_set_u64(o, "vcpu", i);
	if (v->err) {
		kt_json_set(o, "no_stack", kt_json_textf("its registers cannot be read: %s",
							 strerror(-v->err)));
		return o;
	}
	kt_json_set_hex(o, "rip", v->regs.rip);
	kt_json_set_text(o, "at", kt_name_at(u->names, v->regs.rip, name,
					     sizeof(name)));
	kt_json_set(o, "regs", regs_json(&v->regs));
	kt_stack_of_vcpu(u, &v->regs, &stack);
	kt_stack_json(u, &stack, o);
	return o;
}

json_t *kt_vcpus_json(const struct kt_names *names,
		      const struct kt_vcpu_state *vcpus, u32 nr,
		      json_t *absent)
{
	json_t *all = json_array();
	struct kt_unwinder u;
	u32 i;

	kt_unwinder_init(&u, names, absent);
	for (i = 0; i < nr; i++)
		json_array_append_new(all, vcpu_json(&u, i, &vcpus[i]));
	return all;
}
