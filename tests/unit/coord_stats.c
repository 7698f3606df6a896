// SPDX-License-Identifier: GPL-2.0-only
/*
 * The relay of the scheduler's statistics, over socket pairs: whole lines to
 * the guest, each answer to who asked, whoever leaves and whenever; bounded,
 * and woken only when there is work.
 */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/coord/stats.h"
#include "nr_fds.h"

FIXTURE(stats)
{
	struct kt_stats s;
	struct sockaddr_un addr;
	socklen_t addr_len;
	int listen_fd, port[2];		/* [0] the host's, [1] the guest's */
	int fds_before;
	char got[512];
};

FIXTURE_SETUP(stats)
{
	memset(self, 0, sizeof(*self));
	self->fds_before = nr_fds();
	signal(SIGPIPE, SIG_IGN);
	self->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	self->addr.sun_family = AF_UNIX;
	/* the kernel makes up a name that is no file's */
	ASSERT_EQ(0, bind(self->listen_fd, (void *)&self->addr,
			  sizeof(sa_family_t)));
	ASSERT_EQ(0, listen(self->listen_fd, 8));
	self->addr_len = sizeof(self->addr);
	ASSERT_EQ(0, getsockname(self->listen_fd, (void *)&self->addr,
				 &self->addr_len));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				self->port));
	ASSERT_EQ(0, kt_stats_init(&self->s, self->listen_fd, self->port[0]));
}

FIXTURE_TEARDOWN(stats)
{
	kt_stats_fini(&self->s);
	kt_close(&self->listen_fd);
	kt_close(&self->port[0]);
	kt_close(&self->port[1]);
	EXPECT_EQ(self->fds_before, nr_fds());
}

static int new_client(const struct sockaddr_un *addr, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (connect(fd, (const void *)addr, len))
		kt_close(&fd);
	return fd;
}

