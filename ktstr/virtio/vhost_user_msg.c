// SPDX-License-Identifier: GPL-2.0-only
/*
 * The messages of vhost-user. They come from QEMU, which the guest may have
 * taken over: each is checked against a table of sizes and descriptors. Those
 * about memory are vhost_user_mem.c's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "vhost_user_proto.h"

#define PROTOCOL_FEATURES	(KT_VU_PROTOCOL_F_MQ |			\
				 KT_VU_PROTOCOL_F_LOG_SHMFD |		\
				 KT_VU_PROTOCOL_F_REPLY_ACK |		\
				 KT_VU_PROTOCOL_F_CONFIG |		\
				 KT_VU_PROTOCOL_F_MEM_SLOTS)

int kt_vu_refuse(struct kt_vhost_user *t, const char *why)
{
	t->why = why;
	return -EPROTO;
}

static u64 offered(const struct kt_vhost_user *t)
{
	return t->device->offered | KT_VU_F_PROTOCOL_FEATURES |
	       KT_VU_F_LOG_ALL;
}

static int reply(struct kt_vhost_user *t, size_t payload_bytes)
{
	t->in.msg.h.flags = KT_VU_VERSION | KT_VU_REPLY;
	t->in.msg.h.size = payload_bytes;
	return sizeof(t->in.msg.h) + payload_bytes;
}

static int reply_number(struct kt_vhost_user *t, u64 number)
{
	t->in.msg.p.number = number;
	return reply(t, sizeof(number));
}

void kt_vu_halt(struct kt_vhost_user *t)
{
	struct kt_virtio_device *d = t->device;
	u32 i;

	if (!t->running)
		return;
	d->ops->reset(d);
	for (i = 0; i < d->nr_vqs; i++)
		t->rings[i].base = d->vqs[i].last_avail;
	kt_virtio_reset(d);
	t->running = false;
}

/* A ring as QEMU left it: what was used before is written in the ring itself. */
static int enable_ring(struct kt_vhost_user *t, u32 index)
{
	const struct kt_vu_ring *r = &t->rings[index];
	struct kt_vq *q = &t->device->vqs[index];
	u32 used;
	int ret;

	kt_vq_reset(q);
	q->mem = t->mem;
	q->size = r->num;
	q->desc_gpa = r->desc_gpa;
	q->avail_gpa = r->avail_gpa;
	q->used_gpa = r->used_gpa;
	q->event_idx = t->features & KT_VIRTIO_F_EVENT_IDX;
	q->indirect = t->features & KT_VIRTIO_F_INDIRECT_DESC;
	ret = kt_vq_enable(q);
	if (!ret)
		ret = kt_guest_mem_read_u32(t->mem, q->used_gpa, &used);
	if (ret)
		return ret;
	q->last_avail = r->base;
	q->next_used = used >> 16;	/* behind the flags */
	q->signalled_used = q->next_used;
	q->signalled_valid = true;
	return 0;
}

static bool is_ready(const struct kt_vhost_user *t)
{
	u32 i;

	for (i = 0; i < t->device->nr_vqs; i++) {
		const struct kt_vu_ring *r = &t->rings[i];

		/* without protocol features there is no message that enables */
		if (r->kick_fd < 0 || (!r->enabled &&
				       t->features & KT_VU_F_PROTOCOL_FEATURES))
			return false;
	}
	return true;
}

/* Once every ring is there and wanted the device gets them, all at once. */
static int start_when_ready(struct kt_vhost_user *t)
{
	struct kt_virtio_device *d = t->device;
	u32 i;
	int ret;

	if (t->running || !is_ready(t))
		return 0;
	if (!(t->features & KT_VIRTIO_F_VERSION_1))
		return kt_vu_refuse(t, "the driver is a legacy one");
	for (i = 0; i < d->nr_vqs; i++) {
		ret = t->rings[i].has_addr ? enable_ring(t, i) : -EINVAL;
		if (ret)
			return kt_vu_refuse(t, "a ring does not lie in memory");
	}
	d->features = t->features & ~KT_VU_F_PROTOCOL_FEATURES;
	ret = d->ops->activate(d);
	t->running = !ret;
	return ret;
}

static int get_features(struct kt_vhost_user *t)
{
	return reply_number(t, offered(t));
}

static int set_features(struct kt_vhost_user *t)
{
	u64 features = t->in.msg.p.number;

	if (features & ~offered(t) || (t->running && features != t->features))
		return -EPROTO;
	if (features & KT_VU_F_LOG_ALL)
		return kt_vu_refuse(t, "what it writes is not logged");
	t->features = features;
	return 0;
}

static int get_protocol_features(struct kt_vhost_user *t)
{
	return reply_number(t, PROTOCOL_FEATURES);
}

static int set_protocol_features(struct kt_vhost_user *t)
{
	if (t->in.msg.p.number & ~PROTOCOL_FEATURES)
		return -EPROTO;
	t->protocol = t->in.msg.p.number;
	return 0;
}

