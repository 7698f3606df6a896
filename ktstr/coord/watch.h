/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watchpoints of a run: slot 0 on the word that a scheduler's end is written
 * to, the others on symbols that a test names. What is to be watched, when to
 * look, and what a fire is worth are decided here; serve_watch.c freezes.
 */
#ifndef KTSTR_COORD_WATCH_H
#define KTSTR_COORD_WATCH_H

#include "../engine/engine.h"
#include "../engine/stops.h"
#include "../inspect/json.h"
#include "../wire/msg.h"
#include "watch_arm.h"

#define KT_WATCH_SCAN_NS	(100 * 1000000ULL)
#define KT_WATCH_POLL_NS	1000000ULL	/* where nothing fires */
/* For what the kernel tells of an end, which is behind the store: at most. */
#define KT_WATCH_TELL_NS	1000000000ULL
#define KT_WATCH_EXIT_SLOT	0
#define KT_WATCH_MAX_SYMBOLS	(KT_MAX_WATCHES - 1)

/* Captures by one symbol: in all, and in a second in which the guest ran. */
#define KT_WATCH_MAX_CAPTURES	16
#define KT_WATCH_MAX_BURST	8
#define KT_WATCH_BURST_NS	1000000000ULL

/* A test's watch, in slot index + 1. */
struct kt_watch_symbol {
	char name[KT_SNAPSHOT_TAG_BYTES + 1];	/* "": the slot is free */
	u64 kva;
	u32 fires;
	u64 burst_at_ns;	/* running time: a second that counts writes */
	u32 burst;
};

struct kt_watch {
	bool has_sched;		/* slot 0 is of use */
	bool fires;		/* the engine delivers watchpoints */
	bool told;		/* watch_fd was readable */
	bool stops;		/* the machine stops at a scheduler's end: stops.h */
	struct kt_stop_range *ranges;	/* and behind these stores; NULL: not */
	struct kt_scx scx;
	enum { KT_SCX_UNKNOWN, KT_SCX_FOUND, KT_SCX_ABSENT } known;
	s64 info_kind_offset;	/* of struct scx_exit_info; negative: absent */
	s64 info_reason_offset;
	struct kt_watch_arm arm;
	u64 attached;		/* what the last scan saw */
	u64 armed_kva;		/* that the engine watches in slot 0; 0 none */
	u64 refused_kva;	/* that it would not */
	bool taken;		/* this scheduler's end was captured */
	json_t *untold;		/* state of a capture that lacks what is told */
	u64 tell_kva;		/* slot 0 is lent to the last word of it; 0 not */
	u64 tell_at_ns;		/* next look for that */
	u64 tell_gap_ns;	/* to the one behind it; doubled each time */
	u64 tell_until_ns;
	u64 scan_at_ns;
	u64 poll_at_ns;
	struct kt_watch_symbol symbols[KT_WATCH_MAX_SYMBOLS];
	u64 nr_polls;
};

/* Of a run that begins; says which way is taken. */
void kt_watch_init(struct kt_watch *w, bool has_sched, bool fires);

void kt_watch_fini(struct kt_watch *w);

/* How long until there is something to look for that nobody tells. */
u64 kt_watch_left_ns(const struct kt_watch *w, u64 now_ns);

/* Whether a scan is due; the next one is in KT_WATCH_SCAN_NS then. */
bool kt_watch_scan_due(struct kt_watch *w, u64 now_ns);

/* The scan. True: what slot 0 watches has changed, kt_watch_sync() is due. */
bool kt_watch_scan(struct kt_watch *w, const struct kt_guest_kernel *k);

/* Has the engine watch what is asked for; the machine is frozen. */
void kt_watch_sync(struct kt_watch *w, struct kt_machine *m);

/*
 * By slot 0 (@fired) or by looking: whether the scheduler has ended with an
 * error that was not captured yet. True once for a scheduler.
 */
bool kt_watch_ended(struct kt_watch *w, const struct kt_guest_kernel *k,
		    bool fired, u64 now_ns);

/*
 * What the kernel tells of an end (its text, its stack, its dump) comes behind
 * the store that made it. @state, of the capture at that store, gets it later.
 */
void kt_watch_await_told(struct kt_watch *w, json_t *state, u64 now_ns);
/*
 * The capture was at the store itself: slot 0 watches the word of it that is
 * written last. The machine is frozen.
 */
void kt_watch_lend(struct kt_watch *w, struct kt_machine *m,
		   const struct kt_guest_kernel *k);
/* Whether there is something to see: by slot 0 (@fired), or by looking. */
bool kt_watch_tells(struct kt_watch *w, const struct kt_guest_kernel *k,
		    bool fired, u64 now_ns);
/*
 * What was seen of it with the machine frozen; takes @told, which may be NULL.
 * The last look is one that sees the dump as the one before did, or nothing.
 */
void kt_watch_told(struct kt_watch *w, json_t *told);

/*
 * The slot that @symbol would get, and where it is; or -errno with the reason
 * in @why.
 */
int kt_watch_check(const struct kt_watch *w, const struct kt_guest_kernel *k,
		   const char *symbol, u64 *kva, char *why, size_t size);

/* Has the engine watch it; the machine is frozen. No slot is used up by -errno. */
int kt_watch_add(struct kt_watch *w, struct kt_machine *m, u32 slot,
		 const char *symbol, u64 kva, char *why, size_t size);

enum kt_watch_worth {
	KT_WATCH_NOTHING,	/* its slot is free */
	KT_WATCH_CAPTURE,
	KT_WATCH_CAPTURE_LAST,	/* and clear it */
};

/*
 * What a fire of @slot (1 to 3) is worth. @run_ns: how long the machine has
 * run, frozen time not counted. Says so when the watch is to be cleared.
 */
enum kt_watch_worth kt_watch_fire(struct kt_watch *w, u32 slot, u64 run_ns);
void kt_watch_clear(struct kt_watch *w, struct kt_machine *m, u32 slot);

/* Whether anything is armed that the engine is to be asked for. */
bool kt_watch_armed(const struct kt_watch *w);

#endif /* KTSTR_COORD_WATCH_H */
