// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is looked at when a repeated run stops: at the tick for the time, at the
 * store to the state of sched_ext for the moment in which a scheduler's variables
 * are there, and at those to the variable itself.
 */
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "../inspect/names.h"
#include "../inspect/near.h"
#include "chase.h"
#include "server.h"

int kt_chase_init(struct kt_chase *ch, const struct kt_chase_opts *opts)
{
	memset(ch, 0, sizeof(*ch));
	ch->opts = opts;
	kt_chase_gdb_init(&ch->gdb);
	ch->on = opts->on;
	if (ch->on)
		ch->found = json_object();
	if (!opts->gdb)
		return 0;
	ch->gdb.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (ch->gdb.epoll_fd < 0)
		return kt_err(-errno, "epoll: %s", strerror(errno));
	return 0;
}

void kt_chase_fini(struct kt_chase *ch)
{
	kt_bpf_free(ch->bpf);
	ch->bpf = NULL;
	kt_chase_gdb_fini(&ch->gdb);
	json_decref(ch->found);
	ch->found = NULL;
}

static json_t *list(struct kt_chase *ch, const char *name)
{
	json_t *l = json_object_get(ch->found, name);

	if (l)
		return l;
	kt_json_set(ch->found, name, json_array());
	return json_object_get(ch->found, name);
}

static int refuse(struct kt_chase *ch, int err, const char *why)
{
	kt_json_set_text(ch->found, "error", why);
	return kt_err(err, "%s", why);
}

/* Each of them is looked at, for the first one behind the time. */
static int arm_tick(struct kt_coord *c)
{
	struct kt_stop_orders *o = &c->stops.orders;
	struct kt_chase *ch = &c->chase;

	if (!o->pcs[KT_STOP_TICK])
		return refuse(ch, -ENOENT,
			      "the vmlinux has no symbol jiffies_64, last_jiffies_update or update_wall_time: no virtual time is known in this kernel");
	if (!ch->opts->nr_at)
		return 0;
	o->pcs_off &= ~(1ULL << KT_STOP_TICK);
	o->every[KT_STOP_TICK] = 1;
	return 0;
}

static u64 read_var(const struct kt_chase *ch, const struct kt_machine *m)
{
	const struct kt_guest_mem mem = { m->regions, m->nr_regions };
	u64 v = 0;

	/* little-endian, on both sides */
	kt_guest_mem_read(&mem, ch->var.gpa, &v, ch->var.size_bytes);
	return v;
}

static void watch_var(struct kt_coord *c, const struct kt_machine *m)
{
	struct kt_chase *ch = &c->chase;

	c->stops.orders.ranges[KT_STOP_VAR] = (struct kt_stop_range){
		.gva = ch->var.kva, .len_bytes = ch->var.size_bytes,
	};
	ch->var.value = read_var(ch, m);
}

static void tell_var(struct kt_chase *ch, const char *in)
{
	json_t *o = json_object();

	kt_json_set_text(o, "symbol", ch->opts->watch);
	kt_json_set_text(o, "in", in);
	kt_json_set_u64(o, "bytes", ch->var.size_bytes);
	kt_json_set(ch->found, "watch", o);
}

static int arm_kernel_var(struct kt_coord *c, struct kt_machine *m,
			  const struct kt_symbol *sym)
{
	struct kt_chase *ch = &c->chase;
	u32 size = sym->size_bytes;
	char why[256];

	if (sym->absolute || sym->link_kva < KT_START_KERNEL_MAP) {
		snprintf(why, sizeof(why), "--watch %s: it is per CPU, or no variable, and has no one address",
			 sym->name);
		return refuse(ch, -EINVAL, why);
	}
	if (size != 1 && size != 2 && size != 4 && size != 8) {
		snprintf(why, sizeof(why), "--watch %s: it has %u bytes; name a variable of 1, 2, 4 or 8",
			 sym->name, size);
		return refuse(ch, -EINVAL, why);
	}
	ch->var = (struct kt_chase_var){
		.kva = sym->link_kva,
		.gpa = sym->link_kva - KT_START_KERNEL_MAP,
		.size_bytes = size,
	};
	tell_var(ch, "vmlinux");
	watch_var(c, m);
	return 0;
}

