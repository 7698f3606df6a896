/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: the console device's queues on one side, its ports' sockets on the
 * other. The end of a socket that a test holds is the host.
 */
#ifndef KTSTR_TESTS_UNIT_CONSOLE_RIG_H
#define KTSTR_TESTS_UNIT_CONSOLE_RIG_H

#include <sys/socket.h>

#include <linux/virtio_console.h>

#include "fake_driver.h"
#include "ktstr/base/fd.h"
#include "ktstr/virtio/console.h"

#define SIZE		16
#define NR_QUEUES	8
#define CONTROL_RX	2
#define CONTROL_TX	3

static inline u32 rx(u32 port)
{
	return port ? 2 * port + 2 : 0;
}

static inline u32 tx(u32 port)
{
	return rx(port) + 1;
}

struct control {
	u32 id;
	u16 event, value;
	char behind[56];
};

/* A driver, the host's ends, and the queues between. */
struct rig {
	struct fake_ram ram;
	struct fake_irq irq;
	struct fake_vq v[NR_QUEUES];
	int host[KT_CONSOLE_PORTS], device[KT_CONSOLE_PORTS];
};

static inline void rig_init(struct rig *r)
{
	u32 i;
	int fds[2];

	fake_ram_init(&r->ram);
	fake_irq_init(&r->irq);
	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
				   SOCK_NONBLOCK, 0, fds));
		r->host[i] = fds[0];
		r->device[i] = fds[1];
	}
}

static inline void rig_fini(struct rig *r)
{
	u32 i;

	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		kt_close(&r->host[i]);
		kt_close(&r->device[i]);
	}
	fake_irq_fini(&r->irq);
	fake_ram_fini(&r->ram);
}

/* What a transport does until DRIVER_OK. */
static inline void rig_connect(struct rig *r, struct kt_virtio_device *d)
{
	u32 i;

	d->irq = &r->irq.irq;
	d->features = d->offered;
	for (i = 0; i < NR_QUEUES; i++) {
		fake_vq_init(&r->v[i], &r->ram, SIZE);
		assert(!fake_vq_attach(&r->v[i], &d->vqs[i], true, true));
	}
}

/* An empty buffer for the device; returns where. */
static inline u64 add_room(struct rig *r, u32 queue, u32 len_bytes)
{
	u64 gpa = fake_alloc(&r->ram, len_bytes, 8);
	struct fake_seg seg = { gpa, len_bytes, true };

	fake_add(&r->v[queue], &seg, 1);
	return gpa;
}

static inline void add_text(struct rig *r, u32 port, const char *text)
{
	struct fake_seg seg = { fake_text(&r->ram, text), strlen(text) };

	fake_add(&r->v[tx(port)], &seg, 1);
}

static inline void add_control(struct rig *r, u32 id, u16 event, u16 value)
{
	const struct virtio_console_control msg = { id, event, value };
	u64 gpa = fake_alloc(&r->ram, sizeof(msg), 8);
	struct fake_seg seg = { gpa, sizeof(msg) };

	memcpy(fake_ptr(&r->ram, gpa), &msg, sizeof(msg));
	fake_add(&r->v[CONTROL_TX], &seg, 1);
}

/* The device's next message, its buffer given back to the device. */
static inline bool next_control(struct rig *r, struct control *msg)
{
	struct fake_vq *v = &r->v[CONTROL_RX];
	struct fake_seg seg;
	u32 head, len;

	memset(msg, 0, sizeof(*msg));
	if (!fake_used(v, &head, &len) || len > sizeof(*msg))
		return false;
	seg = (struct fake_seg){ v->desc[head].addr, sizeof(*msg), true };
	memcpy(msg, fake_ptr(&r->ram, seg.gpa), len);
	fake_add(v, &seg, 1);
	return true;
}

static inline bool next_control_is(struct rig *r, u32 id, u16 event, u16 value,
				   const char *behind)
{
	struct control msg;

	return next_control(r, &msg) && msg.id == id && msg.event == event &&
	       msg.value == value && !strcmp(msg.behind, behind);
}

/* All that waits at the host's end of @port, as a string. */
static inline const char *host_got(struct rig *r, u32 port)
{
	static char buf[4096];
	ssize_t n = recv(r->host[port], buf, sizeof(buf) - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static inline void host_says(struct rig *r, u32 port, const char *text)
{
	assert(send(r->host[port], text, strlen(text), 0) ==
	       (ssize_t)strlen(text));
}

static inline void fill_socket(int fd)
{
	char buf[4096] = { 0 };

	while (send(fd, buf, sizeof(buf), 0) > 0)
		;
}

static inline void drain(int fd)
{
	char buf[4096];

	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
}

/* Nothing waits to be taken from the socket at @fd, but it is open. */
static inline bool is_empty(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

/* A pattern that shows loss, repetition and order. */
static inline u8 pattern(u32 at)
{
	return at * 7 + (at >> 8) * 13;
}

/* Reads all that is there; the bytes must follow those before. */
static inline u32 check_pattern(int fd, u32 at)
{
	u8 buf[4096];
	ssize_t n, i;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		for (i = 0; i < n; i++)
			assert(buf[i] == pattern(at++));
	return at;
}

/* A queue for output of port 1 with 128 chains of a byte in it. */
static inline void add_many(struct rig *r, struct kt_virtio_device *d)
{
	struct fake_vq *v = &r->v[tx(1)];
	struct fake_seg seg = { fake_text(&r->ram, "x"), 1 };
	u32 i;

	fake_vq_init(v, &r->ram, 128);
	assert(!fake_vq_attach(v, &d->vqs[tx(1)], true, true));
	for (i = 0; i < 128; i++)
		fake_add(v, &seg, 1);
}

#endif /* KTSTR_TESTS_UNIT_CONSOLE_RIG_H */
