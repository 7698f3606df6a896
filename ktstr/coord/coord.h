/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The coordinator of one virtual machine: one thread, one epoll loop over the
 * frame stream, the serial console, the engine's event, the watchdog and the
 * kill and cancel descriptors. It hands the guest its Plan, acts on frames
 * through dispatch, and keeps what the run leaves behind.
 */
#ifndef KTSTR_COORD_COORD_H
#define KTSTR_COORD_COORD_H

#include "../base/strbuf.h"
#include "../engine/engine.h"
#include "../wire/plan.h"
#include "bucket.h"
#include "capture.h"
#include "chase.h"
#include "console.h"
#include "dispatch.h"
#include "hold.h"
#include "monitor.h"
#include "outbox.h"
#include "periodic.h"
#include "stats.h"
#include "stops.h"
#include "subject.h"
#include "trace.h"
#include "watch.h"
#include "watchdog.h"
#include "writes.h"

struct kt_coord_opts {
	const struct kt_plan *plan;
	u64 boot_budget_ns;
	u64 attach_budget_ns;
	u64 workload_budget_ns;
	u64 teardown_budget_ns;
	int cancel_fd;		/* readable: end the run now; -1 none */
	int stream_fd;		/* gets a copy of the frame stream; -1 none */
	int console_log_fd;	/* gets a copy of the console; -1 none */
	int hvc_log_fd;		/* gets a copy of the virtio console; -1 none */
	struct kt_subject_opts subject;
	u32 nr_periodic;	/* captures over the workload */
	u64 workload_ns;	/* its duration */
	int stats_listen_fd;	/* clients of the scheduler's statistics; -1 none */
	bool watchpoints;	/* the machine's engine delivers them */
	const struct kt_write *writes;	/* of variables, by the host */
	u32 nr_writes;
	const char *save_image;	/* file for the memory at the first capture */
	struct kt_monitor_opts monitor;
	struct kt_chase_opts chase;
	bool trace;		/* the machine is deterministic: to its end */
	/* of a machine that goes on where it was saved: all that it had sent */
	const void *early;
	size_t early_bytes;
	u64 answer_budget_ns;	/* it has to send something within, behind its Plan */
	/*
	 * Called while the machine stands frozen as it waits for its Plan, which
	 * it has not got; NULL: not at all. All that it has sent is @early. Not
	 * when the machine cannot be stopped there.
	 */
	void (*at_ready)(void *arg, struct kt_machine *m, const void *early,
			 size_t early_bytes);
	void *at_ready_arg;
};

#define KT_EARLY_MAX_BYTES	(64u << 10)	/* of what is handed to at_ready */

/* Why the loop ended. */
enum kt_run_end {
	KT_RUN_EXITED,		/* the guest said Exit */
	KT_RUN_MACHINE_ENDED,	/* without saying so */
	KT_RUN_WATCHDOG,
	KT_RUN_CANCELLED,
	KT_RUN_FAILED,		/* the coordinator itself: error in the log */
};

struct kt_coord {
	struct kt_trace trace;
	struct kt_coord_hold hold;	/* of a machine that is traced */
	struct kt_assembler assembler;
	struct kt_sinks sinks;
	struct kt_watchdog watchdog;
	struct kt_bucket bucket;
	struct kt_console console;
	struct kt_tail hvc;	/* what was written to the virtio console */
	struct kt_outbox outbox;
	struct kt_strbuf early;	/* sent up to at_ready, for that */
	bool begun;		/* what went before the Plan is over */
	u32 holds;		/* that are over */
	struct kt_stats stats;
	struct kt_subject subject;
	struct kt_captures captures;
	/*
	 * The state when the run ended, for the dump of one that failed: at the
	 * workload's end, at the watchdog's, or of the machine that has ended.
	 * Its state is NULL when there was none to see.
	 */
	struct kt_capture last_look;
	const char *save_image;	/* NULL: not asked for, or done */
	bool last_look_due;	/* the workload has just ended */
	struct kt_periodic periodic;
	struct kt_writes writes;
	struct kt_watch watch;
	struct kt_stops stops;
	struct kt_chase chase;
	struct kt_monitor monitor;
	u64 frozen_in_workload_ns;	/* by us, since ScenarioStart */
	u64 workload_end_ns;	/* ScenarioEnd, since the start; 0 before */
	u64 workload_total_ns;	/* its own time, in all */
	enum kt_run_end end;
	enum kt_machine_end machine_end;
	char machine_text[512];	/* what the engine said about its end */
	u64 started_at_ns;	/* kt_now_ns() */
	u64 ready_ns;		/* SysRdy, since the start; 0 never */
	u64 answer_ns;		/* the first frame behind the Plan; 0 never */
	u64 ended_ns;
	size_t residue_bytes;	/* of a frame never completed */
	bool record_failed;	/* the copies are not complete */
	u64 unrecorded_bytes;	/* beyond what a copy may hold */
};

/*
 * Starts @m and runs it to its end. 0 when the loop did its work, whatever
 * became of the guest; -errno when it could not. The caller owns @c and calls
 * fini in any case, and destroys @m.
 */
int kt_coord_run(struct kt_coord *c, struct kt_machine *m,
		 const struct kt_coord_opts *opts);
void kt_coord_fini(struct kt_coord *c);

#endif /* KTSTR_COORD_COORD_H */
