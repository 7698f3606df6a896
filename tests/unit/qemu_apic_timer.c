// SPDX-License-Identifier: GPL-2.0-only
/*
 * The APIC timer's frequency is told once, where the kernel would measure it.
 */
#include <sys/socket.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/qemu/apic_timer.h"

#define SOON		(kt_now_ns() + 20 * KT_NSEC_PER_SEC)
#define OK		"+$OK#9a"
#define REFUSED		"+$E22#a9"
#define BROKE		"$T05thread:01;#07"
#define AT		0xffffffff81e07a00
#define PERIOD		2

FIXTURE(timer)
{
	struct kt_qemu_apic_timer t;
	struct kt_gdb gdb;
	struct kt_machine m;
	struct kt_machine_plan plan;
	u32 memory[4];
	int peer;
};

FIXTURE_SETUP(timer)
{
	int sv[2];

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	ASSERT_EQ(0, kt_set_nonblock(sv[0], true));
	kt_gdb_open(&self->gdb, sv[0]);
	self->peer = sv[1];
	self->m.regions[0] = (struct kt_region){
		.size_bytes = sizeof(self->memory), .hva = self->memory };
	self->m.nr_regions = 1;
	self->plan.hz = 250;
	self->plan.apic_timer = (struct kt_apic_timer){
		.measure_kva = AT, .period_gpa = PERIOD * sizeof(u32) };
}

FIXTURE_TEARDOWN(timer)
{
	kt_gdb_close(&self->gdb);
	kt_close(&self->peer);
}

static void say(int fd, const char *text)
{
	kt_write_all(fd, text, strlen(text), 0);
}

#define arm()	kt_qemu_apic_timer_arm(&self->t, &self->gdb, &self->plan, SOON)
#define tell()	kt_qemu_apic_timer_tell(&self->t, &self->gdb, &self->m, SOON)

TEST_F(timer, is_told_once)
{
	say(self->peer, OK);
	ASSERT_EQ(0, arm());
	EXPECT_FALSE(tell());		/* it is not there yet */
	say(self->peer, BROKE);
	kt_gdb_poll(&self->gdb);
	EXPECT_EQ(0, self->memory[PERIOD]);
	say(self->peer, OK);
	EXPECT_TRUE(tell());
	EXPECT_EQ(4000000, self->memory[PERIOD]);
	self->memory[PERIOD] = 0;
	EXPECT_FALSE(tell());
	say(self->peer, BROKE);		/* not one of ours */
	kt_gdb_poll(&self->gdb);
	EXPECT_FALSE(tell());
	EXPECT_EQ(0, self->memory[PERIOD]);
}

TEST_F(timer, is_not_known)
{
	char buf[16];

	self->plan.hz = 0;
	EXPECT_EQ(0, arm());
	self->plan.hz = 250;
	self->plan.apic_timer.measure_kva = 0;
	EXPECT_EQ(0, arm());
	EXPECT_FALSE(tell());
	EXPECT_EQ(-1, recv(self->peer, buf, sizeof(buf), MSG_DONTWAIT));
}

TEST_F(timer, goes_on_when_it_cannot_be_told)
{
	char buf[256] = "";

	say(self->peer, REFUSED OK);
	EXPECT_EQ(-EPROTO, arm());
	ASSERT_EQ(0, arm());
	self->t.period_gpa = sizeof(self->memory);	/* beyond */
	say(self->peer, BROKE);
	kt_gdb_poll(&self->gdb);
	say(self->peer, OK);
	EXPECT_TRUE(tell());
	EXPECT_FALSE(tell());
	/* the breakpoint is gone all the same */
	ASSERT_LT(0, read(self->peer, buf, sizeof(buf) - 1));
	EXPECT_NE(NULL, strstr(buf, "$z0,"));
}

TEST_HARNESS_MAIN
