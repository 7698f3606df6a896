/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: what the library says is counted and its last line kept, instead
 * of shown. A test is a process of its own: the sink ends with it.
 */
#ifndef KTSTR_TESTS_UNIT_KEPT_LOG_H
#define KTSTR_TESTS_UNIT_KEPT_LOG_H

#include <stdio.h>

#include "ktstr/base/log.h"

static u32 nr_logged, nr_errors;
static char last_log[2048];

static inline void keep_message(enum kt_log_level level, const char *file,
				int line, const char *text, void *arg)
{
	(void)file, (void)line, (void)arg;
	nr_logged++;
	nr_errors += level == KT_LOG_ERR;
	snprintf(last_log, sizeof(last_log), "%s", text);
}

/* From here on; until then nothing has been said. */
static inline void keep_log(void)
{
	nr_logged = 0;
	nr_errors = 0;
	last_log[0] = '\0';
	kt_log_set_sink(keep_message, NULL);
}

#endif /* KTSTR_TESTS_UNIT_KEPT_LOG_H */