/* Its variables are there once it is being attached. */
static int arm_attach(struct kt_coord *c)
{
	static const char *const names[] = {
		"scx_ops_enable_state_var", "scx_enable_state_var",
	};
	const struct kt_symbols *syms = c->subject.opts.symbols;
	const struct kt_symbol *state = NULL;
	struct kt_chase *ch = &c->chase;
	char near[128], why[384];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names) && !state; i++)
		state = kt_symbols_find(syms, names[i]);
	if (c->subject.opts.has_sched && state) {
		c->stops.orders.ranges[KT_STOP_ATTACH] = (struct kt_stop_range){
			.gva = state->link_kva, .len_bytes = sizeof(u32),
		};
		return 0;
	}
	kt_symbols_near(syms, ch->opts->watch, near, sizeof(near));
	snprintf(why, sizeof(why), "--watch %s: the kernel has no such variable, and this run no scheduler%s%s",
		 ch->opts->watch, *near ? "; near: " : "", near);
	return refuse(ch, -ENOENT, why);
}

static int arm_var(struct kt_coord *c, struct kt_machine *m)
{
	const struct kt_symbol *sym =
		kt_symbols_find(c->subject.opts.symbols, c->chase.opts->watch);

	c->stops.orders.stores = true;
	return sym ? arm_kernel_var(c, m, sym) : arm_attach(c);
}

int kt_chase_arm(struct kt_coord *c, struct kt_machine *m)
{
	const struct kt_subject_opts *so = &c->subject.opts;
	struct kt_chase *ch = &c->chase;
	int ret;

	if (!c->trace.on)
		return refuse(ch, -EINVAL, "this run is not deterministic: it does not come again; run the test with --deterministic");
	if (so->kaslr)
		return refuse(ch, -EINVAL, "a kernel that KASLR has moved cannot be stopped at a virtual time; run the test without --kaslr");
	if (!so->symbols)
		return refuse(ch, -ENOENT, "no symbols of this kernel are known; name a vmlinux that is not stripped with KTSTR_KERNEL");
	if (m->stop_fd < 0)
		return refuse(ch, -EOPNOTSUPP, "this engine does not stop at virtual times; take --engine=qemu-tcg");
	ret = arm_tick(c);
	if (!ret && ch->opts->watch)
		ret = arm_var(c, m);
	return ret;
}

/* Where the scheduler that is being attached has it. */
static void find_var(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;
	struct kt_chase *ch = &c->chase;
	struct kt_guest_kernel *k = &c->subject.kernel;
	char why[512];
	struct kt_bpf_var var;
	struct kt_bpf *b = NULL;
	int ret;

	ret = kt_subject_locate(&c->subject, sv->m, &c->sinks, why,
				sizeof(why));
	if (!ret)
		ret = kt_bpf_read(k, NULL, NULL, &b);
	else
		kt_json_set_text(ch->found, "error", why);
	if (!ret)
		ret = kt_bpf_var_find(b, NULL, ch->opts->watch, &var, why,
				      sizeof(why));
	if (ret) {
		kt_bpf_free(b);
		kt_json_set(ch->found, "error",
			    kt_json_textf("--watch %s: no variable of the kernel, and of the scheduler: %s",
					  ch->opts->watch, why));
		return;
	}
	kt_bpf_free(ch->bpf);
	ch->bpf = b;
	if (var.kva == ch->var.kva)
		return;
	ch->var = (struct kt_chase_var){
		.kva = var.kva,
		.size_bytes = min(var.size_bytes, 8u),
	};
	json_object_del(ch->found, "error");
	if (kt_guest_kernel_translate(k, var.kva, &ch->var.gpa)) {
		kt_json_set_text(ch->found, "error",
				 "the variable's page is not mapped");
		return;
	}
	watch_var(c, sv->m);
	tell_var(ch, var.map);
}

/* By whom, in names. */
static void add_writer(struct kt_server *sv, json_t *o, u64 pc)
{
	struct kt_coord *c = sv->c;
	struct kt_chase *ch = &c->chase;
	struct kt_names names = { .k = &c->subject.kernel };
	char text[KT_NAME_BYTES], why[64];
	u64 offset;

	if (kt_subject_locate(&c->subject, sv->m, &c->sinks, why, sizeof(why)))
		return;
	if (!kt_names_is_text(&names, pc) &&
	    !(ch->bpf && kt_bpf_prog_at(ch->bpf, pc, &offset))) {
		kt_bpf_free(ch->bpf);
		ch->bpf = NULL;
		kt_bpf_read(names.k, NULL, NULL, &ch->bpf);
	}
	names.bpf = ch->bpf;
	kt_json_set_text(o, "by", kt_name_at(&names, pc, text, sizeof(text)));
	if (ch->bpf && !kt_bpf_line_at(ch->bpf, pc, text, sizeof(text)))
		kt_json_set_text(o, "line", text);
}

