/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a run: what the machine itself has to say, and the frames that
 * carry the verdict.
 */
#ifndef KTSTR_GUEST_REPORT_H
#define KTSTR_GUEST_REPORT_H

#include "../check/verdict.h"
#include "kmsg.h"
#include "transport.h"

/* Memory that ran out, a full /tmp. */
void kt_report_environment(struct kt_verdict *v, const struct kt_kmsg *kmsg);

/*
 * Finishes @v and sends it: Dmesg (unless it passed), TestResult, Exit; ahead of
 * that the events of a buffer of @events_kib, 0 for none.
 */
void kt_report_send(struct kt_port *port, struct kt_verdict *v,
		    const struct kt_kmsg *kmsg, u32 events_kib);

#endif /* KTSTR_GUEST_REPORT_H */
