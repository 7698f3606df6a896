// SPDX-License-Identifier: GPL-2.0-only
/*
 * From frame to frame, as arch/x86/kernel/unwind_orc.c goes. Where the kernel
 * has no unwind information for code, which is that of BPF programs and
 * trampolines, its frame pointer is taken, unless the code is at its first or
 * last instructions, where the frame is not yet or no longer made.
 */
#include <stdarg.h>
#include <stdio.h>

#include "fields.h"
#include "stack.h"

#define MAX_FTRACE_OPS	256

/* struct pt_regs of x86-64, where user space sees it too. */
enum {
	REGS_R13 = 16,
	REGS_BP = 32,
	REGS_R10 = 56,
	REGS_DX = 96,
	REGS_DI = 104,
	REGS_IP = 128,
	REGS_CS = 136,
	REGS_SP = 152,
	REGS_BYTES = 168,
};

/* Registers saved at an interrupt: in the guest, or those of the vCPU. */
struct saved {
	const struct kt_vcpu_regs *vcpu;
	u64 kva;
};

struct state {
	const struct kt_unwinder *u;
	struct kt_stack *s;
	u64 ip, sp, bp;
	bool signal;		/* ip was interrupted, not called from */
	bool full;		/* regs has all, not only what iret takes */
	struct saved regs, prev_regs;
};

/* A step that cannot be made. */
static __printf(2, 3) int stop(struct state *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(st->s->why, sizeof(st->s->why), fmt, ap);
	va_end(ap);
	return -1;
}

static const struct kt_guest_kernel *kernel(const struct state *st)
{
	return st->u->names->k;
}

static int load(struct state *st, u64 kva, u64 *v)
{
	if (!kt_guest_kernel_half(kernel(st), kva) ||
	    kt_guest_kernel_read(kernel(st), kva, v, sizeof(*v)))
		return stop(st, "no stack at %#llx", (unsigned long long)kva);
	return 0;
}

static bool is_saved(const struct saved *r)
{
	return r->vcpu || r->kva;
}

/* Register @at of pt_regs, as it was when @r was saved. */
static int saved_reg(struct state *st, const struct saved *r, u32 at, u64 *v)
{
	if (!r->vcpu)
		return load(st, r->kva + at, v);
	*v = at == REGS_R10 ? r->vcpu->r10 : at == REGS_R13 ? r->vcpu->r13 :
	     at == REGS_DI ? r->vcpu->rdi : at == REGS_DX ? r->vcpu->rdx :
	     r->vcpu->rbp;
	return 0;
}

static bool has_reg(const struct state *st)
{
	return is_saved(&st->regs) && (st->full || is_saved(&st->prev_regs));
}

static int get_reg(struct state *st, u32 at, u64 *v)
{
	if (!has_reg(st))
		return stop(st, "a register it takes is not saved");
	return saved_reg(st, st->full ? &st->regs : &st->prev_regs, at, v);
}

/*
 * How to leave a function with a frame pointer: 0x55 0x48 0x89 0xe5 is
 * push %rbp; mov %rsp, %rbp, within the first bytes from @start on; 0xc9 is
 * leave.
 */
static void frame_pointer_entry(const struct state *st, u64 start,
				struct kt_orc_entry *e)
{
	static const u8 made[] = { 0x55, 0x48, 0x89, 0xe5 };
	u8 code[32], before;
	u32 i;

	*e = (struct kt_orc_entry){
		.type = KT_ORC_TYPE_CALL, .sp_reg = KT_ORC_REG_BP,
		.sp_offset = 16, .bp_reg = KT_ORC_REG_PREV_SP, .bp_offset = -16,
	};
	if (!st->signal || !start ||
	    kt_guest_kernel_read(kernel(st), start, code, sizeof(code)))
		return;
	for (i = 0; i + sizeof(made) <= sizeof(code); i++)
		if (!memcmp(code + i, made, sizeof(made)))
			break;
	if (i + sizeof(made) > sizeof(code) || st->ip >= start + i + 4) {
		if (kt_guest_kernel_read(kernel(st), st->ip - 1, &before, 1) ||
		    before != 0xc9)
			return;
		i = st->ip - start;
	}
	e->sp_reg = KT_ORC_REG_SP;
	if (st->ip > start + i)
		return;			/* pushed */
	e->sp_offset = 8;
	e->bp_reg = KT_ORC_REG_UNDEFINED;
}

