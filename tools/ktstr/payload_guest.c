// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the machine: the payload of `ktstr run --payload`, by the operations that
 * any case has.
 */
#include "ktstr/guest/ctx.h"
#include "ktstr/guest/testproc.h"
#include "payload.h"

static struct ktstr_payload payload;

const struct ktstr_payload *const kt_payload_list[] = { &payload, NULL };

/*
 * As long as the workload may take, and half of the harness's own slack, which
 * is larger when emulated. Waiting scales what is declared: that is undone.
 */
static u32 timeout_ms(const struct kt_plan *p)
{
	static struct kt_scenario s;

	s.speed_pct = p->speed_pct;
	return (p->duration_ms + (p->test_timeout_ms - p->duration_ms) / 2) /
	       kt_scenario_scale_ms(&s, 1);
}

void kt_payload_body(struct ktstr_ctx *t)
{
	json_t *job = json_load_file(KT_PAYLOAD_JOB, 0, NULL);

	if (!job || !kt_payload_unpack(&payload, job)) {
		kt_verdict_broken(&t->shared->verdict, "%s: nothing that could be run",
				  KT_PAYLOAD_JOB);
		return;
	}
	payload.timeout_ms = timeout_ms(t->plan);
	KTSTR_RUN(t, KTSTR_CHANGE(KTSTR_HOLD_MS(1),
				  KTSTR_RUN_PAYLOAD(payload, NULL),
				  KTSTR_WAIT_PAYLOAD(payload)));
	json_decref(job);
}
