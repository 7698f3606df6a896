// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console device without its thread: a driver that builds chains of any
 * shape in its queues, sends control messages, writes over its own memory and
 * resets; a host that writes, reads and closes. The input is a list of steps of
 * four bytes. Nothing is read but what chains say: all memory of the guest is
 * its own allocation.
 */
#include <assert.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/virtio_ring.h>

#include "ktstr/virtio/ports.h"

#define RAM_GPA		0x1000
#define SIZE		8	/* descriptors of each queue */
#define QUEUE_BYTES	512	/* its rings */
#define AVAIL		256	/* in there */
#define USED		320
#define NR_QUEUES	8
#define DATA		(NR_QUEUES * QUEUE_BYTES)
#define RAM_BYTES	(DATA + 2048)
#define STEPS_MAX	256
#define RUNS_MAX	64
#define CONTROL_TX	3

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct step {
	u8 op;			/* the lower bits; the upper ones are a queue */
	u8 a, b, c;
};

struct guest {
	u8 *ram;
	struct kt_region region;
	struct kt_guest_mem mem;
	struct kt_ports p;
	int host[KT_CONSOLE_PORTS], device[KT_CONSOLE_PORTS];
};

static void reset(struct kt_virtio_device *d)
{
	kt_ports_stop(container_of(d, struct kt_ports, device));
}

static const struct kt_virtio_device_ops ops = { .reset = reset };

static void connect_queues(struct guest *g)
{
	u32 i;

	kt_virtio_reset(&g->p.device);
	memset(g->ram, 0, DATA);
	g->p.device.features = g->p.device.offered;
	for (i = 0; i < NR_QUEUES; i++) {
		struct kt_vq *q = &g->p.device.vqs[i];

		q->size = SIZE;
		q->desc_gpa = RAM_GPA + i * QUEUE_BYTES;
		q->avail_gpa = q->desc_gpa + AVAIL;
		q->used_gpa = q->desc_gpa + USED;
		q->event_idx = i & 1;
		q->indirect = true;
		assert(!kt_vq_enable(q));
	}
	kt_ports_start(&g->p);
}

static void guest_init(struct guest *g)
{
	int fds[2];
	u32 i;

	g->ram = calloc(1, RAM_BYTES);
	assert(g->ram);
	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds))
			abort();
		g->host[i] = fds[0];
		g->device[i] = fds[1];
	}
	g->region = (struct kt_region){ RAM_GPA, RAM_BYTES, g->ram };
	g->mem = (struct kt_guest_mem){ &g->region, 1 };
	kt_ports_init(&g->p, &g->mem, g->device);
	g->p.device.ops = &ops;
	connect_queues(g);
}

static void guest_fini(struct guest *g)
{
	u32 i;

	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		if (g->host[i] >= 0)
			close(g->host[i]);
		close(g->device[i]);
	}
	free(g->ram);
}

static struct vring_desc *desc(struct guest *g, u32 queue, u32 i)
{
	return (void *)(g->ram + queue * QUEUE_BYTES +
			i % SIZE * sizeof(struct vring_desc));
}

static void publish(struct guest *g, u32 queue, u16 head)
{
	struct vring_avail *avail = (void *)(g->ram + queue * QUEUE_BYTES +
					     AVAIL);

	avail->ring[avail->idx % SIZE] = head;
	avail->idx++;
}

/* Descriptor @a of @queue: @b says where, @c how long and of which kind. */
static void set_desc(struct guest *g, u32 queue, const struct step *s)
{
	struct vring_desc *d = desc(g, queue, s->a);

	d->addr = RAM_GPA + DATA + s->b * 8;
	d->len = (s->c >> 3) * (s->a & 0x80 ? 100 : 1);
	d->flags = s->c & 7;
	d->next = s->a >> 4;
}

/* Port, event and value of a message, in its own descriptor. */
static void send_control(struct guest *g, const struct step *s)
{
	struct vring_desc *d = desc(g, CONTROL_TX, 0);
	u8 *msg = g->ram + RAM_BYTES - 8;

	memset(msg, 0, 8);
	msg[0] = s->a;
	msg[4] = s->b;
	msg[6] = s->c;
	*d = (struct vring_desc){ .addr = RAM_GPA + RAM_BYTES - 8, .len = 8 };
	publish(g, CONTROL_TX, 0);
}

static void host_step(struct guest *g, u32 port, const struct step *s)
{
	char buf[4096] = { 0 };
	int fd = g->host[port];

	if (fd < 0)
		return;
	if (s->b & 1)
		(void)!send(fd, buf, s->c * 16, MSG_NOSIGNAL);
	if (s->b & 2)
		while (recv(fd, buf, sizeof(buf), 0) > 0)
			;
	if (s->b == 0xff) {
		close(fd);
		g->host[port] = -1;
	}
	kt_ports_host_event(&g->p, port);
}

static void run(struct guest *g)
{
	u32 i;

	for (i = 0; i < RUNS_MAX && kt_ports_run(&g->p); i++)
		;
	/* eight chains a queue, and what was sent before: it comes to rest */
	assert(i < RUNS_MAX);
	for (i = 0; i < NR_QUEUES; i++)
		assert(!g->p.device.vqs[i].poisoned || g->p.device.needs_reset);
}

static void one_step(struct guest *g, const struct step *s)
{
	u32 queue = s->op >> 5;

	switch (s->op % 8) {
	case 0:
		run(g);
		break;
	case 1:
		set_desc(g, queue, s);
		break;
	case 2:
		publish(g, queue, s->a % (SIZE + 1));
		break;
	case 3:
		send_control(g, s);
		break;
	case 4:
		host_step(g, s->a % KT_CONSOLE_PORTS, s);
		break;
	case 5:		/* any byte of the guest's memory */
		g->ram[(s->a << 8 | s->b) % RAM_BYTES] = s->c;
		break;
	case 6:
		connect_queues(g);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct guest g;
	struct step s;
	u32 i;

	guest_init(&g);
	for (i = 0; i < STEPS_MAX && size >= sizeof(s); i++) {
		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		one_step(&g, &s);
	}
	run(&g);
	guest_fini(&g);
	return 0;
}