static bool has_work(const struct kt_stats *s)
{
	struct pollfd pfd = { .fd = s->epoll_fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

/* As the coordinator does it: until there is nothing more to do. */
static int pump(struct kt_stats *s)
{
	int turns = 0;

	while (has_work(s) && turns < 1000) {
		kt_stats_pump(s);
		turns++;
	}
	return turns;
}

static const char *take(int fd, char *buf, size_t size)
{
	ssize_t n = read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n < 0 && errno != EAGAIN ? "error" : n ? buf : "end of file";
}

#define client()	new_client(&self->addr, self->addr_len)
#define pump()		ASSERT_GT(1000, pump(&self->s))
#define say(fd, text)	ASSERT_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)))
#define hears(fd, text)	\
	EXPECT_STREQ(text, take(fd, self->got, sizeof(self->got)))
#define guest		(self->port[1])

TEST_F(stats, request_and_answer)
{
	int fd;

	EXPECT_FALSE(has_work(&self->s));
	fd = client();
	EXPECT_TRUE(has_work(&self->s));
	say(fd, "{\"req\":");
	pump();
	hears(guest, "{\"req\":");
	say(fd, "\"stats\"}\nagain\n");
	pump();
	hears(guest, "\"stats\"}\nagain\n");
	say(guest, "{\"err");
	pump();
	hears(fd, "{\"err");
	say(guest, "no\":0}\nsecond\n");
	pump();
	hears(fd, "no\":0}\nsecond\n");
	EXPECT_EQ(0, self->s.unanswered);
	EXPECT_EQ(0, self->s.stale);
	EXPECT_FALSE(has_work(&self->s));
	close(fd);
	pump();
	EXPECT_EQ(-1, self->s.client_fd);
	hears(guest, "");
}

TEST_F(stats, who_left_gets_no_answer_and_nobody_else_does)
{
	int fd = client();

	say(fd, "one\ntwo\n");
	pump();
	say(guest, "answer o");
	pump();
	close(fd);
	pump();
	fd = client();
	say(fd, "three\n");
	pump();
	hears(guest, "one\ntwo\nthree\n");
	EXPECT_EQ(2, self->s.stale);
	say(guest, "ne\nanswer two\nanswer ");
	say(guest, "three\n");
	pump();
	hears(fd, "answer three\n");
	close(fd);
}

TEST_F(stats, begun_line_is_ended)
{
	int fd = client();

	say(fd, "whole\nbeg");
	pump();
	close(fd);
	pump();
	fd = client();
	say(fd, "next\n");
	pump();
	hears(guest, "whole\nbeg\nnext\n");
	say(guest, "1\n2\n3\n");
	pump();
	hears(fd, "3\n");
	close(fd);
	pump();
	/* nothing was begun: nothing is ended */
	hears(guest, "");
	EXPECT_EQ(0, self->s.stale);
}

TEST_F(stats, one_at_a_time)
{
	int first = client(), second = client();

	say(second, "B\n");
	say(first, "A\n");
	pump();
	hears(guest, "A\n");
	say(guest, "a\n");
	pump();
	hears(first, "a\n");
	hears(second, "");
	close(first);
	pump();
	hears(guest, "B\n");
	say(guest, "b\n");
	pump();
	hears(second, "b\n");
	close(second);
}

/* As of `echo request | socat`: no more requests, but an answer is waited for. */
TEST_F(stats, half_closed_client)
{
	int fd = client();

	say(fd, "first\nlast");
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	pump();
	hears(guest, "first\nlast\n");
	EXPECT_NE(-1, self->s.client_fd);
	say(guest, "1\n");
	pump();
	hears(fd, "1\n");
	say(guest, "2\n");
	pump();
	hears(fd, "2\n");
	hears(fd, "end of file");
	EXPECT_EQ(-1, self->s.client_fd);
	close(fd);

	/* who sends nothing at all waits for nothing */
	fd = client();
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	pump();
	hears(fd, "end of file");
	hears(guest, "");
	close(fd);
}

TEST_F(stats, what_nobody_asked_for_is_dropped)
{
	int fd;

	say(guest, "unasked\nhalf");
	pump();
	fd = client();
	say(fd, "q\n");
	pump();
	hears(guest, "q\n");
	say(guest, "a\nmore\n");
	pump();
	hears(fd, "a\n");
	close(fd);
}

static size_t fill(int fd)
{
	static const char junk[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = write(fd, junk, sizeof(junk))) > 0)
		total += n;
	return total;
}

/* A guest that reads nothing: the client is held up, the host is not. */
TEST_F(stats, full_port)
{
	size_t sent = 0, got = 0;
	int fd = client(), i;
	char buf[8192];
	ssize_t n;

	for (i = 0; i < 8; i++) {
		sent += fill(fd);
		pump();
	}
	EXPECT_EQ(0, fill(fd));
	EXPECT_FALSE(has_work(&self->s));
	while ((n = read(guest, buf, sizeof(buf))) > 0) {
		got += n;
		pump();
	}
	EXPECT_EQ(sent, got);

	/* what the guest has not got is withdrawn, its begun line is ended */
	fill(fd);
	pump();
	close(fd);
	pump();
	EXPECT_EQ(-1, self->s.client_fd);
	EXPECT_EQ(1, self->s.to_guest.tail - self->s.to_guest.head);
	fd = client();
	say(fd, "next\n");
	pump();
	EXPECT_EQ(-1, self->s.client_fd);
	do {
		n = read(guest, buf, sizeof(buf));
		for (i = 0; i < n && !buf[i]; i++)
			;
		EXPECT_TRUE(n < 0 || i == n || buf[i] == '\n');
		pump();
	} while (n > 0 && i == n);
	EXPECT_EQ(1, self->s.stale);
	EXPECT_NE(-1, self->s.client_fd);
	close(fd);
}

/* A client that reads nothing: the guest is held up, the host is not. */
TEST_F(stats, full_client)
{
	size_t sent = 0, got = 0;
	int fd = client(), i;
	char buf[8192];
	ssize_t n;

	say(fd, "q\n");
	pump();
	for (i = 0; i < 8; i++) {
		sent += fill(guest);
		pump();
	}
	EXPECT_EQ(0, fill(guest));
	EXPECT_FALSE(has_work(&self->s));
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		got += n;
		pump();
	}
	EXPECT_EQ(sent, got);
	/* gone, it holds up nothing */
	fill(guest);
	close(fd);
	pump();
	EXPECT_EQ(-1, self->s.client_fd);
	EXPECT_LT(0, fill(guest));
}

/* A pump ends however much comes. */
TEST_F(stats, flood)
{
	int i;

	for (i = 0; i < 100; i++) {
		fill(guest);
		kt_stats_pump(&self->s);
	}
	EXPECT_EQ(0, self->s.to_client.tail);
}

TEST_F(stats, port_ends)
{
	int fd = client(), late;

	say(fd, "q\n");
	pump();
	kt_close(&guest);
	pump();
	EXPECT_TRUE(self->s.port_gone);
	hears(fd, "end of file");
	late = client();
	pump();
	EXPECT_FALSE(has_work(&self->s));
	EXPECT_EQ(-1, self->s.client_fd);
	close(fd);
	close(late);
}

TEST(no_listener)
{
	static struct kt_stats s;
	int port[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, port));
	ASSERT_EQ(0, kt_stats_init(&s, -1, port[0]));
	fill(port[1]);
	EXPECT_FALSE(has_work(&s));
	kt_stats_pump(&s);
	EXPECT_FALSE(has_work(&s));
	kt_stats_fini(&s);
	close(port[0]);
	close(port[1]);
	/* never initialised, there is nothing to undo */
	memset(&s, 0, sizeof(s));
	kt_stats_fini(&s);
}

TEST_HARNESS_MAIN
