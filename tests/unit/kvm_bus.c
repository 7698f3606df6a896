// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where an access goes, and the registers that end a machine.
 */
#include <kselftest_harness.h>

#include "ktstr/engine/kvm/bus.h"
#include "ktstr/engine/kvm/x86/layout.h"
#include "ktstr/engine/kvm/x86/pm.h"

struct dev {
	u32 offset, len_bytes;
	u64 value;
	u32 reads, writes;
};

static void dev_read(void *arg, u32 offset, void *buf, u32 len_bytes)
{
	struct dev *d = arg;

	d->reads++;
	d->offset = offset;
	d->len_bytes = len_bytes;
	memset(buf, 0x11, len_bytes);
}

static void dev_write(void *arg, u32 offset, const void *buf, u32 len_bytes)
{
	struct dev *d = arg;

	d->writes++;
	d->offset = offset;
	d->len_bytes = len_bytes;
	d->value = 0;
	memcpy(&d->value, buf, len_bytes);
}

static const struct kt_bus_ops dev_ops = { dev_read, dev_write };

FIXTURE(bus)
{
	struct kt_bus bus;
	struct dev a, b;
};

FIXTURE_SETUP(bus)
{
	memset(&self->bus, 0, sizeof(self->bus));
	memset(&self->a, 0, sizeof(self->a));
	memset(&self->b, 0, sizeof(self->b));
	ASSERT_EQ(0, kt_bus_add(&self->bus, 0x100, 8, &dev_ops, &self->a));
	ASSERT_EQ(0, kt_bus_add(&self->bus, 0x108, 8, &dev_ops, &self->b));
}

FIXTURE_TEARDOWN(bus)
{
}

TEST_F(bus, finds)
{
	u32 v = 0xabcd;

	kt_bus_write(&self->bus, 0x104, &v, 4);
	EXPECT_EQ(1, self->a.writes);
	EXPECT_EQ(4, self->a.offset);
	EXPECT_EQ(0xabcd, self->a.value);
	kt_bus_read(&self->bus, 0x108, &v, 2);
	EXPECT_EQ(1, self->b.reads);
	EXPECT_EQ(0, self->b.offset);
	EXPECT_EQ(2, self->b.len_bytes);
	EXPECT_EQ(0x1111, v & 0xffff);
	EXPECT_EQ(0, self->a.reads);
}

TEST_F(bus, nobody_there)
{
	static const u64 where[] = { 0, 0xff, 0x110, 0x106, 0x10e, UINT64_MAX };
	size_t i;
	u32 v;

	for (i = 0; i < ARRAY_SIZE(where); i++) {
		v = 0;
		kt_bus_write(&self->bus, where[i], &v, 4);
		kt_bus_read(&self->bus, where[i], &v, 4);
		EXPECT_EQ(0xffffffff, v);
	}
	EXPECT_EQ(0, self->a.reads + self->a.writes);
	EXPECT_EQ(0, self->b.reads + self->b.writes);
}

TEST_F(bus, no_room)
{
	u32 i;

	EXPECT_EQ(-EEXIST, kt_bus_add(&self->bus, 0x10f, 1, &dev_ops, NULL));
	EXPECT_EQ(-EEXIST, kt_bus_add(&self->bus, 0xff, 2, &dev_ops, NULL));
	EXPECT_EQ(-EEXIST, kt_bus_add(&self->bus, 0, 0x1000, &dev_ops, NULL));
	for (i = 2; i < KT_BUS_MAX; i++)
		EXPECT_EQ(0, kt_bus_add(&self->bus, 0x200 + i, 1, &dev_ops,
					NULL));
	EXPECT_EQ(-ENOSPC, kt_bus_add(&self->bus, 0x300, 1, &dev_ops, NULL));
}

FIXTURE(pm)
{
	struct kt_bus bus;
	struct kt_pm pm;
};

static void *pm_self;
static enum kt_machine_end pm_how;

static void on_end(void *arg, enum kt_machine_end how)
{
	if (arg == pm_self)
		pm_how = how;
}

FIXTURE_SETUP(pm)
{
	memset(&self->bus, 0, sizeof(self->bus));
	self->pm = (struct kt_pm){ .end = on_end, .arg = &self->pm };
	pm_self = &self->pm;
	pm_how = KT_END_RUNNING;
	ASSERT_EQ(0, kt_pm_add(&self->pm, &self->bus));
}

FIXTURE_TEARDOWN(pm)
{
}

static enum kt_machine_end after(struct kt_bus *bus, u32 port, u32 v, u32 len)
{
	pm_how = KT_END_RUNNING;
	kt_bus_write(bus, port, &v, len);
	return pm_how;
}

TEST_F(pm, power_off)
{
	u32 s5 = KT_X86_PM_S5 << 2 | 1 << 5;

	EXPECT_EQ(KT_END_POWER_OFF,
		  after(&self->bus, KT_X86_PM_SLEEP_CONTROL, s5, 1));
	/* other sleeps, and a type without its enable bit, are not it */
	EXPECT_EQ(KT_END_RUNNING,
		  after(&self->bus, KT_X86_PM_SLEEP_CONTROL, 3 << 2 | 1 << 5, 1));
	EXPECT_EQ(KT_END_RUNNING,
		  after(&self->bus, KT_X86_PM_SLEEP_CONTROL, KT_X86_PM_S5 << 2, 1));
	EXPECT_EQ(KT_END_RUNNING,
		  after(&self->bus, KT_X86_PM_SLEEP_STATUS, s5, 1));
}

TEST_F(pm, reset)
{
	EXPECT_EQ(KT_END_RESET, after(&self->bus, KT_X86_PM_RESET,
				      KT_X86_PM_RESET_VALUE, 1));
	EXPECT_EQ(KT_END_RUNNING, after(&self->bus, KT_X86_PM_RESET, 0, 1));
	EXPECT_EQ(KT_END_RESET, after(&self->bus, 0x64, 0xfe, 1));
	EXPECT_EQ(KT_END_RUNNING, after(&self->bus, 0x64, 0xd1, 1));
	/* as part of a wider access too; one beyond the last is nobody's */
	EXPECT_EQ(KT_END_RESET, after(&self->bus, KT_X86_PM_SLEEP_STATUS,
				      KT_X86_PM_RESET_VALUE << 8, 2));
	EXPECT_EQ(KT_END_RUNNING, after(&self->bus, KT_X86_PM_RESET,
					KT_X86_PM_RESET_VALUE, 2));
}

/* Linux waits for an i8042 whose input buffer is full before it resets. */
TEST_F(pm, reads)
{
	u8 v = 0xff;

	kt_bus_read(&self->bus, 0x64, &v, 1);
	EXPECT_EQ(0, v);
	v = 0xff;
	kt_bus_read(&self->bus, KT_X86_PM_SLEEP_STATUS, &v, 1);
	EXPECT_EQ(0, v);
	EXPECT_EQ(KT_END_RUNNING, pm_how);
}

TEST_HARNESS_MAIN
