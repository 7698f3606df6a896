// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order for each chain: shape, requests answered without I/O, throttle,
 * handler, completion. The guest can rewrite what it handed over at any time,
 * so the header is copied once, and data goes straight between the file and
 * guest memory and is never looked at. Signals are blocked where this runs, so
 * no call is interrupted.
 */
#include <endian.h>
#include <errno.h>
#include <unistd.h>

#include <linux/virtio_blk.h>

#include "block_request.h"

/* A segment that crosses two regions of memory comes in two pieces. */
#define MAX_PIECES	(2 * KT_BLOCK_SEG_MAX)

#define ERROR(len)	((struct answer){ VIRTIO_BLK_S_IOERR, (len) })

struct answer {
	u8 status;
	u32 len_bytes;	/* written into the chain */
};

#define count(d, what, by)						\
	atomic_fetch_add_explicit(&(d)->counters.what, (by),		\
				  memory_order_relaxed)

void kt_block_disk_init(struct kt_block_disk *d, const struct kt_disk *disk,
			u64 now_ns)
{
	memset(d, 0, sizeof(*d));
	d->disk = *disk;
	kt_throttle_init(&d->throttle, disk->iops, disk->bytes_per_s, now_ns);
}

/* Drops @len_bytes at the front of @nr segments; those left begin at *@iov. */
static void advance(struct iovec **iov, u32 *nr, size_t len_bytes)
{
	while (*nr && len_bytes >= (*iov)->iov_len) {
		len_bytes -= (*iov)->iov_len;
		(*iov)++;
		(*nr)--;
	}
	if (*nr && len_bytes) {
		(*iov)->iov_base = (char *)(*iov)->iov_base + len_bytes;
		(*iov)->iov_len -= len_bytes;
	}
}

/* The header, which may lie in several segments; false when it is short. */
static bool take_header(struct iovec **in, u32 *nr_in,
			struct virtio_blk_outhdr *hdr)
{
	size_t done = 0, n;

	for (; done < sizeof(*hdr) && *nr_in; (*in)++, (*nr_in)--) {
		n = min_t(size_t, (*in)->iov_len, sizeof(*hdr) - done);
		if (!n)
			continue;
		memcpy((char *)hdr + done, (*in)->iov_base, n);
		done += n;
		if (n < (*in)->iov_len) {
			/* data begins in the same segment */
			(*in)->iov_base = (char *)(*in)->iov_base + n;
			(*in)->iov_len -= n;
			break;
		}
	}
	return done == sizeof(*hdr);
}

/* The status is the last byte that the device may write. */
static u8 *take_status(struct iovec *out, u32 *nr_out)
{
	struct iovec *last = out + *nr_out - 1;

	if (!*nr_out || !last->iov_len)
		return NULL;
	last->iov_len--;
	if (!last->iov_len)
		--*nr_out;
	return (u8 *)last->iov_base + last->iov_len;
}

static bool sizes_fit(struct kt_block_request *r)
{
	u32 i;

	if (r->nr_data > MAX_PIECES)
		return false;
	r->data_bytes = 0;
	for (i = 0; i < r->nr_data; i++) {
		if (r->data[i].iov_len > KT_BLOCK_SIZE_MAX)
			return false;
		r->data_bytes += r->data[i].iov_len;
	}
	return true;
}

/* Takes the chain apart. False when it has not the shape of its type. */
static bool parse(struct kt_vq_chain *c, struct kt_block_request *r)
{
	struct iovec *in = c->iov, *out = c->iov + c->nr_in;
	u32 nr_in = c->nr_in, nr_out = c->nr_out;
	struct virtio_blk_outhdr hdr;

	*r = (struct kt_block_request){ .status = take_status(out, &nr_out) };
	if (!r->status || !take_header(&in, &nr_in, &hdr))
		return false;
	r->type = le32toh(hdr.type);
	r->sector = le64toh(hdr.sector);
	switch (r->type) {
	case VIRTIO_BLK_T_IN:
	case VIRTIO_BLK_T_GET_ID:
		r->data = out;
		r->nr_data = nr_out;
		return nr_out && !nr_in && sizes_fit(r);
	case VIRTIO_BLK_T_OUT:
		r->data = in;
		r->nr_data = nr_in;
		return nr_in && !nr_out && sizes_fit(r);
	default:
		return true;
	}
}

/* True when @a is the answer already, and nothing has to be done for it. */
static bool answered(const struct kt_block_disk *d,
		     const struct kt_block_request *r, struct answer *a)
{
	*a = (struct answer){ VIRTIO_BLK_S_OK, 1 };
	switch (r->type) {
	case VIRTIO_BLK_T_IN:
	case VIRTIO_BLK_T_GET_ID:
		return false;
	case VIRTIO_BLK_T_OUT:
		a->status = VIRTIO_BLK_S_IOERR;
		return d->disk.read_only;
	case VIRTIO_BLK_T_FLUSH:
		return d->disk.read_only;
	default:
		a->status = VIRTIO_BLK_S_UNSUPP;
		return true;
	}
}