static void var_written(struct kt_server *sv, const struct kt_stop *s)
{
	struct kt_chase *ch = &sv->c->chase;
	u64 before = ch->var.value;
	json_t *o = json_object();

	ch->var.value = read_var(ch, sv->m);
	kt_json_set_u64(o, "at_ns", kt_stops_now_ns(sv->c, sv->m));
	kt_json_set_u64(o, "vcpu", s->vcpu);
	kt_json_set_u64(o, "before", before);
	kt_json_set_u64(o, "after", ch->var.value);
	kt_json_set_hex(o, "pc", s->pc);
	add_writer(sv, o, s->pc);
	json_array_append_new(list(ch, "writes"), o);
	if (++ch->nr_writes < KT_CHASE_MAX_WRITES)
		return;
	kt_json_set(ch->found, "cut",
		    kt_json_textf("%u writes are told, later ones are not",
				  ch->nr_writes));
	sv->c->stops.orders.ranges[KT_STOP_ATTACH].len_bytes = 0;
	sv->c->stops.orders.ranges[KT_STOP_VAR].len_bytes = 0;
}

/* One stop for all times that have passed. */
static void stop_here(struct kt_server *sv, u64 at_ns)
{
	struct kt_coord *c = sv->c;
	struct kt_chase *ch = &c->chase;
	struct kt_capture *cap = NULL;
	char tag[48], why[128] = "";
	json_t *o = json_object();

	snprintf(tag, sizeof(tag), "at %llu.%03llu s",
		 (unsigned long long)(at_ns / KT_NSEC_PER_SEC),
		 (unsigned long long)(at_ns % KT_NSEC_PER_SEC /
				      KT_NSEC_PER_MSEC));
	kt_json_set_u64(o, "asked_ns", ch->opts->at_ns[ch->next_at]);
	kt_json_set_u64(o, "at_ns", at_ns);
	if (!kt_subject_locate(&c->subject, sv->m, &c->sinks, why,
			       sizeof(why)))
		kt_server_take(sv, tag, KT_CAPTURE_TIME, &cap);
	if (cap)
		kt_json_set_u64(cap->state, "virtual_ns", at_ns);
	if (cap)
		kt_json_set_text(o, "tag", tag);
	else
		kt_json_set_text(o, "error", *why ? why : "no memory");
	json_array_append_new(list(ch, "stops"), o);
}

void kt_chase_tick(struct kt_server *sv, u64 now)
{
	struct kt_chase *ch = &sv->c->chase;
	const struct kt_chase_opts *o = ch->opts;

	if (ch->next_at == o->nr_at || now < o->at_ns[ch->next_at])
		return;
	stop_here(sv, now);
	while (ch->next_at < o->nr_at && o->at_ns[ch->next_at] <= now)
		ch->next_at++;
	if (ch->next_at < o->nr_at)
		return;
	ch->over = o->ends;
	if (!o->gdb)
		return;
	kt_trace_disturb(&sv->c->trace, "a debugger was let in");
	ch->over = kt_chase_gdb_open(sv->c, sv->m, o->gdb);
}

void kt_chase_look(struct kt_server *sv, const struct kt_stop *s)
{
	const struct kt_stop_orders *o = &sv->c->stops.orders;

	if (kt_stop_touches(s, &o->ranges[KT_STOP_ATTACH]))
		find_var(sv);
	else if (kt_stop_touches(s, &o->ranges[KT_STOP_VAR]))
		var_written(sv, s);
}

bool kt_chase_waits(const struct kt_chase *ch)
{
	return *ch->gdb.path;
}

void kt_chase_end(struct kt_chase *ch)
{
	if (!ch->on || json_object_get(ch->found, "error"))
		return;
	if (ch->next_at < ch->opts->nr_at)
		kt_json_set(ch->found, "error",
			    kt_json_textf("the run was over before %llu.%03llu s of virtual time",
					  (unsigned long long)(ch->opts->at_ns[ch->next_at] /
							       KT_NSEC_PER_SEC),
					  (unsigned long long)(ch->opts->at_ns[ch->next_at] %
							       KT_NSEC_PER_SEC /
							       KT_NSEC_PER_MSEC)));
	else if (ch->opts->watch && !ch->var.kva)
		kt_json_set(ch->found, "error",
			    kt_json_textf("--watch %s: the run was over before a scheduler was attached",
					  ch->opts->watch));
}
