// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resolving what a kernel operation is about, checking it, doing it. `refuse`
 * always returns -1, so that a check reads `return refuse(...)`.
 */
#include <stdarg.h>
#include <stdio.h>

#include "../base/strbuf.h"
#include "../inspect/task.h"
#include "kernel_op.h"

#define USER_TICK_NS	10000000ULL	/* of /proc/PID/stat: USER_HZ is 100 */
#define TASK_DEAD	0x80		/* include/linux/sched.h */
#define PAGE_BYTES	4096ULL

struct op {
	const struct kt_guest_kernel *k;
	const struct kt_kernel_op_req *req;
	struct kt_kernel_op_reply *reply;
};

static __printf(2, 0) void refuse_va(struct kt_kernel_op_reply *reply,
				     const char *fmt, va_list ap)
{
	char text[2 * KT_KERNEL_OP_REASON_BYTES];

	vsnprintf(text, sizeof(text), fmt, ap);
	kt_text_sanitize(text, strlen(text));
	kt_utf8_copy(reply->reason, sizeof(reply->reason), text);
	reply->status = KT_REPLY_ERROR;
	reply->width = 0;
}

void kt_kernel_op_refuse(struct kt_kernel_op_reply *reply, u32 request_id,
			 const char *fmt, ...)
{
	va_list ap;

	memset(reply, 0, sizeof(*reply));
	reply->request_id = request_id;
	va_start(ap, fmt);
	refuse_va(reply, fmt, ap);
	va_end(ap);
}

static __printf(2, 3) int refuse(struct op *op, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse_va(op->reply, fmt, ap);
	va_end(ap);
	return -1;
}

static int find_symbol(struct op *op, u64 *kva)
{
	const char *name = op->req->symbol;
	const struct kt_symbol *sym;

	sym = kt_symbols_find(op->k->syms, name);
	if (!sym || kt_guest_kernel_symbol(op->k, name, kva))
		return refuse(op, "no symbol \"%s\" in the vmlinux", name);
	if (kt_guest_kernel_is_percpu(op->k, name))
		return refuse(op, "\"%s\" is per-CPU: name a field and a CPU",
			      name);
	if (sym->size_bytes && op->req->width > sym->size_bytes)
		return refuse(op, "\"%s\" has %llu bytes, not %u", name,
			      (unsigned long long)sym->size_bytes,
			      op->req->width);
	return 0;
}

/* Where @path lies in structure @type_id; it must be as wide as is asked. */
static int find_field(struct op *op, int type_id, u64 *offset)
{
	struct kt_field field;
	char why[KT_KERNEL_OP_REASON_BYTES];

	if (kt_types_field(op->k->types, type_id, op->req->field, &field, why,
			   sizeof(why)))
		return refuse(op, "%s", why);
	if (field.bit_size)
		return refuse(op, "field \"%s\" is a bitfield of %u bits",
			      op->req->field, field.bit_size);
	if (field.size_bytes != op->req->width)
		return refuse(op, "field \"%s\" has %u bytes, not %u",
			      op->req->field, field.size_bytes,
			      op->req->width);
	*offset = field.offset_bytes;
	return 0;
}

static int need_types(struct op *op)
{
	return op->k->types ? 0 :
	       refuse(op, "the vmlinux has no types (BTF): fields cannot be found");
}

static int find_percpu(struct op *op, u64 *kva)
{
	const char *name = op->req->symbol;
	u64 offset;
	int type_id, ret;

	if (need_types(op))
		return -1;
	ret = kt_guest_kernel_percpu(op->k, name, op->req->cpu, kva);
	if (ret == -ENOENT)
		return refuse(op, "no symbol \"%s\" in the vmlinux", name);
	if (ret == -EINVAL)
		return refuse(op, "\"%s\" is not per-CPU", name);
	if (ret == -ERANGE)
		return refuse(op, "no CPU %u, there are %u", op->req->cpu,
			      op->k->nr_cpus);
	if (ret)
		return refuse(op, "the per-CPU area of CPU %u cannot be found",
			      op->req->cpu);
	type_id = kt_types_percpu_var(op->k->types, name);
	if (type_id < 0)
		return refuse(op, "the type of \"%s\" is not in the BTF", name);
	if (find_field(op, type_id, &offset))
		return -1;
	*kva += offset;
	return 0;
}

/* A task that may be touched: it sleeps, and nobody else works on it. */
static int check_task(struct op *op, const struct kt_task *t)
{
	u32 pid = op->req->pid;

	if (!t->start_boottime_ns)
		return refuse(op, "task %u has no start time yet", pid);
	if (t->start_boottime_ns / USER_TICK_NS != op->req->start_time)
		return refuse(op, "task %u was started at %llu, not at %llu: another one",
			      pid, (unsigned long long)t->start_boottime_ns /
			      USER_TICK_NS,
			      (unsigned long long)op->req->start_time);
	if (t->exit_state || t->state & TASK_DEAD)
		return refuse(op, "task %u is dead", pid);
	if (t->policy != KT_SCHED_EXT_POLICY)
		return refuse(op, "task %u has policy %u, not SCHED_EXT (%u)",
			      pid, t->policy, KT_SCHED_EXT_POLICY);
	if (!t->class_ext)
		return refuse(op, "task %u is not of the sched_ext class", pid);
	/* what is on a DSQ is on a runqueue as well: the closer word first */
	if (t->on_dsq)
		return refuse(op, "task %u is on a DSQ", pid);
	if (t->on_rq)
		return refuse(op, "task %u is on a runqueue", pid);
	return 0;
}

