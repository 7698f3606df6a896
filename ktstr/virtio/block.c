// SPDX-License-Identifier: GPL-2.0-only
/*
 * The disk's thread and its face to a transport. Notifications only kick an
 * eventfd, so that no vCPU ever waits for a disk; the thread serves what is in
 * the queue, sleeps, and looks again when it is kicked or when the throttle
 * has tokens.
 *
 * The lock is held over each single request. Whoever wants the thread to stand
 * still first says so in a flag that the thread reads before it takes the lock,
 * then takes the lock once: no request is under way then, and none begins.
 * Interrupts are raised under the lock, so they must not wait for such a one.
 */
#include <endian.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <linux/virtio_blk.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/thread.h"
#include "block_request.h"

#define RETRY_MAX_NS	KT_NSEC_PER_SEC

struct kt_block {
	struct kt_virtio_device device;
	struct kt_block_disk disk;
	struct virtio_blk_config config;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;	/* one request; who stops us takes it, too */
	atomic_bool active;	/* stores pair with the loads in may_serve() */
	atomic_bool paused;
	atomic_bool stopped;
	int epoll_fd;
	int kick_fd;		/* eventfd: look into the queue */
	int timer_fd;		/* the throttle has tokens */
};

static struct kt_block *to_block(struct kt_virtio_device *d)
{
	return container_of(d, struct kt_block, device);
}

static void kick(const struct kt_block *b)
{
	eventfd_write(b->kick_fd, 1);
}

/* Pairs with the stores in halt(), pause, resume, activate and free. */
static bool may_serve(const struct kt_block *b)
{
	return atomic_load(&b->active) && !atomic_load(&b->paused) &&
	       !atomic_load(&b->stopped);
}

static void retry_after(struct kt_block *b, u64 wait_ns)
{
	struct itimerspec its = {};

	wait_ns = min_t(u64, wait_ns, RETRY_MAX_NS);
	its.it_value.tv_sec = wait_ns / KT_NSEC_PER_SEC;
	its.it_value.tv_nsec = wait_ns % KT_NSEC_PER_SEC;
	timerfd_settime(b->timer_fd, 0, &its, NULL);
}

/* One request at most, as kt_block_serve() has it. */
static int serve_one(struct kt_block *b)
{
	struct kt_vq *q = &b->device.vqs[0];
	bool signal = false;
	u64 wait_ns = 0;
	int ret = 0;

	/* pairs with halt() */
	pthread_mutex_lock(&b->lock);
	if (may_serve(b)) {
		ret = kt_block_serve(&b->disk, q, kt_now_ns(), &wait_ns);
		if (!ret && kt_vq_enable_notify(q))
			ret = 1;
		else if (ret > 0)
			signal = kt_vq_should_signal(q);
		if (signal)
			b->device.irq->queue(b->device.irq, 0);
		if (ret == -EPROTO)
			kt_virtio_broken(&b->device);
	}
	pthread_mutex_unlock(&b->lock);
	if (ret == -EAGAIN)
		retry_after(b, wait_ns);
	return ret;
}

static void drain(struct kt_block *b)
{
	/* pairs with halt() */
	pthread_mutex_lock(&b->lock);
	if (may_serve(b))
		kt_vq_disable_notify(&b->device.vqs[0]);
	pthread_mutex_unlock(&b->lock);
	while (may_serve(b) && serve_one(b) > 0)
		;
}

static void *worker(void *arg)
{
	struct kt_block *b = arg;
	struct epoll_event ev[2];
	int nr, i;
	u64 n;

	while (!atomic_load(&b->stopped)) {
		nr = epoll_wait(b->epoll_fd, ev, ARRAY_SIZE(ev), -1);
		if (nr < 0 && errno != EINTR)
			break;
		/* emptied before the queue is looked at: later ones wake us */
		for (i = 0; i < nr; i++)
			if (read(ev[i].data.fd, &n, sizeof(n)) < 0)
				break;
		drain(b);
	}
	return NULL;
}

/* A flag was set that may_serve() reads: waits until no request is under way. */
static void halt(struct kt_block *b)
{
	/* pairs with serve_one() */
	pthread_mutex_lock(&b->lock);
	pthread_mutex_unlock(&b->lock);
}

static void read_config(struct kt_virtio_device *d, u32 offset, void *buf,
			u32 len_bytes)
{
	const struct kt_block *b = to_block(d);
	u32 n = 0;

	if (offset < sizeof(b->config))
		n = min_t(u32, len_bytes, sizeof(b->config) - offset);
	memcpy(buf, (const char *)&b->config + offset, n);
	memset((char *)buf + n, 0, len_bytes - n);
}

