// SPDX-License-Identifier: GPL-2.0-only
/*
 * A template's file: what was written is read, and nothing else is.
 */
#include <endian.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/saved_memory.h"
#include "ktstr/host/template_file.h"
#include "nr_fds.h"

#define KEY		"kernel a\ncommand b\n"
#define EARLY		"frames\0with zeroes"
#define STATE		"what the engine knows"
#define MEMORY_BYTES	(8u * KT_SAVED_PAGE)
#define STATE_AT	(KT_TEMPLATE_MEMORY_AT + MEMORY_BYTES)

FIXTURE(file)
{
	struct kt_template_image image;
	char why[128];
	int fd, fds_before;
};

/* A whole one, in @fd. */
FIXTURE_SETUP(file)
{
	struct kt_template_image made = {
		.head = {
			.key_bytes = strlen(KEY),
			.early_bytes = sizeof(EARLY),
			.memory_bytes = MEMORY_BYTES,
			.tsc_khz = 2700000,
			.boot = 0x8765432187654321,
			.booted = { 0x0f1e2d3c4b5a6978, 0x1122334455667788 },
		},
		.key = (char *)KEY,
		.early = (u8 *)EARLY,
		.saved = { .memory_sum = 0x1234567812345678 },
	};

	self->fds_before = nr_fds();
	memset(&self->image, 0, sizeof(self->image));
	self->image.saved.state_fd = -1;
	self->image.saved.memory_fd = -1;
	self->fd = memfd_create("template", MFD_CLOEXEC);
	made.saved.state_fd = memfd_create("state", MFD_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, kt_write_all(made.saved.state_fd, STATE, strlen(STATE),
				  0));
	ASSERT_EQ(0, kt_template_file_write(self->fd, &made));
	kt_close(&made.saved.state_fd);
}

FIXTURE_TEARDOWN(file)
{
	kt_template_image_fini(&self->image);
	kt_close(&self->fd);
	EXPECT_EQ(self->fds_before, nr_fds());
}

/* The image owns the descriptor that it reads. */
static int read_it(struct _test_data_file *self)
{
	kt_template_image_fini(&self->image);
	return kt_template_file_read(&self->image,
				     fcntl(self->fd, F_DUPFD_CLOEXEC, 0),
				     self->why, sizeof(self->why));
}

TEST_F(file, what_was_written)
{
	struct kt_template_image *i = &self->image;
	char state[64] = "";

	ASSERT_EQ(0, read_it(self));
	EXPECT_STREQ(KEY, i->key);
	ASSERT_EQ(sizeof(EARLY), i->head.early_bytes);
	EXPECT_EQ(0, memcmp(EARLY, i->early, sizeof(EARLY)));
	EXPECT_EQ(MEMORY_BYTES, i->head.memory_bytes);
	EXPECT_EQ(2700000, i->head.tsc_khz);
	EXPECT_EQ(0x8765432187654321, i->head.boot);
	EXPECT_EQ(0x0f1e2d3c4b5a6978, i->head.booted.kernel);
	EXPECT_EQ(0x1122334455667788, i->head.booted.initramfs);
	EXPECT_EQ(0x1234567812345678, i->saved.memory_sum);
	EXPECT_EQ(KT_TEMPLATE_MEMORY_AT, i->saved.memory_at);
	EXPECT_EQ((ssize_t)strlen(STATE),
		  pread(i->saved.state_fd, state, sizeof(state), 0));
	EXPECT_STREQ(STATE, state);
	EXPECT_STREQ("", self->why);
}

#define expect_refused(ret, what) do {					\
	EXPECT_EQ(ret, read_it(self));					\
	EXPECT_NE(NULL, strstr(self->why, what))			\
		TH_LOG("why: %s", self->why);				\
} while (0)

TEST_F(file, cut_off_anywhere)
{
	static const u32 at[] = {
		0, 1, KT_TEMPLATE_HEAD_BYTES - 1, KT_TEMPLATE_HEAD_BYTES,
		KT_TEMPLATE_KEY_AT, KT_TEMPLATE_EARLY_AT + 3,
		KT_TEMPLATE_MEMORY_AT, KT_TEMPLATE_MEMORY_AT + 100,
		STATE_AT, STATE_AT + 5,
	};
	size_t i;

	for (i = ARRAY_SIZE(at); i-- > 0;) {
		ASSERT_EQ(0, ftruncate(self->fd, at[i]));
		expect_refused(-EBADMSG, "truncated");
	}
}

TEST_F(file, longer_than_it_should_be)
{
	ASSERT_EQ(0, ftruncate(self->fd, STATE_AT + strlen(STATE) + 1));
	expect_refused(-EBADMSG, "not as long as its head says");
}

