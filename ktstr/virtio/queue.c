// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's side of a split virtqueue. Each number is loaded from guest
 * memory once, checked and then used; rings are looked up in guest memory at
 * every use, so that a queue holds no pointer that could outlive a mapping. A
 * walk of descriptors ends after as many as the queue has, whatever they say.
 * The layout is that of linux/virtio_ring.h, read as little endian.
 */
#include <linux/virtio_ring.h>

#include "queue.h"

/* A table of descriptors: the queue's own, or an indirect one. */
struct table {
	const struct vring_desc *desc;
	u32 nr;
};

struct walk {
	struct table t;
	u32 left;		/* descriptors that may still come */
	bool indirect;		/* @t is an indirect table */
};

static u64 avail_bytes(const struct kt_vq *q)
{
	/* with used_event behind the ring */
	return sizeof(struct vring_avail) + (q->size + 1) * sizeof(u16);
}

static u64 used_bytes(const struct kt_vq *q)
{
	/* with avail_event behind the ring */
	return sizeof(u16) * 3 + q->size * sizeof(struct vring_used_elem);
}

static bool usable(const struct kt_vq *q)
{
	return q->ready && !q->poisoned;
}

/* Of a queue that is not: nothing looks into one that is. */
static int poison(struct kt_vq *q)
{
	q->poisoned = true;
	q->poisonings++;
	return -EPROTO;
}

static void *ring(const struct kt_vq *q, u64 gpa, u64 len_bytes, u32 align)
{
	void *p = kt_guest_mem_ptr(q->mem, gpa, len_bytes);

	if ((gpa | (uintptr_t)p) & (align - 1))
		return NULL;
	return p;
}

static struct vring_avail *avail_ring(const struct kt_vq *q)
{
	return ring(q, q->avail_gpa, avail_bytes(q), VRING_AVAIL_ALIGN_SIZE);
}

static struct vring_used *used_ring(const struct kt_vq *q)
{
	return ring(q, q->used_gpa, used_bytes(q), VRING_USED_ALIGN_SIZE);
}

static struct vring_desc *desc_table(const struct kt_vq *q)
{
	return ring(q, q->desc_gpa, q->size * sizeof(struct vring_desc),
		    VRING_DESC_ALIGN_SIZE);
}

static u16 load16(const __virtio16 *p, int order)
{
	return le16_to_cpu((__force __le16)__atomic_load_n(p, order));
}

static void store16(__virtio16 *p, u16 v, int order)
{
	__atomic_store_n(p, (__force __virtio16)cpu_to_le16(v), order);
}

/* Behind the used ring's last element; written by the device. */
static __virtio16 *avail_event(const struct kt_vq *q, struct vring_used *used)
{
	return (__virtio16 *)&used->ring[q->size];
}

void kt_vq_reset(struct kt_vq *q)
{
	*q = (struct kt_vq){
		.mem = q->mem,
		.poisonings = q->poisonings,
	};
}

int kt_vq_enable(struct kt_vq *q)
{
	q->ready = false;
	if (!q->mem || !q->size || q->size > KT_VQ_MAX_SIZE ||
	    (q->size & (q->size - 1)))
		return -EINVAL;
	if (!desc_table(q) || !avail_ring(q) || !used_ring(q))
		return -EINVAL;
	q->ready = true;
	return 0;
}

/*
 * How many entries wait to be taken, or -EPROTO. The acquire pairs with the
 * driver's barrier between the ring's entries and its index
 * (virtqueue_add_split()): entries up to the index are whole.
 */
static int nr_avail(struct kt_vq *q, const struct vring_avail *avail)
{
	u16 ahead = load16(&avail->idx, __ATOMIC_ACQUIRE) - q->last_avail;

	return ahead > q->size ? poison(q) : ahead;
}

/* One descriptor's buffer, cut where guest memory's regions meet. */
static int add_buffer(const struct kt_vq *q, struct kt_vq_chain *chain, u64 gpa,
		      u32 len_bytes, bool writable)
{
	u32 at = chain->nr_in + chain->nr_out;
	u64 left = len_bytes, n;
	void *p;

	if (!writable && chain->nr_out)
		return -EPROTO;		/* readable ones come first */
	do {
		n = left;
		p = kt_guest_mem_span(q->mem, gpa, &n);
		if (at == KT_VQ_MAX_IOV || (!p && left))
			return -EPROTO;
		chain->iov[at++] = (struct iovec){ p, n };
		if (writable)
			chain->nr_out++;
		else
			chain->nr_in++;
		gpa += n;
		left -= n;
	} while (left);
	return 0;
}

/* The driver may be writing it at this moment: each field once. */
static struct vring_desc copy_desc(const struct vring_desc *from)
{
	return (struct vring_desc){
		.addr = le64_to_cpu((__force __le64)
			__atomic_load_n(&from->addr, __ATOMIC_RELAXED)),
		.len = le32_to_cpu((__force __le32)
			__atomic_load_n(&from->len, __ATOMIC_RELAXED)),
		.flags = load16(&from->flags, __ATOMIC_RELAXED),
		.next = load16(&from->next, __ATOMIC_RELAXED),
	};
}

