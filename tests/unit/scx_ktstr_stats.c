// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fixture scheduler's statistics server, asked over its socket by clients
 * that ask well, badly, in pieces, or leave.
 */
#include <fcntl.h>

#include <kselftest_harness.h>

#include "tools/scx_ktstr/stats.c"

static const struct stats_value values[] = {
	{ "apples", "on the tree", 3 },
	{ "pears", "in the basket", UINT32_MAX + 1ULL },
};

#define APPLES	"{\"errno\":0,\"args\":{\"resp\":{\"apples\":3,\"pears\":4294967296}}}\n"

FIXTURE(stats)
{
	struct stats_server s;
	char dir[32], path[64];
	int fd;
};

static int dial(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, path);
	return connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -1 : fd;
}

FIXTURE_SETUP(stats)
{
	strcpy(self->dir, "/tmp/ktstr-stats-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(self->path, sizeof(self->path), "%s/a/b/stats", self->dir);
	ASSERT_EQ(0, stats_open(&self->s, self->path));
	self->fd = dial(self->path);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(stats)
{
	char path[64];

	close(self->fd);
	stats_close(&self->s);
	EXPECT_EQ(-1, access(self->path, F_OK));
	snprintf(path, sizeof(path), "%s/a/b", self->dir);
	EXPECT_EQ(0, rmdir(path));
	path[strlen(path) - 2] = '\0';
	EXPECT_EQ(0, rmdir(path));
	EXPECT_EQ(0, rmdir(self->dir));
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
}

/* What the server says to @text, up to now; "" is nothing yet, NULL its end. */
static const char *ask(struct stats_server *s, int fd, const char *text)
{
	static char buf[8192];
	ssize_t n;

	say(fd, text);
	stats_serve(s, values, 2);
	n = read(fd, buf, sizeof(buf) - 1);
	if (n < 0)
		return errno == EAGAIN ? "" : NULL;
	buf[n] = '\0';
	return n ? buf : NULL;
}

#define ASK(text)	ask(&self->s, self->fd, text)

TEST_F(stats, requests)
{
	EXPECT_STREQ(APPLES, ASK("{\"req\":\"stats\"}\n"));
	EXPECT_STREQ(APPLES, ASK("{\"req\":\"stats\",\"args\":{}}\n"));
	EXPECT_STREQ(APPLES, ASK("{\"req\":\"stats\","
				 "\"args\":{\"target\":\"top\",\"x\":\"y\"}}\r\n"));
	EXPECT_STREQ("{\"errno\":0,\"args\":{\"resp\":{\"ktstr\":{\"name\":\"ktstr\",\"desc\":\"the fixture scheduler\",\"top\":\"true\",\"fields\":{\"apples\":{\"datum\":\"u64\",\"desc\":\"on the tree\"},\"pears\":{\"datum\":\"u64\",\"desc\":\"in the basket\"}}}}}}\n",
		     ASK("{\"req\":\"stats_meta\"}\n"));
}

TEST_F(stats, refusals)
{
	EXPECT_STREQ("{\"errno\":22,\"args\":{\"resp\":\"unknown command \\\"sing\\\"\"}}\n",
		     ASK("{\"req\":\"sing\",\"args\":{}}\n"));
	EXPECT_STREQ("{\"errno\":22,\"args\":{\"resp\":\"unknown stat target \\\"me\\\"\"}}\n",
		     ASK("{\"req\":\"stats\",\"args\":{\"target\":\"me\"}}\n"));
	EXPECT_EQ(0, strncmp("{\"errno\":22,", ASK("{\"args\":{}}\n"), 12));
	EXPECT_EQ(0, strncmp("{\"errno\":22,", ASK("{\"req\":1}\n"), 12));
	EXPECT_EQ(0, strncmp("{\"errno\":22,",
			     ASK("{\"req\":\"stats\",\"args\":[]}\n"), 12));
	EXPECT_EQ(0, strncmp("{\"errno\":22,", ASK("{\"req\":\n"), 12));
	EXPECT_EQ(0, strncmp("{\"errno\":22,", ASK("\n"), 12));
	/* and none of it ends the client */
	EXPECT_STREQ(APPLES, ASK("{\"req\":\"stats\"}\n"));
}

TEST_F(stats, lines_in_pieces_and_many_at_once)
{
	EXPECT_STREQ("", ASK("{\"req\":"));
	EXPECT_STREQ("", ASK("\"stats\"}"));
	EXPECT_STREQ(APPLES, ASK("\n"));
	EXPECT_STREQ(APPLES APPLES,
		     ASK("{\"req\":\"stats\"}\n{\"req\":\"stats\"}\n{\"req\""));
	EXPECT_STREQ(APPLES, ASK(":\"stats\"}\n"));
}

TEST_F(stats, one_that_leaves_in_a_line_and_the_next)
{
	struct pollfd fds[STATS_MAX_FDS];

	EXPECT_STREQ("", ASK("{\"req\":\"sta"));
	close(self->fd);
	self->fd = dial(self->path);
	EXPECT_STREQ(APPLES, ASK("{\"req\":\"stats\"}\n"));
	stats_serve(&self->s, values, 2);
	stats_fds(&self->s, fds);
	EXPECT_EQ(0, poll(fds, STATS_MAX_FDS, 0));
}

TEST_F(stats, a_line_without_end)
{
	char line[STATS_LINE_BYTES + 1];

	memset(line, ' ', sizeof(line));
	line[STATS_LINE_BYTES] = '\0';
	EXPECT_EQ(NULL, ASK(line));
	close(self->fd);
	self->fd = dial(self->path);
	/* one that just fits */
	line[STATS_LINE_BYTES - 1] = '\n';
	memcpy(line, "{\"req\":\"stats\"}", 15);
	EXPECT_STREQ(APPLES, ASK(line));
}

/* One that does not read is not read either, and keeps nobody waiting. */
TEST_F(stats, one_that_does_not_read)
{
	int other = dial(self->path), i;
	struct pollfd fds[STATS_MAX_FDS];

	for (i = 0; i < 20000; i++)
		if (write(self->fd, "{\"req\":\"stats_meta\"}\n", 21) != 21)
			stats_serve(&self->s, values, 2);
	for (i = 0; i < 1000; i++)
		stats_serve(&self->s, values, 2);
	EXPECT_NE(NULL, self->s.clients[0].out);
	stats_fds(&self->s, fds);
	EXPECT_EQ(POLLOUT, fds[1].events);
	EXPECT_EQ(0, poll(fds, STATS_MAX_FDS, 0));
	EXPECT_STREQ(APPLES, ask(&self->s, other, "{\"req\":\"stats\"}\n"));
	close(other);
}

/* More of them than there is room for wait, and come in when one leaves. */
TEST_F(stats, more_clients_than_room)
{
	int fds[STATS_MAX_CLIENTS], i;
	struct pollfd pfds[STATS_MAX_FDS];

	for (i = 0; i < STATS_MAX_CLIENTS; i++) {
		fds[i] = dial(self->path);
		stats_serve(&self->s, values, 2);
	}
	i--;
	EXPECT_STREQ("", ask(&self->s, fds[i], "{\"req\":\"stats\"}\n"));
	stats_fds(&self->s, pfds);
	EXPECT_EQ(0, poll(pfds, STATS_MAX_FDS, 0));
	EXPECT_STREQ(APPLES, ASK("{\"req\":\"stats\"}\n"));
	close(fds[0]);
	stats_serve(&self->s, values, 2);
	EXPECT_STREQ(APPLES, ask(&self->s, fds[i], ""));
	while (i)
		close(fds[i--]);
}

TEST_F(stats, places_that_are_none)
{
	struct stats_server s;
	struct pollfd fds[STATS_MAX_FDS];
	char path[200];
	int i;

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	EXPECT_EQ(-ENAMETOOLONG, stats_open(&s, path));
	EXPECT_EQ(-ENOTDIR, stats_open(&s, "/dev/null/a/stats"));
	/* it serves nobody, and harms nobody */
	stats_serve(&s, values, 2);
	stats_fds(&s, fds);
	for (i = 0; i < STATS_MAX_FDS; i++)
		EXPECT_EQ(-1, fds[i].fd);
	stats_close(&s);
}

/* What an earlier scheduler left is replaced. */
TEST_F(stats, a_socket_that_was_left)
{
	struct stats_server s;
	int fd;

	ASSERT_EQ(0, stats_open(&s, self->path));
	fd = dial(self->path);
	EXPECT_STREQ(APPLES, ask(&s, fd, "{\"req\":\"stats\"}\n"));
	close(fd);
	stats_close(&s);
}

TEST_HARNESS_MAIN
