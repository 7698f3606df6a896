// SPDX-License-Identifier: GPL-2.0-only
/*
 * numa_maps, a line a mapping:
 *
 *	7f6c00000000 default anon=512 dirty=512 active=0 N0=384 N1=128 kernelpagesize_kB=4
 *
 * A mapping of a file says file=, one with pages that other processes have as
 * well says mapmax=.
 */
#include <stdio.h>
#include <unistd.h>

#include "pages.h"

#define LINE_BYTES	1024

/* Like strtoul() of base 10, bounded; @p moves on. */
static u32 number(const char **p)
{
	u64 v = 0;

	for (; **p >= '0' && **p <= '9'; (*p)++)
		v = min_t(u64, v * 10 + (**p - '0'), UINT32_MAX);
	return v;
}

static bool is_own(const char *line)
{
	return strstr(line, " anon=") && !strstr(line, " file=") &&
	       !strstr(line, " mapmax=");
}

static void add_line(const char *line, u32 pages[KT_MAX_NODES])
{
	const char *p = line;
	u32 node;

	if (!is_own(line))
		return;
	while ((p = strstr(p, " N"))) {
		p += 2;
		node = number(&p);
		if (*p != '=' || node >= KT_MAX_NODES)
			continue;
		p++;
		pages[node] += min(number(&p), UINT32_MAX - pages[node]);
	}
}

int kt_pages_read(int fd, u32 pages[KT_MAX_NODES])
{
	char buf[LINE_BYTES + 1], *line, *end;
	bool in_long_line = false;
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, buf + len, LINE_BYTES - len)) > 0) {
		buf[len + n] = '\0';
		for (line = buf; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			if (!in_long_line)
				add_line(line, pages);
			in_long_line = false;
		}
		len = strlen(line);
		memmove(buf, line, len);
		/* longer than any without a file's name in it */
		if (len == LINE_BYTES) {
			in_long_line = true;
			len = 0;
		}
	}
	return n < 0 ? -errno : 0;
}

bool kt_pages_many_nodes(const char *list)
{
	return strpbrk(list, "-,");
}