/* Whether @ip is in a trampoline of ftrace's: of ops->trampoline_size bytes. */
static bool in_ftrace_trampoline(const struct state *st, u64 ip)
{
	static const char * const paths[] = {
		"trampoline", "trampoline_size", "next",
	};
	struct kt_field f[ARRAY_SIZE(paths)];
	u64 ops, start, size;
	u32 i;

	if (!st->u->ftrace_ops_list ||
	    kt_fields_find(kernel(st), "ftrace_ops", paths, ARRAY_SIZE(paths),
			   ARRAY_SIZE(paths), f, NULL) ||
	    kt_guest_kernel_read_u64(kernel(st), st->u->ftrace_ops_list, &ops))
		return false;
	for (i = 0; i < MAX_FTRACE_OPS && ops; i++) {
		if (kt_field_read(kernel(st), ops, &f[0], &start) ||
		    kt_field_read(kernel(st), ops, &f[1], &size))
			return false;
		if (start && ip >= start && ip - start < size)
			return true;
		if (kt_field_read(kernel(st), ops, &f[2], &ops))
			return false;
	}
	return false;
}

static int generated_entry(struct state *st, u64 ip, struct kt_orc_entry *e)
{
	const struct kt_bpf *bpf = st->u->names->bpf;
	const struct kt_bpf_prog *prog;
	u64 offset;

	prog = bpf ? kt_bpf_prog_at(bpf, ip, &offset) : NULL;
	if (!prog && in_ftrace_trampoline(st, ip))
		return stop(st, "in a trampoline of ftrace at %#llx",
			    (unsigned long long)ip);
	frame_pointer_entry(st, prog ? prog->text_start : 0, e);
	return 0;
}

/* The start of the function that @ip is in, 0 not known. */
static u64 function_start(const struct state *st, u64 ip)
{
	u64 offset;

	return kt_symbols_at(kernel(st)->syms, ip - kernel(st)->slide,
			     &offset) ? ip - offset : 0;
}

static int find_entry(struct state *st, struct kt_orc_entry *e)
{
	static const struct kt_orc_entry null_call = {
		.type = KT_ORC_TYPE_CALL, .sp_reg = KT_ORC_REG_SP,
		.sp_offset = 8,
	};
	u64 ip = st->signal ? st->ip : st->ip - 1;

	if (!st->ip) {
		*e = null_call;
		return 0;
	}
	if (kt_names_is_generated(st->u->names, ip))
		return generated_entry(st, ip, e);
	if (!kt_names_is_text(st->u->names, ip))
		return stop(st, "no code at %#llx", (unsigned long long)ip);
	if (!st->u->has_orc) {
		frame_pointer_entry(st, function_start(st, ip), e);
		return 0;
	}
	if (kt_orc_find(&st->u->orc, kernel(st), ip, e))
		return stop(st, "no unwind table at %#llx",
			    (unsigned long long)ip);
	return 0;
}

/* The base that the entry finds the previous frame from. */
static int find_base(struct state *st, const struct kt_orc_entry *e, u64 *base)
{
	switch (e->sp_reg) {
	case KT_ORC_REG_SP:
		*base = st->sp + e->sp_offset;
		return 0;
	case KT_ORC_REG_BP:
		*base = st->bp + e->sp_offset;
		return 0;
	case KT_ORC_REG_SP_INDIRECT:
		if (load(st, st->sp, base))
			return -1;
		*base += e->sp_offset;
		return 0;
	case KT_ORC_REG_BP_INDIRECT:
		return load(st, st->bp + e->sp_offset, base);
	case KT_ORC_REG_R10:
		return get_reg(st, REGS_R10, base);
	case KT_ORC_REG_R13:
		return get_reg(st, REGS_R13, base);
	case KT_ORC_REG_DI:
		return get_reg(st, REGS_DI, base);
	case KT_ORC_REG_DX:
		return get_reg(st, REGS_DX, base);
	default:
		return stop(st, "unknown register %u in the unwind table",
			    e->sp_reg);
	}
}

