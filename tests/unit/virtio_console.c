// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console device with its thread: what wakes it, that it goes on, that it
 * stands still when it is held, and that it ends.
 */
#include <kselftest_harness.h>

#include <pthread.h>

#include "console_rig.h"

FIXTURE(console)
{
	struct rig rig;
	struct kt_console_dev *c;
	struct kt_virtio_device *d;
};

FIXTURE_SETUP(console)
{
	rig_init(&self->rig);
	ASSERT_EQ(0, kt_console_new(&self->rig.ram.mem, self->rig.device,
				    &self->c));
	self->d = kt_console_device(self->c);
	rig_connect(&self->rig, self->d);
	ASSERT_EQ(0, self->d->ops->activate(self->d));
}

FIXTURE_TEARDOWN(console)
{
	kt_console_free(self->c);
	rig_fini(&self->rig);
}

static bool host_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, FAKE_WAIT_MS) == 1;
}

TEST_F(console, notification_moves_bytes)
{
	struct rig *r = &self->rig;
	u32 head, len;

	add_text(r, 1, "kicked");
	self->d->ops->notify(self->d, tx(1));
	ASSERT_TRUE(host_readable(r->host[1]));
	EXPECT_STREQ("kicked", host_got(r, 1));
	EXPECT_TRUE(fake_wait_used(&r->v[tx(1)], r->irq.queue_fd[tx(1)], &head,
				   &len));
	add_text(r, 2, "by eventfd");
	eventfd_write(kt_console_kick_fd(self->c), 1);
	ASSERT_TRUE(host_readable(r->host[2]));
	EXPECT_STREQ("by eventfd", host_got(r, 2));
}

TEST_F(console, host_wakes_it)
{
	struct rig *r = &self->rig;
	u64 room = add_room(r, rx(1), 8);
	u32 head, len;

	add_control(r, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	self->d->ops->notify(self->d, CONTROL_TX);
	ASSERT_TRUE(fake_wait_used(&r->v[CONTROL_TX],
				   r->irq.queue_fd[CONTROL_TX], &head, &len));
	host_says(r, 1, "hello");
	ASSERT_TRUE(fake_wait_used(&r->v[rx(1)], r->irq.queue_fd[rx(1)], &head,
				   &len));
	ASSERT_EQ(5, len);
	EXPECT_EQ(0, memcmp(fake_ptr(&r->ram, room), "hello", 5));
	/* and when it leaves */
	add_room(r, CONTROL_RX, sizeof(struct control));
	add_room(r, rx(1), 8);
	kt_close(&r->host[1]);
	ASSERT_TRUE(fake_irq_wait(r->irq.queue_fd[CONTROL_RX]));
	EXPECT_TRUE(next_control_is(r, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, ""));
}

/*
 * Bytes that were there before DRIVER_OK, and many turns of work, with nobody
 * to wake it: no notification comes and the host does not read.
 */
TEST_F(console, goes_on_by_itself)
{
	struct rig *r = &self->rig;
	u32 i, head, len;

	/* what it woke for when it began is done with */
	add_text(r, 2, "x");
	self->d->ops->notify(self->d, tx(2));
	ASSERT_TRUE(fake_wait_used(&r->v[tx(2)], r->irq.queue_fd[tx(2)], &head,
				   &len));
	kt_virtio_reset(self->d);
	rig_connect(r, self->d);
	add_many(r, self->d);
	ASSERT_EQ(0, self->d->ops->activate(self->d));
	for (i = 0; i < 128; i++) {
		fake_want_irq_at(&r->v[tx(1)], i);
		ASSERT_TRUE(fake_wait_used(&r->v[tx(1)],
					   r->irq.queue_fd[tx(1)], &head, &len))
			TH_LOG("chain %u", i);
	}
	EXPECT_EQ(128, strlen(host_got(r, 1)));
}

/* Much more than the queue and the socket hold, and a host that reads slowly. */
TEST_F(console, stream_in_order)
{
	struct rig *r = &self->rig;
	struct fake_vq *v = &r->v[tx(1)];
	u32 total = 8 << 20, put = 0, got = 0, head, len, i;
	u32 chunk = FAKE_REGION_BYTES / SIZE;	/* a slot for each descriptor */
	struct fake_seg seg = { 0, chunk };
	u64 deadline = kt_now_ns() + FAKE_WAIT_MS * KT_NSEC_PER_MSEC;

	while (got < total) {
		ASSERT_LT(kt_now_ns(), deadline);
		while (fake_used(v, &head, &len))
			;
		while (put < total && v->nr_free) {
			seg.gpa = FAKE_SEAM_GPA + v->free_head * chunk;
			for (i = 0; i < chunk; i++)
				((u8 *)fake_ptr(&r->ram, seg.gpa))[i] =
					pattern(put++);
			fake_add(v, &seg, 1);
		}
		self->d->ops->notify(self->d, tx(1));
		ASSERT_TRUE(host_readable(r->host[1]));
		got = check_pattern(r->host[1], got);
	}
	EXPECT_EQ(total, got);
}

/* That nothing comes cannot be waited for: a broken pause is seen in time. */
static bool stays_silent(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 50) == 0;
}

