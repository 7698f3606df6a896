// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which words are watched, how often they are looked at where nothing fires,
 * and how many captures a symbol is worth.
 */
#include <stdio.h>

#include "../base/log.h"
#include "../base/strbuf.h"
#include "../inspect/near.h"
#include "watch.h"

#define WORD_BYTES	4

void kt_watch_init(struct kt_watch *w, bool has_sched, bool fires)
{
	memset(w, 0, sizeof(*w));
	w->has_sched = has_sched;
	w->fires = fires;
	w->info_kind_offset = -ENOENT;
	w->info_reason_offset = -ENOENT;
}

void kt_watch_fini(struct kt_watch *w)
{
	json_decref(w->untold);
	w->untold = NULL;
	w->tell_kva = 0;
}

/* A late trigger beside a watchpoint; all there is without one. */
static u64 poll_interval(const struct kt_watch *w)
{
	return w->armed_kva ? KT_WATCH_SCAN_NS : KT_WATCH_POLL_NS;
}

static bool polls(const struct kt_watch *w)
{
	return w->attached && !w->taken && !w->stops;
}

u64 kt_watch_left_ns(const struct kt_watch *w, u64 now_ns)
{
	u64 at = w->scan_at_ns;

	if (!w->has_sched || w->known == KT_SCX_ABSENT)
		return UINT64_MAX;
	if (polls(w))
		at = min(at, w->poll_at_ns);
	if (w->untold && !w->stops)
		at = min(at, w->tell_at_ns);
	return at > now_ns ? at - now_ns : 0;
}

bool kt_watch_scan_due(struct kt_watch *w, u64 now_ns)
{
	if (!w->has_sched || w->known == KT_SCX_ABSENT ||
	    now_ns < w->scan_at_ns)
		return false;
	w->scan_at_ns = now_ns + KT_WATCH_SCAN_NS;
	return true;
}

static void find(struct kt_watch *w, const struct kt_guest_kernel *k)
{
	char why[160];

	if (kt_scx_find(k, &w->scx, why, sizeof(why))) {
		kt_warn("the scheduler's end is not watched: %s", why);
		w->known = KT_SCX_ABSENT;
		return;
	}
	w->known = KT_SCX_FOUND;
	if (k->types) {
		w->info_kind_offset = kt_types_offset(k->types, "scx_exit_info",
						      "kind");
		w->info_reason_offset = kt_types_offset(k->types,
							"scx_exit_info",
							"reason");
	}
	kt_info("sched_ext keeps its state in %s; a scheduler's end is seen by %s",
		w->scx.how, w->fires ? "a watchpoint" :
		w->stops ? "a stop within it" :
		"looking each millisecond: this engine delivers no watchpoints");
}

static u64 requested(struct kt_watch *w)
{
	/* Pairs with the release of publish() and disarm(). */
	return atomic_load_explicit(&w->arm.request_kva, memory_order_acquire);
}

/*
 * exit_kind, if a scheduler is attached. One that has not ended is another one
 * than that whose end was captured, though it lie at the same address.
 */
static bool look(struct kt_watch *w, u32 *kind)
{
	if (!w->attached || !kt_watch_arm_kind(&w->arm, kind))
		return false;
	if (!*kind)
		w->taken = false;
	return true;
}

bool kt_watch_scan(struct kt_watch *w, const struct kt_guest_kernel *k)
{
	u32 kind;
	u64 kva;

	if (w->known == KT_SCX_UNKNOWN)
		find(w, k);
	if (w->known != KT_SCX_FOUND)
		return false;
	if (kt_watch_arm_scan(&w->arm, &w->attached, k, &w->scx) ==
	    KT_WATCH_PUBLISHED)
		w->taken = false;
	look(w, &kind);
	kva = requested(w);
	if (kva && w->tell_kva)
		return false;		/* until it is given back */
	return w->fires && kva != w->armed_kva &&
	       (!kva || kva != w->refused_kva);
}

void kt_watch_sync(struct kt_watch *w, struct kt_machine *m)
{
	u64 kva = requested(w);
	int ret = 0;

	if (w->armed_kva)
		m->ops->watch_clear(m, KT_WATCH_EXIT_SLOT);
	if (kva)
		ret = m->ops->watch_set(m, KT_WATCH_EXIT_SLOT, kva);
	w->tell_kva = 0;
	w->armed_kva = ret ? 0 : kva;
	w->refused_kva = ret ? kva : 0;
	if (ret)
		kt_warn("the scheduler's end cannot be watched (%s): it is looked for each millisecond",
			strerror(-ret));
}

