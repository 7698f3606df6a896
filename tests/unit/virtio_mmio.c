// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of virtio over MMIO, driven as Linux does and as it does not,
 * with a device that only remembers what it was told.
 */
#include <kselftest_harness.h>

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "fake_driver.h"
#include "ktstr/virtio/mmio.h"

#define SIZE		8
#define A_FEATURE	8ULL
#define STAGE_OK	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
			 VIRTIO_CONFIG_S_FEATURES_OK)
#define LIVE		(STAGE_OK | VIRTIO_CONFIG_S_DRIVER_OK)

struct memo {
	struct kt_virtio_device device;
	u32 activations, resets, notified;
	u32 last_notify;
	int activate_ret;
};

static struct memo *memo_of(struct kt_virtio_device *d)
{
	return container_of(d, struct memo, device);
}

static void memo_read_config(struct kt_virtio_device *d, u32 offset, void *buf,
			     u32 len_bytes)
{
	u32 i;

	for (i = 0; i < len_bytes; i++)
		((u8 *)buf)[i] = offset + i < 12 ? 0x10 + offset + i : 0;
}

static int memo_activate(struct kt_virtio_device *d)
{
	memo_of(d)->activations++;
	return memo_of(d)->activate_ret;
}

static void memo_notify(struct kt_virtio_device *d, u32 index)
{
	memo_of(d)->notified++;
	memo_of(d)->last_notify = index;
}

static void memo_reset(struct kt_virtio_device *d)
{
	memo_of(d)->resets++;
}

static const struct kt_virtio_device_ops memo_ops = {
	.name = "memo",
	.read_config = memo_read_config,
	.activate = memo_activate,
	.notify = memo_notify,
	.reset = memo_reset,
};

FIXTURE(mmio)
{
	struct fake_ram ram;
	struct fake_vq v;
	struct memo memo;
	struct kt_mmio t;
	int irq_fd;
};

FIXTURE_SETUP(mmio)
{
	struct kt_virtio_device *d = &self->memo.device;

	fake_ram_init(&self->ram);
	fake_vq_init(&self->v, &self->ram, SIZE);
	memset(&self->memo, 0, sizeof(self->memo));
	d->ops = &memo_ops;
	d->id = KT_VIRTIO_ID_CONSOLE;
	d->offered = A_FEATURE | KT_VIRTIO_F_EVENT_IDX;
	d->nr_vqs = 2;
	d->vq_size = 16;
	d->vqs[0].mem = &self->ram.mem;
	d->vqs[1].mem = &self->ram.mem;
	self->irq_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	kt_mmio_init(&self->t, d, self->irq_fd);
}

FIXTURE_TEARDOWN(mmio)
{
	kt_mmio_fini(&self->t);
	close(self->irq_fd);
	fake_ram_fini(&self->ram);
}

static u32 rd(struct kt_mmio *t, u32 offset)
{
	u32 v = 0xdeadbeef;

	kt_mmio_read(t, offset, &v, sizeof(v));
	return v;
}

static void wr(struct kt_mmio *t, u32 offset, u32 v)
{
	kt_mmio_write(t, offset, &v, sizeof(v));
}

