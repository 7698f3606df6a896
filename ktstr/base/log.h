/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the library says to people. One line a message, on standard error
 * unless the program gave another sink (a test program turns each line into a
 * KTAP diagnostic, the guest sends each as a frame). Report once, where the
 * context is; never exit.
 */
#ifndef KTSTR_BASE_LOG_H
#define KTSTR_BASE_LOG_H

#include "types.h"

enum kt_log_level {
	KT_LOG_ERR,
	KT_LOG_WARN,
	KT_LOG_INFO,
	KT_LOG_DEBUG,
};

/*
 * Takes one message without its newline. @file and @line are where it was
 * raised. The text is only good during the call.
 */
typedef void (*kt_log_fn)(enum kt_log_level level, const char *file, int line,
			  const char *text, void *arg);

/* Replaces the sink; NULL brings standard error back. */
void kt_log_set_sink(kt_log_fn fn, void *arg);

/* Messages above @level are dropped. KT_LOG_INFO to begin with. */
void kt_log_set_level(enum kt_log_level level);

void kt_log(enum kt_log_level level, const char *file, int line,
	    const char *fmt, ...) __printf(4, 5);

/* Logs and returns @err, so that a failure is `return kt_err(-EIO, ...)`. */
int kt_log_err(int err, const char *file, int line, const char *fmt, ...)
	__printf(4, 5);

#define kt_err(err, ...)	kt_log_err(err, __FILE__, __LINE__, __VA_ARGS__)
#define kt_warn(...)	kt_log(KT_LOG_WARN, __FILE__, __LINE__, __VA_ARGS__)
#define kt_info(...)	kt_log(KT_LOG_INFO, __FILE__, __LINE__, __VA_ARGS__)
#define kt_dbg(...)	kt_log(KT_LOG_DEBUG, __FILE__, __LINE__, __VA_ARGS__)

#endif /* KTSTR_BASE_LOG_H */
