// SPDX-License-Identifier: GPL-2.0-only
/*
 * The block device whole, with its thread, as a transport has it: what it is,
 * when it serves and when it stands still, and what it says of a queue that is
 * poisoned.
 */
#include <sched.h>

#include <kselftest_harness.h>

#include "block_rig.h"
#include "ktstr/base/fd.h"
#include "ktstr/virtio/block.h"
#include "ktstr/virtio/block_request.h"
#include "nr_fds.h"

FIXTURE(device)
{
	struct block_rig r;
	struct fake_irq irq;
	struct kt_block *b;
	struct kt_virtio_device *dev;
	struct kt_disk disk;
	int fds;
};

FIXTURE_SETUP(device)
{
	self->fds = nr_fds();
	block_rig_init(&self->r, 64);
	fake_irq_init(&self->irq);
	self->disk = (struct kt_disk){
		.fd = block_file(), .capacity_bytes = DISK_BYTES,
		.serial = "some", .iops = 50,
	};
	ASSERT_EQ(0, kt_block_new(&self->r.ram.mem, &self->disk, &self->b));
	self->dev = kt_block_device(self->b);
	self->dev->irq = &self->irq.irq;
	ASSERT_EQ(0, fake_vq_attach(&self->r.v, &self->dev->vqs[0], false, false));
}

FIXTURE_TEARDOWN(device)
{
	kt_block_free(self->b);
	close(self->disk.fd);
	fake_irq_fini(&self->irq);
	fake_ram_fini(&self->r.ram);
	EXPECT_EQ(self->fds, nr_fds());
}

#define used(head, len) \
	fake_wait_used(&self->r.v, self->irq.queue_fd[0], head, len)

TEST_F(device, what_it_is)
{
	struct virtio_blk_config c;
	u8 tail[8];

	EXPECT_EQ(KT_VIRTIO_ID_BLOCK, self->dev->id);
	EXPECT_EQ(1, self->dev->nr_vqs);
	EXPECT_EQ(KT_VIRTIO_F_VERSION_1 | KT_VIRTIO_F_EVENT_IDX |
		  1 << VIRTIO_BLK_F_BLK_SIZE | 1 << VIRTIO_BLK_F_SEG_MAX |
		  1 << VIRTIO_BLK_F_SIZE_MAX | 1 << VIRTIO_BLK_F_FLUSH,
		  self->dev->offered);
	self->dev->ops->read_config(self->dev, 0, &c, sizeof(c));
	EXPECT_EQ(DISK_BYTES / 512, c.capacity);
	EXPECT_EQ(512, c.blk_size);
	EXPECT_EQ(KT_BLOCK_SEG_MAX, c.seg_max);
	EXPECT_EQ(KT_BLOCK_SIZE_MAX, c.size_max);
	memset(tail, 1, sizeof(tail));
	self->dev->ops->read_config(self->dev, sizeof(c) - 1, tail, 8);
	EXPECT_EQ(0, memcmp(tail, "\0\0\0\0\0\0\0\0", 8));
	memset(tail, 1, sizeof(tail));
	self->dev->ops->read_config(self->dev, UINT32_MAX, tail, 8);
	EXPECT_EQ(0, memcmp(tail, "\0\0\0\0\0\0\0\0", 8));
}

TEST_F(device, read_only_is_a_feature)
{
	struct kt_disk disk = self->disk;
	struct kt_block *b;

	disk.read_only = true;
	ASSERT_EQ(0, kt_block_new(&self->r.ram.mem, &disk, &b));
	EXPECT_NE(0, kt_block_device(b)->offered & 1 << VIRTIO_BLK_F_RO);
	kt_block_free(b);
}

/* Twice what the throttle saves up: the timer brings the rest. */
TEST_F(device, its_thread_serves)
{
	u32 head, len, i;
	struct kt_block_counters c;

	header(VIRTIO_BLK_T_IN, 0);
	for (i = 0; i < 5; i++)
		add(HDR, READ(512), STATUS);
	/* before it is told that it may nothing happens */
	ASSERT_EQ(0, self->dev->ops->activate(self->dev));
	for (i = 0; i < 5; i++)
		ASSERT_TRUE(used(&head, &len));
	/* by its own face, and by the eventfd that stands for it */
	for (i = 0; i < 5; i++) {
		add(HDR, READ(512), STATUS);
		if (i % 2)
			self->dev->ops->notify(self->dev, 0);
		else
			eventfd_write(kt_block_kick_fd(self->b), 1);
		ASSERT_TRUE(used(&head, &len));
		EXPECT_EQ(513, len);
	}
	kt_block_counters(self->b, &c);
	EXPECT_EQ(10, c.reads);
	EXPECT_EQ(5120, c.read_bytes);
	EXPECT_GE(c.throttled, 1);
}

TEST_F(device, stands_still_when_told)
{
	struct pollfd kick = { kt_block_kick_fd(self->b), POLLIN, 0 };
	u32 head, len;

	header(VIRTIO_BLK_T_IN, 0);
	ASSERT_EQ(0, self->dev->ops->activate(self->dev));
	kt_block_pause(self->b);
	kt_block_pause(self->b);
	add(HDR, READ(512), STATUS);
	self->dev->ops->notify(self->dev, 0);
	/* it has seen the kick when the eventfd is empty again */
	while (poll(&kick, 1, 0) == 1)
		sched_yield();
	kt_block_pause(self->b);
	EXPECT_FALSE(fake_used(&self->r.v, &head, &len));
	kt_block_resume(self->b);
	EXPECT_TRUE(used(&head, &len));
	kt_block_resume(self->b);
	/* a reset is the end until it is activated again */
	kt_virtio_reset(self->dev);
	add(HDR, READ(512), STATUS);
	self->dev->ops->notify(self->dev, 0);
	kt_block_pause(self->b);
	kt_block_resume(self->b);
	EXPECT_FALSE(fake_used(&self->r.v, &head, &len));
}

TEST_F(device, a_poisoned_queue_is_told_once)
{
	struct kt_block_counters c;

	ASSERT_EQ(0, self->dev->ops->activate(self->dev));
	fake_publish(&self->r.v, 1000);		/* no such descriptor */
	self->dev->ops->notify(self->dev, 0);
	ASSERT_TRUE(fake_irq_wait(self->irq.config_fd));
	EXPECT_TRUE(kt_virtio_needs_reset(self->dev));
	self->dev->ops->notify(self->dev, 0);
	kt_block_pause(self->b);
	kt_block_counters(self->b, &c);
	EXPECT_EQ(1, c.poisoned);
	EXPECT_EQ(0, fake_irq_count(self->irq.queue_fd[0]));
	EXPECT_EQ(0, fake_irq_count(self->irq.config_fd));
}

TEST_F(device, freed_at_any_time)
{
	header(VIRTIO_BLK_T_IN, 0);
	add(HDR, READ(512), STATUS);
	ASSERT_EQ(0, self->dev->ops->activate(self->dev));
	kt_block_free(self->b);
	ASSERT_EQ(0, kt_block_new(&self->r.ram.mem, &self->disk, &self->b));
	kt_block_pause(self->b);
}

TEST_HARNESS_MAIN
