// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors, whole reads and writes, small files, directories, deadlines,
 * and the XDG directories made with them.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/base/xdg.h"
#include "nr_fds.h"
#include "test_dir.h"

#define MS	KT_NSEC_PER_MSEC

FIXTURE(fd)
{
	char path[128];
	int pipe[2];
	int fds_before;
};

FIXTURE_SETUP(fd)
{
	keep_log();
	self->fds_before = nr_fds();
	ASSERT_TRUE(make_root("/tmp"));
	snprintf(self->path, sizeof(self->path), "%s/file", root);
	ASSERT_EQ(0, pipe2(self->pipe, O_CLOEXEC));
}

FIXTURE_TEARDOWN(fd)
{
	kt_close(&self->pipe[0]);
	kt_close(&self->pipe[1]);
	EXPECT_EQ(0, kt_remove_tree(root));
	EXPECT_EQ(-1, access(root, F_OK));
	EXPECT_EQ(self->fds_before, nr_fds());
}

static bool write_bytes(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int ret = fd < 0 ? -1 : kt_write_all(fd, data, len, 0);

	kt_close(&fd);
	return !ret;
}

TEST_F(fd, close_makes_it_none)
{
	int fd = dup(self->pipe[0]), was = fd;

	ASSERT_LE(0, fd);
	kt_close(&fd);
	EXPECT_EQ(-1, fd);
	EXPECT_EQ(-1, fcntl(was, F_GETFD));
	kt_close(&fd);
	EXPECT_EQ(-1, fd);
}

TEST_F(fd, wait_readable)
{
	u64 from = kt_now_ns();
	char c;

	EXPECT_EQ(0, kt_wait_readable(self->pipe[0], 0));
	EXPECT_EQ(0, kt_wait_readable(self->pipe[0], from + 20 * MS));
	EXPECT_LE(from + 20 * MS, kt_now_ns());
	ASSERT_EQ(1, write(self->pipe[1], "x", 1));
	EXPECT_EQ(1, kt_wait_readable(self->pipe[0], 0));
	EXPECT_EQ(1, kt_wait_readable(self->pipe[0], KT_NO_DEADLINE));
	ASSERT_EQ(1, read(self->pipe[0], &c, 1));
	/* the end of the file is something to read as well */
	kt_close(&self->pipe[1]);
	EXPECT_EQ(1, kt_wait_readable(self->pipe[0], KT_NO_DEADLINE));
}

TEST(wait_taken)
{
	u64 from = kt_now_ns();
	char text[4];
	int fds[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	EXPECT_EQ(0, kt_wait_taken(fds[0], 0));
	ASSERT_EQ(4, write(fds[0], "stop", 4));
	EXPECT_EQ(-ETIMEDOUT, kt_wait_taken(fds[0], 0));
	ASSERT_EQ(3, read(fds[1], text, 3));
	EXPECT_EQ(-ETIMEDOUT, kt_wait_taken(fds[0], from + 20 * MS));
	EXPECT_LE(from + 20 * MS, kt_now_ns());
	ASSERT_EQ(1, read(fds[1], text, 1));
	EXPECT_EQ(0, kt_wait_taken(fds[0], KT_NO_DEADLINE));
	close(fds[0]);
	close(fds[1]);
	EXPECT_EQ(-EBADF, kt_wait_taken(fds[0], 0));
}

TEST_F(fd, write_all_waits_until_its_deadline)
{
	static char big[1 << 20];
	u64 from = kt_now_ns();

	ASSERT_EQ(0, kt_set_nonblock(self->pipe[1], true));
	EXPECT_EQ(-ETIMEDOUT, kt_write_all(self->pipe[1], big, sizeof(big),
					   from + 20 * MS));
	EXPECT_LE(from + 20 * MS, kt_now_ns());
	/* a deadline that has passed: once, without waiting */
	EXPECT_EQ(-ETIMEDOUT, kt_write_all(self->pipe[1], big, 1, 0));
	EXPECT_EQ(0, kt_write_all(self->pipe[1], big, 0, 0));
	EXPECT_EQ(-EBADF, kt_write_all(self->pipe[0], big, 1, 0));
}

/* More than the pipe holds arrives whole and in order. */
TEST_F(fd, write_all_and_read_all)
{
	static u8 out[300000], in[sizeof(out) + 10];
	size_t i;
	pid_t pid;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 7 >> 3;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		kt_set_nonblock(self->pipe[1], true);
		_exit(!!kt_write_all(self->pipe[1], out, sizeof(out),
				     kt_now_ns() + 20000 * MS));
	}
	kt_close(&self->pipe[1]);
	EXPECT_EQ(100, kt_read_all(self->pipe[0], in, 100));
	EXPECT_EQ((ssize_t)sizeof(out) - 100,
		  kt_read_all(self->pipe[0], in + 100, sizeof(in) - 100));
	EXPECT_EQ(0, memcmp(in, out, sizeof(out)));
	EXPECT_EQ(0, kt_read_all(self->pipe[0], in, 1));
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(-EISDIR, ({
		int fd = open("/tmp", O_RDONLY | O_CLOEXEC);
		int ret = kt_read_all(fd, in, 1);

		close(fd);
		ret;
	}));
}

