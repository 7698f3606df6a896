/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running a Plan: the scheduler up, the body of the case under it, the
 * scheduler down, the verdict to the host.
 */
#ifndef KTSTR_GUEST_RUN_H
#define KTSTR_GUEST_RUN_H

#include "../wire/plan.h"
#include "transport.h"

/*
 * Runs @plan once and sends TestResult, SchedExit and Exit, whatever happens,
 * unless the host has gone. @trouble says what went wrong while the guest was
 * set up, "" for nothing; then nothing is run.
 */
void kt_run_plan(struct kt_port *port, const struct kt_plan *plan,
		 const char *trouble);

#endif /* KTSTR_GUEST_RUN_H */
