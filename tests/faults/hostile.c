// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile agent: each case takes init's own port and writes bytes of its
 * choice to it, in between what init writes. The script "hostile-agent" looks
 * at what the host makes of it. Not a test program by itself.
 */
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <ktstr.h>

#include "ktstr/wire/frame.h"
#include "ktstr/wire/msg.h"

#define CHUNK_BYTES	(32u << 10)	/* the driver's largest write */
#define FLOOD_MS	1000
/* of a case that ends by itself: room for a slow host */
#define ENDS_MS		6000
/* of one that never does: its workload is 100 ms */
#define STAYS_MS	2000

static int port = -1;

/* Init's descriptor of the bulk port, taken out of its hands. */
static void take_port(struct ktstr_ctx *t)
{
	int pidfd = syscall(SYS_pidfd_open, 1, 0);
	char path[300], link[64];
	struct dirent *d;
	ssize_t n;
	DIR *dir;

	dir = opendir("/proc/1/fd");
	KTSTR_ASSERT(t, pidfd >= 0 && dir);
	while (port < 0 && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/1/fd/%s", d->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 4)
			continue;
		link[n] = '\0';
		if (!strncmp(link, "/dev/vport", 10) && !strcmp(link + n - 2, "p1"))
			port = syscall(SYS_pidfd_getfd, pidfd, atoi(d->d_name), 0);
	}
	closedir(dir);
	KTSTR_ASSERT(t, port >= 0);
}

static void put(const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		struct pollfd pfd = { .fd = port, .events = POLLOUT };
		ssize_t n = write(port, p, len < CHUNK_BYTES ? len : CHUNK_BYTES);

		if (n > 0) {
			p += n;
			len -= n;
		} else {
			poll(&pfd, 1, 100);
		}
	}
}

static u8 frame[CHUNK_BYTES];

/* A whole frame, its CRC right or not; its length. */
static size_t make_frame(u32 tag, const void *payload, size_t len, bool crc_ok)
{
	struct kt_frame_hdr *hdr = (void *)frame;

	if (kt_frame_encode_hdr(hdr, tag, payload, len))
		return 0;
	if (!crc_ok)
		hdr->crc32 ^= cpu_to_le32(1);
	memcpy(frame + sizeof(*hdr), payload, len);
	return sizeof(*hdr) + len;
}

/* In one write. */
static void put_frame(u32 tag, const void *payload, size_t len, bool crc_ok)
{
	put(frame, make_frame(tag, payload, len, crc_ok));
}

static void put_hdr(u32 tag, u32 len)
{
	struct kt_frame_hdr hdr = {
		.msg_type = cpu_to_le32(tag), .length = cpu_to_le32(len),
	};

	put(&hdr, sizeof(hdr));
}

static u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/* The workload first, so that the host's budget is the case's own. */
static void begin(struct ktstr_ctx *t)
{
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_MS(50),
				{ .name = "one", .workers = 1,
				  .work = { KTSTR_SPIN_WAIT } }));
	take_port(t);
}

#define HOSTILE(id, desc_, ms)						\
	KTSTR_TEST(id, .desc = desc_, .duration_ms = 100, .watchdog_ms = ms)

HOSTILE(forged_replies, "frames that only the host sends", ENDS_MS)
{
	struct kt_snapshot_reply s = { .request_id = 1, .status = 1 };
	struct kt_kernel_op_reply k = { .request_id = 1, .status = 1 };
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	int len;

	begin(t);
	len = kt_snapshot_reply_encode(&s, buf, sizeof(buf));
	put_frame(KT_TAG_SNAPSHOT_REPLY, buf, len, true);
	len = kt_kernel_op_reply_encode(&k, buf, sizeof(buf));
	put_frame(KT_TAG_KERNEL_OP_REPLY, buf, len, true);
	put_frame(KT_TAG_PLAN, "plan", 4, true);
	put_frame(0x21212121, "what", 4, true);
}

