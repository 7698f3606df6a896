// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console device's thread. It waits for notifications and for the ports'
 * sockets, and moves bytes while nobody holds it. Who needs it to stand still
 * (a frozen machine, a reset on a vCPU) holds it: that waits for the round of
 * work under way, which never blocks.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/thread.h"
#include "../wire/codec.h"
#include "ports.h"

#define EVENT_KICK	KT_CONSOLE_PORTS	/* below: the port */
#define EVENT_STOP	(KT_CONSOLE_PORTS + 1)
#define NR_EVENTS	(KT_CONSOLE_PORTS + 2)

struct kt_console_dev {
	struct kt_ports ports;		/* the thread's, or the holder's */
	int epoll_fd;
	int kick_fd;
	int stop_fd;
	pthread_t thread;
	/* begin_round() and end_round() pair with hold() and release() */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	u32 holders;
	bool paused;			/* one of the holders */
	bool working;
	bool stopping;
	bool awaits_room[KT_CONSOLE_PORTS];	/* the thread's: EPOLLOUT is on */
};

static struct kt_console_dev *of(struct kt_virtio_device *d)
{
	return container_of(d, struct kt_console_dev, ports.device);
}

static void hold(struct kt_console_dev *c)
{
	pthread_mutex_lock(&c->lock);
	c->holders++;
	while (c->working)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

static void release(struct kt_console_dev *c)
{
	pthread_mutex_lock(&c->lock);
	c->holders--;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

/* False when the thread is to end. */
static bool begin_round(struct kt_console_dev *c)
{
	bool go;

	pthread_mutex_lock(&c->lock);
	while (c->holders && !c->stopping)
		pthread_cond_wait(&c->changed, &c->lock);
	go = !c->stopping;
	c->working = go;
	pthread_mutex_unlock(&c->lock);
	return go;
}

static void end_round(struct kt_console_dev *c)
{
	pthread_mutex_lock(&c->lock);
	c->working = false;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

static void take_event(struct kt_console_dev *c, u32 event)
{
	eventfd_t n;

	if (event < KT_CONSOLE_PORTS)
		kt_ports_host_event(&c->ports, event);
	else if (event == EVENT_KICK)
		eventfd_read(c->kick_fd, &n);
}

/*
 * Sockets tell of changes only (EPOLLET): the ports remember what they can do,
 * and a peer that is gone does not wake the thread for ever. Of room they tell
 * only while there is none, or each read at the other end would wake it.
 */
static int watch_port(const struct kt_console_dev *c, int op, u32 i)
{
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.u32 = i,
	};

	if (c->awaits_room[i])
		e.events |= EPOLLOUT;
	return epoll_ctl(c->epoll_fd, op, c->ports.ports[i].fd, &e) ?
	       -errno : 0;
}

/* Room that came before this is told of by the change itself. */
static void await_room(struct kt_console_dev *c)
{
	u32 i;

	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		if (c->awaits_room[i] == !c->ports.ports[i].writable)
			continue;
		c->awaits_room[i] = !c->ports.ports[i].writable;
		watch_port(c, EPOLL_CTL_MOD, i);
	}
}

static void *run(void *arg)
{
	struct kt_console_dev *c = arg;
	struct epoll_event events[NR_EVENTS];
	bool more = false;
	int i, n;

	for (;;) {
		n = epoll_wait(c->epoll_fd, events, NR_EVENTS, more ? 0 : -1);
		if (!begin_round(c))
			return NULL;
		for (i = 0; i < n; i++)
			take_event(c, events[i].data.u32);
		more = kt_ports_run(&c->ports);
		await_room(c);
		end_round(c);
	}
}

static void read_config(struct kt_virtio_device *d, u32 offset, void *buf,
			u32 len_bytes)
{
	(void)d;
	kt_ports_read_config(offset, buf, len_bytes);
}

static void kick(struct kt_virtio_device *d, u32 index)
{
	(void)index;	/* a round looks at all queues */
	eventfd_write(of(d)->kick_fd, 1);
}

static int activate(struct kt_virtio_device *d)
{
	struct kt_console_dev *c = of(d);

	hold(c);
	kt_ports_start(&c->ports);
	release(c);
	kick(d, 0);
	return 0;
}

static void reset(struct kt_virtio_device *d)
{
	struct kt_console_dev *c = of(d);

	hold(c);
	kt_ports_stop(&c->ports);
	release(c);
}

static const struct kt_virtio_device_ops console_ops = {
	.name = "console",
	.read_config = read_config,
	.activate = activate,
	.notify = kick,
	.reset = reset,
};

static int watch(struct kt_console_dev *c, int fd, u32 event)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = event };

	return epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

static int open_fds(struct kt_console_dev *c)
{
	int ret = 0;
	u32 i;

	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	c->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->epoll_fd < 0 || c->kick_fd < 0 || c->stop_fd < 0)
		return kt_err(-errno, "console device: no descriptors: %s",
			      strerror(errno));
	for (i = 0; i < KT_CONSOLE_PORTS && !ret; i++)
		ret = watch_port(c, EPOLL_CTL_ADD, i);
	if (!ret)
		ret = watch(c, c->kick_fd, EVENT_KICK);
	if (!ret)
		ret = watch(c, c->stop_fd, EVENT_STOP);
	return ret ? kt_err(ret, "console device: epoll_ctl: %s",
			    strerror(-ret)) : 0;
}

static void free_all(struct kt_console_dev *c)
{
	kt_close(&c->epoll_fd);
	kt_close(&c->kick_fd);
	kt_close(&c->stop_fd);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static int start_thread(struct kt_console_dev *c)
{
	int ret = kt_thread_start(&c->thread, NULL, 0, run, c);

	return ret ? kt_err(ret, "console device: no thread: %s",
			    strerror(-ret)) : 0;
}

int kt_console_new(const struct kt_guest_mem *mem,
		   const int fds[KT_CONSOLE_PORTS],
		   struct kt_console_dev **console)
{
	struct kt_console_dev *c = calloc(1, sizeof(*c));
	int ret;

	if (!c)
		return -ENOMEM;
	kt_ports_init(&c->ports, mem, fds);
	c->ports.device.ops = &console_ops;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	ret = open_fds(c);
	if (!ret)
		ret = start_thread(c);
	if (ret)
		free_all(c);
	else
		*console = c;
	return ret;
}

struct kt_virtio_device *kt_console_device(struct kt_console_dev *c)
{
	return &c->ports.device;
}

int kt_console_kick_fd(const struct kt_console_dev *c)
{
	return c->kick_fd;
}

void kt_console_pause(struct kt_console_dev *c)
{
	if (c->paused)
		return;
	c->paused = true;
	hold(c);
}

void kt_console_resume(struct kt_console_dev *c)
{
	if (!c->paused)
		return;
	c->paused = false;
	release(c);
}

int kt_console_save(const struct kt_console_dev *c, struct kt_enc *e)
{
	return kt_ports_save(&c->ports, e);
}

int kt_console_load(struct kt_console_dev *c, struct kt_dec *d)
{
	kt_ports_load(&c->ports, d);
	return d->bad ? -EBADMSG : 0;
}

void kt_console_free(struct kt_console_dev *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	eventfd_write(c->stop_fd, 1);
	pthread_join(c->thread, NULL);
	free_all(c);
}
