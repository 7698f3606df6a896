// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a pid to its task as find_task_by_pid_ns() goes: the IDR of the initial
 * pid namespace, struct pid, the first task on its list. The guest may free
 * and reuse each of them meanwhile, so the task must still bear the pid.
 */
#include "task.h"
#include "xarray.h"

/* An entry for each field read, in the order of enum field. */
static const char * const field_names[] = {
	"pid", "start_boottime", "__state", "exit_state", "on_rq", "policy",
	"sched_class", "scx.dsq", "comm",
};

enum field {
	F_PID, F_START, F_STATE, F_EXIT_STATE, F_ON_RQ, F_POLICY,
	F_CLASS, F_DSQ, F_COMM, NR_FIELDS,
};

struct source {
	const struct kt_guest_kernel *k;
	u64 ext_class;		/* &ext_sched_class */
	u64 kva;		/* of the task */
	u64 field[NR_FIELDS];
};

static int find_fields(struct source *s)
{
	s64 off;
	u32 i;

	for (i = 0; i < NR_FIELDS; i++) {
		off = kt_types_offset(s->k->types, "task_struct",
				      field_names[i]);
		if (off < 0)
			return off;
		s->field[i] = off;
	}
	return kt_guest_kernel_symbol(s->k, "ext_sched_class", &s->ext_class);
}

/* Adds the offset of a field to *@kva. */
static int enter(const struct kt_guest_kernel *k, const char *type,
		 const char *path, u64 *kva)
{
	s64 off = kt_types_offset(k->types, type, path);

	if (off < 0)
		return off;
	*kva += off;
	return 0;
}

/* struct pid of @pid. */
static int find_pid(const struct kt_guest_kernel *k, u32 pid, u64 *kva)
{
	u64 idr;
	int ret;

	ret = kt_guest_kernel_symbol(k, "init_pid_ns", &idr);
	if (!ret)
		ret = enter(k, "pid_namespace", "idr.idr_rt", &idr);
	if (ret)
		return ret;
	ret = kt_xarray_load(k, idr, pid, kva);
	return ret == -ENOENT ? -ESRCH : ret;
}

/* The task of struct pid at @pid_kva: of PIDTYPE_PID, which is 0. */
static int find_task(const struct kt_guest_kernel *k, u64 pid_kva, u64 *kva)
{
	s64 links = kt_types_offset(k->types, "task_struct", "pid_links[0]");
	u64 first;
	int ret;

	ret = links < 0 ? links : enter(k, "pid", "tasks[0].first", &pid_kva);
	if (!ret)
		ret = kt_guest_kernel_read_u64(k, pid_kva, &first);
	if (ret)
		return ret;
	if (!first)
		return -ESRCH;
	*kva = first - links;
	return kt_guest_kernel_half(k, *kva) ? 0 : -EFAULT;
}

static int get_u32(const struct source *s, enum field f, u32 *v)
{
	return kt_guest_kernel_read_u32(s->k, s->kva + s->field[f], v);
}

static int get_u64(const struct source *s, enum field f, u64 *v)
{
	return kt_guest_kernel_read_u64(s->k, s->kva + s->field[f], v);
}

static int read_task(const struct source *s, struct kt_task *t)
{
	u64 class, dsq;

	if (get_u32(s, F_PID, &t->pid) ||
	    get_u64(s, F_START, &t->start_boottime_ns) ||
	    get_u32(s, F_STATE, &t->state) ||
	    get_u32(s, F_EXIT_STATE, &t->exit_state) ||
	    get_u32(s, F_ON_RQ, &t->on_rq) ||
	    get_u32(s, F_POLICY, &t->policy) ||
	    get_u64(s, F_CLASS, &class) ||
	    get_u64(s, F_DSQ, &dsq) ||
	    kt_guest_kernel_read(s->k, s->kva + s->field[F_COMM], t->comm,
				 sizeof(t->comm) - 1))
		return -EFAULT;
	t->kva = s->kva;
	t->class_ext = class == s->ext_class;
	t->on_dsq = dsq;
	return 0;
}

int kt_task_find(const struct kt_guest_kernel *k, u32 pid, struct kt_task *t)
{
	struct source s = { .k = k };
	u64 pid_kva;
	int ret;

	memset(t, 0, sizeof(*t));
	if (!k->types)
		return -EINVAL;
	ret = find_fields(&s);
	if (!ret)
		ret = find_pid(k, pid, &pid_kva);
	if (!ret)
		ret = find_task(k, pid_kva, &s.kva);
	if (!ret)
		ret = read_task(&s, t);
	if (ret)
		return ret;
	return t->pid == pid ? 0 : -ESRCH;
}