/* Continues the walk in the indirect table that @d points to. */
static int enter_indirect(const struct kt_vq *q, struct walk *w,
			  const struct vring_desc *d)
{
	if (!q->indirect || w->indirect || (d->flags & VRING_DESC_F_NEXT) ||
	    d->len % sizeof(struct vring_desc))
		return -EPROTO;
	/* fields are loaded whole: the table is aligned as they are */
	w->t.desc = ring(q, d->addr, d->len, sizeof(u64));
	w->t.nr = d->len / sizeof(struct vring_desc);
	w->indirect = true;
	return w->t.desc ? 0 : -EPROTO;
}

static int take_chain(const struct kt_vq *q, struct kt_vq_chain *chain)
{
	struct walk w = { { desc_table(q), q->size }, q->size, false };
	struct vring_desc d;
	u32 i = chain->head;

	if (!w.t.desc)
		return -EPROTO;
	for (;;) {
		/* none left: longer than the queue, or a loop */
		if (i >= w.t.nr || !w.left)
			return -EPROTO;
		d = copy_desc(&w.t.desc[i]);
		if (d.flags & VRING_DESC_F_INDIRECT) {
			if (enter_indirect(q, &w, &d))
				return -EPROTO;
			i = 0;
			continue;
		}
		w.left--;
		if (add_buffer(q, chain, d.addr, d.len,
			       d.flags & VRING_DESC_F_WRITE))
			return -EPROTO;
		if (!(d.flags & VRING_DESC_F_NEXT))
			return 0;
		i = d.next;
	}
}

int kt_vq_pop(struct kt_vq *q, struct kt_vq_chain *chain)
{
	const struct vring_avail *avail;
	int nr;

	if (q->poisoned)
		return -EPROTO;
	if (!q->ready)
		return 0;
	avail = avail_ring(q);
	if (!avail)
		return poison(q);
	nr = nr_avail(q, avail);
	if (nr <= 0)
		return nr;
	chain->nr_in = 0;
	chain->nr_out = 0;
	chain->head = load16(&avail->ring[q->last_avail & (q->size - 1)],
			     __ATOMIC_RELAXED);
	if (take_chain(q, chain))
		return poison(q);
	q->last_avail++;
	return 1;
}

void kt_vq_unpop(struct kt_vq *q)
{
	if (usable(q))
		q->last_avail--;
}

int kt_vq_push(struct kt_vq *q, const struct kt_vq_chain *chain, u32 len_bytes)
{
	struct vring_used *used;
	struct vring_used_elem *e;

	if (!usable(q))
		return -EPROTO;
	used = used_ring(q);
	if (!used)
		return poison(q);
	e = &used->ring[q->next_used & (q->size - 1)];
	e->id = (__force __virtio32)cpu_to_le32(chain->head);
	e->len = (__force __virtio32)cpu_to_le32(len_bytes);
	q->next_used++;
	/*
	 * Pairs with the driver's read barrier behind its load of the index
	 * (virtqueue_get_buf_ctx_split()): the element, and what the device
	 * wrote into the chain, are seen before the index.
	 */
	store16(&used->idx, q->next_used, __ATOMIC_RELEASE);
	return 0;
}

bool kt_vq_should_signal(struct kt_vq *q)
{
	u16 old = q->signalled_used;
	bool valid = q->signalled_valid;
	struct vring_avail *avail;

	if (!usable(q) || (valid ? old : 0) == q->next_used)
		return false;
	avail = avail_ring(q);
	if (!avail)
		return false;
	q->signalled_used = q->next_used;
	q->signalled_valid = true;
	/*
	 * The used index first, then what the driver wants. Pairs with the
	 * driver's barrier between asking for interrupts and looking at the
	 * used index once more (virtqueue_enable_cb_prepare_split() and
	 * virtqueue_poll()): at least one of the two sees the other.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!q->event_idx)
		return !(load16(&avail->flags, __ATOMIC_RELAXED) &
			 VRING_AVAIL_F_NO_INTERRUPT);
	return !valid || vring_need_event(load16(&avail->ring[q->size],
						 __ATOMIC_RELAXED),
					  q->next_used, old);
}

bool kt_vq_enable_notify(struct kt_vq *q)
{
	const struct vring_avail *avail;
	struct vring_used *used;

	if (!usable(q))
		return false;
	avail = avail_ring(q);
	used = used_ring(q);
	if (!avail || !used)
		return false;
	if (q->event_idx)
		store16(avail_event(q, used), q->last_avail, __ATOMIC_RELAXED);
	else
		store16(&used->flags, 0, __ATOMIC_RELAXED);
	/*
	 * The wish first, then the index. Pairs with the driver's barrier
	 * between its index and its look at the wish
	 * (virtqueue_kick_prepare_split()): at least one of the two sees the
	 * other.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return load16(&avail->idx, __ATOMIC_ACQUIRE) != q->last_avail;
}

void kt_vq_disable_notify(struct kt_vq *q)
{
	struct vring_used *used = usable(q) ? used_ring(q) : NULL;

	/* With EVENT_IDX an index that is behind already says it. */
	if (used && !q->event_idx)
		store16(&used->flags, VRING_USED_F_NO_NOTIFY, __ATOMIC_RELAXED);
}