/* Every byte of the head, and one of each part behind it. */
TEST_F(file, one_byte_is_another)
{
	static const u32 parts[] = {
		KT_TEMPLATE_KEY_AT + 2, KT_TEMPLATE_EARLY_AT, STATE_AT + 3,
	};
	u32 i, at;
	u8 byte, other;

	for (i = 0; i < KT_TEMPLATE_HEAD_BYTES + ARRAY_SIZE(parts); i++) {
		at = i < KT_TEMPLATE_HEAD_BYTES ? i :
		     parts[i - KT_TEMPLATE_HEAD_BYTES];
		ASSERT_EQ(1, pread(self->fd, &byte, 1, at));
		other = byte ^ 0x10;
		ASSERT_EQ(1, pwrite(self->fd, &other, 1, at));
		EXPECT_EQ(-EBADMSG, read_it(self))
			TH_LOG("byte %u", at);
		EXPECT_NE('\0', self->why[0]);
		ASSERT_EQ(1, pwrite(self->fd, &byte, 1, at));
	}
	EXPECT_EQ(0, read_it(self));
}

TEST_F(file, something_else)
{
	ASSERT_EQ(8, pwrite(self->fd, "\177ELF....", 8, 0));
	expect_refused(-EBADMSG, "no template");
}

TEST_F(file, of_another_version)
{
	ASSERT_EQ(1, pwrite(self->fd, "\7", 1, 8));
	expect_refused(-EBADMSG, "another version");
}

/* Its checksum is right: what it says is checked all the same. */
TEST_F(file, heads_that_lie)
{
	const struct kt_template_head good = {
		.key_bytes = 10, .early_bytes = 10, .state_bytes = 10,
		.memory_bytes = MEMORY_BYTES,
	};
	struct kt_template_head bad[6];
	u8 buf[KT_TEMPLATE_HEAD_BYTES];
	struct kt_template_head h;
	u64 bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		bad[i] = good;
	bad[0].key_bytes = KT_TEMPLATE_KEY_MAX + 1;
	bad[1].early_bytes = KT_TEMPLATE_EARLY_MAX + 1;
	bad[2].state_bytes = KT_TEMPLATE_STATE_MAX + 1;
	bad[3].state_bytes = 0;
	bad[4].memory_bytes += 1;
	bad[5].memory_bytes = UINT64_MAX / KT_SAVED_PAGE * KT_SAVED_PAGE;
	kt_template_head_encode(&good, buf);
	EXPECT_EQ(0, kt_template_head_decode(&h, buf, sizeof(buf), STATE_AT + 10,
					     self->why, sizeof(self->why)));
	EXPECT_EQ(0, memcmp(&h, &good, sizeof(h)));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		kt_template_head_encode(&bad[i], buf);
		bytes = KT_TEMPLATE_MEMORY_AT + bad[i].memory_bytes +
			bad[i].state_bytes;
		EXPECT_EQ(-EBADMSG,
			  kt_template_head_decode(&h, buf, sizeof(buf), bytes,
						  self->why, sizeof(self->why)));
		EXPECT_NE(NULL, strstr(self->why, "impossible size"));
	}
}

TEST_F(file, unused_bytes_of_the_head)
{
	const u32 crc_at = KT_TEMPLATE_HEAD_BYTES - sizeof(u32);
	u8 buf[KT_TEMPLATE_HEAD_BYTES];
	u32 sum;

	ASSERT_EQ(sizeof(buf), (size_t)pread(self->fd, buf, sizeof(buf), 0));
	buf[crc_at - 1] = 1;
	sum = htole32(crc32(0, buf, crc_at));
	memcpy(buf + crc_at, &sum, sizeof(sum));
	ASSERT_EQ(sizeof(buf), (size_t)pwrite(self->fd, buf, sizeof(buf), 0));
	expect_refused(-EBADMSG, "no use");
}

TEST_F(file, no_regular_file)
{
	kt_close(&self->fd);
	self->fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	expect_refused(-EBADMSG, "not a regular file");
}

TEST_F(file, too_much_to_write)
{
	struct kt_template_image big = {
		.head = { .key_bytes = KT_TEMPLATE_KEY_MAX + 1 },
	};

	EXPECT_EQ(-EFBIG, kt_template_file_write(self->fd, &big));
	big.head.key_bytes = 0;
	big.head.early_bytes = KT_TEMPLATE_EARLY_MAX + 1;
	EXPECT_EQ(-EFBIG, kt_template_file_write(self->fd, &big));
}

TEST_HARNESS_MAIN