static void offer_back(struct kt_mmio *t, u64 features)
{
	wr(t, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	wr(t, VIRTIO_MMIO_DRIVER_FEATURES, features >> 32);
	wr(t, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	wr(t, VIRTIO_MMIO_DRIVER_FEATURES, features);
}

/* Up to FEATURES_OK, as Linux does it; what the status is then. */
static u32 negotiate(struct kt_mmio *t, u64 features)
{
	wr(t, VIRTIO_MMIO_STATUS, 0);
	wr(t, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	wr(t, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE |
	   VIRTIO_CONFIG_S_DRIVER);
	offer_back(t, features);
	wr(t, VIRTIO_MMIO_STATUS, STAGE_OK);
	return rd(t, VIRTIO_MMIO_STATUS);
}

static void set_queue(struct kt_mmio *t, u32 index, const struct fake_vq *v)
{
	wr(t, VIRTIO_MMIO_QUEUE_SEL, index);
	wr(t, VIRTIO_MMIO_QUEUE_NUM, v->size);
	wr(t, VIRTIO_MMIO_QUEUE_DESC_LOW, v->desc_gpa);
	wr(t, VIRTIO_MMIO_QUEUE_DESC_HIGH, v->desc_gpa >> 32);
	wr(t, VIRTIO_MMIO_QUEUE_AVAIL_LOW, v->avail_gpa);
	wr(t, VIRTIO_MMIO_QUEUE_AVAIL_HIGH, v->avail_gpa >> 32);
	wr(t, VIRTIO_MMIO_QUEUE_USED_LOW, v->used_gpa);
	wr(t, VIRTIO_MMIO_QUEUE_USED_HIGH, v->used_gpa >> 32);
	wr(t, VIRTIO_MMIO_QUEUE_READY, 1);
}

static void go_live(struct kt_mmio *t, const struct fake_vq *v)
{
	negotiate(t, KT_VIRTIO_F_VERSION_1 | KT_VIRTIO_F_EVENT_IDX);
	set_queue(t, 0, v);
	wr(t, VIRTIO_MMIO_STATUS, LIVE);
}

TEST_F(mmio, who_it_is)
{
	struct kt_mmio *t = &self->t;

	EXPECT_EQ(0x74726976, rd(t, VIRTIO_MMIO_MAGIC_VALUE));
	EXPECT_EQ(2, rd(t, VIRTIO_MMIO_VERSION));
	EXPECT_EQ(KT_VIRTIO_ID_CONSOLE, rd(t, VIRTIO_MMIO_DEVICE_ID));
	EXPECT_NE(0, rd(t, VIRTIO_MMIO_VENDOR_ID));
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_STATUS));
	EXPECT_EQ(0xffffffff, rd(t, VIRTIO_MMIO_SHM_LEN_LOW));
	EXPECT_EQ(0xffffffff, rd(t, VIRTIO_MMIO_SHM_LEN_HIGH));
	EXPECT_EQ(0xffffffff, rd(t, VIRTIO_MMIO_SHM_BASE_LOW));
	EXPECT_EQ(0xffffffff, rd(t, VIRTIO_MMIO_SHM_BASE_HIGH));
}

TEST_F(mmio, features_come_in_halves)
{
	struct kt_mmio *t = &self->t;

	EXPECT_EQ((u32)(A_FEATURE | KT_VIRTIO_F_EVENT_IDX),
		  rd(t, VIRTIO_MMIO_DEVICE_FEATURES));
	wr(t, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	EXPECT_EQ(1, rd(t, VIRTIO_MMIO_DEVICE_FEATURES));
	wr(t, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_DEVICE_FEATURES));
	wr(t, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0x80000000);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_DEVICE_FEATURES));
}

TEST_F(mmio, features_ok_needs_a_subset_with_version_1)
{
	const u32 refused = STAGE_OK & ~VIRTIO_CONFIG_S_FEATURES_OK;
	struct kt_mmio *t = &self->t;

	EXPECT_EQ(refused, negotiate(t, A_FEATURE));
	EXPECT_EQ(refused, negotiate(t, KT_VIRTIO_F_VERSION_1 | 1));
	EXPECT_EQ(refused, negotiate(t, KT_VIRTIO_F_VERSION_1 | 1ULL << 40));
	EXPECT_EQ(0, self->memo.device.features);
	EXPECT_EQ(STAGE_OK, negotiate(t, KT_VIRTIO_F_VERSION_1 | A_FEATURE));
	EXPECT_EQ(KT_VIRTIO_F_VERSION_1 | A_FEATURE,
		  self->memo.device.features);
	/* settled */
	offer_back(t, KT_VIRTIO_F_VERSION_1);
	wr(t, VIRTIO_MMIO_STATUS, STAGE_OK);
	EXPECT_EQ(KT_VIRTIO_F_VERSION_1 | A_FEATURE,
		  self->memo.device.features);
}