TEST_F(fd, read_file_bounds)
{
	static char big[10000];
	char *text = NULL;
	size_t len = 0;

	memset(big, 'b', sizeof(big));
	ASSERT_TRUE(write_bytes(self->path, big, sizeof(big)));
	ASSERT_EQ(0, kt_read_file(self->path, sizeof(big), &text, &len));
	EXPECT_EQ(sizeof(big), len);
	EXPECT_EQ(sizeof(big), strlen(text));
	free(text);
	text = NULL;
	EXPECT_EQ(-EFBIG, kt_read_file(self->path, sizeof(big) - 1, &text, &len));
	EXPECT_EQ(NULL, text);

	/* exactly a chunk of the reader, and nothing at all */
	ASSERT_TRUE(write_bytes(self->path, big, 4096));
	ASSERT_EQ(0, kt_read_file(self->path, 4096, &text, &len));
	EXPECT_EQ(4096, len);
	free(text);
	ASSERT_TRUE(write_bytes(self->path, "", 0));
	ASSERT_EQ(0, kt_read_file(self->path, 0, &text, NULL));
	EXPECT_STREQ("", text);
	free(text);

	/* files that have no size */
	ASSERT_EQ(0, kt_read_file("/proc/self/stat", 4096, &text, &len));
	EXPECT_LT(10, len);
	free(text);
	EXPECT_EQ(-ENOENT, kt_read_file("/nowhere/at/all", 1, &text, &len));
	EXPECT_EQ(-EISDIR, kt_read_file(root, 1, &text, &len));
}

TEST_F(fd, read_line)
{
	char buf[8];

	ASSERT_TRUE(write_bytes(self->path, "one\ntwo\n", 8));
	ASSERT_EQ(0, kt_read_line(self->path, buf, sizeof(buf)));
	EXPECT_STREQ("one", buf);
	ASSERT_TRUE(write_bytes(self->path, "0123456789", 10));
	ASSERT_EQ(0, kt_read_line(self->path, buf, sizeof(buf)));
	EXPECT_STREQ("0123456", buf);
	ASSERT_TRUE(write_bytes(self->path, "", 0));
	ASSERT_EQ(0, kt_read_line(self->path, buf, sizeof(buf)));
	EXPECT_STREQ("", buf);
	EXPECT_EQ(-ENOENT, kt_read_line("/nowhere/at/all", buf, sizeof(buf)));
}

/* For files of the kernel's: it makes none and cuts none. */
TEST_F(fd, write_file)
{
	char buf[16];

	EXPECT_EQ(-ENOENT, kt_write_file(self->path, "x"));
	EXPECT_EQ(-1, access(self->path, F_OK));
	ASSERT_TRUE(write_bytes(self->path, "abcdef", 6));
	EXPECT_EQ(0, kt_write_file(self->path, "XY"));
	ASSERT_EQ(0, kt_read_line(self->path, buf, sizeof(buf)));
	EXPECT_STREQ("XYcdef", buf);
	EXPECT_EQ(-ENOSPC, kt_write_file("/dev/full", "x"));
}