static int activate(struct kt_virtio_device *d)
{
	struct kt_block *b = to_block(d);

	if (!d->vqs[0].ready)
		return -EINVAL;
	atomic_store(&b->active, true);
	kick(b);
	return 0;
}

static void notify(struct kt_virtio_device *d, u32 index)
{
	if (!index)
		kick(to_block(d));
}

static void reset(struct kt_virtio_device *d)
{
	struct kt_block *b = to_block(d);

	atomic_store(&b->active, false);
	halt(b);
}

static const struct kt_virtio_device_ops ops = {
	.name		= "block",
	.read_config	= read_config,
	.activate	= activate,
	.notify		= notify,
	.reset		= reset,
};

static void describe(struct kt_block *b, const struct kt_guest_mem *mem,
		     const struct kt_disk *disk)
{
	b->config.capacity = htole64(disk->capacity_bytes / KT_BLOCK_SECTOR);
	b->config.size_max = htole32(KT_BLOCK_SIZE_MAX);
	b->config.seg_max = htole32(KT_BLOCK_SEG_MAX);
	b->config.blk_size = htole32(KT_BLOCK_SECTOR);
	b->device.ops = &ops;
	b->device.id = KT_VIRTIO_ID_BLOCK;
	b->device.offered = KT_VIRTIO_F_VERSION_1 | KT_VIRTIO_F_EVENT_IDX |
			    1ULL << VIRTIO_BLK_F_BLK_SIZE |
			    1ULL << VIRTIO_BLK_F_SEG_MAX |
			    1ULL << VIRTIO_BLK_F_SIZE_MAX |
			    1ULL << VIRTIO_BLK_F_FLUSH;
	if (disk->read_only)
		b->device.offered |= 1ULL << VIRTIO_BLK_F_RO;
	b->device.nr_vqs = 1;
	b->device.vq_size = KT_BLOCK_QUEUE_SIZE;
	b->device.vqs[0].mem = mem;
}

static int watch(const struct kt_block *b, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(b->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

static int open_fds(struct kt_block *b, int file_fd)
{
	b->disk.disk.fd = fcntl(file_fd, F_DUPFD_CLOEXEC, 0);
	b->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	b->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	b->timer_fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_CLOEXEC | TFD_NONBLOCK);
	if (b->disk.disk.fd < 0 || b->epoll_fd < 0 || b->kick_fd < 0 ||
	    b->timer_fd < 0)
		return -errno;
	return watch(b, b->kick_fd) ? : watch(b, b->timer_fd);
}

int kt_block_new(const struct kt_guest_mem *mem, const struct kt_disk *disk,
		 struct kt_block **block)
{
	struct kt_block *b = calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return -ENOMEM;
	pthread_mutex_init(&b->lock, NULL);
	kt_block_disk_init(&b->disk, disk, kt_now_ns());
	describe(b, mem, disk);
	ret = open_fds(b, disk->fd);
	if (!ret) {
		/* SIGXFSZ is blocked, too: a file too large is EFBIG */
		ret = kt_thread_start(&b->thread, NULL, 0, worker, b);
		b->has_thread = !ret;
	}
	if (ret) {
		kt_block_free(b);
		return kt_err(ret, "disk \"%s\": %s", disk->serial,
			      strerror(-ret));
	}
	*block = b;
	return 0;
}

struct kt_virtio_device *kt_block_device(struct kt_block *b)
{
	return &b->device;
}

#define get(b, what)							\
	atomic_load_explicit(&(b)->disk.counters.what, memory_order_relaxed)

void kt_block_counters(const struct kt_block *b, struct kt_block_counters *c)
{
	*c = (struct kt_block_counters){
		.reads = get(b, reads), .read_bytes = get(b, read_bytes),
		.writes = get(b, writes), .write_bytes = get(b, write_bytes),
		.flushes = get(b, flushes), .io_errors = get(b, io_errors),
		.throttled = get(b, throttled), .poisoned = get(b, poisoned),
	};
}

int kt_block_kick_fd(const struct kt_block *b)
{
	return b->kick_fd;
}

void kt_block_pause(struct kt_block *b)
{
	atomic_store(&b->paused, true);
	halt(b);
}

void kt_block_resume(struct kt_block *b)
{
	atomic_store(&b->paused, false);
	kick(b);
}

void kt_block_free(struct kt_block *b)
{
	if (!b)
		return;
	atomic_store(&b->stopped, true);
	if (b->has_thread) {
		kick(b);
		pthread_join(b->thread, NULL);
	}
	kt_close(&b->disk.disk.fd);
	kt_close(&b->epoll_fd);
	kt_close(&b->kick_fd);
	kt_close(&b->timer_fd);
	pthread_mutex_destroy(&b->lock);
	free(b);
}
