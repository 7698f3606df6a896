// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints in the coordinator's turn: what fired is captured before the
 * machine goes on, slot 0 follows the scheduler that is attached, and a word
 * that cannot be watched is looked at.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../inspect/names.h"
#include "server.h"
#include "snapshot.h"

#define EXIT_TAG	"exit"
#define EXIT_SYMBOL	"exit_kind"
#define SCANS		2	/* from one scheduler to another */

static u64 now_ns(const struct kt_coord *c)
{
	return kt_now_ns() - c->started_at_ns;
}

/* How long the machine had run when it was frozen. */
static u64 run_ns(const struct kt_server *sv)
{
	u64 at = sv->frozen_at_ns - sv->c->started_at_ns;

	if (sv->c->watch.ranges)
		return kt_stops_now_ns(sv->c, sv->m);
	return at - min(at, sv->c->sinks.frozen_total_ns);
}

/*
 * Who wrote, and from where. The address is that behind the write, or @pc, where
 * the vCPU stands, if that is not 0.
 */
static void add_writer(struct kt_server *sv, struct kt_capture *cap,
		       const char *symbol, u32 vcpu, u64 pc)
{
	struct kt_names names = { .k = &sv->c->subject.kernel };
	const char *name = NULL;
	json_t *o = json_object();
	struct kt_vcpu_regs regs;
	char at[KT_NAME_BYTES];

	kt_json_set_text(o, "symbol", symbol);
	kt_json_set_u64(o, "vcpu", vcpu);
	if (pc) {
		name = kt_name_at(&names, pc, at, sizeof(at));
	} else if (!sv->m->ops->regs(sv->m, vcpu, &regs)) {
		pc = regs.rip;
		name = kt_name_of_return(&names, pc, at, sizeof(at));
	}
	if (name) {
		kt_json_set_hex(o, "rip", pc);
		kt_json_set_text(o, "at", name);
	}
	kt_json_set(cap->state, "watch", o);
}

/* NULL when there is none. */
static struct kt_capture *capture(struct kt_server *sv, const char *tag,
				  const char *symbol, u32 vcpu, u64 pc)
{
	struct kt_capture *cap;

	if (kt_server_take(sv, tag, KT_CAPTURE_WATCH, &cap))
		return NULL;
	add_writer(sv, cap, symbol, vcpu, pc);
	return cap;
}

/* The machine is frozen, or stands at @pc. */
static void symbol_fired(struct kt_server *sv, u32 slot, u32 vcpu, u64 pc)
{
	struct kt_watch *w = &sv->c->watch;
	enum kt_watch_worth worth = kt_watch_fire(w, slot, run_ns(sv));
	const char *name = w->symbols[slot - 1].name;

	if (worth == KT_WATCH_NOTHING)
		return;
	capture(sv, name, name, vcpu, pc);
	if (worth == KT_WATCH_CAPTURE_LAST)
		kt_watch_clear(w, sv->m, slot);
}

/* Within a freeze: what is told may be freed at any moment. */
static void hear(struct kt_server *sv)
{
	kt_watch_told(&sv->c->watch, kt_snapshot_exit(&sv->c->subject));
}

static void exit_fired(struct kt_server *sv, u32 vcpu)
{
	struct kt_coord *c = sv->c;
	struct kt_guest_kernel *k = &c->subject.kernel;
	struct kt_capture *cap;

	if (kt_watch_tells(&c->watch, k, true, now_ns(c)))
		hear(sv);
	if (!kt_watch_ended(&c->watch, k, true, now_ns(c)))
		return;
	cap = capture(sv, EXIT_TAG, EXIT_SYMBOL, vcpu, 0);
	if (!cap)
		return;
	kt_watch_await_told(&c->watch, cap->state, now_ns(c));
	kt_watch_lend(&c->watch, sv->m, k);
}

static void act(struct kt_server *sv, const struct kt_watch_fire *fire)
{
	u32 slot;

	if (fire->slots & 1u << KT_WATCH_EXIT_SLOT)
		exit_fired(sv, fire->vcpu);
	for (slot = 1; slot <= KT_WATCH_MAX_SYMBOLS; slot++)
		if (fire->slots & 1u << slot)
			symbol_fired(sv, slot, fire->vcpu, 0);
}

void kt_server_stored(struct kt_server *sv, const struct kt_stop *s)
{
	const struct kt_stop_range *r = sv->c->watch.ranges;
	u32 slot;

	for (slot = 1; r && slot <= KT_WATCH_MAX_SYMBOLS; slot++, r++)
		if (kt_stop_touches(s, r))
			symbol_fired(sv, slot, s->vcpu, s->pc);
}

