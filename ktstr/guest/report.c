// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last frames of a run.
 */
#include <sys/statvfs.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "events.h"
#include "report.h"

#define STATE_MAX_BYTES	(4u << 20)	/* of a file, with very many CPUs */

void kt_report_environment(struct kt_verdict *v, const struct kt_kmsg *kmsg)
{
	struct statvfs st;

	if (kmsg->ooms)
		kt_verdict_detail(v, KT_DETAIL_ENV,
				  "the guest ran out of memory: %s", kmsg->oom);
	if (!statvfs("/tmp", &st) && st.f_blocks && !st.f_bavail) {
		unsigned long long kib = st.f_frsize / 1024;

		kt_verdict_detail(v, KT_DETAIL_ENV,
				  "the guest's /tmp is full (%llu of %llu KiB)",
				  (st.f_blocks - st.f_bfree) * kib,
				  st.f_blocks * kib);
	}
}

static int send_result(struct kt_port *port, const struct kt_result *result)
{
	static u8 buf[KT_RESULT_MAX_BYTES];
	int len = kt_result_encode(result, buf, sizeof(buf));

	if (len < 0)
		return kt_err(len, "encode the result: %s", strerror(-len));
	return kt_port_send(port, KT_TAG_TEST_RESULT, buf, len);
}

/* What the scheduler and the CPUs have come to, for a comparison of runs. */
static void send_final_state(struct kt_port *port)
{
	static const char *const files[] = {
		"/proc/schedstat", "/proc/interrupts",
	};
	size_t i, len_bytes;
	char *text;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (kt_read_file(files[i], STATE_MAX_BYTES, &text, &len_bytes))
			continue;
		kt_port_send(port, KT_TAG_FINAL_STATE, text, len_bytes);
		free(text);
	}
}

void kt_report_send(struct kt_port *port, struct kt_verdict *v,
		    const struct kt_kmsg *kmsg, u32 events_kib)
{
	enum kt_outcome outcome = kt_verdict_finish(v);
	static char log[KT_KMSG_MAX_LINES * KT_KMSG_LINE_BYTES +
			KT_KMSG_LINE_BYTES];
	size_t len = kt_kmsg_text(kmsg, log, sizeof(log));
	s32 code = kt_outcome_info(outcome)->exit_code;

	if (len && !kt_outcome_info(outcome)->ok)
		kt_port_send(port, KT_TAG_DMESG, log, len);
	if (send_result(port, &v->result))
		code = 1;
	if (port->stamps)
		send_final_state(port);
	if (events_kib)
		kt_events_send(port, events_kib);
	kt_port_send_i32(port, KT_TAG_EXIT, code);
}