TEST_F(mmio, queue_is_made_ready)
{
	struct kt_vq *q = &self->memo.device.vqs[1];
	struct kt_mmio *t = &self->t;

	negotiate(t, KT_VIRTIO_F_VERSION_1 | KT_VIRTIO_F_EVENT_IDX);
	set_queue(t, 1, &self->v);
	EXPECT_EQ(16, rd(t, VIRTIO_MMIO_QUEUE_NUM_MAX));
	EXPECT_EQ(1, rd(t, VIRTIO_MMIO_QUEUE_READY));
	EXPECT_TRUE(q->ready);
	EXPECT_EQ(SIZE, q->size);
	EXPECT_EQ(self->v.desc_gpa, q->desc_gpa);
	EXPECT_EQ(self->v.avail_gpa, q->avail_gpa);
	EXPECT_EQ(self->v.used_gpa, q->used_gpa);
	EXPECT_TRUE(q->event_idx);
	EXPECT_FALSE(q->indirect);
	EXPECT_FALSE(self->memo.device.vqs[0].ready);
	/* what is ready does not move */
	wr(t, VIRTIO_MMIO_QUEUE_NUM, 2);
	wr(t, VIRTIO_MMIO_QUEUE_DESC_HIGH, 1);
	EXPECT_EQ(SIZE, q->size);
	EXPECT_EQ(self->v.desc_gpa, q->desc_gpa);
	/* nor is there a third queue */
	wr(t, VIRTIO_MMIO_QUEUE_SEL, 2);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_NUM_MAX));
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_READY));
	wr(t, VIRTIO_MMIO_QUEUE_READY, 1);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_READY));
}

TEST_F(mmio, addresses_have_64_bits)
{
	struct kt_vq *q = &self->memo.device.vqs[0];
	struct kt_mmio *t = &self->t;

	wr(t, VIRTIO_MMIO_QUEUE_DESC_HIGH, 0x11223344);
	wr(t, VIRTIO_MMIO_QUEUE_DESC_LOW, 0x55667788);
	wr(t, VIRTIO_MMIO_QUEUE_AVAIL_HIGH, 1);
	wr(t, VIRTIO_MMIO_QUEUE_USED_LOW, 2);
	EXPECT_EQ(0x1122334455667788, q->desc_gpa);
	EXPECT_EQ(0x100000000, q->avail_gpa);
	EXPECT_EQ(2, q->used_gpa);
}

TEST_F(mmio, queue_that_is_not_in_memory_needs_reset)
{
	struct kt_mmio *t = &self->t;

	negotiate(t, KT_VIRTIO_F_VERSION_1);
	self->v.used_gpa = FAKE_END_GPA;
	set_queue(t, 0, &self->v);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_READY));
	EXPECT_TRUE(rd(t, VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_NEEDS_RESET);
}

TEST_F(mmio, sizes_that_are_refused)
{
	struct kt_mmio *t = &self->t;
	const u16 bad[] = { 0, 3, 32 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		negotiate(t, KT_VIRTIO_F_VERSION_1);
		self->v.size = bad[i];
		set_queue(t, 0, &self->v);
		EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_READY));
	}
	negotiate(t, KT_VIRTIO_F_VERSION_1);
	wr(t, VIRTIO_MMIO_QUEUE_NUM, 0x10008);
	EXPECT_EQ(0, self->memo.device.vqs[0].size);
}

TEST_F(mmio, no_queue_before_features_ok)
{
	struct kt_mmio *t = &self->t;

	wr(t, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	set_queue(t, 0, &self->v);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_READY));
	EXPECT_FALSE(self->memo.device.vqs[0].ready);
}

