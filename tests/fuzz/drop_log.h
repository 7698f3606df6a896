/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For fuzz targets: what the library says is still put together, which is part
 * of what is tried, and then dropped.
 */
#ifndef KTSTR_TESTS_FUZZ_DROP_LOG_H
#define KTSTR_TESTS_FUZZ_DROP_LOG_H

#include "ktstr/base/log.h"

static inline void drop_message(enum kt_log_level level, const char *file,
				int line, const char *text, void *arg)
{
	(void)level, (void)file, (void)line, (void)text, (void)arg;
}

static inline void drop_log(void)
{
	kt_log_set_sink(drop_message, NULL);
}

#endif /* KTSTR_TESTS_FUZZ_DROP_LOG_H */
