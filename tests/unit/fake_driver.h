/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: the driver's side of split virtqueues, in plain memory. Guest
 * memory is two regions, adjacent in the guest and apart in this process. What
 * is allocated is never freed; descriptors are. Nothing here checks what a test
 * asks for: lies are what it is for.
 */
#ifndef KTSTR_TESTS_UNIT_FAKE_DRIVER_H
#define KTSTR_TESTS_UNIT_FAKE_DRIVER_H

#include <assert.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/virtio_ring.h>

#include "ktstr/virtio/device.h"

#define FAKE_REGION_BYTES	0x80000
#define FAKE_RAM_GPA		0x100000
/* where the first region ends and the second begins */
#define FAKE_SEAM_GPA		(FAKE_RAM_GPA + FAKE_REGION_BYTES)
#define FAKE_END_GPA		(FAKE_SEAM_GPA + FAKE_REGION_BYTES)
#define FAKE_WAIT_MS		10000

struct fake_ram {
	u8 *bytes[2];
	struct kt_region regions[2];
	struct kt_guest_mem mem;
	u64 next_gpa;			/* of the first region */
};

struct fake_vq {
	struct fake_ram *ram;
	u16 size;
	u64 desc_gpa, avail_gpa, used_gpa;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	u16 avail_idx;			/* as it will be published */
	u16 used_idx;			/* next to look at */
	u16 nr_free, free_head;		/* chained through desc[].next */
};

struct fake_seg {
	u64 gpa;
	u32 len_bytes;
	bool writable;			/* by the device */
};

/* Interrupts as counts in eventfds, so that a test can wait for one. */
struct fake_irq {
	struct kt_virtio_irq irq;
	int queue_fd[KT_VIRTIO_MAX_QUEUES];
	int config_fd;
};

static inline void fake_ram_init(struct fake_ram *r)
{
	u32 i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < 2; i++) {
		r->bytes[i] = aligned_alloc(4096, FAKE_REGION_BYTES);
		assert(r->bytes[i]);
		memset(r->bytes[i], 0, FAKE_REGION_BYTES);
		r->regions[i] = (struct kt_region){
			FAKE_RAM_GPA + i * FAKE_REGION_BYTES, FAKE_REGION_BYTES,
			r->bytes[i]
		};
	}
	r->mem = (struct kt_guest_mem){ r->regions, 2 };
	r->next_gpa = FAKE_RAM_GPA;
}

static inline void fake_ram_fini(struct fake_ram *r)
{
	free(r->bytes[0]);
	free(r->bytes[1]);
}

/* Fresh zeroed memory in the first region. */
static inline u64 fake_alloc(struct fake_ram *r, u32 len_bytes, u32 align)
{
	u64 gpa = (r->next_gpa + align - 1) & ~(u64)(align - 1);

	assert(gpa + len_bytes <= FAKE_SEAM_GPA);
	r->next_gpa = gpa + len_bytes;
	return gpa;
}

static inline void *fake_ptr(struct fake_ram *r, u64 gpa)
{
	void *p = kt_guest_mem_ptr(&r->mem, gpa, 1);

	assert(p);
	return p;
}

/* @text in fresh memory. */
static inline u64 fake_text(struct fake_ram *r, const char *text)
{
	u64 gpa = fake_alloc(r, strlen(text) + 1, 1);

	memcpy(fake_ptr(r, gpa), text, strlen(text) + 1);
	return gpa;
}

/* Rings as after a reset of the driver: empty, all descriptors free. */
static inline void fake_vq_init(struct fake_vq *v, struct fake_ram *r, u16 size)
{
	u16 i;

	*v = (struct fake_vq){ .ram = r, .size = size, .nr_free = size };
	v->desc_gpa = fake_alloc(r, size * sizeof(struct vring_desc), 16);
	v->avail_gpa = fake_alloc(r, 6 + 2 * size, 2);
	v->used_gpa = fake_alloc(r, 6 + 8 * size, 4);
	v->desc = fake_ptr(r, v->desc_gpa);
	v->avail = fake_ptr(r, v->avail_gpa);
	v->used = fake_ptr(r, v->used_gpa);
	for (i = 0; i < size; i++)
		v->desc[i].next = i + 1;
}

/* Tells the device's side where the rings are, as a transport would. */
static inline int fake_vq_attach(const struct fake_vq *v, struct kt_vq *q,
				 bool event_idx, bool indirect)
{
	q->mem = &v->ram->mem;
	q->size = v->size;
	q->desc_gpa = v->desc_gpa;
	q->avail_gpa = v->avail_gpa;
	q->used_gpa = v->used_gpa;
	q->event_idx = event_idx;
	q->indirect = indirect;
	return kt_vq_enable(q);
}

/* One more entry of the avail ring, seen by the device at once. */
static inline void fake_publish(struct fake_vq *v, u16 head)
{
	v->avail->ring[v->avail_idx++ % v->size] = head;
	/* Pairs with the device's load of the index. */
	__atomic_store_n(&v->avail->idx, v->avail_idx, __ATOMIC_SEQ_CST);
}

static inline u16 fake_take_desc(struct fake_vq *v)
{
	u16 i = v->free_head;

	assert(v->nr_free);
	v->nr_free--;
	v->free_head = v->desc[i].next;
	return i;
}

