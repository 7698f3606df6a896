/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's process, and what the kernel says of sched_ext's state.
 */
#ifndef KTSTR_GUEST_SCHED_H
#define KTSTR_GUEST_SCHED_H

#include <sys/types.h>

#include "../wire/plan.h"
#include "relay.h"

struct kt_sched {
	pid_t pid;		/* 0: none, or it has ended */
	int pidfd;		/* readable when it has ended */
	bool started;
	bool ended;
	int status;		/* wait status */
	struct kt_relay output;
};

/*
 * Starts @argv, which ends with NULL, its first one being the program's path;
 * its output goes to SchedLog frames.
 */
int kt_sched_start(struct kt_sched *s, const char *const *argv);

/* As before the first start; the process is gone, the output read. */
void kt_sched_forget(struct kt_sched *s);

/*
 * Pins the kthread in which the kernel runs ops.init() to CPU 0. -ESRCH when
 * there is none (yet).
 */
int kt_sched_pin_init(void);

/* Reaps it when it has ended; @s->ended says. */
void kt_sched_reap(struct kt_sched *s);

void kt_sched_signal(const struct kt_sched *s, int sig);

/* Exit code as SchedExit carries it: 128 and the signal for a death by one. */
s32 kt_sched_exit_code(const struct kt_sched *s);

/* /sys/kernel/sched_ext/state: "enabled", "disabled"...; "" unreadable. */
const char *kt_sched_state(char *buf, size_t size);
bool kt_sched_enabled(void);

#endif /* KTSTR_GUEST_SCHED_H */