HOSTILE(torn_sched_exit, "a SchedExit with a bad CRC", ENDS_MS)
{
	begin(t);
	put_frame(KT_TAG_SCHED_EXIT, "\1\0\0\0", 4, false);
}

HOSTILE(torn_result, "results with a bad CRC, or that are none", ENDS_MS)
{
	static u8 junk[4096];

	begin(t);
	put_frame(KT_TAG_TEST_RESULT, junk, sizeof(junk), true);
	put_frame(KT_TAG_TEST_RESULT, junk, sizeof(junk), false);
	put_frame(KT_TAG_EXIT, "\0\0\0\0", 4, false);
}

HOSTILE(early_exit, "an Exit with no result before it", ENDS_MS)
{
	begin(t);
	put_frame(KT_TAG_EXIT, "\0\0\0\0", 4, true);
	pause();
}

HOSTILE(length_4gib, "a frame announced with 4 GiB", STAYS_MS)
{
	begin(t);
	put_hdr(KT_TAG_STDOUT, UINT32_MAX);
}

HOSTILE(length_16mib, "a frame announced with all that is allowed, never sent",
	STAYS_MS)
{
	begin(t);
	put_hdr(KT_TAG_STDOUT, KT_FRAME_MAX_PAYLOAD);
}

HOSTILE(endless_partial, "frames that never end, without end", STAYS_MS)
{
	static u8 junk[CHUNK_BYTES];

	begin(t);
	for (;;) {
		put_hdr(KT_TAG_RAW_OUTPUT, KT_FRAME_MAX_PAYLOAD);
		put(junk, sizeof(junk));
	}
}

HOSTILE(garbage, "bytes that mean nothing, without end", STAYS_MS)
{
	static u32 junk[CHUNK_BYTES / 4];
	u32 x = 1, i;

	begin(t);
	for (;;) {
		for (i = 0; i < CHUNK_BYTES / 4; i++) {
			x = x * 1664525 + 1013904223;
			junk[i] = x;
		}
		put(junk, sizeof(junk));
	}
}

/* The same frame again and again: nothing is slower than the port. */
static void flood(struct ktstr_ctx *t, u32 tag, size_t len)
{
	static u8 text[CHUNK_BYTES];
	u64 start = now_ms(), bytes = 0, ms;

	memset(text, 'x', sizeof(text));
	len = make_frame(tag, text, len, true);
	do {
		put(frame, len);
		bytes += len;
		ms = now_ms() - start;
	} while (ms < FLOOD_MS);
	ktstr_note(t, "flood of %llu bytes in %llu ms",
		   (unsigned long long)bytes, (unsigned long long)ms);
}

HOSTILE(flood_of_text, "as much output as the port takes", ENDS_MS)
{
	begin(t);
	flood(t, KT_TAG_STDOUT, CHUNK_BYTES - sizeof(struct kt_frame_hdr));
}

HOSTILE(flood_of_frames, "as many frames that are kept as the port takes",
	ENDS_MS)
{
	begin(t);
	flood(t, KT_TAG_RAW_OUTPUT, 8192);
}

HOSTILE(flood_of_requests, "requests whose answers nobody waits for", ENDS_MS)
{
	struct kt_kernel_op_req op = {
		.cold = 1, .target = KT_TARGET_SYMBOL, .kind = KT_VALUE_U64,
		.width = 8, .symbol = "jiffies_64",
	};
	struct kt_snapshot_req s = { .kind = KT_SNAPSHOT_CAPTURE, .tag = "x" };
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	u32 id = 1000;
	u64 end;
	int len;

	begin(t);
	end = now_ms() + FLOOD_MS;
	while (now_ms() < end) {
		op.request_id = id++;
		len = kt_kernel_op_req_encode(&op, buf, sizeof(buf));
		put_frame(KT_TAG_KERNEL_OP_REQ, buf, len, true);
		s.request_id = id++;
		len = kt_snapshot_req_encode(&s, buf, sizeof(buf));
		put_frame(KT_TAG_SNAPSHOT_REQ, buf, len, true);
	}
}
