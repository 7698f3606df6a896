// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket of a vhost-user device and the thread that reads it. The thread
 * never waits but in epoll, whatever the peer does or leaves undone; a peer
 * that breaks the protocol is not listened to any more, and its guest's disk
 * stands still.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/thread.h"
#include "vhost_user_proto.h"

/* What an event of the epoll set is about; a kick has its ring added. */
enum {
	EV_SOCKET,
	EV_STOP,
	EV_KICK,
};

#define MAX_EVENTS	(EV_KICK + KT_VIRTIO_MAX_QUEUES)

static struct kt_vhost_user *to_transport(struct kt_virtio_irq *irq)
{
	return container_of(irq, struct kt_vhost_user, irq);
}

static void signal_fd(struct kt_vhost_user *t, const int *fd)
{
	/* pairs with replace_fd() in our own thread */
	pthread_mutex_lock(&t->lock);
	if (*fd >= 0)
		eventfd_write(*fd, 1);
	pthread_mutex_unlock(&t->lock);
}

static void irq_queue(struct kt_virtio_irq *irq, u32 index)
{
	struct kt_vhost_user *t = to_transport(irq);

	signal_fd(t, &t->rings[index].call_fd);
}

/* There is no such interrupt; a device that is broken is a ring with an error. */
static void irq_config(struct kt_virtio_irq *irq)
{
	struct kt_vhost_user *t = to_transport(irq);

	signal_fd(t, &t->rings[0].err_fd);
}

static int watch(struct kt_vhost_user *t, int fd, u64 what)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = what };

	return epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

int kt_vu_watch_kick(struct kt_vhost_user *t, u32 index, int fd)
{
	struct kt_vu_ring *r = &t->rings[index];

	/* QEMU has it open as well: closing it does not take it out */
	if (r->kick_fd >= 0)
		epoll_ctl(t->epoll_fd, EPOLL_CTL_DEL, r->kick_fd, NULL);
	kt_close(&r->kick_fd);
	r->kick_fd = fd;
	return fd < 0 ? 0 : watch(t, fd, EV_KICK + index);
}

static void drop_fds(struct kt_vhost_user *t)
{
	while (t->nr_fds)
		close(t->fds[--t->nr_fds]);
}

/* Keeps the descriptors of @m; -EPROTO when there are too many. */
static int keep_fds(struct kt_vhost_user *t, struct msghdr *m)
{
	int ret = m->msg_flags & MSG_CTRUNC ? -EPROTO : 0;
	struct cmsghdr *c;
	size_t nr, i;
	int fd;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		nr = (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < nr; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (t->nr_fds < ARRAY_SIZE(t->fds)) {
				t->fds[t->nr_fds++] = fd;
			} else {
				close(fd);
				ret = -EPROTO;
			}
		}
	}
	return ret;
}

/* Up to @bytes more of the message: what came, 0 nothing yet, -errno. */
static ssize_t take(struct kt_vhost_user *t, size_t bytes)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(t->fds))];
	} control;
	struct iovec iov = { t->in.bytes + t->in_bytes, bytes };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	ssize_t n;
	int ret;

	n = recvmsg(t->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	ret = keep_fds(t, &m);
	if (!n)
		return -ECONNRESET;
	if (ret)
		return kt_err(ret, "vhost-user: too many descriptors with a message");
	t->in_bytes += n;
	return n;
}

static int check_header(const struct kt_vu_header *h)
{
	if ((h->flags & (KT_VU_VERSION_MASK | KT_VU_REPLY)) == KT_VU_VERSION &&
	    h->size <= sizeof(struct kt_vu_msg) - sizeof(*h))
		return 0;
	return kt_err(-EPROTO, "vhost-user: request %u with flags 0x%x and %u bytes",
		      h->request, h->flags, h->size);
}

static int act(struct kt_vhost_user *t)
{
	int ret = kt_vu_handle(t);

	drop_fds(t);
	t->in_bytes = 0;
	if (ret <= 0)
		return ret;
	/* a peer that takes no answers is no peer */
	if (send(t->fd, t->in.bytes, ret, MSG_DONTWAIT | MSG_NOSIGNAL) != ret)
		return -ECONNRESET;
	return 0;
}

