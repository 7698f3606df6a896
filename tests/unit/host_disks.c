// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks from declarations: what is not in order, sizes, copies that are apart
 * and keep their holes, shared files, and nothing left behind.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/disks.h"
#include "nr_fds.h"

#define MIB	(1024 * 1024)

FIXTURE(disks)
{
	char dir[64];
	char path[128];
	struct kt_disks d;
	int fds;
};

FIXTURE_SETUP(disks)
{
	int fd;

	keep_log();
	memset(&self->d, 0, sizeof(self->d));
	strcpy(self->dir, "/tmp/ktstr-disks-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	setenv("TMPDIR", self->dir, 1);
	snprintf(self->path, sizeof(self->path), "%s/image", self->dir);
	fd = open(self->path, O_RDWR | O_CREAT, 0600);
	/* data, a hole, data that ends within a sector */
	ASSERT_EQ(5, pwrite(fd, "first", 5, 0));
	ASSERT_EQ(6, pwrite(fd, "second", 6, MIB + 512));
	close(fd);
	self->fds = nr_fds();
}

FIXTURE_TEARDOWN(disks)
{
	char why[64];

	kt_disks_close(&self->d);
	EXPECT_EQ(self->fds, nr_fds());
	unlink(self->path);
	/* empty: nothing else had a name */
	snprintf(why, sizeof(why), "%s", self->dir);
	EXPECT_EQ(0, rmdir(why));
}

#define open_disks(...) ({						\
	static struct ktstr_disk decl_[5];				\
	struct ktstr_disk list_[] = { __VA_ARGS__, { .size_mib = 0 } };	\
	memcpy(decl_, list_, sizeof(list_));				\
	EXPECT_EQ(NULL, kt_disks_fault(decl_));				\
	kt_disks_close(&self->d);					\
	kt_disks_init(&self->d, decl_);					\
	kt_disks_open(&self->d); })

#define fault(...) kt_disks_fault(KTSTR_DISKS(__VA_ARGS__))
#define fd_of(i) self->d.disks[i].fd

static bool reads(int fd, const char *text, off_t at)
{
	char buf[16];

	return pread(fd, buf, strlen(text), at) == (ssize_t)strlen(text) &&
	       !memcmp(buf, text, strlen(text));
}

TEST_F(disks, declarations)
{
	EXPECT_EQ(NULL, kt_disks_fault(NULL));
	EXPECT_EQ(NULL, fault({ .size_mib = 1 }));
	EXPECT_EQ(NULL, fault({ .size_mib = 1 }, { .size_mib = 1 },
			      { .file = "x" }, { .size_mib = 1 }));
	EXPECT_STREQ("there are more than 4 disks",
		     fault({ .size_mib = 1 }, { .size_mib = 1 }, { .size_mib = 1 },
			   { .size_mib = 1 }, { .size_mib = 1 }));
	EXPECT_NE(NULL, strstr(fault({ .serial = "x" }), "neither"));
	EXPECT_NE(NULL, strstr(fault({ .size_mib = 1 }, { .iops = 4 }), "neither"));
	EXPECT_NE(NULL, strstr(fault({ .size_mib = 1, .shared = true }), ".shared"));
	EXPECT_NE(NULL, strstr(fault({ .size_mib = 0xffffffff }), "16 TiB"));
	EXPECT_EQ(NULL, fault({ .size_mib = 1, .serial = "12345678901234567890" }));
	EXPECT_NE(NULL, fault({ .size_mib = 1, .serial = "123456789012345678901" }));
	EXPECT_NE(NULL, strstr(fault({ .size_mib = 1, .serial = "" }), "empty"));
	EXPECT_NE(NULL, strstr(fault({ .size_mib = 1, .serial = "a b" }), "printable"));
}

TEST_F(disks, zeroes)
{
	struct stat st;

	ASSERT_EQ(0, open_disks({ .size_mib = 3000, .iops = 7, .bytes_per_s = 8 },
				{ .size_mib = 1, .serial = "mine", .read_only = true }));
	ASSERT_EQ(2, self->d.nr);
	ASSERT_EQ(0, fstat(fd_of(0), &st));
	EXPECT_EQ(3000ll * MIB, st.st_size);
	EXPECT_LE(st.st_blocks, 16);
	EXPECT_EQ(0, st.st_nlink);
	EXPECT_EQ(3000ull * MIB, self->d.disks[0].capacity_bytes);
	EXPECT_EQ(7, self->d.disks[0].iops);
	EXPECT_EQ(8, self->d.disks[0].bytes_per_s);
	EXPECT_STREQ("ktstr-vda", self->d.disks[0].serial);
	EXPECT_STREQ("mine", self->d.disks[1].serial);
	EXPECT_TRUE(self->d.disks[1].read_only);
}

TEST_F(disks, where_there_is_no_room_memory_will_do)
{
	setenv("TMPDIR", "/proc/self", 1);
	EXPECT_EQ(0, open_disks({ .size_mib = 1 }));
}

