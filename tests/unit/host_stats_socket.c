// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket of --stats: whose it is, what it replaces, what it leaves alone,
 * and that it is gone at the end.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/stats_socket.h"
#include "nr_fds.h"
#include "test_dir.h"

FIXTURE(sock)
{
	struct kt_stats_socket s;
	char path[100];
	int fds_before;
};

FIXTURE_SETUP(sock)
{
	keep_log();
	self->fds_before = nr_fds();
	ASSERT_TRUE(make_root("/tmp"));
	snprintf(self->path, sizeof(self->path), "%s/sock", root);
}

FIXTURE_TEARDOWN(sock)
{
	EXPECT_EQ(0, kt_remove_tree(root));
	EXPECT_EQ(self->fds_before, nr_fds());
}

static bool connects(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool ok;

	strcpy(addr.sun_path, path);
	ok = !connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	close(fd);
	return ok;
}

TEST_F(sock, comes_and_goes)
{
	struct stat st;
	mode_t mask;

	ASSERT_EQ(0, kt_stats_socket_open(&self->s, self->path));
	ASSERT_EQ(0, lstat(self->path, &st));
	EXPECT_EQ(S_IFSOCK | 0600, st.st_mode);
	EXPECT_TRUE(connects(self->path));
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->s.fd, F_GETFD));
	EXPECT_NE(0, fcntl(self->s.fd, F_GETFL) & O_NONBLOCK);
	mask = umask(022);
	EXPECT_EQ(022, umask(mask));
	kt_stats_socket_close(&self->s);
	EXPECT_EQ(-1, lstat(self->path, &st));
	EXPECT_EQ(-1, self->s.fd);
	/* twice is as good as once */
	kt_stats_socket_close(&self->s);
	EXPECT_EQ(0, nr_errors);
}

/* Killed, a run leaves its file; nobody listens on it. */
TEST_F(sock, stale_is_replaced)
{
	ASSERT_EQ(0, kt_stats_socket_open(&self->s, self->path));
	kt_close(&self->s.fd);
	EXPECT_FALSE(connects(self->path));
	ASSERT_EQ(0, kt_stats_socket_open(&self->s, self->path));
	EXPECT_TRUE(connects(self->path));
	kt_stats_socket_close(&self->s);
	EXPECT_EQ(0, nr_errors);
}

TEST_F(sock, live_is_left_alone)
{
	struct kt_stats_socket other;
	int i, fds[64], nr = 0;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	ASSERT_EQ(0, kt_stats_socket_open(&self->s, self->path));
	EXPECT_EQ(-EADDRINUSE, kt_stats_socket_open(&other, self->path));
	EXPECT_EQ(-1, other.fd);
	EXPECT_EQ(1, nr_errors);
	/* also when its backlog is full */
	strcpy(addr.sun_path, self->path);
	for (i = 0; i < 64; i++) {
		fds[nr] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(fds[nr++], (struct sockaddr *)&addr, sizeof(addr)))
			break;
	}
	EXPECT_GT(64, nr);
	EXPECT_EQ(-EADDRINUSE, kt_stats_socket_open(&other, self->path));
	while (nr)
		close(fds[--nr]);
	kt_stats_socket_close(&other);
	EXPECT_EQ(0, access(self->path, F_OK));
	kt_stats_socket_close(&self->s);
}

TEST_F(sock, other_files_are_left_alone)
{
	const char *link = at("link");
	struct stat st;

	close(open(self->path, O_CREAT | O_WRONLY, 0644));
	EXPECT_EQ(-EEXIST, kt_stats_socket_open(&self->s, self->path));
	kt_stats_socket_close(&self->s);
	EXPECT_EQ(0, stat(self->path, &st));
	EXPECT_EQ(-EEXIST, kt_stats_socket_open(&self->s, root));
	ASSERT_EQ(0, symlink("nowhere", link));
	EXPECT_EQ(-EEXIST, kt_stats_socket_open(&self->s, link));
	EXPECT_EQ(0, lstat(link, &st));
	EXPECT_EQ(3, nr_errors);
}

/* What took its place meanwhile is not ours. */
TEST_F(sock, replaced_meanwhile)
{
	ASSERT_EQ(0, kt_stats_socket_open(&self->s, self->path));
	ASSERT_EQ(0, unlink(self->path));
	close(open(self->path, O_CREAT | O_WRONLY, 0644));
	kt_stats_socket_close(&self->s);
	EXPECT_EQ(0, access(self->path, F_OK));
}

TEST_F(sock, paths_that_are_none)
{
	char longest[200];

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(self->s.path)] = '\0';
	EXPECT_EQ(-ENAMETOOLONG, kt_stats_socket_open(&self->s, longest));
	EXPECT_EQ(-ENAMETOOLONG, kt_stats_socket_open(&self->s, ""));
	EXPECT_EQ(-ENOENT, kt_stats_socket_open(&self->s, "/tmp/ktstr-none/x"));
	EXPECT_EQ(3, nr_errors);
	EXPECT_EQ(-1, self->s.fd);
	kt_stats_socket_close(&self->s);
}

TEST_HARNESS_MAIN