void kt_server_fires(struct kt_server *sv)
{
	struct kt_watch *w = &sv->c->watch;
	struct kt_watch_fire fire = {};
	char why[128];

	if (sv->in_fires || !(w->told || kt_watch_armed(w)))
		return;
	w->told = false;
	sv->m->ops->watch_fired(sv->m, &fire);
	if (!fire.stopped)
		return;
	sv->in_fires = true;
	if (!kt_server_freeze(sv, why, sizeof(why)))
		act(sv, &fire);
	else
		kt_warn("a watchpoint has fired, and the machine was %s", why);
	sv->in_fires = false;
}

static void scan(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;
	char why[128];

	if (!c->sinks.ready || !kt_watch_scan_due(&c->watch, now_ns(c)) ||
	    kt_subject_locate(&c->subject, sv->m, &c->sinks, why,
			      sizeof(why)) ||
	    !kt_watch_scan(&c->watch, &c->subject.kernel))
		return;
	if (!kt_server_freeze(sv, why, sizeof(why)))
		kt_watch_sync(&c->watch, sv->m);
	else
		kt_warn("the scheduler's end is not watched: the machine was %s",
			why);
	kt_server_thaw(sv);
}

static void poll_exit(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;
	struct kt_capture *cap;

	if (!kt_watch_ended(&c->watch, &c->subject.kernel, false, now_ns(c)))
		return;
	kt_server_take(sv, EXIT_TAG, KT_CAPTURE_POLL, &cap);
	if (cap) {
		kt_json_set_text(cap->state, "late",
				 "seen by looking, not at the store: the kernel may have begun to tear the scheduler down");
		kt_watch_await_told(&c->watch, cap->state, now_ns(c));
	}
	kt_server_thaw(sv);
}

void kt_server_sched_end(struct kt_server *sv, u32 vcpu, u64 pc)
{
	struct kt_coord *c = sv->c;
	struct kt_capture *cap;
	char why[128];
	u32 i;

	if (kt_subject_locate(&c->subject, sv->m, &c->sinks, why, sizeof(why)))
		return;
	/* the last scan may have seen another one, or none */
	for (i = 0; i < SCANS; i++)
		kt_watch_scan(&c->watch, &c->subject.kernel);
	if (!kt_watch_ended(&c->watch, &c->subject.kernel, true, now_ns(c)))
		return;
	cap = capture(sv, EXIT_TAG, EXIT_SYMBOL, vcpu, pc);
	if (cap)
		kt_watch_await_told(&c->watch, cap->state, now_ns(c));
}

void kt_server_sched_told(struct kt_server *sv)
{
	if (sv->c->watch.untold)
		hear(sv);
	kt_watch_fini(&sv->c->watch);
}

static void look_for_told(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;
	char why[128];

	if (!kt_watch_tells(&c->watch, &c->subject.kernel, false, now_ns(c)))
		return;
	if (!kt_server_freeze(sv, why, sizeof(why)))
		hear(sv);
	kt_server_thaw(sv);
}

void kt_server_watch(struct kt_server *sv)
{
	kt_server_fires(sv);
	kt_server_thaw(sv);
	if (!sv->err)
		scan(sv);
	if (!sv->err)
		poll_exit(sv);
	if (!sv->err)
		look_for_told(sv);
}

int kt_server_add_watch(struct kt_server *sv, const char *symbol, char *why,
			size_t size)
{
	struct kt_coord *c = sv->c;
	int slot, ret;
	u64 kva;

	if (!c->watch.fires && !c->watch.ranges) {
		if (c->trace.on)
			snprintf(why, size, "no watchpoints in deterministic mode where KASLR has moved the kernel or its symbols are not known: use --real-time");
		else
			snprintf(why, size, "engine %s delivers no watchpoints here",
				 sv->m->ops->name);
		return -EOPNOTSUPP;
	}
	ret = kt_subject_locate(&c->subject, sv->m, &c->sinks, why, size);
	if (ret)
		return ret;
	slot = kt_watch_check(&c->watch, &c->subject.kernel, symbol, &kva, why,
			      size);
	if (slot < 0)
		return slot;
	ret = kt_server_freeze(sv, why, size);
	if (!ret)
		ret = kt_watch_add(&c->watch, sv->m, slot, symbol, kva, why,
				   size);
	kt_server_thaw(sv);
	if (!ret && c->watch.ranges) {
		ret = kt_stops_renew(&c->stops, sv->m);
		if (ret)
			snprintf(why, size, "not told to the machine: %s",
				 strerror(-ret));
	}
	return ret;
}