/* @ip_kva: where ip, cs, flags, sp lie, in pt_regs or alone. */
static int leave_interrupt(struct state *st, u64 ip_kva)
{
	u64 cs;

	if (load(st, ip_kva, &st->ip) ||
	    load(st, ip_kva + REGS_CS - REGS_IP, &cs) ||
	    load(st, ip_kva + REGS_SP - REGS_IP, &st->sp))
		return -1;
	return (cs & 3) == 3;
}

static int leave_call(struct state *st, const struct kt_orc_entry *e, u64 base)
{
	bool same_stack = e->sp_reg == KT_ORC_REG_SP ||
			  e->sp_reg == KT_ORC_REG_BP;
	u64 ip;

	if (same_stack && base <= st->sp)
		return stop(st, "the stack leads back at %#llx",
			    (unsigned long long)base);
	if (load(st, base - sizeof(u64), &ip))
		return -1;
	st->ip = ip;
	st->sp = base;
	memset(&st->regs, 0, sizeof(st->regs));
	memset(&st->prev_regs, 0, sizeof(st->prev_regs));
	return 0;
}

static int leave_frame(struct state *st, const struct kt_orc_entry *e, u64 base)
{
	int ret;

	switch (e->type) {
	case KT_ORC_TYPE_CALL:
		return leave_call(st, e, base);
	case KT_ORC_TYPE_REGS:
		ret = leave_interrupt(st, base + REGS_IP);
		st->regs = (struct saved){ .kva = base };
		memset(&st->prev_regs, 0, sizeof(st->prev_regs));
		st->full = true;
		return ret;
	case KT_ORC_TYPE_REGS_PARTIAL:
		ret = leave_interrupt(st, base);
		if (st->full)
			st->prev_regs = st->regs;
		st->regs = (struct saved){ .kva = base - REGS_IP };
		st->full = false;
		return ret;
	default:
		return stop(st, "unknown frame %u in the unwind table",
			    e->type);
	}
}

static int find_bp(struct state *st, const struct kt_orc_entry *e, u64 base)
{
	switch (e->bp_reg) {
	case KT_ORC_REG_UNDEFINED:
		return has_reg(st) ? get_reg(st, REGS_BP, &st->bp) : 0;
	case KT_ORC_REG_PREV_SP:
		return load(st, base + e->bp_offset, &st->bp);
	case KT_ORC_REG_BP:
		return load(st, st->bp + e->bp_offset, &st->bp);
	default:
		return stop(st, "unknown register %u in the unwind table",
			    e->bp_reg);
	}
}

/* Tracers put their own code where a function returns to. */
static int check_ip(struct state *st)
{
	if (!st->ip)
		return stop(st, "a return address is 0");
	if (st->ip == st->u->return_to_handler || st->ip == st->u->rethook)
		return stop(st, "a tracer has replaced the return address");
	if (!kt_names_is_text(st->u->names, st->ip - !st->signal) &&
	    !kt_names_is_generated(st->u->names, st->ip))
		return stop(st, "no code at %#llx", (unsigned long long)st->ip);
	return 0;
}

/* A frame pointer with its lowest bit set is where registers are saved. */
static bool encoded_regs(const struct state *st, const struct kt_orc_entry *e)
{
	return !st->u->has_orc && e->sp_reg == KT_ORC_REG_BP && st->bp & 1;
}

