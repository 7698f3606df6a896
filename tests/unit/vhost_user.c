// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vhost-user transport: a session as QEMU has it, with a disk behind it,
 * stopped and gone on with; and messages that are not in order, each of which
 * ends it.
 */
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "block_rig.h"
#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/virtio/block.h"
#include "ktstr/virtio/vhost_user_proto.h"
#include "nr_fds.h"
#include "send_fds.h"

/* QEMU's addresses of the two regions */
#define USER_0		0x7f0000000000ULL
#define USER_1		0x7e0000000000ULL
#define FEATURES	(KT_VIRTIO_F_VERSION_1 | KT_VU_F_PROTOCOL_FEATURES)

FIXTURE(vu)
{
	struct block_rig r;
	struct kt_block *b;
	struct kt_virtio_device *dev;
	struct kt_vhost_user *t;
	struct kt_vu_msg m;
	struct kt_disk disk;
	int fds, sock, kick, call, err;
};

FIXTURE_SETUP(vu)
{
	int sv[2];

	keep_log();
	self->fds = nr_fds();
	block_rig_init(&self->r, 16);
	self->disk = (struct kt_disk){
		.fd = block_file(), .capacity_bytes = DISK_BYTES, .serial = "some",
	};
	ASSERT_EQ(0, kt_block_new(&self->r.ram.mem, &self->disk, &self->b));
	self->dev = kt_block_device(self->b);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	self->sock = sv[0];
	self->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->err = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_EQ(0, kt_vhost_user_start(self->dev, &self->r.ram.mem, sv[1],
					 &self->t));
}

FIXTURE_TEARDOWN(vu)
{
	kt_vhost_user_stop(self->t);
	kt_block_free(self->b);
	close(self->disk.fd);
	kt_close(&self->sock);
	close(self->kick);
	close(self->call);
	close(self->err);
	fake_ram_fini(&self->r.ram);
	EXPECT_EQ(self->fds, nr_fds());
}

/* Sends @size bytes of *@m's payload with @nr descriptors. */
static void send_msg(int sock, struct kt_vu_msg *m, u32 request, u32 flags,
		     u32 size, const int *fds, u32 nr)
{
	m->h = (struct kt_vu_header){ request, flags, size };
	send_fds(sock, m, sizeof(m->h) + size, fds, nr, 0);
}

/* A whole reply within FAKE_WAIT_MS; false when the peer has hung up. */
static bool receive(int sock, struct kt_vu_msg *m)
{
	u64 deadline = kt_now_ns() + FAKE_WAIT_MS * KT_NSEC_PER_MSEC;

	return kt_wait_readable(sock, deadline) == 1 &&
	       kt_read_all(sock, &m->h, sizeof(m->h)) == sizeof(m->h) &&
	       m->h.size <= sizeof(m->p) &&
	       kt_read_all(sock, &m->p, m->h.size) == m->h.size;
}

#define say(request, size, fds, nr) \
	send_msg(self->sock, &self->m, request, KT_VU_VERSION, size, fds, nr)

/* Sends and waits for its answer: 0 or 1; -1: it has hung up. */
#define ask(request, size, fds, nr) ({					\
	send_msg(self->sock, &self->m, request,				\
		 KT_VU_VERSION | KT_VU_NEED_REPLY, size, fds, nr);	\
	receive(self->sock, &self->m) ? (int)self->m.p.number : -1; })

#define number(n) (self->m.p.number = (n), (u32)sizeof(u64))
#define state(i, n) (self->m.p.state = (struct kt_vu_vring_state){ (i), (n) }, \
		     (u32)sizeof(self->m.p.state))

#define set_table(...) ({						\
	struct kt_vu_region r_[] = { __VA_ARGS__ };			\
	int fds_[ARRAY_SIZE(r_)];					\
	u32 i_;								\
	for (i_ = 0; i_ < ARRAY_SIZE(r_); i_++)				\
		fds_[i_] = self->kick;	/* never looked into */		\
	self->m.p.mem.nr = ARRAY_SIZE(r_);				\
	memcpy(self->m.p.mem.regions, r_, sizeof(r_));			\
	ask(KT_VU_SET_MEM_TABLE, 8 + sizeof(r_), fds_, ARRAY_SIZE(r_)); })

/* ADD_MEM_REG and REM_MEM_REG; @... is the region */
#define one_region(request, nr_fds_, ...) ({				\
	self->m.p.region = (struct kt_vu_one_region){			\
		.region = __VA_ARGS__ };				\
	ask(request, sizeof(self->m.p.region), &self->kick, nr_fds_); })

#define REGION_0 { FAKE_RAM_GPA, FAKE_REGION_BYTES, USER_0, 0 }
#define REGION_1 { FAKE_SEAM_GPA, FAKE_REGION_BYTES, USER_1, 0 }
#define user(gpa) ((gpa) - FAKE_RAM_GPA + USER_0)

