// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a run is and how long it may stay there. Dispatch sets the deadline
 * for the workload; this sets it for what comes before and after. No sequence
 * of frames keeps a run alive for ever: each teardown budget is granted once
 * and caps the deadline from then on, and before that the run limit does.
 */
#include "watchdog.h"

/* How often a workload's budget fits: start, teardown, and twice in pauses. */
#define DURATIONS_IN_LIMIT	4
#define NR_TEARDOWNS		3
/* Frozen time that is given back in a run: a guest can ask to be frozen. */
#define MAX_FROZEN_NS		(60 * KT_NSEC_PER_SEC)

static u64 mul_sat(u64 a, u64 b)
{
	u64 product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static u64 derived_limit(const struct kt_watchdog *w, const struct kt_sinks *s)
{
	u64 limit;

	if (!s->duration_ns)
		return 0;
	limit = kt_add_sat(w->boot_budget_ns, w->attach_budget_ns);
	limit = kt_add_sat(limit, mul_sat(s->duration_ns, DURATIONS_IN_LIMIT));
	return kt_add_sat(limit, mul_sat(w->teardown_budget_ns, NR_TEARDOWNS));
}

void kt_watchdog_start(struct kt_watchdog *w, struct kt_sinks *s)
{
	w->stage = KT_STAGE_BOOT;
	w->granted = 0;
	if (!w->run_limit_ns)
		w->run_limit_ns = derived_limit(w, s);
	s->frozen_total_ns = 0;
	s->deadline_cap_ns = w->run_limit_ns;
	kt_sinks_set_deadline(s, w->boot_budget_ns);
}

static bool reach(struct kt_watchdog *w, enum kt_stage stage)
{
	if (w->stage >= stage)
		return false;
	w->stage = stage;
	return true;
}

/*
 * Grants the teardown budget for this type of frame, once. The deadline it
 * sets is also the cap, so that a ScenarioStart, -End or -Resume behind it
 * cannot move it out.
 */
static void grant_teardown(struct kt_watchdog *w, struct kt_sinks *s, u32 bit)
{
	u64 limit = kt_add_sat(w->run_limit_ns, s->frozen_total_ns);

	if (w->granted & bit)
		return;
	w->granted |= bit;
	s->deadline_cap_ns = w->run_limit_ns ? limit : 0;
	kt_sinks_set_deadline(s, kt_add_sat(s->now_ns, w->teardown_budget_ns));
	s->deadline_cap_ns = s->deadline_ns;
}

static void on_lifecycle(struct kt_watchdog *w, const struct kt_frame *f)
{
	u8 phase;

	if (!kt_lifecycle_decode(&phase, NULL, 0, f->payload, f->len_bytes) &&
	    phase == KT_LIFE_INIT_STARTED)
		reach(w, KT_STAGE_INIT);
}

static void on_start(struct kt_watchdog *w, struct kt_sinks *s)
{
	/* Without a budget for the workload, the one to attach ends here. */
	if (reach(w, KT_STAGE_WORKLOAD) && !s->duration_ns)
		s->deadline_ns = s->deadline_cap_ns;
}

void kt_watchdog_frame(struct kt_watchdog *w, const struct kt_frame *frame,
		       struct kt_sinks *s)
{
	if (!frame->crc_ok)
		return;
	switch (frame->msg_type) {
	case KT_TAG_LIFECYCLE:
		on_lifecycle(w, frame);
		break;
	case KT_TAG_SYS_RDY:
		if (!frame->len_bytes && reach(w, KT_STAGE_ATTACH))
			kt_sinks_set_deadline(s, kt_add_sat(s->now_ns,
							    w->attach_budget_ns));
		break;
	case KT_TAG_SCENARIO_START:
		on_start(w, s);
		break;
	case KT_TAG_TEST_RESULT:
		reach(w, KT_STAGE_RESULT);
		grant_teardown(w, s, 1 << 0);
		break;
	case KT_TAG_EXIT:
		reach(w, KT_STAGE_EXITED);
		grant_teardown(w, s, 1 << 1);
		break;
	case KT_TAG_SCHED_EXIT:
		grant_teardown(w, s, 1 << 2);
		break;
	}
}

void kt_watchdog_extend(struct kt_sinks *s, u64 frozen_ns)
{
	frozen_ns = min_t(u64, frozen_ns, MAX_FROZEN_NS - s->frozen_total_ns);
	s->frozen_total_ns += frozen_ns;
	if (s->deadline_cap_ns)
		s->deadline_cap_ns = kt_add_sat(s->deadline_cap_ns, frozen_ns);
	if (s->deadline_ns)
		s->deadline_ns = kt_add_sat(s->deadline_ns, frozen_ns);
}

bool kt_watchdog_expired(const struct kt_sinks *s, u64 now_ns)
{
	return s->deadline_ns && now_ns >= s->deadline_ns;
}

const char *kt_stage_str(enum kt_stage stage)
{
	switch (stage) {
	case KT_STAGE_BOOT:
		return "never booted";
	case KT_STAGE_INIT:
		return "booted but no SysRdy";
	case KT_STAGE_ATTACH:
		return "scheduler not attached";
	case KT_STAGE_WORKLOAD:
		return "workload started but no result";
	case KT_STAGE_RESULT:
		return "result but no exit";
	case KT_STAGE_EXITED:
		return "exit reported but the machine still runs";
	}
	return "unknown stage";
}