/* 0 a frame further; 1 the end of the stack; -1 it cannot be made. */
static int step(struct state *st)
{
	struct kt_orc_entry e;
	u64 base;
	int ret;

	if (find_entry(st, &e))
		return -1;
	if (e.type == KT_ORC_TYPE_END_OF_STACK)
		return 1;
	if (e.type == KT_ORC_TYPE_UNDEFINED)
		return stop(st, "no unwind information");
	if (encoded_regs(st, &e))
		e = (struct kt_orc_entry){
			.type = KT_ORC_TYPE_REGS, .sp_reg = KT_ORC_REG_BP,
			.sp_offset = -1, .signal = true,
		};
	if (find_base(st, &e, &base))
		return -1;
	st->signal = e.signal;
	ret = leave_frame(st, &e, base);
	if (ret)
		return ret;
	return find_bp(st, &e, base) ? -1 : check_ip(st);
}

static void walk(struct state *st)
{
	struct kt_stack *s = st->s;

	for (;;) {
		if (s->nr == KT_STACK_MAX_FRAMES) {
			stop(st, "more than %u frames", KT_STACK_MAX_FRAMES);
			return;
		}
		s->frames[s->nr++] = (struct kt_stack_frame){ st->ip, st->signal };
		if (step(st))
			return;
	}
}

void kt_stack_of_vcpu(const struct kt_unwinder *u,
		      const struct kt_vcpu_regs *regs, struct kt_stack *s)
{
	struct state st = {
		.u = u, .s = s, .ip = regs->rip, .sp = regs->rsp,
		.bp = regs->rbp, .signal = true, .full = true,
		.regs = { .vcpu = regs },
	};

	memset(s, 0, sizeof(*s));
	if ((regs->cs & 3) == 3)
		stop(&st, "user mode");
	else
		walk(&st);
}

void kt_stack_of_task(const struct kt_unwinder *u, u64 task_kva,
		      struct kt_stack *s)
{
	const struct kt_guest_kernel *k = u->names->k;
	struct state st = { .u = u, .s = s };

	memset(s, 0, sizeof(*s));
	if (kt_field_read(k, task_kva, &u->thread_sp, &st.sp) ||
	    kt_field_read(k, st.sp, &u->frame_bp, &st.bp) ||
	    kt_field_read(k, st.sp, &u->frame_ret, &st.ip)) {
		stop(&st, "where it was switched off cannot be read");
		return;
	}
	st.sp += u->frame_bytes;
	st.signal = st.ip == u->ret_from_fork;
	if (!check_ip(&st))
		walk(&st);
}

static u64 symbol(const struct kt_guest_kernel *k, const char *name)
{
	u64 kva;

	return kt_guest_kernel_symbol(k, name, &kva) ? 0 : kva;
}

void kt_unwinder_init(struct kt_unwinder *u, const struct kt_names *names,
		      json_t *absent)
{
	static const char * const in_task[] = { "thread.sp" };
	static const char * const in_frame[] = { "bp", "ret_addr" };
	const struct kt_guest_kernel *k = names->k;
	struct kt_field f[2];

	memset(u, 0, sizeof(*u));
	u->names = names;
	u->has_orc = !kt_orc_init(&u->orc, k);
	if (!u->has_orc)
		kt_json_absent(absent,
			       "ORC: not in this kernel; stacks by frame pointers");
	u->ret_from_fork = symbol(k, "ret_from_fork_asm");
	u->return_to_handler = symbol(k, "return_to_handler");
	u->rethook = symbol(k, "arch_rethook_trampoline");
	u->ftrace_ops_list = symbol(k, "ftrace_ops_list");
	kt_fields_find(k, "task_struct", in_task, 1, 1, &u->thread_sp, absent);
	kt_fields_find(k, "inactive_task_frame", in_frame, 2, 2, f, absent);
	u->frame_bp = f[0];
	u->frame_ret = f[1];
	/* what it returns to is its last word */
	u->frame_bytes = f[1].offset_bytes + sizeof(u64);
}