#define set_addr(desc_, used_, avail_) ({				\
	self->m.p.addr = (struct kt_vu_vring_addr){			\
		.desc = (desc_), .used = (used_), .avail = (avail_) };	\
	ask(KT_VU_SET_VRING_ADDR, sizeof(self->m.p.addr), NULL, 0); })

/* What comes before the rings. */
#define greet() ({							\
	say(KT_VU_GET_FEATURES, 0, NULL, 0);				\
	ASSERT_TRUE(receive(self->sock, &self->m));			\
	ASSERT_EQ(self->dev->offered | KT_VU_F_PROTOCOL_FEATURES |	\
		  KT_VU_F_LOG_ALL, self->m.p.number);			\
	say(KT_VU_GET_PROTOCOL_FEATURES, 0, NULL, 0);			\
	ASSERT_TRUE(receive(self->sock, &self->m));			\
	say(KT_VU_SET_PROTOCOL_FEATURES, number(self->m.p.number), NULL, 0); \
	ASSERT_EQ(0, ask(KT_VU_SET_OWNER, 0, NULL, 0));			\
	ASSERT_EQ(0, ask(KT_VU_SET_FEATURES, number(FEATURES), NULL, 0)); \
	ASSERT_EQ(0, set_table(REGION_0, REGION_1)); })

/* A ring that begins at entry @base. */
#define start_ring(base) ({						\
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_NUM, state(0, 16), NULL, 0));	\
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_BASE, state(0, base), NULL, 0)); \
	ASSERT_EQ(0, set_addr(user(self->r.v.desc_gpa),			\
			      user(self->r.v.used_gpa),			\
			      user(self->r.v.avail_gpa)));		\
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_ERR, number(0), &self->err, 1)); \
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_KICK, number(0), &self->kick, 1)); \
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_CALL, number(0), &self->call, 1)); \
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_ENABLE, state(0, 1), NULL, 0)); })

#define add_read() ({							\
	header(VIRTIO_BLK_T_IN, 0);					\
	add(HDR, READ(512), STATUS); })

#define used(head, len) fake_wait_used(&self->r.v, self->call, head, len)

/* Ends the session, with one error. */
#define ends(call) ({							\
	EXPECT_EQ(-1, call);						\
	EXPECT_EQ(1, nr_errors); })

TEST_F(vu, a_session)
{
	u8 *data = fake_ptr(&self->r.ram, self->r.data);
	struct virtio_blk_config c;
	u32 head, len, i;

	greet();
	say(KT_VU_GET_QUEUE_NUM, 0, NULL, 0);
	ASSERT_TRUE(receive(self->sock, &self->m));
	EXPECT_EQ(1, self->m.p.number);
	self->m.p.config = (struct kt_vu_config){ .size = sizeof(c) };
	say(KT_VU_GET_CONFIG, KT_VU_CONFIG_HEADER + sizeof(c), NULL, 0);
	ASSERT_TRUE(receive(self->sock, &self->m));
	EXPECT_EQ(KT_VU_VERSION | KT_VU_REPLY, self->m.h.flags);
	memcpy(&c, self->m.p.config.bytes, sizeof(c));
	EXPECT_EQ(DISK_BYTES / 512, c.capacity);
	/* a driver may try to write it, and goes on without */
	self->m.p.config = (struct kt_vu_config){ .size = 1 };
	EXPECT_EQ(1, ask(KT_VU_SET_CONFIG, KT_VU_CONFIG_HEADER + 1, NULL, 0));
	start_ring(0);
	add_read();
	eventfd_write(self->kick, 1);
	ASSERT_TRUE(used(&head, &len));
	EXPECT_EQ(513, len);
	for (i = 0; i < 512; i++)
		ASSERT_EQ(file_byte(i), data[i]);
	EXPECT_EQ(0, nr_errors);
}

/* A freeze: QEMU stops the ring, asks where it stands, and sets it up again. */
TEST_F(vu, stopped_and_gone_on_with)
{
	u32 head, len, i;

	greet();
	for (i = 0; i < 5; i++) {
		start_ring(i);
		add_read();
		eventfd_write(self->kick, 1);
		ASSERT_TRUE(used(&head, &len));
		ASSERT_EQ(0, ask(KT_VU_SET_VRING_ENABLE, state(0, 0), NULL, 0));
		say(KT_VU_GET_VRING_BASE, state(0, 0), NULL, 0);
		ASSERT_TRUE(receive(self->sock, &self->m));
		EXPECT_EQ(i + 1, self->m.p.state.num);
		/* nobody is there to serve it now */
		eventfd_write(self->kick, 1);
		EXPECT_FALSE(self->dev->vqs[0].ready);
	}
	EXPECT_EQ(0, nr_errors);
}