int kt_vu_receive(struct kt_vhost_user *t)
{
	const struct kt_vu_header *h = &t->in.msg.h;
	size_t whole;
	ssize_t n;
	int ret;

	for (;;) {
		whole = sizeof(*h);
		if (t->in_bytes >= sizeof(*h))
			whole += h->size;
		n = take(t, whole - t->in_bytes);
		if (n <= 0)
			return n;
		if (t->in_bytes < whole)
			continue;
		ret = whole == sizeof(*h) ? check_header(h) : 0;
		if (ret)
			return ret;
		if (t->in_bytes == sizeof(*h) + h->size) {
			ret = act(t);
			if (ret)
				return ret;
		}
	}
}

static void kicked(struct kt_vhost_user *t, u32 index)
{
	eventfd_t n;

	if (t->rings[index].kick_fd < 0 ||
	    eventfd_read(t->rings[index].kick_fd, &n) || !t->running)
		return;
	t->device->ops->notify(t->device, index);
}

/* The peer is heard no more. */
static void hang_up(struct kt_vhost_user *t)
{
	u32 i;

	kt_vu_halt(t);
	for (i = 0; i < t->device->nr_vqs; i++)
		kt_vu_watch_kick(t, i, -1);
	drop_fds(t);
	kt_close(&t->fd);
}

static void *worker(void *arg)
{
	struct kt_vhost_user *t = arg;
	struct epoll_event ev[MAX_EVENTS];
	int nr, i;

	for (;;) {
		nr = epoll_wait(t->epoll_fd, ev, ARRAY_SIZE(ev), -1);
		if (nr < 0 && errno != EINTR)
			return NULL;
		for (i = 0; i < nr; i++) {
			if (ev[i].data.u64 == EV_STOP)
				return NULL;
			if (ev[i].data.u64 >= EV_KICK)
				kicked(t, ev[i].data.u64 - EV_KICK);
			else if (t->fd >= 0 && kt_vu_receive(t))
				hang_up(t);
		}
	}
}

int kt_vu_init(struct kt_vhost_user *t, struct kt_virtio_device *device,
	       const struct kt_guest_mem *mem, int fd)
{
	int ret;
	u32 i;

	memset(t, 0, sizeof(*t));
	t->irq = (struct kt_virtio_irq){ irq_queue, irq_config };
	t->device = device;
	t->mem = mem;
	t->fd = fd;
	for (i = 0; i < KT_VIRTIO_MAX_QUEUES; i++)
		t->rings[i] = (struct kt_vu_ring){
			.kick_fd = -1, .call_fd = -1, .err_fd = -1 };
	pthread_mutex_init(&t->lock, NULL);
	t->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	t->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	device->irq = &t->irq;
	ret = t->epoll_fd < 0 || t->stop_fd < 0 ? -errno : 0;
	if (!ret)
		ret = watch(t, t->fd, EV_SOCKET);
	if (!ret)
		ret = watch(t, t->stop_fd, EV_STOP);
	if (ret)
		kt_vu_fini(t);
	return ret;
}

void kt_vu_fini(struct kt_vhost_user *t)
{
	u32 i;

	hang_up(t);
	for (i = 0; i < KT_VIRTIO_MAX_QUEUES; i++) {
		kt_close(&t->rings[i].call_fd);
		kt_close(&t->rings[i].err_fd);
	}
	kt_close(&t->epoll_fd);
	kt_close(&t->stop_fd);
	pthread_mutex_destroy(&t->lock);
}

int kt_vhost_user_start(struct kt_virtio_device *device,
			const struct kt_guest_mem *mem, int fd,
			struct kt_vhost_user **transport)
{
	struct kt_vhost_user *t = malloc(sizeof(*t));
	int ret;

	if (!t) {
		close(fd);
		return -ENOMEM;
	}
	ret = kt_vu_init(t, device, mem, fd);
	if (ret) {
		free(t);
		return kt_err(ret, "vhost-user: %s", strerror(-ret));
	}
	ret = kt_thread_start(&t->thread, NULL, 0, worker, t);
	t->has_thread = !ret;
	if (ret) {
		kt_vhost_user_stop(t);
		return kt_err(ret, "vhost-user: %s", strerror(-ret));
	}
	*transport = t;
	return 0;
}

void kt_vhost_user_stop(struct kt_vhost_user *t)
{
	if (!t)
		return;
	if (t->has_thread) {
		eventfd_write(t->stop_fd, 1);
		pthread_join(t->thread, NULL);
	}
	kt_vu_fini(t);
	free(t);
}