/* struct scx_exit_info of the scheduler; 0 none. */
static u64 exit_info(const struct kt_watch *w, const struct kt_guest_kernel *k)
{
	u64 at = kt_scx_field(w->scx.exit_info_kva, w->scx.exit_info_offset,
			      w->attached), info;

	return at && !kt_guest_kernel_read_u64(k, at, &info) ? info : 0;
}

/*
 * The kernel takes exit_kind back when it begins to tear the scheduler down;
 * what it told about the end stays longer.
 */
static u32 told_kind(const struct kt_watch *w, const struct kt_guest_kernel *k)
{
	u64 info = exit_info(w, k);
	u32 kind;

	if (!info || w->info_kind_offset < 0 ||
	    kt_guest_kernel_read_u32(k, info + w->info_kind_offset, &kind))
		return 0;
	return kind;
}

bool kt_watch_ended(struct kt_watch *w, const struct kt_guest_kernel *k,
		    bool fired, u64 now_ns)
{
	bool ended;
	u32 kind;

	if (!fired && (!polls(w) || now_ns < w->poll_at_ns))
		return false;
	if (!look(w, &kind) || w->taken)
		return false;
	ended = kind >= KT_SCX_EXIT_ERROR;
	if (!fired) {
		w->poll_at_ns = now_ns + poll_interval(w);
		w->nr_polls++;
		ended = ended || told_kind(w, k) >= KT_SCX_EXIT_ERROR;
	}
	w->taken = ended;
	return ended;
}

void kt_watch_await_told(struct kt_watch *w, json_t *state, u64 now_ns)
{
	kt_watch_fini(w);
	w->untold = json_incref(state);
	w->tell_gap_ns = KT_WATCH_POLL_NS;
	w->tell_at_ns = now_ns + w->tell_gap_ns;
	w->tell_until_ns = now_ns + KT_WATCH_TELL_NS;
}

void kt_watch_lend(struct kt_watch *w, struct kt_machine *m,
		   const struct kt_guest_kernel *k)
{
	u64 info = exit_info(w, k), kva = info + w->info_reason_offset;

	if (!info || w->info_reason_offset < 0 || kva % WORD_BYTES ||
	    m->ops->watch_set(m, KT_WATCH_EXIT_SLOT, kva))
		return;
	w->tell_kva = kva;
	w->armed_kva = kva;
}

bool kt_watch_tells(struct kt_watch *w, const struct kt_guest_kernel *k,
		    bool fired, u64 now_ns)
{
	if (!w->untold || (!fired && (w->stops || now_ns < w->tell_at_ns)))
		return false;
	w->tell_gap_ns *= 2;
	w->tell_at_ns = now_ns + w->tell_gap_ns;
	if (fired || now_ns < w->tell_until_ns)
		return told_kind(w, k) >= KT_SCX_EXIT_ERROR;
	kt_watch_fini(w);
	return false;
}

void kt_watch_told(struct kt_watch *w, json_t *told)
{
	json_t *scx = json_object_get(w->untold, "sched_ext");
	bool last = !json_object_get(told, "msg") ||
		    (json_object_get(told, "dump") &&
		     json_equal(told, json_object_get(scx, "exit")));

	if (last)
		json_decref(told);
	else
		kt_json_set(scx, "exit", told);
	w->tell_kva = 0;
	if (last)
		kt_watch_fini(w);
}

static int free_slot(const struct kt_watch *w, const char *symbol, char *why,
		     size_t size)
{
	int slot = -EBUSY, i;

	for (i = KT_WATCH_MAX_SYMBOLS; i > 0; i--) {
		if (!strcmp(w->symbols[i - 1].name, symbol)) {
			snprintf(why, size, "\"%s\" is watched already", symbol);
			return -EEXIST;
		}
		if (!*w->symbols[i - 1].name)
			slot = i;
	}
	if (slot < 0)
		snprintf(why, size, "%u of %u in use", KT_WATCH_MAX_SYMBOLS,
			 KT_WATCH_MAX_SYMBOLS);
	return slot;
}

