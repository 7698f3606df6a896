// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console device without its thread, step by step between a fake driver
 * and sockets: the conversation of a boot, bytes both ways, a host that is
 * slow or gone, and a driver that breaks the rules.
 */
#include <kselftest_harness.h>

#include "console_rig.h"
#include "ktstr/engine/engine.h"
#include "ktstr/virtio/ports.h"

static void no_reset(struct kt_virtio_device *d)
{
	(void)d;
}

static const struct kt_virtio_device_ops bare_ops = { .reset = no_reset };

FIXTURE(ports)
{
	struct rig rig;
	struct kt_ports p;
};

FIXTURE_SETUP(ports)
{
	rig_init(&self->rig);
	kt_ports_init(&self->p, &self->rig.ram.mem, self->rig.device);
	self->p.device.ops = &bare_ops;
	rig_connect(&self->rig, &self->p.device);
	kt_ports_start(&self->p);
}

FIXTURE_TEARDOWN(ports)
{
	rig_fini(&self->rig);
}

static void open_port(struct rig *r, struct kt_ports *p, u32 port)
{
	u32 head, len;

	add_control(r, port, VIRTIO_CONSOLE_PORT_OPEN, 1);
	kt_ports_run(p);
	assert(fake_used(&r->v[CONTROL_TX], &head, &len) && !len);
}

TEST_F(ports, what_is_offered)
{
	const struct kt_virtio_device *d = &self->p.device;
	struct virtio_console_config config;
	u8 beyond[4] = { 1, 1, 1, 1 };

	EXPECT_EQ(KT_VIRTIO_ID_CONSOLE, d->id);
	EXPECT_EQ(NR_QUEUES, d->nr_vqs);
	EXPECT_TRUE(d->offered & (1ULL << VIRTIO_CONSOLE_F_MULTIPORT));
	EXPECT_TRUE(d->offered & KT_VIRTIO_F_EVENT_IDX);
	memset(&config, 0xff, sizeof(config));
	kt_ports_read_config(0, &config, sizeof(config));
	EXPECT_EQ(KT_CONSOLE_PORTS, config.max_nr_ports);
	EXPECT_EQ(0, config.cols | config.rows | config.emerg_wr);
	kt_ports_read_config(sizeof(config), beyond, sizeof(beyond));
	EXPECT_EQ(0, beyond[0] | beyond[3]);
	kt_ports_read_config(4, beyond, 1);
	EXPECT_EQ(KT_CONSOLE_PORTS, beyond[0]);
	kt_ports_read_config(UINT32_MAX, beyond, 4);
	EXPECT_EQ(0, beyond[0]);
}

TEST_F(ports, conversation_of_a_boot)
{
	const char *const names[] = { "", KT_PORT_BULK_NAME, KT_PORT_STATS_NAME };
	struct rig *r = &self->rig;
	struct control none;
	u32 i;

	for (i = 0; i < 4; i++)
		add_room(r, CONTROL_RX, sizeof(none));
	kt_ports_run(&self->p);
	EXPECT_FALSE(next_control(r, &none));
	add_control(r, 0xffffffff, VIRTIO_CONSOLE_DEVICE_READY, 1);
	kt_ports_run(&self->p);
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(next_control_is(r, i, VIRTIO_CONSOLE_PORT_ADD, 1, ""));
	for (i = 0; i < 3; i++) {
		add_control(r, i, VIRTIO_CONSOLE_PORT_READY, 1);
		kt_ports_run(&self->p);
		EXPECT_TRUE(next_control_is(r, i, i ? VIRTIO_CONSOLE_PORT_NAME :
					    VIRTIO_CONSOLE_CONSOLE_PORT, 1,
					    names[i]));
		EXPECT_TRUE(next_control_is(r, i, VIRTIO_CONSOLE_PORT_OPEN, 1,
					    ""));
	}
	kt_ports_run(&self->p);
	EXPECT_FALSE(next_control(r, &none));
	EXPECT_NE(0, fake_irq_count(r->irq.queue_fd[CONTROL_RX]));
	EXPECT_EQ(1, KT_PORT_BULK_NR);
	EXPECT_EQ(2, KT_PORT_STATS_NR);
}