TEST_F(console, paused_it_moves_nothing)
{
	struct rig *r = &self->rig;

	kt_console_resume(self->c);	/* harmless */
	kt_console_pause(self->c);
	kt_console_pause(self->c);
	add_text(r, 1, "after");
	self->d->ops->notify(self->d, tx(1));
	EXPECT_TRUE(stays_silent(r->host[1]));
	EXPECT_EQ(0, r->v[tx(1)].used->idx);
	/* a reset on a vCPU does not wait for the thaw */
	self->d->ops->reset(self->d);
	ASSERT_EQ(0, self->d->ops->activate(self->d));
	EXPECT_EQ(0, r->v[tx(1)].used->idx);
	kt_console_resume(self->c);
	ASSERT_TRUE(host_readable(r->host[1]));
	EXPECT_STREQ("after", host_got(r, 1));
}

/* An interrupt that lasts until the test lets it end: the device is at work. */
struct gate {
	struct kt_virtio_irq irq;
	int entered, leave, paused;
	struct kt_console_dev *c;
};

static void wait_fd(int fd)
{
	eventfd_t n;

	eventfd_read(fd, &n);
}

static void gate_irq(struct kt_virtio_irq *irq, u32 index)
{
	struct gate *g = container_of(irq, struct gate, irq);

	(void)index;
	eventfd_write(g->entered, 1);
	wait_fd(g->leave);
}

static void *pause_it(void *arg)
{
	struct gate *g = arg;

	kt_console_pause(g->c);
	eventfd_write(g->paused, 1);
	return NULL;
}

TEST_F(console, pause_waits_for_work_under_way)
{
	struct gate g = {
		.irq = { .queue = gate_irq }, .c = self->c,
		.entered = eventfd(0, EFD_CLOEXEC),
		.leave = eventfd(0, EFD_CLOEXEC),
		.paused = eventfd(0, EFD_CLOEXEC),
	};
	struct rig *r = &self->rig;
	pthread_t pauser;

	kt_virtio_reset(self->d);
	rig_connect(r, self->d);
	self->d->irq = &g.irq;
	add_text(r, 1, "x");
	ASSERT_EQ(0, self->d->ops->activate(self->d));
	wait_fd(g.entered);
	ASSERT_EQ(0, pthread_create(&pauser, NULL, pause_it, &g));
	EXPECT_TRUE(stays_silent(g.paused));
	eventfd_write(g.leave, 1);
	wait_fd(g.paused);
	pthread_join(pauser, NULL);
	kt_console_resume(self->c);
	close(g.entered);
	close(g.leave);
	close(g.paused);
}

TEST_F(console, reset_lets_go_of_the_queues)
{
	struct rig *r = &self->rig;
	u16 before;
	u32 i;

	for (i = 0; i < 50; i++) {
		add_text(r, 1, "some");
		self->d->ops->notify(self->d, tx(1));
		kt_virtio_reset(self->d);
		before = r->v[tx(1)].used->idx;
		r->v[tx(1)].avail->idx += SIZE;
		self->d->ops->notify(self->d, tx(1));
		EXPECT_EQ(before, r->v[tx(1)].used->idx);
		host_got(r, 1);
		rig_connect(r, self->d);
		ASSERT_EQ(0, self->d->ops->activate(self->d));
	}
	EXPECT_FALSE(self->d->needs_reset);
}

TEST_F(console, freed_while_paused)
{
	struct kt_console_dev *c;

	ASSERT_EQ(0, kt_console_new(&self->rig.ram.mem, self->rig.host, &c));
	kt_console_pause(c);
	kt_console_free(c);
	kt_console_free(NULL);
}

TEST(descriptor_that_cannot_be_watched)
{
	const int fds[KT_CONSOLE_PORTS] = { -1, -1, -1 };
	struct kt_guest_mem mem = { 0 };
	struct kt_console_dev *c;

	EXPECT_EQ(-EBADF, kt_console_new(&mem, fds, &c));
}

TEST_HARNESS_MAIN
