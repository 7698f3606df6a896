// SPDX-License-Identifier: GPL-2.0-only
/*
 * Archives written and read back: every kind of entry, padding, errors that
 * stick, the same bytes each time.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/cpio.h"
#include "newc.h"

FIXTURE(archive)
{
	struct kt_cpio c;
	struct newc n;
	char *buf;
	size_t len;
	int fd;
};

FIXTURE_SETUP(archive)
{
	keep_log();
	self->buf = NULL;
	self->fd = memfd_create("archive", MFD_CLOEXEC);
	ASSERT_LE(0, self->fd);
	kt_cpio_init(&self->c, self->fd);
}

FIXTURE_TEARDOWN(archive)
{
	free(self->buf);
	close(self->fd);
}

static bool read_back(struct kt_cpio *c, char **buf, size_t *len,
		      struct newc *n)
{
	struct stat st;

	if (fstat(c->fd, &st) || (u64)st.st_size != c->len_bytes)
		return false;
	free(*buf);
	*len = st.st_size;
	*buf = malloc(*len);
	return *buf && pread(c->fd, *buf, *len, 0) == (ssize_t)*len &&
	       newc_parse(n, *buf, *len);
}

TEST_F(archive, every_kind_of_entry)
{
	const struct newc_entry *e;

	kt_cpio_dir(&self->c, "/dir", 01777);
	kt_cpio_symlink(&self->c, "dir/link", "../target");
	kt_cpio_node(&self->c, "/dev/null", S_IFCHR | 0666, 1, 3);
	kt_cpio_data(&self->c, "//dir/file", 0640, "text", 4);
	ASSERT_EQ(0, kt_cpio_finish(&self->c));
	ASSERT_TRUE(read_back(&self->c, &self->buf, &self->len, &self->n));
	ASSERT_EQ(4, self->n.nr);
	EXPECT_EQ(0, self->len % 512);

	e = newc_find(&self->n, "dir");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(S_IFDIR | 01777, e->mode);
	EXPECT_EQ(2, e->nlink);
	EXPECT_EQ(0, e->size);
	e = newc_find(&self->n, "dir/link");
	EXPECT_TRUE(newc_data_is(e, "../target", 9));
	EXPECT_EQ(S_IFLNK | 0777, e->mode);
	e = newc_find(&self->n, "dev/null");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(S_IFCHR | 0666, e->mode);
	EXPECT_EQ(1, e->rmajor);
	EXPECT_EQ(3, e->rminor);
	EXPECT_EQ(1, e->nlink);
	e = newc_find(&self->n, "dir/file");
	EXPECT_TRUE(newc_data_is(e, "text", 4));
	EXPECT_EQ(S_IFREG | 0640, e->mode);
	EXPECT_EQ(1, e->nlink);
}

TEST_F(archive, owner_and_time_are_fixed_and_inodes_differ)
{
	int i, j;

	kt_cpio_dir(&self->c, "a", 0755);
	kt_cpio_data(&self->c, "a/b", 0644, "", 0);
	kt_cpio_data(&self->c, "a/c", 0644, "", 0);
	ASSERT_EQ(0, kt_cpio_finish(&self->c));
	ASSERT_TRUE(read_back(&self->c, &self->buf, &self->len, &self->n));
	for (i = 0; i < self->n.nr; i++) {
		EXPECT_EQ(0, self->n.e[i].uid | self->n.e[i].gid);
		EXPECT_EQ(0, self->n.e[i].mtime);
		for (j = 0; j < i; j++)
			EXPECT_NE(self->n.e[i].ino, self->n.e[j].ino);
	}
}

/* Names and contents of every length modulo the alignment. */
TEST_F(archive, padding)
{
	static const char text[] = "0123456789";
	char name[16];
	int i;

	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "%.*s", i + 1, "abcdefghij");
		kt_cpio_data(&self->c, name, 0644, text, i);
	}
	ASSERT_EQ(0, kt_cpio_finish(&self->c));
	ASSERT_TRUE(read_back(&self->c, &self->buf, &self->len, &self->n));
	ASSERT_EQ(10, self->n.nr);
	for (i = 0; i < 10; i++) {
		EXPECT_EQ(i + 1, (int)strlen(self->n.e[i].name));
		EXPECT_TRUE(newc_data_is(&self->n.e[i], text, i));
	}
}