static int unknown(const struct kt_guest_kernel *k, const char *symbol,
		   char *why, size_t size)
{
	char near[128];

	kt_symbols_near(k->syms, symbol, near, sizeof(near));
	snprintf(why, size, "no symbol \"%s\"%s%s", symbol,
		 *near ? "; near: " : "", near);
	return -ENOENT;
}

/* Where @symbol is, if a debug register can watch it. */
static int find_symbol(const struct kt_guest_kernel *k, const char *symbol,
		       u64 *kva, char *why, size_t size)
{
	u64 gpa;

	if (kt_guest_kernel_symbol(k, symbol, kva))
		return unknown(k, symbol, why, size);
	if (kt_guest_kernel_is_percpu(k, symbol))
		snprintf(why, size, "per-CPU, no one address: %s", symbol);
	else if (*kva % WORD_BYTES)
		snprintf(why, size, "not %u-byte aligned: %s is at ...%03llx",
			 WORD_BYTES, symbol, (unsigned long long)*kva & 0xfff);
	else if (kt_guest_kernel_translate(k, *kva, &gpa))
		snprintf(why, size, "not in memory: %s", symbol);
	else
		return 0;
	return -EINVAL;
}

int kt_watch_check(const struct kt_watch *w, const struct kt_guest_kernel *k,
		   const char *symbol, u64 *kva, char *why, size_t size)
{
	int slot, ret;

	ret = find_symbol(k, symbol, kva, why, size);
	if (ret)
		return ret;
	slot = free_slot(w, symbol, why, size);
	return slot;
}

static int set(struct kt_watch *w, struct kt_machine *m, u32 slot, u64 kva)
{
	if (!w->ranges)
		return m->ops->watch_set(m, slot, kva);
	w->ranges[slot - 1] = (struct kt_stop_range){
		.gva = kva, .len_bytes = WORD_BYTES,
	};
	return 0;
}

int kt_watch_add(struct kt_watch *w, struct kt_machine *m, u32 slot,
		 const char *symbol, u64 kva, char *why, size_t size)
{
	struct kt_watch_symbol *s = &w->symbols[slot - 1];
	int ret = set(w, m, slot, kva);

	if (ret) {
		snprintf(why, size, "refused by the engine: %s",
			 strerror(-ret));
		return ret;
	}
	*s = (struct kt_watch_symbol){};
	kt_utf8_copy(s->name, sizeof(s->name), symbol);
	return 0;
}

static void say_cleared(const struct kt_watch_symbol *s, u64 burst_ns)
{
	if (s->burst >= KT_WATCH_MAX_BURST)
		kt_warn("watch on \"%s\" cleared: %u writes in %llu.%03llu s of running; it is written too often to capture each time",
			s->name, s->burst,
			(unsigned long long)(burst_ns / KT_NSEC_PER_SEC),
			(unsigned long long)(burst_ns % KT_NSEC_PER_SEC /
					     KT_NSEC_PER_MSEC));
	else
		kt_warn("watch on \"%s\" cleared: %u writes were captured, later ones are not",
			s->name, s->fires);
}

enum kt_watch_worth kt_watch_fire(struct kt_watch *w, u32 slot, u64 run_ns)
{
	struct kt_watch_symbol *s = &w->symbols[slot - 1];

	if (!*s->name)
		return KT_WATCH_NOTHING;
	if (!s->burst || run_ns - s->burst_at_ns >= KT_WATCH_BURST_NS) {
		s->burst_at_ns = run_ns;
		s->burst = 0;
	}
	s->burst++;
	s->fires++;
	if (s->burst < KT_WATCH_MAX_BURST && s->fires < KT_WATCH_MAX_CAPTURES)
		return KT_WATCH_CAPTURE;
	say_cleared(s, run_ns - s->burst_at_ns);
	return KT_WATCH_CAPTURE_LAST;
}

void kt_watch_clear(struct kt_watch *w, struct kt_machine *m, u32 slot)
{
	if (w->ranges)
		w->ranges[slot - 1].len_bytes = 0;
	else
		m->ops->watch_clear(m, slot);
	w->symbols[slot - 1].name[0] = '\0';
}

bool kt_watch_armed(const struct kt_watch *w)
{
	u32 i;

	for (i = 0; i < KT_WATCH_MAX_SYMBOLS && !w->ranges; i++)
		if (*w->symbols[i].name)
			return true;
	return w->armed_kva;
}
