/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time a run may take, by stage, and the words for where one got stuck.
 * Pure: times are handed in (nanoseconds since the run began).
 */
#ifndef KTSTR_COORD_WATCHDOG_H
#define KTSTR_COORD_WATCHDOG_H

#include "dispatch.h"

/* How far a machine came; each is reached by a frame. */
enum kt_stage {
	KT_STAGE_BOOT,		/* nothing heard yet */
	KT_STAGE_INIT,		/* Lifecycle 1: booted, no SysRdy */
	KT_STAGE_ATTACH,	/* SysRdy: scheduler not attached */
	KT_STAGE_WORKLOAD,	/* ScenarioStart: no result */
	KT_STAGE_RESULT,	/* TestResult: no exit */
	KT_STAGE_EXITED,	/* Exit */
};

struct kt_watchdog {
	enum kt_stage stage;
	u64 boot_budget_ns;	/* to SysRdy */
	u64 attach_budget_ns;	/* SysRdy to the workload's start */
	u64 teardown_budget_ns;	/* after TestResult, SchedExit or Exit */
	/*
	 * The whole run but the time frozen, whatever a guest sends. 0: derived
	 * at the start from the budgets; none when the sinks have no duration.
	 */
	u64 run_limit_ns;
	u32 granted;		/* teardown budgets given, a bit per frame type */
};

/*
 * Arms @s->deadline_ns with the boot budget and caps it at the run limit. The
 * budgets and @s->duration_ns are set before.
 */
void kt_watchdog_start(struct kt_watchdog *w, struct kt_sinks *s);

/*
 * Moves the stage and the deadline on after @frame was dispatched. Frames with
 * a bad CRC do nothing. An open pause does not hold the deadline: only
 * ScenarioResume extends it.
 */
void kt_watchdog_frame(struct kt_watchdog *w, const struct kt_frame *frame,
		       struct kt_sinks *s);

/* The machine was kept frozen for @frozen_ns by the host: give it back. */
void kt_watchdog_extend(struct kt_sinks *s, u64 frozen_ns);

bool kt_watchdog_expired(const struct kt_sinks *s, u64 now_ns);

/* "never booted", "booted but no SysRdy", ... */
const char *kt_stage_str(enum kt_stage stage);

#endif /* KTSTR_COORD_WATCHDOG_H */