TEST_F(archive, a_host_file_is_copied)
{
	char *text = NULL;
	size_t len = 0;

	ASSERT_EQ(0, kt_read_file("/proc/self/exe", 256 << 20, &text, &len));
	kt_cpio_file(&self->c, "/init", 0755, "/proc/self/exe");
	kt_cpio_data(&self->c, "behind", 0644, "x", 1);
	EXPECT_EQ(0, kt_cpio_finish(&self->c));
	ASSERT_TRUE(read_back(&self->c, &self->buf, &self->len, &self->n));
	EXPECT_TRUE(newc_data_is(newc_find(&self->n, "init"), text, len));
	EXPECT_TRUE(newc_data_is(newc_find(&self->n, "behind"), "x", 1));
	free(text);
}

TEST_F(archive, the_first_error_sticks)
{
	kt_cpio_file(&self->c, "a", 0644, "/nonexistent/file");
	EXPECT_EQ(-ENOENT, self->c.err);
	kt_cpio_data(&self->c, "", 0644, "", 0);
	kt_cpio_dir(&self->c, "b", 0755);
	EXPECT_EQ(0, self->c.len_bytes);
	EXPECT_EQ(-ENOENT, kt_cpio_finish(&self->c));
	EXPECT_EQ(1, nr_logged);
}

TEST_F(archive, bad_entries)
{
	char *name = malloc(PATH_MAX + 1);

	memset(name, 'n', PATH_MAX);
	name[PATH_MAX] = '\0';
	kt_cpio_dir(&self->c, name, 0755);
	EXPECT_EQ(-EINVAL, self->c.err);
	/* The longest name a kernel takes. */
	kt_cpio_init(&self->c, self->fd);
	kt_cpio_dir(&self->c, name + 1, 0755);
	EXPECT_EQ(0, self->c.err);
	kt_cpio_symlink(&self->c, "link", "");
	EXPECT_EQ(-EINVAL, self->c.err);
	kt_cpio_init(&self->c, self->fd);
	kt_cpio_dir(&self->c, "//", 0755);
	EXPECT_EQ(-EINVAL, self->c.err);
	kt_cpio_init(&self->c, self->fd);
	kt_cpio_file(&self->c, "dir", 0755, "/proc");
	EXPECT_EQ(-EINVAL, self->c.err);
	free(name);
}

TEST_F(archive, a_write_that_fails_is_an_error)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	kt_cpio_init(&self->c, fd);
	kt_cpio_dir(&self->c, "dir", 0755);
	EXPECT_EQ(-EBADF, kt_cpio_finish(&self->c));
	EXPECT_EQ(1, nr_logged);
	close(fd);
}

TEST_F(archive, the_same_bytes_twice)
{
	char *first = NULL;
	size_t len = 0;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ftruncate(self->fd, 0));
		lseek(self->fd, 0, SEEK_SET);
		kt_cpio_init(&self->c, self->fd);
		kt_cpio_file(&self->c, "init", 0755, "/proc/self/exe");
		kt_cpio_dir(&self->c, "etc", 0755);
		ASSERT_EQ(0, kt_cpio_finish(&self->c));
		ASSERT_TRUE(read_back(&self->c, &self->buf, &self->len,
				      &self->n));
		if (!i) {
			first = self->buf;
			len = self->len;
			self->buf = NULL;
		}
	}
	ASSERT_EQ(len, self->len);
	EXPECT_EQ(0, memcmp(first, self->buf, len));
	free(first);
}

TEST_HARNESS_MAIN
