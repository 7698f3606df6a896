// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds and inflates the configuration inside a kernel image. The image is
 * read in pieces and streamed: through a search for the mark, for a bzImage
 * first through inflate, so that memory stays small whatever the file holds.
 */
#include <unistd.h>
#include <zlib.h>

#include "../base/fd.h"
#include "ikconfig.h"

#define PIECE_BYTES	(128u << 10)
#define GZIP_BITS	(MAX_WBITS + 16)
#define MARK		"IKCFG_ST"
#define MARK_LEN	(sizeof(MARK) - 1)

/* Takes a piece. 1: all is there, 0: go on, -errno. */
typedef int (*sink_fn)(void *arg, const u8 *data, size_t len);

/* The search: for the mark, then the stream behind it. */
struct scan {
	size_t matched;		/* bytes of the mark seen last */
	bool inflating;
	bool ended;		/* the stream is complete */
	z_stream z;
	struct kt_strbuf *text;
};

/* Inflates @len bytes and hands on what comes out. Returns as sink_fn does. */
static int inflate_piece(z_stream *z, const u8 *data, size_t len, u8 *out,
			 sink_fn sink, void *arg)
{
	int ret = Z_OK, more;

	z->next_in = (u8 *)data;
	z->avail_in = len;
	do {
		z->next_out = out;
		z->avail_out = PIECE_BYTES;
		ret = inflate(z, Z_NO_FLUSH);
		if (ret != Z_OK && ret != Z_STREAM_END && ret != Z_BUF_ERROR)
			return ret == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
		more = sink(arg, out, PIECE_BYTES - z->avail_out);
		if (more)
			return more;
	} while (ret == Z_OK && (z->avail_in || !z->avail_out));
	return ret == Z_STREAM_END;
}

static int add_text(void *arg, const u8 *data, size_t len)
{
	struct kt_strbuf *text = arg;

	kt_strbuf_add(text, data, len);
	return text->overflow ? -EFBIG : 0;
}

/* Bytes of @data up to and with the end of the mark, @len if it is not there. */
static size_t skip_to_mark(struct scan *s, const u8 *data, size_t len)
{
	size_t i = 0;

	while (i < len && s->matched < MARK_LEN) {
		if (!s->matched) {
			const u8 *p = memchr(data + i, MARK[0], len - i);

			if (!p)
				return len;
			i = p - data;
		}
		/* its first letter occurs nowhere else in the mark */
		if (data[i] == MARK[s->matched])
			s->matched++;
		else
			s->matched = data[i] == MARK[0];
		i++;
	}
	return i;
}

static int scan_piece(void *arg, const u8 *data, size_t len)
{
	struct scan *s = arg;
	size_t skip = 0;
	u8 *out;
	int ret;

	if (!s->inflating) {
		skip = skip_to_mark(s, data, len);
		if (s->matched < MARK_LEN)
			return 0;
		if (inflateInit2(&s->z, GZIP_BITS) != Z_OK)
			return -ENOMEM;
		s->inflating = true;
	}
	if (skip == len)
		return 0;
	out = malloc(PIECE_BYTES);
	if (!out)
		return -ENOMEM;
	ret = inflate_piece(&s->z, data + skip, len - skip, out, add_text,
			    s->text);
	free(out);
	s->ended = ret == 1;
	return ret;
}

/* Feeds @len bytes of @fd from @offset to @sink. */
static int read_pieces(int fd, u64 offset, u64 len, sink_fn sink, void *arg)
{
	u8 *buf = malloc(PIECE_BYTES);
	int ret = buf ? 0 : -ENOMEM;

	while (!ret && len) {
		ssize_t n = pread(fd, buf, min_t(u64, len, PIECE_BYTES),
				  offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret = n ? -errno : 0;
			break;
		}
		ret = sink(arg, buf, n);
		offset += n;
		len -= n;
	}
	free(buf);
	return ret;
}

/* A bzImage: its payload is inflated on the way. */
struct payload {
	z_stream z;
	u8 *out;
	u64 out_bytes;
	struct scan *scan;
};

static int payload_out(void *arg, const u8 *data, size_t len)
{
	struct payload *p = arg;

	p->out_bytes += len;
	if (p->out_bytes > KT_PAYLOAD_MAX_BYTES)
		return -EFBIG;
	return scan_piece(p->scan, data, len);
}

static int payload_in(void *arg, const u8 *data, size_t len)
{
	struct payload *p = arg;

	return inflate_piece(&p->z, data, len, p->out, payload_out, p);
}

static int scan_payload(int fd, const struct kt_image *img, struct scan *s)
{
	struct payload p = { .scan = s };
	u8 magic[2];
	int ret;

	if (img->payload_len_bytes < sizeof(magic) ||
	    pread(fd, magic, sizeof(magic), img->payload_offset) !=
	    sizeof(magic) || magic[0] != 0x1f || magic[1] != 0x8b)
		return -ENODATA;
	p.out = malloc(PIECE_BYTES);
	if (!p.out)
		return -ENOMEM;
	ret = -ENOMEM;
	if (inflateInit2(&p.z, GZIP_BITS) == Z_OK) {
		ret = read_pieces(fd, img->payload_offset,
				  img->payload_len_bytes, payload_in, &p);
		inflateEnd(&p.z);
	}
	free(p.out);
	return ret;
}

int kt_ikconfig_read(int fd, const struct kt_image *img,
		     struct kt_strbuf *text)
{
	struct scan s = { .text = text };
	int ret;

	if (img->kind == KT_IMAGE_BZIMAGE)
		ret = scan_payload(fd, img, &s);
	else
		ret = read_pieces(fd, 0, img->size_bytes, scan_piece, &s);
	if (s.inflating)
		inflateEnd(&s.z);
	if (ret < 0)
		return ret;
	if (!s.inflating)
		return -ENODATA;
	return s.ended ? 0 : -EBADMSG;
}