TEST_F(ports, control_waits_for_buffers)
{
	struct rig *r = &self->rig;
	u32 i, head, len;

	add_control(r, 0, VIRTIO_CONSOLE_DEVICE_READY, 1);
	EXPECT_FALSE(kt_ports_run(&self->p));
	/* too small for any message: back it comes, and nothing is lost */
	add_room(r, CONTROL_RX, 7);
	kt_ports_run(&self->p);
	ASSERT_TRUE(fake_used(&r->v[CONTROL_RX], &head, &len));
	EXPECT_EQ(0, len);
	for (i = 0; i < 3; i++)
		add_room(r, CONTROL_RX, sizeof(struct control));
	kt_ports_run(&self->p);
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(next_control_is(r, i, VIRTIO_CONSOLE_PORT_ADD, 1, ""));
}

TEST_F(ports, control_that_is_malformed)
{
	const struct virtio_console_control short_ready = {
		0, VIRTIO_CONSOLE_DEVICE_READY, 1
	};
	struct rig *r = &self->rig;
	struct fake_seg seg = { fake_alloc(&r->ram, 8, 8), 7 };
	struct control none;
	u32 i, head, len;

	for (i = 0; i < 4; i++)
		add_room(r, CONTROL_RX, sizeof(none));
	memcpy(fake_ptr(&r->ram, seg.gpa), &short_ready, sizeof(short_ready));
	fake_add(&r->v[CONTROL_TX], &seg, 1);
	add_control(r, KT_CONSOLE_PORTS, VIRTIO_CONSOLE_PORT_READY, 1);
	add_control(r, 0xffffffff, VIRTIO_CONSOLE_PORT_OPEN, 1);
	add_control(r, 1, VIRTIO_CONSOLE_PORT_READY, 0);
	add_control(r, 1, VIRTIO_CONSOLE_DEVICE_READY, 0);
	add_control(r, 1, 0xffff, 1);
	kt_ports_run(&self->p);
	for (i = 0; i < 6; i++) {
		EXPECT_TRUE(fake_used(&r->v[CONTROL_TX], &head, &len));
		EXPECT_EQ(0, len);
	}
	EXPECT_FALSE(next_control(r, &none));
	EXPECT_FALSE(self->p.device.needs_reset);
}

TEST_F(ports, control_in_pieces)
{
	const struct virtio_console_control msg = {
		2, VIRTIO_CONSOLE_PORT_OPEN, 1
	};
	struct rig *r = &self->rig;
	u64 gpa = fake_alloc(&r->ram, 16, 8);
	const struct fake_seg segs[] = { { gpa, 3 }, { gpa, 0 }, { gpa + 3, 9 } };

	memcpy(fake_ptr(&r->ram, gpa), &msg, sizeof(msg));
	fake_add(&r->v[CONTROL_TX], segs, 3);
	kt_ports_run(&self->p);
	EXPECT_TRUE(self->p.ports[2].guest_open);
}

TEST_F(ports, guest_bytes_arrive_at_their_port)
{
	struct rig *r = &self->rig;
	u32 head, len;

	add_text(r, 0, "boot ");
	add_text(r, 1, "frame");
	add_text(r, 2, "stats");
	add_text(r, 0, "log");
	kt_ports_run(&self->p);
	EXPECT_STREQ("boot log", host_got(r, 0));
	EXPECT_STREQ("frame", host_got(r, 1));
	EXPECT_STREQ("stats", host_got(r, 2));
	ASSERT_TRUE(fake_used(&r->v[tx(0)], &head, &len));
	EXPECT_EQ(0, len);
	EXPECT_EQ(1, fake_irq_count(r->irq.queue_fd[tx(0)]));
}

TEST_F(ports, only_what_the_chain_says)
{
	struct rig *r = &self->rig;
	u64 gpa = fake_text(&r->ram, "abcdefgh");
	const struct fake_seg segs[] = {
		{ gpa + 1, 2 }, { gpa, 0 }, { gpa + 6, 1 }, { gpa, 4, true },
	};

	memcpy(r->ram.bytes[0] + FAKE_REGION_BYTES - 3, "SEA", 3);
	memcpy(r->ram.bytes[1], "MARK", 4);
	fake_add(&r->v[tx(1)], segs, 4);
	fake_add(&r->v[tx(1)],
		 &(struct fake_seg){ FAKE_SEAM_GPA - 3, 5 }, 1);
	kt_ports_run(&self->p);
	EXPECT_STREQ("bcgSEAMA", host_got(r, 1));
	EXPECT_EQ(0, memcmp(fake_ptr(&r->ram, gpa), "abcdefgh", 8));
}

