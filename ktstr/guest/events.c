// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracing by the files of tracefs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "events.h"

#define TRACEFS		"/sys/kernel/tracing"
#define CPU_MIN_KIB	64u
#define CHUNK_BYTES	(64u << 10)
#define TEXT_MAX_BYTES	(16u << 20)
#define CUT		"# cut here: there is more than 16 MiB of text\n"

struct setting {
	const char *file;	/* in TRACEFS */
	const char *value;
	bool needed;
};

/* In this order. Without names of many tasks the kernel's text has "<...>". */
static const struct setting settings[] = {
	{ "saved_cmdlines_size", "2048", false },
	{ "trace_clock", "mono", true },
	{ "events/sched/sched_switch/enable", "1", true },
	{ "events/sched/sched_wakeup/enable", "1", true },
	{ "events/sched/sched_wakeup_new/enable", "1", true },
	{ "events/sched/sched_migrate_task/enable", "1", true },
	{ "events/sched_ext/enable", "1", false },
	{ "tracing_on", "1", true },
};

static int put(const char *file, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), TRACEFS "/%s", file);
	return kt_write_file(path, value);
}

/* A file's line, of all CPUs together, is for each of them. */
static int set_size(u32 kib)
{
	u32 cpus = max_t(long, sysconf(_SC_NPROCESSORS_CONF), 1);
	char text[16];

	snprintf(text, sizeof(text), "%u", max(kib / cpus, CPU_MIN_KIB));
	return put("buffer_size_kb", text);
}

static int refuse(int err, const char *file, char *why, size_t why_size)
{
	const char *remedy = "";

	if (err == -ENOENT)
		remedy = "; the kernel needs CONFIG_FTRACE and CONFIG_EVENT_TRACING";
	else if (err == -ENOMEM)
		remedy = "; give the case more memory";
	snprintf(why, why_size, "events cannot be traced: " TRACEFS "/%s: %s%s",
		 file, strerror(-err), remedy);
	return err;
}

int kt_events_start(u32 kib, char *why, size_t why_size)
{
	size_t i;
	int ret;

	put("tracing_on", "0");
	ret = set_size(kib);
	if (ret)
		return refuse(ret, "buffer_size_kb", why, why_size);
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		ret = put(settings[i].file, settings[i].value);
		if (ret && settings[i].needed)
			return refuse(ret, settings[i].file, why, why_size);
	}
	/* the last words of a kernel that panics: of the CPU that does */
	kt_write_file("/proc/sys/kernel/ftrace_dump_on_oops", "2");
	return 0;
}

void kt_events_stop(void)
{
	put("tracing_on", "0");
}

size_t kt_events_head(const char *text, u32 kib,
		      char line[KT_EVENTS_HEAD_BYTES])
{
	static const char mark[] = "entries-in-buffer/entries-written: ";
	unsigned long long here, written;
	const char *at = strstr(text, mark);

	if (!at || sscanf(at + strlen(mark), "%llu/%llu", &here, &written) != 2)
		return snprintf(line, KT_EVENTS_HEAD_BYTES,
				"# events by CLOCK_MONOTONIC; the kernel does not say how many were lost\n");
	if (here == written)
		return snprintf(line, KT_EVENTS_HEAD_BYTES,
				"# %llu events by CLOCK_MONOTONIC, all that there were\n",
				here);
	return snprintf(line, KT_EVENTS_HEAD_BYTES,
			"# the last %llu events of %llu, by CLOCK_MONOTONIC; the first %llu did not fit into the %u KiB of the trace buffer\n",
			here, written, written - here, kib);
}

/* As much as there is; the kernel gives a page at a time. */
static size_t fill(int fd, char *buf, size_t size)
{
	ssize_t n = kt_read_all(fd, buf, size - 1);

	buf[max_t(ssize_t, n, 0)] = '\0';
	return max_t(ssize_t, n, 0);
}

void kt_events_send(struct kt_port *port, u32 kib)
{
	int fd = open(TRACEFS "/trace", O_RDONLY | O_CLOEXEC);
	char line[KT_EVENTS_HEAD_BYTES];
	static char buf[CHUNK_BYTES];
	size_t len, sent;

	if (fd < 0)
		return;
	len = fill(fd, buf, sizeof(buf));
	kt_port_send(port, KT_TAG_PROBE_OUTPUT, line,
		     kt_events_head(buf, kib, line));
	for (sent = 0; len && sent < TEXT_MAX_BYTES && !port->dead; sent += len) {
		kt_port_send(port, KT_TAG_PROBE_OUTPUT, buf, len);
		len = fill(fd, buf, sizeof(buf));
	}
	if (len)
		kt_port_send(port, KT_TAG_PROBE_OUTPUT, CUT, strlen(CUT));
	kt_close(&fd);
}
