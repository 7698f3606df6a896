// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames to the guest, as many as its port takes at a time.
 */
#include <unistd.h>

#include "../wire/frame.h"
#include "outbox.h"

void kt_outbox_fini(struct kt_outbox *o)
{
	free(o->buf);
	memset(o, 0, sizeof(*o));
}

static bool make_room(struct kt_outbox *o, size_t len_bytes)
{
	if (!o->buf)
		o->buf = malloc(KT_OUTBOX_MAX_BYTES);
	if (!o->buf)
		return false;
	if (len_bytes > KT_OUTBOX_MAX_BYTES - o->tail) {
		memmove(o->buf, o->buf + o->head, o->tail - o->head);
		o->tail -= o->head;
		o->head = 0;
	}
	return len_bytes <= KT_OUTBOX_MAX_BYTES - o->tail;
}

int kt_outbox_add(struct kt_outbox *o, u32 tag, const void *payload,
		  size_t len_bytes)
{
	struct kt_frame_hdr hdr;
	int ret;

	ret = kt_frame_encode_hdr(&hdr, tag, payload, len_bytes);
	if (ret)
		return ret;
	if (!make_room(o, sizeof(hdr) + len_bytes)) {
		o->refused++;
		return o->buf ? -ENOBUFS : -ENOMEM;
	}
	memcpy(o->buf + o->tail, &hdr, sizeof(hdr));
	if (len_bytes)
		memcpy(o->buf + o->tail + sizeof(hdr), payload, len_bytes);
	o->tail += sizeof(hdr) + len_bytes;
	return 0;
}

int kt_outbox_flush(struct kt_outbox *o, int fd)
{
	while (!kt_outbox_empty(o)) {
		ssize_t n = write(fd, o->buf + o->head, o->tail - o->head);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		o->head += n;
	}
	return 0;
}