TEST_F(ports, chain_of_nothing_is_given_back)
{
	struct rig *r = &self->rig;
	struct fake_seg seg = { fake_alloc(&r->ram, 8, 8), 8, true };
	u32 head, len;

	fake_add(&r->v[tx(1)], &seg, 1);
	seg = (struct fake_seg){ seg.gpa, 0 };
	fake_add(&r->v[tx(1)], &seg, 1);
	add_text(r, 1, "x");
	kt_ports_run(&self->p);
	EXPECT_STREQ("x", host_got(r, 1));
	EXPECT_TRUE(fake_used(&r->v[tx(1)], &head, &len));
	EXPECT_TRUE(fake_used(&r->v[tx(1)], &head, &len));
	EXPECT_TRUE(fake_used(&r->v[tx(1)], &head, &len));
}

TEST_F(ports, full_host_stops_its_port_only)
{
	struct rig *r = &self->rig;
	u32 head, len;

	fill_socket(r->device[1]);
	add_text(r, 1, "late");
	add_text(r, 0, "soon");
	EXPECT_FALSE(kt_ports_run(&self->p));
	EXPECT_STREQ("soon", host_got(r, 0));
	EXPECT_FALSE(fake_used(&r->v[tx(1)], &head, &len));
	/* no use before the socket says so */
	drain(r->host[1]);
	kt_ports_run(&self->p);
	EXPECT_TRUE(is_empty(r->host[1]));
	kt_ports_host_event(&self->p, 1);
	kt_ports_run(&self->p);
	EXPECT_STREQ("late", host_got(r, 1));
	EXPECT_TRUE(fake_used(&r->v[tx(1)], &head, &len));
}

TEST_F(ports, partial_writes_go_on_where_they_stopped)
{
	struct rig *r = &self->rig;
	u32 head, len, i, got = 0, total = 400000, turns;
	struct fake_seg segs[3];

	for (i = 0; i < total; i++)
		r->ram.bytes[1][i] = pattern(i);
	segs[0] = (struct fake_seg){ FAKE_SEAM_GPA, 1 };
	segs[1] = (struct fake_seg){ FAKE_SEAM_GPA + 1, 300000 };
	segs[2] = (struct fake_seg){ FAKE_SEAM_GPA + 300001, total - 300001 };
	fake_add(&r->v[tx(1)], segs, 3);
	for (turns = 0; turns < 1000 && got < total; turns++) {
		kt_ports_run(&self->p);
		got = check_pattern(r->host[1], got);
		kt_ports_host_event(&self->p, 1);
	}
	EXPECT_EQ(total, got);
	EXPECT_GT(turns, 1);
	kt_ports_run(&self->p);
	EXPECT_TRUE(fake_used(&r->v[tx(1)], &head, &len));
	EXPECT_TRUE(is_empty(r->host[1]));
}

TEST_F(ports, host_bytes_wait_for_open_and_buffers)
{
	struct rig *r = &self->rig;
	u64 room = add_room(r, rx(1), 4), more;
	u32 head, len;

	host_says(r, 1, "abcdef");
	kt_ports_run(&self->p);
	EXPECT_FALSE(fake_used(&r->v[rx(1)], &head, &len));
	open_port(r, &self->p, 1);
	ASSERT_TRUE(fake_used(&r->v[rx(1)], &head, &len));
	ASSERT_EQ(4, len);
	EXPECT_EQ(0, memcmp(fake_ptr(&r->ram, room), "abcd", 4));
	EXPECT_EQ(1, fake_irq_count(r->irq.queue_fd[rx(1)]));
	/* the rest waits in the socket, not in the device */
	EXPECT_FALSE(is_empty(r->device[1]));
	more = add_room(r, rx(1), 100);
	kt_ports_run(&self->p);
	ASSERT_TRUE(fake_used(&r->v[rx(1)], &head, &len));
	ASSERT_EQ(2, len);
	EXPECT_EQ(0, memcmp(fake_ptr(&r->ram, more), "ef\0", 3));
}

