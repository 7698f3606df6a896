// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gdb stub's client: "$text#checksum", where the text is a reply to what
 * was asked ("OK", "E22", "") or tells of a stop ("T05thread:02;watch:ff..;").
 */
#include <stdio.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "gdb.h"

#define POLL_READS	64	/* a flood is not read to its end */
#define SUM_BYTES	3	/* "#b9" */
#define SIGTRAP_STOP	"T05"
#define BREAK_BYTES	1

void kt_gdb_open(struct kt_gdb *g, int fd)
{
	memset(g, 0, sizeof(*g));
	g->fd = fd;
}

void kt_gdb_close(struct kt_gdb *g)
{
	kt_close(&g->fd);
}

static u8 checksum(const char *text, size_t len)
{
	u8 sum = 0;

	while (len--)
		sum += *text++;
	return sum;
}

static void drop(struct kt_gdb *g, size_t len)
{
	g->len_bytes -= len;
	memmove(g->buf, g->buf + len, g->len_bytes);
}

/* 1 when something was read, 0 at the deadline, -errno. */
static int fill(struct kt_gdb *g, u64 deadline_ns)
{
	ssize_t n;
	int ret;

	if (g->eof)
		return -EPIPE;
	if (g->len_bytes == sizeof(g->buf))
		drop(g, g->len_bytes);	/* no packet of ours */
	ret = kt_wait_readable(g->fd, deadline_ns);
	if (ret <= 0)
		return ret;
	n = read(g->fd, g->buf + g->len_bytes, sizeof(g->buf) - g->len_bytes);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n <= 0) {
		g->eof = true;
		return -EPIPE;
	}
	g->len_bytes += n;
	return 1;
}

/*
 * The text of the first whole packet, terminated, in @text of
 * KT_GDB_PACKET_MAX bytes: true. What stands between packets (QEMU's "+") and
 * packets whose sum is wrong are dropped.
 */
static bool take_packet(struct kt_gdb *g, char *text)
{
	for (;;) {
		char *start = memchr(g->buf, '$', g->len_bytes), *end;
		char sum[SUM_BYTES + 1] = "";
		size_t len;

		drop(g, start ? (size_t)(start - g->buf) : g->len_bytes);
		end = memchr(g->buf, '#', g->len_bytes);
		if (!end || (size_t)(end - g->buf) + SUM_BYTES > g->len_bytes)
			return false;
		len = end - g->buf - 1;
		memcpy(text, g->buf + 1, len);
		text[len] = '\0';
		memcpy(sum, end, SUM_BYTES);
		drop(g, end - g->buf + SUM_BYTES);
		if (strlen(text) == len &&
		    strtoul(sum + 1, NULL, 16) == checksum(text, len))
			return true;
	}
}

/* The hexadecimal number behind @key in @text. */
static bool hex_after(const char *text, const char *key, u64 *v)
{
	const char *at = strstr(text, key);
	char *end;

	if (!at)
		return false;
	at += strlen(key);
	/* of a thread "p01.02" the second one */
	if (*at == 'p')
		at += strcspn(at, ".;") + 1;
	errno = 0;
	*v = strtoull(at, &end, 16);
	return end != at && *end == ';' && !errno;
}

/* Threads count from 1. A pause (SIGINT) is of no interest. */
static void note_stop(struct kt_gdb *g, const char *text)
{
	u64 thread, gva;

	if (!hex_after(text, "thread:", &thread) || !thread ||
	    thread > UINT32_MAX)
		return;
	if (!strncmp(text, SIGTRAP_STOP, strlen(SIGTRAP_STOP)) &&
	    !strstr(text, "watch:"))
		g->at_break = true;
	if (!hex_after(text, ";watch:", &gva))
		return;
	g->fired = true;
	g->fired_gva = gva;
	g->fired_vcpu = thread - 1;
}

/* Reads on until a reply comes; stops are noted on the way. */
static int await(struct kt_gdb *g, u64 deadline_ns)
{
	char text[KT_GDB_PACKET_MAX];
	bool late = false;
	int ret;

	for (;;) {
		while (take_packet(g, text)) {
			if (*text == 'T')
				note_stop(g, text);
			else if (*text != 'W' && *text != 'X')
				return strcmp(text, "OK") ? -EPROTO : 0;
		}
		ret = late ? 0 : fill(g, deadline_ns);
		late = kt_now_ns() >= deadline_ns;
		if (ret <= 0)
			return ret ? ret : -ETIMEDOUT;
	}
}

/* @type and @kind as of the packets Z and z. */
static int change(struct kt_gdb *g, bool set, u32 type, u64 gva, u32 kind,
		  u64 deadline_ns)
{
	char text[48], packet[64];
	int len, ret;

	if (g->lost || g->eof)
		return -EPIPE;
	len = snprintf(text, sizeof(text), "%c%u,%llx,%x", set ? 'Z' : 'z',
		       type, (unsigned long long)gva, kind);
	len = snprintf(packet, sizeof(packet), "$%s#%02x", text,
		       checksum(text, len));
	ret = kt_write_all(g->fd, packet, len, deadline_ns);
	if (!ret)
		ret = await(g, deadline_ns);
	g->lost = ret && ret != -EPROTO;
	return ret;
}

int kt_gdb_watch(struct kt_gdb *g, u64 gva, bool set, u64 deadline_ns)
{
	return change(g, set, 2, gva, KT_GDB_WATCH_BYTES, deadline_ns);
}

int kt_gdb_break(struct kt_gdb *g, u64 gva, bool set, u64 deadline_ns)
{
	return change(g, set, 0, gva, BREAK_BYTES, deadline_ns);
}

void kt_gdb_poll(struct kt_gdb *g)
{
	char text[KT_GDB_PACKET_MAX];
	int reads = POLL_READS, ret;

	do {
		ret = fill(g, 0);
		while (take_packet(g, text))
			if (*text == 'T')
				note_stop(g, text);
	} while (ret > 0 && --reads);
}
