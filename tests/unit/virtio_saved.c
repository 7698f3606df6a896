// SPDX-License-Identifier: GPL-2.0-only
/*
 * A console device with its transport saved, and one that goes on from there
 * with the same guest and another host: what was under way arrives, and no
 * state but a right one is taken.
 */
#include <sys/eventfd.h>

#include <kselftest_harness.h>

#include <linux/virtio_config.h>

#include "console_rig.h"
#include "ktstr/virtio/mmio.h"
#include "ktstr/wire/codec.h"
#include "nr_fds.h"

#define LIVE	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
		 VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)

/* A host's side of the machine: its device, sockets and interrupt. */
struct side {
	struct rig rig;
	struct kt_console_dev *c;
	struct kt_virtio_device *d;
	struct kt_mmio t;
	int irq_fd;
};

FIXTURE(saved)
{
	struct side old, new;
	int fds_before;
	u8 state[4096];
	size_t state_bytes;
};

static void side_init(struct side *s, const struct kt_guest_mem *mem)
{
	rig_init(&s->rig);
	assert(!kt_console_new(mem ? mem : &s->rig.ram.mem, s->rig.device,
			       &s->c));
	s->d = kt_console_device(s->c);
	s->irq_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	kt_mmio_init(&s->t, s->d, s->irq_fd);
}

static void side_fini(struct side *s)
{
	kt_console_resume(s->c);
	kt_console_free(s->c);
	kt_mmio_fini(&s->t);
	kt_close(&s->irq_fd);
	rig_fini(&s->rig);
}

/* The old one runs, as behind DRIVER_OK; the new one was just made. */
FIXTURE_SETUP(saved)
{
	struct side *s = &self->old;

	self->fds_before = nr_fds();
	side_init(s, NULL);
	rig_connect(&s->rig, s->d);
	s->d->irq = &s->t.irq;
	s->t.status = LIVE;
	s->t.driver_features = s->d->features;
	ASSERT_EQ(0, s->d->ops->activate(s->d));
	side_init(&self->new, &s->rig.ram.mem);
}

FIXTURE_TEARDOWN(saved)
{
	side_fini(&self->new);
	side_fini(&self->old);
	EXPECT_EQ(self->fds_before, nr_fds());
}

static int save(struct _test_data_saved *self)
{
	struct side *s = &self->old;
	struct kt_enc e;
	int ret;

	kt_console_pause(s->c);
	kt_enc_init(&e, self->state, sizeof(self->state));
	ret = kt_mmio_save(&s->t, &e);
	if (!ret)
		ret = kt_console_save(s->c, &e);
	self->state_bytes = e.len_bytes;
	return ret ? ret : min(kt_enc_finish(&e), 0);
}

static int load(struct _test_data_saved *self)
{
	struct side *s = &self->new;
	struct kt_dec d;
	int ret;

	kt_console_pause(s->c);
	kt_dec_init(&d, self->state, self->state_bytes);
	ret = kt_mmio_load(&s->t, &d);
	if (!ret)
		ret = kt_console_load(s->c, &d);
	return ret ? ret : kt_dec_finish(&d);
}

static bool comes(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, FAKE_WAIT_MS) == 1;
}

/* A port that the guest has opened, and its answer that was used. */
static void open_port(struct side *s)
{
	struct rig *r = &s->rig;

	add_control(r, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	add_text(r, 1, "before");
	s->d->ops->notify(s->d, CONTROL_TX);
	assert(comes(r->host[1]));
	assert(!strcmp("before", host_got(r, 1)));
}

TEST_F(saved, goes_on_where_it_stood)
{
	struct rig *guest = &self->old.rig, *host = &self->new.rig;
	u64 room = add_room(guest, rx(1), 8);

	open_port(&self->old);
	kt_console_pause(self->old.c);
	/* its notification is on the way */
	add_text(guest, 1, "behind");
	ASSERT_EQ(0, save(self));
	ASSERT_EQ(0, load(self));
	kt_console_resume(self->new.c);
	ASSERT_TRUE(comes(host->host[1]));
	EXPECT_STREQ("behind", host_got(host, 1));
	EXPECT_STREQ("", host_got(guest, 1));
	/* the port is open still */
	host_says(host, 1, "Plan");
	while (memcmp(fake_ptr(&guest->ram, room), "Plan", 4))
		ASSERT_TRUE(comes(self->new.irq_fd));
	EXPECT_EQ(self->old.d->features, self->new.d->features);
	EXPECT_EQ(LIVE, self->new.t.status);
}

TEST_F(saved, an_interrupt_on_its_way)
{
	atomic_store(&self->old.t.interrupt_status, 1);
	ASSERT_EQ(0, save(self));
	ASSERT_EQ(0, load(self));
	EXPECT_EQ(1, atomic_load(&self->new.t.interrupt_status));
	EXPECT_TRUE(comes(self->new.irq_fd));
}

TEST_F(saved, not_in_every_state)
{
	struct rig *r = &self->old.rig;

	/* a message that is partly gone */
	fill_socket(r->device[1]);
	add_text(r, 1, "stuck");
	self->old.d->ops->notify(self->old.d, tx(1));
	/* a control message behind it, once that is done the other was tried */
	add_control(r, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	self->old.d->ops->notify(self->old.d, CONTROL_TX);
	while (!atomic_load(&self->old.t.interrupt_status))
		ASSERT_TRUE(comes(self->old.irq_fd));
	ASSERT_EQ(-EBUSY, save(self));
	drain(r->host[1]);
	kt_console_resume(self->old.c);
	kt_virtio_broken(self->old.d);
	EXPECT_EQ(-EBUSY, save(self));
}

TEST_F(saved, cut_off_anywhere)
{
	size_t whole;

	ASSERT_EQ(0, save(self));
	whole = self->state_bytes;
	while (self->state_bytes--)
		EXPECT_NE(0, load(self));
	self->state_bytes = whole;
	EXPECT_EQ(0, load(self));
}

TEST_F(saved, of_another_device)
{
	ASSERT_EQ(0, save(self));
	self->new.d->id = KT_VIRTIO_ID_BLOCK;
	EXPECT_EQ(-EBADMSG, load(self));
}

/* As a driver may not set it up. */
TEST_F(saved, a_queue_that_cannot_be)
{
	struct kt_vq *q = &self->old.d->vqs[tx(1)], was;

	kt_console_pause(self->old.c);
	was = *q;
	q->desc_gpa = 1ULL << 40;
	ASSERT_EQ(0, save(self));
	EXPECT_EQ(-EBADMSG, load(self));
	*q = was;
	q->size = 2 * self->old.d->vq_size;
	ASSERT_EQ(0, save(self));
	EXPECT_EQ(-EBADMSG, load(self));
	*q = was;
	self->old.d->features |= 1ULL << 62;
	ASSERT_EQ(0, save(self));
	EXPECT_EQ(-EBADMSG, load(self));
	self->old.d->features &= ~(1ULL << 62);
	ASSERT_EQ(0, save(self));
	EXPECT_EQ(0, load(self));
}

TEST_HARNESS_MAIN