TEST_F(ports, closed_by_the_guest_nothing_is_taken)
{
	struct rig *r = &self->rig;
	u32 head, len;

	add_room(r, rx(1), 8);
	open_port(r, &self->p, 1);
	add_control(r, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
	kt_ports_run(&self->p);
	host_says(r, 1, "keep");
	kt_ports_host_event(&self->p, 1);
	kt_ports_run(&self->p);
	EXPECT_FALSE(fake_used(&r->v[rx(1)], &head, &len));
	EXPECT_FALSE(is_empty(r->device[1]));
	open_port(r, &self->p, 1);
	EXPECT_TRUE(fake_used(&r->v[rx(1)], &head, &len));
}

TEST_F(ports, empty_socket_leaves_the_buffer)
{
	struct rig *r = &self->rig;
	u32 head, len;

	add_room(r, rx(2), 8);
	open_port(r, &self->p, 2);
	EXPECT_FALSE(fake_used(&r->v[rx(2)], &head, &len));
	EXPECT_EQ(0, r->v[rx(2)].used->idx);
	/* no use before the socket says so */
	host_says(r, 2, "now");
	kt_ports_run(&self->p);
	EXPECT_FALSE(fake_used(&r->v[rx(2)], &head, &len));
	kt_ports_host_event(&self->p, 2);
	kt_ports_run(&self->p);
	ASSERT_TRUE(fake_used(&r->v[rx(2)], &head, &len));
	EXPECT_EQ(3, len);
}

TEST_F(ports, readable_buffer_for_input_is_given_back)
{
	struct rig *r = &self->rig;
	u64 gpa = fake_text(&r->ram, "mine");
	struct fake_seg seg = { gpa, 4 };
	u32 head, len;

	fake_add(&r->v[rx(1)], &seg, 1);
	host_says(r, 1, "them");
	open_port(r, &self->p, 1);
	ASSERT_TRUE(fake_used(&r->v[rx(1)], &head, &len));
	EXPECT_EQ(0, len);
	EXPECT_EQ(0, memcmp(fake_ptr(&r->ram, gpa), "mine", 4));
	EXPECT_FALSE(self->p.ports[1].host_closed);
	EXPECT_FALSE(is_empty(r->device[1]));
}

TEST_F(ports, host_that_closes_is_told_behind_its_bytes)
{
	struct rig *r = &self->rig;
	struct control none;
	u32 head, len;

	add_room(r, CONTROL_RX, sizeof(none));
	add_room(r, rx(1), 8);
	open_port(r, &self->p, 1);
	host_says(r, 1, "last");
	kt_close(&r->host[1]);
	kt_ports_host_event(&self->p, 1);
	kt_ports_run(&self->p);
	ASSERT_TRUE(fake_used(&r->v[rx(1)], &head, &len));
	EXPECT_EQ(4, len);
	EXPECT_FALSE(next_control(r, &none));
	add_room(r, rx(1), 8);
	kt_ports_run(&self->p);
	EXPECT_TRUE(next_control_is(r, 1, VIRTIO_CONSOLE_PORT_OPEN, 0, ""));
	EXPECT_FALSE(fake_used(&r->v[rx(1)], &head, &len));
	/* said once; and a guest that goes on writing is not held up */
	kt_ports_host_event(&self->p, 1);
	add_text(r, 1, "nobody listens");
	kt_ports_run(&self->p);
	EXPECT_FALSE(next_control(r, &none));
	EXPECT_TRUE(fake_used(&r->v[tx(1)], &head, &len));
}

TEST_F(ports, writing_to_a_closed_host_loses_no_input)
{
	struct rig *r = &self->rig;
	u32 head, len;

	host_says(r, 1, "last");
	kt_close(&r->host[1]);
	add_text(r, 1, "too late");
	kt_ports_run(&self->p);
	kt_ports_run(&self->p);
	EXPECT_TRUE(fake_used(&r->v[tx(1)], &head, &len));
	add_room(r, rx(1), 8);
	open_port(r, &self->p, 1);
	ASSERT_TRUE(fake_used(&r->v[rx(1)], &head, &len));
	EXPECT_EQ(4, len);
}

TEST_F(ports, poisoned_queue_is_left_alone_others_go_on)
{
	struct rig *r = &self->rig;
	u32 head, len;

	add_text(r, 1, "never");
	r->v[tx(1)].avail->ring[0] = SIZE;
	add_text(r, 0, "goes on");
	kt_ports_run(&self->p);
	kt_ports_run(&self->p);
	EXPECT_TRUE(self->p.device.needs_reset);
	EXPECT_EQ(1, fake_irq_count(r->irq.config_fd));
	EXPECT_EQ(1, self->p.device.vqs[tx(1)].poisonings);
	EXPECT_FALSE(fake_used(&r->v[tx(1)], &head, &len));
	EXPECT_STREQ("", host_got(r, 1));
	EXPECT_STREQ("goes on", host_got(r, 0));
}

TEST_F(ports, every_queue_can_be_poisoned)
{
	struct rig *r = &self->rig;
	u32 i;

	for (i = 0; i < KT_CONSOLE_PORTS; i++) {
		open_port(r, &self->p, i);
		host_says(r, i, "x");
		kt_ports_host_event(&self->p, i);
	}
	add_control(r, 0, VIRTIO_CONSOLE_DEVICE_READY, 1);
	kt_ports_run(&self->p);
	for (i = 0; i < NR_QUEUES; i++)
		r->v[i].avail->idx += SIZE + 1;
	kt_ports_run(&self->p);
	for (i = 0; i < NR_QUEUES; i++)
		EXPECT_EQ(1, self->p.device.vqs[i].poisonings)
			TH_LOG("queue %u", i);
	EXPECT_EQ(1, fake_irq_count(r->irq.config_fd));
}

TEST_F(ports, stopped_it_touches_nothing_and_forgets)
{
	struct rig *r = &self->rig;
	struct kt_virtio_device *d = &self->p.device;
	u32 head, len;

	open_port(r, &self->p, 1);
	fill_socket(r->device[1]);
	add_text(r, 1, "half sent");
	add_control(r, 0, VIRTIO_CONSOLE_DEVICE_READY, 1);
	kt_ports_run(&self->p);
	kt_ports_stop(&self->p);
	add_text(r, 0, "unseen");
	kt_ports_run(&self->p);
	EXPECT_FALSE(fake_used(&r->v[tx(0)], &head, &len));
	kt_virtio_reset(d);
	rig_connect(r, d);
	kt_ports_start(&self->p);
	EXPECT_FALSE(self->p.ports[1].guest_open);
	add_room(r, CONTROL_RX, sizeof(struct control));
	add_text(r, 2, "anew");
	kt_ports_run(&self->p);
	EXPECT_STREQ("anew", host_got(r, 2));
	EXPECT_FALSE(fake_used(&r->v[CONTROL_RX], &head, &len));
	drain(r->host[1]);
	kt_ports_host_event(&self->p, 1);
	kt_ports_run(&self->p);
	EXPECT_TRUE(is_empty(r->host[1]));
}

TEST_F(ports, much_at_once_is_done_in_turns)
{
	struct rig *r = &self->rig;
	u32 turns;

	add_many(r, &self->p.device);
	for (turns = 1; kt_ports_run(&self->p); turns++)
		ASSERT_LT(turns, 128);
	EXPECT_GT(turns, 1);
	EXPECT_EQ(128, strlen(host_got(r, 1)));
}

TEST_F(ports, without_multiport_there_is_a_console)
{
	struct rig *r = &self->rig;
	u32 head, len;

	kt_ports_stop(&self->p);
	kt_virtio_reset(&self->p.device);
	rig_connect(r, &self->p.device);
	self->p.device.features &= ~(1ULL << VIRTIO_CONSOLE_F_MULTIPORT);
	kt_ports_start(&self->p);
	add_room(r, rx(0), 8);
	host_says(r, 0, "hi");
	kt_ports_host_event(&self->p, 0);
	add_text(r, 0, "there");
	kt_ports_run(&self->p);
	EXPECT_STREQ("there", host_got(r, 0));
	EXPECT_TRUE(fake_used(&r->v[rx(0)], &head, &len));
}

/* The notification that is asked for is the one that is needed. */
TEST_F(ports, asks_to_be_notified)
{
	struct rig *r = &self->rig;

	open_port(r, &self->p, 1);
	add_text(r, 1, "x");
	kt_ports_run(&self->p);
	EXPECT_EQ(1, fake_avail_event(&r->v[tx(1)]));
	EXPECT_EQ(1, fake_avail_event(&r->v[CONTROL_TX]));
	add_room(r, rx(1), 1);
	host_says(r, 1, "yz");
	kt_ports_host_event(&self->p, 1);
	kt_ports_run(&self->p);
	/* a byte waits, so the next buffer is wanted */
	EXPECT_EQ(1, fake_avail_event(&r->v[rx(1)]));
}

TEST_HARNESS_MAIN