TEST_F(mmio, driver_ok_activates_once)
{
	struct kt_mmio *t = &self->t;

	/* not without features */
	wr(t, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_DRIVER_OK);
	EXPECT_EQ(0, self->memo.activations);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_STATUS));
	go_live(t, &self->v);
	EXPECT_EQ(1, self->memo.activations);
	wr(t, VIRTIO_MMIO_STATUS, LIVE);
	EXPECT_EQ(1, self->memo.activations);
	EXPECT_EQ(LIVE, rd(t, VIRTIO_MMIO_STATUS));
	/* no new queue under a running device */
	set_queue(t, 1, &self->v);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_READY));
	/* bits stay until a reset */
	wr(t, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	EXPECT_EQ(LIVE, rd(t, VIRTIO_MMIO_STATUS));
	wr(t, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_NEEDS_RESET);
	EXPECT_EQ(LIVE, rd(t, VIRTIO_MMIO_STATUS));
}

TEST_F(mmio, device_that_cannot_start_needs_reset)
{
	struct kt_mmio *t = &self->t;

	self->memo.activate_ret = -EIO;
	go_live(t, &self->v);
	EXPECT_EQ(LIVE | VIRTIO_CONFIG_S_NEEDS_RESET,
		  rd(t, VIRTIO_MMIO_STATUS));
	EXPECT_EQ(VIRTIO_MMIO_INT_CONFIG, rd(t, VIRTIO_MMIO_INTERRUPT_STATUS));
	EXPECT_EQ(1, fake_irq_count(self->irq_fd));
}

TEST_F(mmio, notify_reaches_the_queue_named)
{
	struct kt_mmio *t = &self->t;

	wr(t, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	EXPECT_EQ(0, self->memo.notified);
	go_live(t, &self->v);
	wr(t, VIRTIO_MMIO_QUEUE_NOTIFY, 1);
	EXPECT_EQ(1, self->memo.notified);
	EXPECT_EQ(1, self->memo.last_notify);
	wr(t, VIRTIO_MMIO_QUEUE_NOTIFY, 2);
	wr(t, VIRTIO_MMIO_QUEUE_NOTIFY, 0x10000);
	EXPECT_EQ(1, self->memo.notified);
}

TEST_F(mmio, interrupts_are_raised_and_acknowledged)
{
	struct kt_virtio_device *d = &self->memo.device;
	struct kt_mmio *t = &self->t;
	u32 generation = rd(t, VIRTIO_MMIO_CONFIG_GENERATION);

	go_live(t, &self->v);
	d->irq->queue(d->irq, 0);
	EXPECT_EQ(VIRTIO_MMIO_INT_VRING, rd(t, VIRTIO_MMIO_INTERRUPT_STATUS));
	EXPECT_EQ(1, fake_irq_count(self->irq_fd));
	kt_virtio_broken(d);
	kt_virtio_broken(d);
	EXPECT_EQ(1, fake_irq_count(self->irq_fd));
	EXPECT_EQ(VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG,
		  rd(t, VIRTIO_MMIO_INTERRUPT_STATUS));
	EXPECT_NE(generation, rd(t, VIRTIO_MMIO_CONFIG_GENERATION));
	wr(t, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	EXPECT_EQ(VIRTIO_MMIO_INT_CONFIG, rd(t, VIRTIO_MMIO_INTERRUPT_STATUS));
	EXPECT_EQ(LIVE | VIRTIO_CONFIG_S_NEEDS_RESET,
		  rd(t, VIRTIO_MMIO_STATUS));
}

TEST_F(mmio, reset_begins_again)
{
	struct kt_virtio_device *d = &self->memo.device;
	struct kt_mmio *t = &self->t;
	u32 resets;

	go_live(t, &self->v);
	d->irq->queue(d->irq, 0);
	kt_virtio_broken(d);
	resets = self->memo.resets;
	wr(t, VIRTIO_MMIO_STATUS, 0);
	EXPECT_EQ(resets + 1, self->memo.resets);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_STATUS));
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_INTERRUPT_STATUS));
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_READY));
	EXPECT_EQ(0, d->vqs[0].desc_gpa);
	EXPECT_EQ(0, d->features);
	EXPECT_FALSE(d->needs_reset);
	fake_vq_init(&self->v, &self->ram, SIZE);
	go_live(t, &self->v);
	EXPECT_EQ(LIVE, rd(t, VIRTIO_MMIO_STATUS));
	EXPECT_EQ(2, self->memo.activations);
}

