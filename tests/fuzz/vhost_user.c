// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any messages from a vhost-user peer, some with descriptors. The input is a
 * row of pieces: a byte with the number and kind of descriptors, a byte with
 * the length, and the piece. Behind the transport is a device that only checks
 * that its rings are right when it is activated, and told no more after reset.
 */
#include <assert.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/send_fds.h"
#include "drop_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/virtio/vhost_user_proto.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define RAM_GPA		0x10000
#define REGION_BYTES	0x4000
#define MAX_FDS		10
#define EVENTFD_BIT	0x80

static u8 ram[2][REGION_BYTES] __attribute__((aligned(4096)));
static bool active;

static void read_config(struct kt_virtio_device *d, u32 offset, void *buf,
			u32 len_bytes)
{
	(void)d;
	(void)offset;
	memset(buf, 0, len_bytes);
}

static int activate(struct kt_virtio_device *d)
{
	static struct kt_vq_chain chain;
	u32 i;

	assert(!active && !(d->features & ~d->offered));
	for (i = 0; i < d->nr_vqs; i++) {
		assert(d->vqs[i].ready && d->vqs[i].size <= KT_VQ_MAX_SIZE);
		kt_vq_pop(&d->vqs[i], &chain);
		d->irq->queue(d->irq, i);
	}
	d->irq->config(d->irq);
	active = true;
	return 0;
}

static void notify(struct kt_virtio_device *d, u32 index)
{
	assert(active && index < d->nr_vqs);
}

static void reset(struct kt_virtio_device *d)
{
	(void)d;
	active = false;
}

static const struct kt_virtio_device_ops ops = {
	.name = "fuzz", .read_config = read_config, .activate = activate,
	.notify = notify, .reset = reset,
};

/* One piece, with descriptors as its first byte says. */
static void send_piece(int sock, u8 kind, const u8 *data, size_t len)
{
	u32 nr = min_t(u32, kind & 0xf, MAX_FDS), i;
	int fds[MAX_FDS], fd;

	fd = kind & EVENTFD_BIT ? eventfd(0, EFD_CLOEXEC) :
				  open("/dev/null", O_RDWR | O_CLOEXEC);
	assert(fd >= 0);
	for (i = 0; i < nr; i++)
		fds[i] = fd;
	if (len)
		send_fds(sock, data, len, fds, nr, MSG_DONTWAIT);
	close(fd);
}

static void talk(struct kt_vhost_user *t, int sock, const u8 *data, size_t size)
{
	u8 answer[512];
	size_t len;
	int ret = 0;

	while (!ret && size > 2) {
		len = min_t(size_t, data[1], size - 2);
		send_piece(sock, data[0], data + 2, len);
		data += 2 + len;
		size -= 2 + len;
		ret = kt_vu_receive(t);
		assert(ret <= 0);
		assert(t->in_bytes <= sizeof(t->in));
		assert(t->nr_fds <= KT_VU_MAX_REGIONS);
		while (recv(sock, answer, sizeof(answer), MSG_DONTWAIT) > 0)
			;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const struct kt_region regions[2] = {
		{ RAM_GPA, REGION_BYTES, ram[0] },
		{ RAM_GPA + REGION_BYTES, REGION_BYTES, ram[1] },
	};
	struct kt_guest_mem mem = { regions, 2 };
	static struct kt_vhost_user t;
	struct kt_virtio_device d = {
		.ops = &ops, .id = KT_VIRTIO_ID_BLOCK, .vq_size = 256,
		.offered = KT_VIRTIO_F_VERSION_1 | KT_VIRTIO_F_EVENT_IDX,
	};
	int sv[2], fd;

	if (!size)
		return 0;
	drop_log();
	d.nr_vqs = 1 + data[0] % 2;
	active = false;
	assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	assert(!kt_vu_init(&t, &d, &mem, sv[0]));
	talk(&t, sv[1], data + 1, size - 1);
	assert(active == t.running);
	kt_vu_fini(&t);
	assert(!active);
	close(sv[1]);
	/* no descriptor of a message is left open */
	fd = dup(0);
	assert(fd < 64);
	close(fd);
	return 0;
}