static int get_queue_num(struct kt_vhost_user *t)
{
	return reply_number(t, t->device->nr_vqs);
}

static int set_owner(struct kt_vhost_user *t)
{
	return t->running ? -EPROTO : 0;
}

static int reset_owner(struct kt_vhost_user *t)
{
	u32 i;

	kt_vu_halt(t);
	for (i = 0; i < t->device->nr_vqs; i++)
		t->rings[i].enabled = false;
	return 0;
}

static int get_max_mem_slots(struct kt_vhost_user *t)
{
	return reply_number(t, KT_VU_MAX_SLOTS);
}

/* The ring that a message is about; NULL: there is none, or it is in use. */
static struct kt_vu_ring *idle_ring(struct kt_vhost_user *t, u32 index)
{
	return index < t->device->nr_vqs && !t->running ? &t->rings[index] :
	       NULL;
}

static int set_vring_num(struct kt_vhost_user *t)
{
	const struct kt_vu_vring_state *s = &t->in.msg.p.state;
	struct kt_vu_ring *r = idle_ring(t, s->index);

	/* how large the driver may make it QEMU decides, not the device */
	if (!r || !s->num || s->num > KT_VQ_MAX_SIZE || s->num & (s->num - 1))
		return -EPROTO;
	r->num = s->num;
	return 0;
}

static int set_vring_addr(struct kt_vhost_user *t)
{
	const struct kt_vu_vring_addr *a = &t->in.msg.p.addr;
	struct kt_vu_ring *r = idle_ring(t, a->index);

	/* nothing is logged */
	if (!r || a->flags)
		return -EPROTO;
	r->has_addr = false;
	if (kt_vu_gpa(t, a->desc, &r->desc_gpa) ||
	    kt_vu_gpa(t, a->avail, &r->avail_gpa) ||
	    kt_vu_gpa(t, a->used, &r->used_gpa))
		return -EPROTO;
	r->has_addr = true;
	return 0;
}

static int set_vring_base(struct kt_vhost_user *t)
{
	const struct kt_vu_vring_state *s = &t->in.msg.p.state;
	struct kt_vu_ring *r = idle_ring(t, s->index);

	if (!r || s->num > UINT16_MAX)
		return -EPROTO;
	r->base = s->num;
	return 0;
}

/* Also the message that stops a ring. */
static int get_vring_base(struct kt_vhost_user *t)
{
	struct kt_vu_vring_state *s = &t->in.msg.p.state;

	if (s->index >= t->device->nr_vqs)
		return -EPROTO;
	kt_vu_halt(t);
	kt_vu_watch_kick(t, s->index, -1);
	s->num = t->rings[s->index].base;
	return reply(t, sizeof(*s));
}

/* An eventfd: nothing else is sure to be read and written without waiting. */
static bool is_eventfd(int fd)
{
	static const char what[] = "anon_inode:[eventfd]";
	char path[32], target[sizeof(what)];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target));
	return n == sizeof(what) - 1 && !memcmp(target, what, n);
}

/* The descriptor of a message about one ring, taken out of it; -1 for none. */
static int take_fd(struct kt_vhost_user *t, u32 *index, int *fd)
{
	u64 number = t->in.msg.p.number;
	bool none = number & KT_VU_VRING_NOFD;

	*index = number & KT_VU_VRING_MASK;
	*fd = -1;
	if (*index >= t->device->nr_vqs || t->nr_fds != !none ||
	    number & ~(u64)(KT_VU_VRING_MASK | KT_VU_VRING_NOFD))
		return -EPROTO;
	if (none)
		return 0;
	if (!is_eventfd(t->fds[0]) || kt_set_nonblock(t->fds[0], true))
		return -EPROTO;
	*fd = t->fds[0];
	t->nr_fds = 0;
	return 0;
}

static int set_vring_kick(struct kt_vhost_user *t)
{
	u32 index;
	int fd, ret;

	ret = take_fd(t, &index, &fd);
	/* a ring that is to be polled is not for us */
	if (!ret && fd < 0)
		ret = -EPROTO;
	if (!ret)
		ret = kt_vu_watch_kick(t, index, fd);
	return ret ? ret : start_when_ready(t);
}

static int replace_fd(struct kt_vhost_user *t, bool err)
{
	struct kt_vu_ring *r;
	u32 index;
	int fd, ret;

	ret = take_fd(t, &index, &fd);
	if (ret)
		return ret;
	r = &t->rings[index];
	/* pairs with signal_fd() in the device's thread */
	pthread_mutex_lock(&t->lock);
	kt_close(err ? &r->err_fd : &r->call_fd);
	*(err ? &r->err_fd : &r->call_fd) = fd;
	pthread_mutex_unlock(&t->lock);
	return 0;
}

