// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest of a measured machine does: its disk past the page cache,
 * then frames to the host on the port of the statistics, as fast as they go.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <ktstr.h>

#include "ktstr/guest/transport.h"
#include "machines.h"

#define DISK		"/dev/vda"
#define BLOCK_BYTES	(64u << 10)
#define NR_BLOCKS	(DISK_MIB * 16u)
#define READ_BYTES	4096
#define NR_READS	1000

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* A figure for session.c, told at once. */
static void tell(const char *name, double value)
{
	printf("%s %.9f\n", name, value);
	fflush(stdout);
}

static void *new_buffer(struct ktstr_ctx *t)
{
	void *buf = aligned_alloc(READ_BYTES, BLOCK_BYTES);

	KTSTR_ASSERT(t, buf);
	memset(buf, 0x5a, BLOCK_BYTES);
	return buf;
}

static void write_all(struct ktstr_ctx *t, int fd, uint32_t *buf)
{
	double from = now_s();
	uint32_t i, good = 0;

	for (i = 0; i < NR_BLOCKS; i++) {
		*buf = i;
		good += pwrite(fd, buf, BLOCK_BYTES, (off_t)i * BLOCK_BYTES) ==
			BLOCK_BYTES;
	}
	tell("write_mibps", DISK_MIB / (now_s() - from));
	KTSTR_EXPECT_EQ(t, good, NR_BLOCKS);
}

static void read_all(struct ktstr_ctx *t, int fd, uint32_t *buf)
{
	double from = now_s();
	uint32_t i, good = 0;

	for (i = 0; i < NR_BLOCKS; i++)
		good += pread(fd, buf, BLOCK_BYTES, (off_t)i * BLOCK_BYTES) ==
			BLOCK_BYTES && *buf == i;
	tell("read_mibps", DISK_MIB / (now_s() - from));
	KTSTR_EXPECT_EQ(t, good, NR_BLOCKS);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void read_some(struct ktstr_ctx *t, int fd, void *buf)
{
	static double took[NR_READS];
	uint32_t i, at = 1, good = 0;
	double from;

	for (i = 0; i < NR_READS; i++) {
		at = at * 1664525u + 1013904223u;
		from = now_s();
		good += pread(fd, buf, READ_BYTES, (at >> 8) %
			      (DISK_MIB << 8) * (off_t)READ_BYTES) == READ_BYTES;
		took[i] = now_s() - from;
	}
	qsort(took, NR_READS, sizeof(took[0]), by_size);
	tell("latency_us", took[NR_READS / 2] * 1e6);
	KTSTR_EXPECT_EQ(t, good, NR_READS);
}

static void use_disk(struct ktstr_ctx *t)
{
	int fd = open(DISK, O_RDWR | O_DIRECT);
	void *buf = new_buffer(t);
	double from;

	KTSTR_ASSERT(t, fd >= 0);
	tell("disk_begins", 0);
	from = now_s();
	write_all(t, fd, buf);
	read_all(t, fd, buf);
	read_some(t, fd, buf);
	tell("disk_s", now_s() - from);
	free(buf);
	close(fd);
}

/* Init's descriptor of the statistics' port: a port has one opener. */
static int take_port(struct ktstr_ctx *t)
{
	int pidfd = syscall(SYS_pidfd_open, 1, 0), port = -1;
	char path[300], link[64];
	struct dirent *d;
	ssize_t n;
	DIR *dir;

	dir = opendir("/proc/1/fd");
	KTSTR_ASSERT(t, pidfd >= 0 && dir);
	while (port < 0 && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/1/fd/%s", d->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 12 || strncmp(link, "/dev/vport", 10) ||
		    strncmp(link + n - 2, "p2", 2))
			continue;
		port = syscall(SYS_pidfd_getfd, pidfd, atoi(d->d_name), 0);
	}
	closedir(dir);
	close(pidfd);
	KTSTR_ASSERT(t, port >= 0);
	return port;
}

static void send_frames(struct ktstr_ctx *t)
{
	static struct kt_port port;
	static uint8_t payload[FRAME_BYTES];
	uint32_t i, good = 0;

	static_assert(FRAME_BYTES + sizeof(struct kt_frame_hdr) ==
		      KT_PORT_BUF_BYTES, "one write");
	for (i = 0; i < sizeof(payload); i++)
		payload[i] = i * 2654435761u >> 24;
	port.fd = take_port(t);
	for (i = 0; i < NR_FRAMES; i++)
		good += !kt_port_send(&port, KT_TAG_RAW_OUTPUT, payload,
				      sizeof(payload));
	KTSTR_EXPECT_EQ(t, good, NR_FRAMES);
}

KTSTR_TEST(in_the_machine,
	   .desc = "the work of a guest that is measured",
	   .topology = "1n1l1c1t", .memory_mib = GUEST_MIB,
	   .duration_ms = 240000, .disks = KTSTR_DISKS({ .size_mib = DISK_MIB }))
{
	use_disk(t);
	send_frames(t);
}