TEST_F(disks, copies_are_apart)
{
	struct stat st;

	ASSERT_EQ(0, open_disks({ .size_mib = 64, .file = self->path },
				{ .file = self->path }));
	EXPECT_EQ(64 * MIB, self->d.disks[0].capacity_bytes);
	/* what is over a whole number of sectors is cut off */
	EXPECT_EQ(MIB + 512, self->d.disks[1].capacity_bytes);
	EXPECT_TRUE(reads(fd_of(0), "first", 0));
	EXPECT_TRUE(reads(fd_of(0), "second", MIB + 512));
	EXPECT_TRUE(reads(fd_of(1), "first", 0));
	ASSERT_EQ(0, fstat(fd_of(0), &st));
	EXPECT_EQ(64 * MIB, st.st_size);
	EXPECT_LE(st.st_blocks, 64);
	ASSERT_EQ(3, pwrite(fd_of(0), "abc", 3, 0));
	EXPECT_TRUE(reads(fd_of(1), "first", 0));
	kt_disks_close(&self->d);
	ASSERT_EQ(0, open_disks({ .file = self->path }));
	EXPECT_TRUE(reads(fd_of(0), "first", 0));
}

TEST_F(disks, shared_is_the_file_itself)
{
	ASSERT_EQ(0, open_disks({ .file = self->path, .shared = true },
				{ .file = self->path, .shared = true, .read_only = true }));
	ASSERT_EQ(3, pwrite(fd_of(0), "abc", 3, 0));
	EXPECT_TRUE(reads(fd_of(1), "abcst", 0));
	EXPECT_EQ(-1, pwrite(fd_of(1), "abc", 3, 0));
	/* a device has to be given a size, unless it has one */
	EXPECT_EQ(-EINVAL, open_disks({ .file = "/dev/full", .shared = true }));
	EXPECT_NE(NULL, strstr(last_log, "give .size_mib"));
	EXPECT_EQ(0, open_disks({ .size_mib = 1, .file = "/dev/full", .shared = true }));
}

TEST_F(disks, files_that_will_not_do)
{
	EXPECT_EQ(-ENOENT, open_disks({ .file = "/no/such/file" }));
	EXPECT_EQ(-ENOENT, open_disks({ .size_mib = 1, .file = "/dev/full" }));
	EXPECT_EQ(-ENOENT, open_disks({ .file = self->dir, .shared = true }));
	EXPECT_EQ(-EFBIG, open_disks({ .size_mib = 1, .file = self->path }));
	EXPECT_NE(NULL, strstr(last_log, "do not fit 1 MiB"));
	ASSERT_EQ(0, truncate(self->path, 511));
	EXPECT_EQ(-EINVAL, open_disks({ .file = self->path }));
}

TEST_F(disks, a_line_for_each)
{
	char text[512] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	ASSERT_EQ(0, open_disks({ .size_mib = 1 }, { .size_mib = 1 }));
	self->d.counters[1] = (struct kt_block_counters){ 1, 2, 3, 4, 5, 6, 7, 8 };
	kt_disks_report(f, &self->d);
	fclose(f);
	EXPECT_NE(NULL, strstr(text, "disk vda: 0 reads (0 bytes), "));
	EXPECT_NE(NULL, strstr(text, "\ndisk vdb: 1 reads (2 bytes), 3 writes (4 bytes), "));
	EXPECT_NE(NULL, strstr(text, ", 5 flushes, 6 I/O errors, 7 throttled, 8 poisoned\n"));
}

static const char *identity(const struct kt_disks *d)
{
	static char text[2][1024];
	static int turn;
	struct kt_strbuf sb;

	turn = !turn;
	kt_strbuf_init(&sb, sizeof(text[0]));
	kt_disks_identify(d, &sb);
	snprintf(text[turn], sizeof(text[0]), "%s", kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
	return text[turn];
}

/* By which machines of the same disks are known, whoever has them. */
TEST_F(disks, told_apart)
{
	char first[1024];

	ASSERT_EQ(0, open_disks({ .size_mib = 3 }, { .file = self->path }));
	snprintf(first, sizeof(first), "%s", identity(&self->d));
	EXPECT_EQ(0, strncmp(first, "disk vda: 3145728 bytes, ", 25));
	EXPECT_NE(NULL, strstr(first, "serial ktstr-vda, file 0000000000000000\n"));
	EXPECT_FALSE(kt_disks_shared(&self->d));
	ASSERT_EQ(0, open_disks({ .size_mib = 3 }, { .file = self->path }));
	EXPECT_STREQ(first, identity(&self->d));
	/* what is written to a copy is nobody else's */
	ASSERT_EQ(1, pwrite(fd_of(1), "x", 1, 0));
	ASSERT_EQ(0, open_disks({ .size_mib = 3 }, { .file = self->path }));
	EXPECT_STREQ(first, identity(&self->d));
	/* another size, another way to have it, another file */
	ASSERT_EQ(0, open_disks({ .size_mib = 4 }, { .file = self->path }));
	EXPECT_STRNE(first, identity(&self->d));
	ASSERT_EQ(0, open_disks({ .size_mib = 3, .read_only = true },
				{ .file = self->path }));
	EXPECT_STRNE(first, identity(&self->d));
	ASSERT_EQ(0, truncate(self->path, 2 * MIB));
	ASSERT_EQ(0, open_disks({ .size_mib = 3 }, { .file = self->path }));
	EXPECT_STRNE(first, identity(&self->d));
	ASSERT_EQ(0, open_disks({ .file = self->path, .shared = true }));
	EXPECT_TRUE(kt_disks_shared(&self->d));
}

TEST_HARNESS_MAIN