static int set_vring_call(struct kt_vhost_user *t)
{
	return replace_fd(t, false);
}

static int set_vring_err(struct kt_vhost_user *t)
{
	return replace_fd(t, true);
}

static int set_vring_enable(struct kt_vhost_user *t)
{
	const struct kt_vu_vring_state *s = &t->in.msg.p.state;

	if (s->index >= t->device->nr_vqs || s->num > 1)
		return -EPROTO;
	t->rings[s->index].enabled = s->num;
	if (!s->num)
		kt_vu_halt(t);
	return start_when_ready(t);
}

static int get_config(struct kt_vhost_user *t)
{
	struct kt_vu_config *c = &t->in.msg.p.config;

	if (c->size > KT_VU_MAX_CONFIG || c->offset > KT_VU_MAX_CONFIG ||
	    t->in.msg.h.size != KT_VU_CONFIG_HEADER + c->size)
		return -EPROTO;
	t->device->ops->read_config(t->device, c->offset, c->bytes, c->size);
	return reply(t, KT_VU_CONFIG_HEADER + c->size);
}

/* A driver may try; nothing in our configurations is for it to write. */
static int set_config(struct kt_vhost_user *t)
{
	(void)t;
	return -EACCES;
}

#define FIXED(what) sizeof(what), sizeof(what)
#define MSG (((struct kt_vhost_user *)NULL)->in.msg.p)

static const struct {
	int (*handle)(struct kt_vhost_user *t);
	u32 min_bytes, max_bytes, max_fds;
} kinds[KT_VU_NR_REQUESTS] = {
	[KT_VU_GET_FEATURES]	= { get_features },
	[KT_VU_SET_FEATURES]	= { set_features, FIXED(MSG.number) },
	[KT_VU_SET_OWNER]	= { set_owner },
	[KT_VU_RESET_OWNER]	= { reset_owner },
	[KT_VU_SET_MEM_TABLE]	= { kt_vu_set_mem_table,
		offsetof(struct kt_vu_mem_table, regions), sizeof(MSG.mem),
		KT_VU_MAX_REGIONS },
	[KT_VU_SET_VRING_NUM]	= { set_vring_num, FIXED(MSG.state) },
	[KT_VU_SET_VRING_ADDR]	= { set_vring_addr, FIXED(MSG.addr) },
	[KT_VU_SET_VRING_BASE]	= { set_vring_base, FIXED(MSG.state) },
	[KT_VU_GET_VRING_BASE]	= { get_vring_base, FIXED(MSG.state) },
	[KT_VU_SET_VRING_KICK]	= { set_vring_kick, FIXED(MSG.number), 1 },
	[KT_VU_SET_VRING_CALL]	= { set_vring_call, FIXED(MSG.number), 1 },
	[KT_VU_SET_VRING_ERR]	= { set_vring_err, FIXED(MSG.number), 1 },
	[KT_VU_GET_PROTOCOL_FEATURES] = { get_protocol_features },
	[KT_VU_SET_PROTOCOL_FEATURES] = { set_protocol_features,
		FIXED(MSG.number) },
	[KT_VU_GET_QUEUE_NUM]	= { get_queue_num },
	[KT_VU_SET_VRING_ENABLE] = { set_vring_enable, FIXED(MSG.state) },
	[KT_VU_GET_CONFIG]	= { get_config, KT_VU_CONFIG_HEADER,
		sizeof(MSG.config) },
	[KT_VU_SET_CONFIG]	= { set_config, KT_VU_CONFIG_HEADER,
		sizeof(MSG.config) },
	[KT_VU_GET_MAX_MEM_SLOTS] = { get_max_mem_slots },
	[KT_VU_ADD_MEM_REG]	= { kt_vu_add_region, FIXED(MSG.region), 1 },
	[KT_VU_REM_MEM_REG]	= { kt_vu_remove_region, FIXED(MSG.region), 1 },
};

int kt_vu_handle(struct kt_vhost_user *t)
{
	struct kt_vu_header h = t->in.msg.h;
	int ret;

	t->why = "it is not in order";
	if (h.request >= KT_VU_NR_REQUESTS || !kinds[h.request].handle)
		ret = kt_vu_refuse(t, "it was not offered");
	else if (h.size < kinds[h.request].min_bytes ||
		 h.size > kinds[h.request].max_bytes ||
		 t->nr_fds > kinds[h.request].max_fds)
		ret = -EPROTO;
	else
		ret = kinds[h.request].handle(t);
	if (ret < 0 && ret != -EACCES)
		return kt_err(ret, "vhost-user: request %u of %u bytes: %s; the disk stands still",
			      h.request, h.size, t->why);
	if (ret <= 0 && h.flags & KT_VU_NEED_REPLY &&
	    t->protocol & KT_VU_PROTOCOL_F_REPLY_ACK)
		return reply_number(t, !!ret);
	return max(ret, 0);
}