/* A chain of @segs, not published yet; returns its head. */
static inline u16 fake_chain(struct fake_vq *v, const struct fake_seg *segs,
			     u32 nr)
{
	u16 head = 0, at, before = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		at = fake_take_desc(v);
		v->desc[at].addr = segs[i].gpa;
		v->desc[at].len = segs[i].len_bytes;
		v->desc[at].flags = segs[i].writable ? VRING_DESC_F_WRITE : 0;
		if (i) {
			v->desc[before].flags |= VRING_DESC_F_NEXT;
			v->desc[before].next = at;
		} else {
			head = at;
		}
		before = at;
	}
	return head;
}

/* The same through an indirect table in fresh memory. */
static inline u16 fake_chain_indirect(struct fake_vq *v,
				      const struct fake_seg *segs, u32 nr)
{
	u64 gpa = fake_alloc(v->ram, nr * sizeof(struct vring_desc), 16);
	struct vring_desc *table = fake_ptr(v->ram, gpa);
	u16 head = fake_take_desc(v);
	u32 i;

	for (i = 0; i < nr; i++) {
		table[i].addr = segs[i].gpa;
		table[i].len = segs[i].len_bytes;
		table[i].flags = segs[i].writable ? VRING_DESC_F_WRITE : 0;
		if (i + 1 < nr)
			table[i].flags |= VRING_DESC_F_NEXT;
		table[i].next = i + 1;
	}
	v->desc[head].addr = gpa;
	v->desc[head].len = nr * sizeof(struct vring_desc);
	v->desc[head].flags = VRING_DESC_F_INDIRECT;
	return head;
}

static inline u16 fake_add(struct fake_vq *v, const struct fake_seg *segs,
			   u32 nr)
{
	u16 head = fake_chain(v, segs, nr);

	fake_publish(v, head);
	return head;
}

static inline u16 fake_add_indirect(struct fake_vq *v,
				    const struct fake_seg *segs, u32 nr)
{
	u16 head = fake_chain_indirect(v, segs, nr);

	fake_publish(v, head);
	return head;
}

static inline void fake_free_chain(struct fake_vq *v, u16 head)
{
	u16 last = head;

	v->nr_free++;
	while (v->desc[last].flags & VRING_DESC_F_NEXT) {
		last = v->desc[last].next;
		v->nr_free++;
	}
	v->desc[last].flags = 0;
	v->desc[last].next = v->free_head;
	v->free_head = head;
}

/* The next entry of the used ring, its descriptors free again; or false. */
static inline bool fake_used(struct fake_vq *v, u32 *head, u32 *len_bytes)
{
	struct vring_used_elem *e;

	/* Pairs with the device's store of the index. */
	if (__atomic_load_n(&v->used->idx, __ATOMIC_ACQUIRE) == v->used_idx)
		return false;
	e = &v->used->ring[v->used_idx++ % v->size];
	*head = e->id;
	*len_bytes = e->len;
	assert(*head < v->size);
	fake_free_chain(v, *head);
	return true;
}

/* EVENT_IDX: the next used entry for which an interrupt is wanted. */
static inline void fake_want_irq_at(struct fake_vq *v, u16 used_event)
{
	v->avail->ring[v->size] = used_event;
	/* Pairs with the device's fence before it looks whether to signal. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* EVENT_IDX: the avail entry for which the device wants a notification. */
static inline u16 fake_avail_event(const struct fake_vq *v)
{
	u16 event;

	memcpy(&event, &v->used->ring[v->size], sizeof(event));
	return event;
}

static inline void fake_irq_queue(struct kt_virtio_irq *irq, u32 index)
{
	struct fake_irq *f = container_of(irq, struct fake_irq, irq);

	assert(index < KT_VIRTIO_MAX_QUEUES);
	eventfd_write(f->queue_fd[index], 1);
}

static inline void fake_irq_config(struct kt_virtio_irq *irq)
{
	struct fake_irq *f = container_of(irq, struct fake_irq, irq);

	eventfd_write(f->config_fd, 1);
}

static inline void fake_irq_init(struct fake_irq *f)
{
	u32 i;

	f->irq.queue = fake_irq_queue;
	f->irq.config = fake_irq_config;
	for (i = 0; i < KT_VIRTIO_MAX_QUEUES; i++)
		f->queue_fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->config_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(f->config_fd >= 0);
}

static inline void fake_irq_fini(struct fake_irq *f)
{
	u32 i;

	for (i = 0; i < KT_VIRTIO_MAX_QUEUES; i++)
		close(f->queue_fd[i]);
	close(f->config_fd);
}

/* How many there were since the last look. */
static inline u64 fake_irq_count(int fd)
{
	eventfd_t n = 0;

	eventfd_read(fd, &n);
	return n;
}

/* Waits for one; false after FAKE_WAIT_MS. Takes what was counted. */
static inline bool fake_irq_wait(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, FAKE_WAIT_MS) == 1 && fake_irq_count(fd);
}

/* The next used entry, waiting for interrupts of @fd until it is there. */
static inline bool fake_wait_used(struct fake_vq *v, int fd, u32 *head,
				  u32 *len_bytes)
{
	while (!fake_used(v, head, len_bytes))
		if (!fake_irq_wait(fd))
			return fake_used(v, head, len_bytes);
	return true;
}

#endif /* KTSTR_TESTS_UNIT_FAKE_DRIVER_H */
