// SPDX-License-Identifier: GPL-2.0-only
/*
 * The assembler with its CRC check, fed as a port is read, beside zlib's crc32
 * alone over the same payloads; turn by turn in one run, since the machine may
 * be shared.
 *
 *	assembler [ROUNDS]
 */
#include <stdio.h>
#include <time.h>

#include <zlib.h>

#include "ktstr/wire/frame.h"

#define STREAM_BYTES	0x100000	/* stays in the cache, as a read's bytes */
#define PASSES		32		/* over it, in a round */
#define CHUNK_BYTES	(64u << 10)	/* of one read */
#define MAX_ROUNDS	1001

struct stream {
	u8 *buf;
	size_t len_bytes;
	size_t payload_bytes;
	size_t frames;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int stream_init(struct stream *s, size_t payload_bytes)
{
	size_t frame = sizeof(struct kt_frame_hdr) + payload_bytes, i, at;
	struct kt_frame_hdr hdr;

	s->payload_bytes = payload_bytes;
	s->frames = STREAM_BYTES / frame;
	s->len_bytes = s->frames * frame;
	s->buf = malloc(s->len_bytes);
	if (!s->buf)
		return -ENOMEM;
	for (i = 0; i < s->len_bytes; i++)
		s->buf[i] = i * 2654435761u >> 24;
	for (i = 0; i < s->frames; i++) {
		at = i * frame;
		kt_frame_encode_hdr(&hdr, 0x54455354,
				    s->buf + at + sizeof(hdr), payload_bytes);
		memcpy(s->buf + at, &hdr, sizeof(hdr));
	}
	return 0;
}

/* Seconds; negative when not every frame came out well. */
static double assembled(const struct stream *s)
{
	struct kt_assembler a;
	struct kt_frame f;
	double start;
	size_t pass, at, n;
	u64 good = 0;

	kt_assembler_init(&a);
	start = now_s();
	for (pass = 0; pass < PASSES; pass++) {
		for (at = 0; at < s->len_bytes; at += n) {
			n = min_t(size_t, CHUNK_BYTES, s->len_bytes - at);
			if (kt_assembler_feed(&a, s->buf + at, n))
				return -1;
			while (kt_assembler_next(&a, &f))
				good += f.crc_ok;
		}
	}
	start = now_s() - start;
	kt_assembler_fini(&a);
	return good == s->frames * PASSES ? start : -1;
}

static double crc_alone(const struct stream *s)
{
	size_t frame = sizeof(struct kt_frame_hdr) + s->payload_bytes;
	size_t pass, at;
	double start = now_s();
	u64 good = 0;

	for (pass = 0; pass < PASSES; pass++) {
		for (at = 0; at < s->len_bytes; at += frame) {
			struct kt_frame_hdr hdr;

			memcpy(&hdr, s->buf + at, sizeof(hdr));
			good += le32_to_cpu(hdr.crc32) ==
				crc32(0, s->buf + at + sizeof(hdr),
				      s->payload_bytes);
		}
	}
	start = now_s() - start;
	return good == s->frames * PASSES ? start : -1;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int nr)
{
	qsort(v, nr, sizeof(*v), by_value);
	return v[nr / 2];
}

static int compare(size_t payload_bytes, int rounds)
{
	static double ours[MAX_ROUNDS], zlibs[MAX_ROUNDS], ratio[MAX_ROUNDS];
	struct stream s;
	double mb;
	int i;

	if (stream_init(&s, payload_bytes))
		return -ENOMEM;
	mb = s.frames * PASSES * payload_bytes / 1e6;
	for (i = 0; i < rounds; i++) {
		ours[i] = assembled(&s);
		zlibs[i] = crc_alone(&s);
		if (ours[i] <= 0 || zlibs[i] <= 0) {
			fprintf(stderr, "frames of %zu bytes did not come out well\n",
				payload_bytes);
			free(s.buf);
			return -EIO;
		}
		ratio[i] = 100 * zlibs[i] / ours[i];
	}
	printf("  payloads of %5zu bytes: %6.1f MB/s, crc32 alone %6.1f MB/s: %5.1f %%\n",
	       payload_bytes, mb / median(ours, rounds),
	       mb / median(zlibs, rounds), median(ratio, rounds));
	free(s.buf);
	return 0;
}

int main(int argc, char **argv)
{
	static const size_t payloads[] = { 64, 4096, 65536 };
	int rounds = argc > 1 ? atoi(argv[1]) : 31;
	size_t i;

	rounds = min(max(rounds, 1), MAX_ROUNDS);
	printf("assembler: fed by %u KiB, of zlib's crc32 over the same payloads, median of %d\n",
	       CHUNK_BYTES >> 10, rounds);
	for (i = 0; i < ARRAY_SIZE(payloads); i++)
		if (compare(payloads[i], rounds))
			return 1;
	return 0;
}