/* Where in the file; false when any of it is beyond the capacity. */
static bool in_range(const struct kt_block_disk *d,
		     const struct kt_block_request *r, u64 *offset)
{
	u64 end;

	return !__builtin_mul_overflow(r->sector, (u64)KT_BLOCK_SECTOR,
				       offset) &&
	       !__builtin_add_overflow(*offset, r->data_bytes, &end) &&
	       end <= d->disk.capacity_bytes;
}

static void zero_fill(const struct iovec *iov, u32 nr)
{
	for (; nr; nr--, iov++)
		if (iov->iov_len)
			memset(iov->iov_base, 0, iov->iov_len);
}

/* What is not in the file, up to the capacity, reads as zeroes. */
static struct answer do_read(struct kt_block_disk *d,
			     struct kt_block_request *r)
{
	u64 offset, done = 0;
	ssize_t n;

	if (!in_range(d, r, &offset))
		return ERROR(1);
	while (done < r->data_bytes) {
		n = preadv(d->disk.fd, r->data, r->nr_data, offset + done);
		if (n < 0)
			return ERROR(done + 1);
		if (!n)
			break;
		count(d, read_bytes, n);
		advance(&r->data, &r->nr_data, n);
		done += n;
	}
	if (done < r->data_bytes)
		zero_fill(r->data, r->nr_data);
	count(d, reads, 1);
	return (struct answer){ VIRTIO_BLK_S_OK, r->data_bytes + 1 };
}

static struct answer do_write(struct kt_block_disk *d,
			      struct kt_block_request *r)
{
	u64 offset;
	ssize_t n;

	if (!in_range(d, r, &offset))
		return ERROR(1);
	n = pwritev(d->disk.fd, r->data, r->nr_data, offset);
	if (n > 0)
		count(d, write_bytes, n);
	if (n < 0 || (u64)n != r->data_bytes)
		return ERROR(1);
	count(d, writes, 1);
	return (struct answer){ VIRTIO_BLK_S_OK, 1 };
}

static struct answer do_flush(struct kt_block_disk *d)
{
	if (fdatasync(d->disk.fd))
		return ERROR(1);
	count(d, flushes, 1);
	return (struct answer){ VIRTIO_BLK_S_OK, 1 };
}

/* Into the first segment; what does not fit is refused, never cut. */
static struct answer do_get_id(const struct kt_block_disk *d,
			       const struct kt_block_request *r)
{
	if (r->data[0].iov_len < KT_BLOCK_ID_BYTES)
		return ERROR(1);
	memcpy(r->data[0].iov_base, d->disk.serial, KT_BLOCK_ID_BYTES);
	return (struct answer){ VIRTIO_BLK_S_OK, KT_BLOCK_ID_BYTES + 1 };
}

static struct answer handle(struct kt_block_disk *d, struct kt_block_request *r)
{
	switch (r->type) {
	case VIRTIO_BLK_T_IN:
		return do_read(d, r);
	case VIRTIO_BLK_T_OUT:
		return do_write(d, r);
	case VIRTIO_BLK_T_FLUSH:
		return do_flush(d);
	default:
		return do_get_id(d, r);
	}
}

/*
 * The used ring moves only behind a status byte that was written: without one
 * the guest would take what lies there for success.
 */
static int complete(struct kt_block_disk *d, struct kt_vq *q, struct answer a)
{
	u8 *status = d->request.status;

	if (a.status == VIRTIO_BLK_S_IOERR)
		count(d, io_errors, 1);
	if (!status)
		return 1;
	*(volatile u8 *)status = a.status;
	/* pairs with the driver's load of the used index: kt_vq_push() orders */
	return kt_vq_push(q, &d->chain, a.len_bytes) ? -EPROTO : 1;
}

/* Every request that reaches a handler has its price. */
static int serve(struct kt_block_disk *d, struct kt_vq *q, u64 now_ns,
		 u64 *wait_ns)
{
	struct answer a = ERROR(1);

	bool was_waiting = d->waiting;

	d->waiting = false;
	if (!parse(&d->chain, &d->request) ||
	    answered(d, &d->request, &a))
		return complete(d, q, a);
	*wait_ns = kt_throttle_take(&d->throttle, 1, d->request.data_bytes,
				    now_ns);
	if (!*wait_ns)
		return complete(d, q, handle(d, &d->request));
	kt_vq_unpop(q);
	if (!was_waiting)
		count(d, throttled, 1);
	d->waiting = true;
	return -EAGAIN;
}

int kt_block_serve(struct kt_block_disk *d, struct kt_vq *q, u64 now_ns,
		   u64 *wait_ns)
{
	u64 poisonings = q->poisonings;
	int ret;

	ret = kt_vq_pop(q, &d->chain);
	if (ret > 0)
		ret = serve(d, q, now_ns, wait_ns);
	count(d, poisoned, q->poisonings - poisonings);
	return ret;
}
