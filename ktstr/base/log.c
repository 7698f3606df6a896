// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one place messages pass through on their way to people.
 */
#include <stdarg.h>
#include <stdio.h>

#include "log.h"

#define LINE_MAX_BYTES	2048

static kt_log_fn sink;
static void *sink_arg;
static enum kt_log_level max_level = KT_LOG_INFO;

void kt_log_set_sink(kt_log_fn fn, void *arg)
{
	sink = fn;
	sink_arg = arg;
}

void kt_log_set_level(enum kt_log_level level)
{
	max_level = level;
}

static const char *prefix(enum kt_log_level level)
{
	switch (level) {
	case KT_LOG_ERR:
		return "error: ";
	case KT_LOG_WARN:
		return "warning: ";
	default:
		return "";
	}
}

static void emit(enum kt_log_level level, const char *file, int line,
		 const char *fmt, va_list ap)
{
	int saved_errno = errno;
	char text[LINE_MAX_BYTES];

	if (level > max_level)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (sink)
		sink(level, file, line, text, sink_arg);
	else
		fprintf(stderr, "ktstr: %s%s\n", prefix(level), text);
	errno = saved_errno;
}

void kt_log(enum kt_log_level level, const char *file, int line,
	    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(level, file, line, fmt, ap);
	va_end(ap);
}

int kt_log_err(int err, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(KT_LOG_ERR, file, line, fmt, ap);
	va_end(ap);
	return err;
}
