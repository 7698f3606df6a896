// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtqueue whose rings, and where they lie, come from the input, worked by
 * a device in an order that also comes from the input. Every chain must lie in
 * guest memory, and a poisoned queue must stay so and be left alone. The input
 * is a header, one byte for each step, and the guest's memory.
 */
#include <assert.h>

#include "ktstr/virtio/queue.h"

#define RAM_GPA		0x1000
#define HALF		2048	/* two regions that touch in the guest */
#define STEPS_MAX	64

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct header {
	u8 log_size;
	u8 flags;		/* 1 EVENT_IDX, 2 INDIRECT */
	u8 nr_steps;
	u8 pad;
	u16 desc, avail, used;	/* from RAM_GPA */
};

struct guest {
	u8 *half[2];
	struct kt_region regions[2];
	struct kt_guest_mem mem;
	struct kt_vq q;
	struct kt_vq_chain chain;
	bool popped;		/* @chain is the last one */
};

/* Regions of their own, so that a step outside is seen. */
static void guest_init(struct guest *g, const u8 *data, size_t size)
{
	size_t n;
	u32 i;

	memset(g, 0, sizeof(*g));
	for (i = 0; i < 2; i++) {
		g->half[i] = calloc(1, HALF);
		assert(g->half[i]);
		n = min_t(size_t, size, HALF);
		memcpy(g->half[i], data, n);
		data += n;
		size -= n;
		g->regions[i] = (struct kt_region){ RAM_GPA + i * HALF, HALF,
						    g->half[i] };
	}
	g->mem = (struct kt_guest_mem){ g->regions, 2 };
	g->q.mem = &g->mem;
}

static void connect(struct guest *g, const struct header *h)
{
	g->q.size = 1 << (h->log_size % 10);
	g->q.desc_gpa = RAM_GPA + h->desc;
	g->q.avail_gpa = RAM_GPA + h->avail;
	g->q.used_gpa = RAM_GPA + h->used;
	g->q.event_idx = h->flags & 1;
	g->q.indirect = h->flags & 2;
	kt_vq_enable(&g->q);
}

static bool in_memory(const struct guest *g, const struct iovec *iov)
{
	uintptr_t p = (uintptr_t)iov->iov_base, from;
	u32 i;

	for (i = 0; i < 2; i++) {
		from = (uintptr_t)g->half[i];
		if (p >= from && p - from <= HALF &&
		    iov->iov_len <= HALF - (p - from))
			return true;
	}
	return !iov->iov_len;
}

/* The device uses what it was given, as far as it goes. */
static void use_chain(struct guest *g)
{
	const struct kt_vq_chain *c = &g->chain;
	u32 i, nr = c->nr_in + c->nr_out;

	assert(c->head < g->q.size);
	assert(nr && nr <= KT_VQ_MAX_IOV);
	for (i = 0; i < nr; i++) {
		assert(in_memory(g, &c->iov[i]));
		if (i >= c->nr_in && c->iov[i].iov_len)
			memset(c->iov[i].iov_base, 0x5a,
			       min_t(size_t, c->iov[i].iov_len, 16));
	}
}

static void pop(struct guest *g)
{
	u64 before = g->q.poisonings;
	bool ready = g->q.ready, poisoned = g->q.poisoned;
	int ret = kt_vq_pop(&g->q, &g->chain);

	g->popped = ret == 1;
	assert(ret == 1 || ret == 0 || ret == -EPROTO);
	assert((ret == -EPROTO) == g->q.poisoned);
	assert(g->q.poisonings == before + (g->q.poisoned && !poisoned));
	if (ret == 1) {
		assert(ready && !poisoned);
		use_chain(g);
	}
}

static void step(struct guest *g, const struct header *h, u8 op)
{
	switch (op % 7) {
	case 0:
		pop(g);
		break;
	case 1:
		if (g->popped)
			kt_vq_push(&g->q, &g->chain, op);
		g->popped = false;
		break;
	case 2:
		if (g->popped)
			kt_vq_unpop(&g->q);
		g->popped = false;
		break;
	case 3:
		if (kt_vq_enable_notify(&g->q))
			pop(g);
		break;
	case 4:
		kt_vq_disable_notify(&g->q);
		break;
	case 5:
		kt_vq_should_signal(&g->q);
		break;
	case 6:
		kt_vq_reset(&g->q);
		g->popped = false;
		if (op & 0x80)
			connect(g, h);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct guest g;
	struct header h;
	u32 i, nr;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	nr = min_t(size_t, h.nr_steps % STEPS_MAX, size - sizeof(h));
	guest_init(&g, data + sizeof(h) + nr, size - sizeof(h) - nr);
	connect(&g, &h);
	for (i = 0; i < nr; i++)
		step(&g, &h, data[sizeof(h) + i]);
	free(g.half[0]);
	free(g.half[1]);
	return 0;
}
