// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command as the guest of its own machines: what they were made for is told
 * by the files that came along.
 */
#include <unistd.h>

#include "ktstr/guest/testproc.h"
#include "kselftest.h"
#include "payload.h"

static void body(struct ktstr_ctx *t)
{
	if (!access(KT_PAYLOAD_JOB, F_OK))
		kt_payload_body(t);
	else
		kt_kselftest_body(t);
}

const struct ktstr_test kt_test_any = {
	.name = "any",
	.desc = "what the command line says",
	.payloads = kt_payload_list,
	.body = body,
};
