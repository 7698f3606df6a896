/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr run --payload`: any program of the host, run in a machine without a
 * line of C. What is to be run goes along as JSON.
 */
#ifndef KTSTR_TOOLS_PAYLOAD_H
#define KTSTR_TOOLS_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "ktstr/include/ktstr.h"

/* Where the text is in the machine. */
#define KT_PAYLOAD_JOB		"/etc/ktstr-payload"
#define KT_PAYLOAD_MAX_METRICS	16

/* Whether it is what these arguments of `ktstr run` ask for. */
bool kt_payload_wanted(int argc, const char **argv);
int kt_cmd_run_payload(int argc, const char **argv);

/*
 * "NAME=REGEX" or "NAME=json:PATH", with ",min=N", ",max=N" and ",unit=TEXT"
 * behind it. What @m points to is in *@text, the caller's to free. -EINVAL,
 * reported.
 */
int kt_payload_metric_parse(struct ktstr_metric *m, char **text,
			    const char *arg);

/* The declaration as JSON, NULL without memory; and back, false when it is none. */
json_t *kt_payload_pack(const struct ktstr_payload *p);
bool kt_payload_unpack(struct ktstr_payload *p, const json_t *job);

/* In the machine: runs it and waits for it. */
void kt_payload_body(struct ktstr_ctx *t);
extern const struct ktstr_payload *const kt_payload_list[];

#endif /* KTSTR_TOOLS_PAYLOAD_H */