TEST_F(mmio, queue_stopped_under_a_running_device)
{
	struct kt_mmio *t = &self->t;
	u32 resets;

	negotiate(t, KT_VIRTIO_F_VERSION_1);
	set_queue(t, 0, &self->v);
	resets = self->memo.resets;
	/* before it runs nobody minds */
	wr(t, VIRTIO_MMIO_QUEUE_READY, 0);
	EXPECT_EQ(resets, self->memo.resets);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_QUEUE_READY));
	EXPECT_EQ(STAGE_OK, rd(t, VIRTIO_MMIO_STATUS));

	go_live(t, &self->v);
	resets = self->memo.resets;
	wr(t, VIRTIO_MMIO_QUEUE_READY, 0);
	EXPECT_EQ(resets + 1, self->memo.resets);
	EXPECT_FALSE(self->memo.device.vqs[0].ready);
	EXPECT_EQ(LIVE | VIRTIO_CONFIG_S_NEEDS_RESET,
		  rd(t, VIRTIO_MMIO_STATUS));
}

TEST_F(mmio, registers_take_four_aligned_bytes)
{
	struct kt_mmio *t = &self->t;
	u64 v = UINT64_MAX;
	u32 len;

	for (len = 1; len <= 8; len++) {
		v = UINT64_MAX;
		kt_mmio_read(t, VIRTIO_MMIO_MAGIC_VALUE, &v, len);
		EXPECT_EQ(len == 4 ? 0x74726976 : 0,
			  v & (UINT64_MAX >> (64 - 8 * len)));
	}
	kt_mmio_read(t, VIRTIO_MMIO_MAGIC_VALUE + 2, &v, 4);
	EXPECT_EQ(0, (u32)v);
	v = 1;
	kt_mmio_write(t, VIRTIO_MMIO_STATUS, &v, 1);
	kt_mmio_write(t, VIRTIO_MMIO_STATUS, &v, 8);
	kt_mmio_write(t, VIRTIO_MMIO_STATUS + 1, &v, 4);
	EXPECT_EQ(0, rd(t, VIRTIO_MMIO_STATUS));
	wr(t, VIRTIO_MMIO_STATUS, 1);
	EXPECT_EQ(1, rd(t, VIRTIO_MMIO_STATUS));
}

TEST_F(mmio, every_offset_can_be_touched)
{
	struct kt_mmio *t = &self->t;
	u64 v = UINT64_MAX;
	u32 offset, len;

	for (offset = 0; offset < 2 * KT_MMIO_BYTES; offset++) {
		for (len = 1; len <= 8; len *= 2) {
			kt_mmio_read(t, offset, &v, len);
			kt_mmio_write(t, offset, &v, len);
		}
	}
	EXPECT_EQ(0x74726976, rd(t, VIRTIO_MMIO_MAGIC_VALUE));
}

TEST_F(mmio, configuration_in_any_size)
{
	u8 buf[16] = { 0 };
	u16 v = 0;

	kt_mmio_read(&self->t, VIRTIO_MMIO_CONFIG + 3, &v, 2);
	EXPECT_EQ(0x1413, v);
	kt_mmio_read(&self->t, VIRTIO_MMIO_CONFIG + 10, buf, 4);
	EXPECT_EQ(0x1a, buf[0]);
	EXPECT_EQ(0x1b, buf[1]);
	EXPECT_EQ(0, buf[2]);
	memset(buf, 0xff, sizeof(buf));
	kt_mmio_write(&self->t, VIRTIO_MMIO_CONFIG, buf, 4);
	kt_mmio_read(&self->t, VIRTIO_MMIO_CONFIG, buf, 1);
	EXPECT_EQ(0x10, buf[0]);
}

TEST_HARNESS_MAIN
