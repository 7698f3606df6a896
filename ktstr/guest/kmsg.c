// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading /dev/kmsg, a record a read: "prio,seq,time,flags;text\n", then
 * lines that begin with a space and tell of devices.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "kmsg.h"

#define RECORD_BYTES	8192
#define RECORDS_AT_ONCE	512

#define SCX_PREFIX	"sched_ext: "
#define SCX_NAMED	SCX_PREFIX "BPF scheduler \""
#define SCX_DISABLED	"\" disabled ("
#define SCX_BY_USER	"unregistered from user space"

int kt_kmsg_open(struct kt_kmsg *k)
{
	memset(k, 0, sizeof(*k));
	k->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (k->fd < 0)
		return kt_err(-errno, "open /dev/kmsg: %m");
	if (lseek(k->fd, 0, SEEK_END) < 0)
		return kt_err(-errno, "seek in /dev/kmsg: %m");
	return 0;
}

void kt_kmsg_forget(struct kt_kmsg *k)
{
	int fd = k->fd;

	kt_kmsg_pump(k);
	memset(k, 0, sizeof(*k));
	k->fd = fd;
}

void kt_kmsg_close(struct kt_kmsg *k)
{
	kt_close(&k->fd);
}

/* "... disabled (reason)", then perhaps "sched_ext: name: message". */
static void note_exit(struct kt_kmsg *k, const char *line)
{
	const char *message;
	size_t len;

	if (!strncmp(line, SCX_NAMED, strlen(SCX_NAMED))) {
		k->exit_open = false;
		if (!strstr(line, SCX_DISABLED))
			return;
		k->disabled = true;
		if (k->thrown_out || strstr(line, SCX_BY_USER))
			return;
		k->thrown_out = true;
		k->exit_open = true;
		kt_utf8_copy(k->exit_text, sizeof(k->exit_text), line);
		return;
	}
	message = strstr(line + strlen(SCX_PREFIX), ": ");
	if (!k->exit_open || !message)
		return;
	k->exit_open = false;
	len = strlen(k->exit_text);
	kt_utf8_copy(k->exit_text + len, sizeof(k->exit_text) - len, message);
}

void kt_kmsg_line(struct kt_kmsg *k, const char *line)
{
	if (strcasestr(line, "out of memory") || strstr(line, "oom-kill")) {
		/* the line that names who was killed is worth most */
		if (!k->ooms++ || !strstr(k->oom, "Killed process"))
			kt_utf8_copy(k->oom, sizeof(k->oom), line);
		return;
	}
	if (!strstr(line, "sched_ext"))
		return;
	kt_utf8_copy(k->lines[k->nr++ % KT_KMSG_MAX_LINES],
		     KT_KMSG_LINE_BYTES, line);
	if (!strncmp(line, SCX_PREFIX, strlen(SCX_PREFIX)))
		note_exit(k, line);
}

void kt_kmsg_pump(struct kt_kmsg *k)
{
	char buf[RECORD_BYTES];
	int i;

	for (i = 0; i < RECORDS_AT_ONCE && k->fd >= 0; i++) {
		ssize_t n = read(k->fd, buf, sizeof(buf) - 1);
		char *text;

		if (n < 0 && errno == EPIPE)
			continue;	/* overrun: goes on with the oldest */
		if (n <= 0)
			return;
		buf[n] = '\0';
		text = strchr(buf, ';');
		if (!text)
			continue;
		text++;
		text[strcspn(text, "\n")] = '\0';
		kt_kmsg_line(k, text);
	}
}

static u32 first_kept(const struct kt_kmsg *k)
{
	return k->nr > KT_KMSG_MAX_LINES ? k->nr - KT_KMSG_MAX_LINES : 0;
}

bool kt_kmsg_says(const struct kt_kmsg *k, const char *text)
{
	u32 i;

	for (i = first_kept(k); i < k->nr; i++)
		if (strstr(k->lines[i % KT_KMSG_MAX_LINES], text))
			return true;
	return false;
}

size_t kt_kmsg_text(const struct kt_kmsg *k, char *buf, size_t size)
{
	size_t len = 0;
	u32 i;

	buf[0] = '\0';
	for (i = first_kept(k); i < k->nr && len < size; i++)
		len += snprintf(buf + len, size - len, "%s\n",
				k->lines[i % KT_KMSG_MAX_LINES]);
	if (k->ooms && len < size)
		len += snprintf(buf + len, size - len, "%s\n", k->oom);
	return min(len, size - 1);
}