TEST_F(fd, mkdirs)
{
	char path[PATH_MAX + 2];
	struct stat st;

	EXPECT_EQ(0, kt_mkdirs(at("a/b//c"), 0700));
	EXPECT_EQ(0, kt_mkdirs(at("a/b//c"), 0700));
	ASSERT_EQ(0, stat(at("a/b/c"), &st));
	EXPECT_TRUE(S_ISDIR(st.st_mode));
	EXPECT_EQ(0700, st.st_mode & 0777);
	EXPECT_EQ(0, kt_mkdirs("/", 0755));

	/* a file is in the way, or is what was asked for */
	ASSERT_TRUE(write_bytes(self->path, "", 0));
	EXPECT_EQ(-ENOTDIR, kt_mkdirs(at("file/below"), 0755));
	EXPECT_EQ(-ENOTDIR, kt_mkdirs(self->path, 0755));
	EXPECT_EQ(-ENOENT, kt_mkdirs("", 0755));
	memset(path, 'x', sizeof(path));
	path[PATH_MAX] = '\0';
	EXPECT_EQ(-ENAMETOOLONG, kt_mkdirs(path, 0755));
}

TEST_F(fd, flags)
{
	EXPECT_EQ(0, kt_set_nonblock(self->pipe[0], true));
	EXPECT_TRUE(fcntl(self->pipe[0], F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, kt_set_nonblock(self->pipe[0], false));
	EXPECT_FALSE(fcntl(self->pipe[0], F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, kt_set_cloexec(self->pipe[0], false));
	EXPECT_EQ(0, fcntl(self->pipe[0], F_GETFD));
	EXPECT_EQ(0, kt_set_cloexec(self->pipe[0], true));
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->pipe[0], F_GETFD));
	EXPECT_EQ(-EBADF, kt_set_nonblock(-1, true));
	EXPECT_EQ(-EBADF, kt_set_cloexec(-1, true));
}

TEST_F(fd, copy)
{
	int src = memfd_create("src", MFD_CLOEXEC);
	int dst = memfd_create("dst", MFD_CLOEXEC);
	char buf[8] = "";

	ASSERT_EQ(8, write(src, "skipBODY", 8));
	ASSERT_EQ(4, lseek(src, 4, SEEK_SET));
	EXPECT_EQ(0, kt_copy_fd(dst, src, 4));
	EXPECT_EQ(4, pread(dst, buf, sizeof(buf), 0));
	EXPECT_STREQ("BODY", buf);
	EXPECT_EQ(0, kt_copy_fd(dst, src, 0));
	/* the source is shorter than was said */
	EXPECT_EQ(-EIO, kt_copy_fd(dst, src, 1));
	EXPECT_EQ(-EBADF, kt_copy_fd(-1, src, 1));
	kt_close(&src);
	kt_close(&dst);
}

TEST_F(fd, remove_tree_follows_no_link)
{
	ASSERT_EQ(0, kt_mkdirs(at("tree/deep/er"), 0755));
	ASSERT_EQ(0, symlink(self->path, at("tree/deep/er/out")));
	ASSERT_EQ(0, symlink("../../..", at("tree/deep/er/up")));
	ASSERT_TRUE(write_bytes(self->path, "stays", 5));
	EXPECT_EQ(0, kt_remove_tree(at("tree")));
	EXPECT_EQ(-1, access(at("tree"), F_OK));
	EXPECT_EQ(0, access(self->path, F_OK));
	EXPECT_EQ(-ENOENT, kt_remove_tree(at("tree")));
}

TEST_F(fd, xdg)
{
	char path[PATH_MAX];

	setenv("XDG_CACHE_HOME", root, 1);
	ASSERT_EQ(0, kt_cache_dir("one/two", path, sizeof(path)));
	EXPECT_STREQ(at("ktstr/one/two"), path);
	EXPECT_EQ(0, access(path, W_OK | X_OK));

	/* a relative path is ignored, as is an empty one */
	setenv("HOME", root, 1);
	setenv("XDG_CACHE_HOME", "relative", 1);
	ASSERT_EQ(0, kt_cache_dir("c", path, sizeof(path)));
	EXPECT_STREQ(at(".cache/ktstr/c"), path);
	setenv("XDG_STATE_HOME", "", 1);
	ASSERT_EQ(0, kt_state_dir("s", path, sizeof(path)));
	EXPECT_STREQ(at(".local/state/ktstr/s"), path);
	EXPECT_EQ(0, nr_errors);

	unsetenv("XDG_STATE_HOME");
	EXPECT_EQ(-ENAMETOOLONG, kt_state_dir("s", path, 10));
	unsetenv("HOME");
	EXPECT_EQ(-ENOENT, kt_state_dir("s", path, sizeof(path)));
	setenv("XDG_STATE_HOME", "/proc/none", 1);
	EXPECT_GT(0, kt_state_dir("s", path, sizeof(path)));
	EXPECT_EQ(3, nr_errors);
}

TEST_HARNESS_MAIN