/* What lies in the ring when it is started is served without a kick. */
TEST_F(vu, started_with_work_in_it)
{
	u32 head, len;

	greet();
	add_read();
	add_read();
	start_ring(0);
	ASSERT_TRUE(used(&head, &len));
	ASSERT_TRUE(used(&head, &len));
}

TEST_F(vu, a_broken_ring_is_told)
{
	greet();
	start_ring(0);
	fake_publish(&self->r.v, 999);
	eventfd_write(self->kick, 1);
	EXPECT_TRUE(fake_irq_wait(self->err));
}

/* More regions than one message holds come one by one, and may go. */
TEST_F(vu, memory_region_by_region)
{
	u32 i;

	greet();
	say(KT_VU_GET_MAX_MEM_SLOTS, 0, NULL, 0);
	ASSERT_TRUE(receive(self->sock, &self->m));
	EXPECT_EQ(KT_VU_MAX_SLOTS, self->m.p.number);
	ASSERT_EQ(0, one_region(KT_VU_REM_MEM_REG, 0, REGION_1));
	ASSERT_EQ(0, one_region(KT_VU_REM_MEM_REG, 0, REGION_0));
	for (i = 1; i < KT_VU_MAX_SLOTS; i++)
		ASSERT_EQ(0, one_region(KT_VU_ADD_MEM_REG, 1,
					{ FAKE_SEAM_GPA, 1, USER_1, 0 }));
	ASSERT_EQ(0, one_region(KT_VU_ADD_MEM_REG, 1, REGION_0));
	start_ring(0);
	ends(one_region(KT_VU_ADD_MEM_REG, 1, REGION_1));
}

TEST_F(vu, address_in_a_region_that_went)
{
	greet();
	ASSERT_EQ(0, set_addr(USER_1, USER_1, USER_1));
	ASSERT_EQ(0, one_region(KT_VU_REM_MEM_REG, 0, REGION_1));
	ASSERT_EQ(0, set_addr(USER_0, USER_0, USER_0));
	ends(set_addr(USER_1, USER_1, USER_1));
}

TEST_F(vu, a_peer_that_goes)
{
	greet();
	start_ring(0);
	add_read();
	eventfd_write(self->kick, 1);
	kt_close(&self->sock);
}

TEST_F(vu, a_message_in_pieces)
{
	u8 bytes[sizeof(self->m.h) + 8], i;

	self->m.p.number = 0;
	self->m.h = (struct kt_vu_header){ KT_VU_SET_PROTOCOL_FEATURES,
		KT_VU_VERSION, 8 };
	memcpy(bytes, &self->m, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++)
		ASSERT_EQ(1, send(self->sock, &bytes[i], 1, 0));
	say(KT_VU_GET_FEATURES, 0, NULL, 0);
	ASSERT_TRUE(receive(self->sock, &self->m));
	EXPECT_EQ(0, nr_errors);
}

/* Each line of it does. */
#define hostile(name, call)						\
TEST_F(vu, name)							\
{									\
	greet();							\
	ends(call);							\
}

hostile(unknown_request, ask(99, 0, NULL, 0))
hostile(request_that_was_not_offered, ask(KT_VU_SET_VRING_BASE + 200, 0, NULL, 0))
hostile(longer_than_any, ask(KT_VU_SET_FEATURES, sizeof(self->m.p) + 1, NULL, 0))
hostile(too_long, ask(KT_VU_SET_FEATURES, 16, NULL, 0))
hostile(too_short, ask(KT_VU_SET_VRING_NUM, 4, NULL, 0))
hostile(descriptor_with_none_wanted, ask(KT_VU_SET_OWNER, 0, &self->kick, 1))
hostile(features_not_offered,
	ask(KT_VU_SET_FEATURES, number(FEATURES | KT_VIRTIO_F_INDIRECT_DESC), NULL, 0))
hostile(a_log_wanted,
	ask(KT_VU_SET_FEATURES, number(FEATURES | KT_VU_F_LOG_ALL), NULL, 0))
hostile(protocol_features_not_offered,
	ask(KT_VU_SET_PROTOCOL_FEATURES, number(1 << 12), NULL, 0))
hostile(region_beyond_memory,
	set_table({ FAKE_RAM_GPA, 2 * FAKE_REGION_BYTES + 1, USER_0, 0 }))