static int find_task(struct op *op, u64 *kva)
{
	struct kt_task t;
	int type_id, ret;
	u64 offset;

	if (need_types(op))
		return -1;
	type_id = kt_types_struct(op->k->types, "task_struct");
	if (type_id < 0)
		return refuse(op, "struct task_struct is not in the BTF");
	ret = kt_task_find(op->k, op->req->pid, &t);
	if (ret == -ESRCH)
		return refuse(op, "no task with pid %u", op->req->pid);
	if (ret == -ENOENT)
		return refuse(op, "this kernel has no sched_ext tasks");
	if (ret)
		return refuse(op, "task %u cannot be read", op->req->pid);
	if (check_task(op, &t) || find_field(op, type_id, &offset))
		return -1;
	*kva = t.kva + offset;
	return 0;
}

static int find_direct(struct op *op, u64 *kva)
{
	u64 gpa;

	*kva = op->req->addr;
	if (kt_guest_kernel_half(op->k, *kva) &&
	    kt_guest_kernel_direct(op->k, *kva, &gpa))
		return refuse(op, "%#llx is not in the direct map, which starts at %#llx",
			      (unsigned long long)*kva,
			      (unsigned long long)op->k->page_offset);
	return 0;
}

static int find_target(struct op *op, u64 *kva)
{
	switch (op->req->target) {
	case KT_TARGET_SYMBOL:
		return find_symbol(op, kva);
	case KT_TARGET_DIRECT_MAP:
		return find_direct(op, kva);
	case KT_TARGET_KVA:
		*kva = op->req->addr;
		return 0;
	case KT_TARGET_PERCPU_FIELD:
		return find_percpu(op, kva);
	case KT_TARGET_TASK_FIELD:
		return find_task(op, kva);
	default:
		return refuse(op, "unknown target %u", op->req->target);
	}
}

/* @len_bytes at @kva, all in one page: mapped, to memory that there is. */
static int check_backed(struct op *op, u64 kva, u32 len_bytes)
{
	u64 gpa;

	if (kt_guest_kernel_translate(op->k, kva, &gpa))
		return refuse(op, "%#llx is not mapped",
			      (unsigned long long)kva);
	if (!kt_guest_mem_ptr(&op->k->mem, gpa, len_bytes))
		return refuse(op, "%#llx is not backed by memory",
			      (unsigned long long)kva);
	return 0;
}

/* Kernel half, aligned, and every byte of it backed by guest memory. */
static int check_address(struct op *op, u64 kva)
{
	u32 width = op->req->width;
	u32 first = min_t(u64, width, (PAGE_BYTES - kva % PAGE_BYTES));

	if (!kt_guest_kernel_half(op->k, kva) || kva + width - 1 < kva)
		return refuse(op, "%#llx is not a kernel address",
			      (unsigned long long)kva);
	if (op->req->kind != KT_VALUE_BYTES && kva % width)
		return refuse(op, "%#llx is not aligned to %u bytes",
			      (unsigned long long)kva, width);
	if (check_backed(op, kva, first))
		return -1;
	return first == width ? 0 :
	       check_backed(op, kva + first, width - first);
}

/* Numbers whole, in one access; the guest may use them at the same time. */
static int access_number(const struct op *op, u64 kva)
{
	const struct kt_kernel_op_req *req = op->req;
	u64 gpa, v64 = 0;
	u32 v32;
	int ret;

	ret = kt_guest_kernel_translate(op->k, kva, &gpa);
	if (ret)
		return ret;
	if (req->kind == KT_VALUE_U64) {
		memcpy(&v64, req->value, sizeof(v64));
		ret = req->write ?
		      kt_guest_mem_write_u64(&op->k->mem, gpa, v64) :
		      kt_guest_mem_read_u64(&op->k->mem, gpa, &v64);
		memcpy(op->reply->value, &v64, sizeof(v64));
	} else {
		memcpy(&v32, req->value, sizeof(v32));
		ret = req->write ?
		      kt_guest_mem_write_u32(&op->k->mem, gpa, v32) :
		      kt_guest_mem_read_u32(&op->k->mem, gpa, &v32);
		memcpy(op->reply->value, &v32, sizeof(v32));
	}
	return ret;
}

static int access_bytes(const struct op *op, u64 kva)
{
	const struct kt_kernel_op_req *req = op->req;

	if (req->write)
		return kt_guest_kernel_write(op->k, kva, req->value,
					     req->width);
	return kt_guest_kernel_read(op->k, kva, op->reply->value, req->width);
}

void kt_kernel_op_serve(const struct kt_guest_kernel *k,
			const struct kt_kernel_op_req *req,
			struct kt_kernel_op_reply *reply)
{
	struct op op = { k, req, reply };
	u64 kva;
	int ret;

	memset(reply, 0, sizeof(*reply));
	reply->request_id = req->request_id;
	if (find_target(&op, &kva) || check_address(&op, kva))
		return;
	ret = req->kind == KT_VALUE_BYTES ? access_bytes(&op, kva) :
					    access_number(&op, kva);
	/* the guest may have unmapped it just now */
	if (ret) {
		refuse(&op, "%#llx cannot be accessed: %s",
		       (unsigned long long)kva, strerror(-ret));
		return;
	}
	reply->status = KT_REPLY_OK;
	reply->width = req->write ? 0 : req->width;
}