hostile(region_across_two, set_table({ FAKE_RAM_GPA, 2 * FAKE_REGION_BYTES, USER_0, 0 }))
hostile(region_elsewhere, set_table({ 0, 4096, USER_0, 0 }))
hostile(region_of_nothing, set_table({ FAKE_RAM_GPA, 0, USER_0, 0 }))
hostile(region_that_wraps, set_table({ FAKE_RAM_GPA, 8192, UINT64_MAX - 4096, 0 }))
hostile(too_many_descriptors, ({
	int fds[9] = { self->kick, self->kick, self->kick, self->kick, self->kick,
		       self->kick, self->kick, self->kick, self->kick };
	self->m.p.mem.nr = 9;
	ask(KT_VU_SET_MEM_TABLE, sizeof(self->m.p.mem), fds, 9); }))
hostile(table_of_another_length, ({
	self->m.p.mem.nr = 2;
	ask(KT_VU_SET_MEM_TABLE, 8 + 32, &self->kick, 1); }))
hostile(added_elsewhere, one_region(KT_VU_ADD_MEM_REG, 1, { 0, 4096, USER_0, 0 }))
hostile(added_without_descriptor, one_region(KT_VU_ADD_MEM_REG, 0, REGION_0))
hostile(removed_without_being_there,
	one_region(KT_VU_REM_MEM_REG, 0, { FAKE_RAM_GPA, FAKE_REGION_BYTES, USER_1, 0 }))
hostile(ring_of_no_size, ask(KT_VU_SET_VRING_NUM, state(0, 0), NULL, 0))
hostile(ring_of_odd_size, ask(KT_VU_SET_VRING_NUM, state(0, 24), NULL, 0))
hostile(ring_too_large, ask(KT_VU_SET_VRING_NUM, state(0, 2048), NULL, 0))
hostile(ring_that_is_not, ask(KT_VU_SET_VRING_NUM, state(1, 16), NULL, 0))
hostile(base_too_large, ask(KT_VU_SET_VRING_BASE, state(0, 65536), NULL, 0))
hostile(base_of_no_ring, ask(KT_VU_GET_VRING_BASE, state(8, 0), NULL, 0))
hostile(address_outside, set_addr(USER_0, USER_0, USER_0 - 1))
hostile(kick_of_no_ring, ask(KT_VU_SET_VRING_KICK, number(1), &self->kick, 1))
hostile(kick_without, ask(KT_VU_SET_VRING_KICK, number(0), NULL, 0))
hostile(kick_to_be_polled, ask(KT_VU_SET_VRING_KICK, number(0x100), NULL, 0))
hostile(kick_that_is_no_eventfd,
	ask(KT_VU_SET_VRING_KICK, number(0), &self->disk.fd, 1))
hostile(call_that_is_no_eventfd,
	ask(KT_VU_SET_VRING_CALL, number(0), &self->sock, 1))
hostile(enabled_twofold, ask(KT_VU_SET_VRING_ENABLE, state(0, 2), NULL, 0))
hostile(config_beyond, ({
	self->m.p.config = (struct kt_vu_config){ .size = 257 };
	ask(KT_VU_GET_CONFIG, sizeof(self->m.p.config), NULL, 0); }))
hostile(config_of_another_length, ({
	self->m.p.config = (struct kt_vu_config){ .size = 60 };
	ask(KT_VU_GET_CONFIG, KT_VU_CONFIG_HEADER + 59, NULL, 0); }))

TEST_F(vu, ring_moved_while_in_use)
{
	greet();
	start_ring(0);
	ends(ask(KT_VU_SET_VRING_NUM, state(0, 16), NULL, 0));
}

TEST_F(vu, ring_without_addresses)
{
	greet();
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_NUM, state(0, 16), NULL, 0));
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_ENABLE, state(0, 1), NULL, 0));
	ends(ask(KT_VU_SET_VRING_KICK, number(0), &self->kick, 1));
}

TEST_F(vu, ring_at_the_end_of_memory)
{
	greet();
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_NUM, state(0, 16), NULL, 0));
	ASSERT_EQ(0, set_addr(USER_1 + FAKE_REGION_BYTES - 16, USER_0,
			      USER_0 + 4096));
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_ENABLE, state(0, 1), NULL, 0));
	ends(ask(KT_VU_SET_VRING_KICK, number(0), &self->kick, 1));
}

TEST_F(vu, legacy_driver)
{
	greet();
	ASSERT_EQ(0, ask(KT_VU_SET_FEATURES, number(KT_VU_F_PROTOCOL_FEATURES),
			 NULL, 0));
	ASSERT_EQ(0, ask(KT_VU_SET_VRING_ENABLE, state(0, 1), NULL, 0));
	ends(ask(KT_VU_SET_VRING_KICK, number(0), &self->kick, 1));
}

TEST_F(vu, another_version)
{
	send_msg(self->sock, &self->m, KT_VU_GET_FEATURES, 2, 0, NULL, 0);
	EXPECT_FALSE(receive(self->sock, &self->m));
	EXPECT_EQ(1, nr_errors);
}

TEST_HARNESS_MAIN
