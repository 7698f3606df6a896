// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pipe between the statistics port and the scheduler's socket: bytes both
 * ways, and one answer for each line whatever becomes of the scheduler. The
 * host's end of the port is the other end of a socketpair.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/guest/stats.h"

#define NOBODY(path)							\
	"{\"errno\":2,\"args\":{\"resp\":\"no statistics socket at %s\"}}\n", path
#define CLOSED								\
	"{\"errno\":104,\"args\":{\"resp\":\"the scheduler closed its statistics socket\"}}\n"
#define WAIT_NS	(2000 * KT_NSEC_PER_MSEC)

FIXTURE(stats)
{
	struct kt_guest_stats *s;
	char dir[32], path[64];
	int host, listen, sched;
	char text[512];
	size_t len;
};

FIXTURE_SETUP(stats)
{
	int fds[2];

	memset(self, 0, sizeof(*self));
	self->listen = -1;
	self->sched = -1;
	strcpy(self->dir, "/tmp/ktstr-stats-XXXXXX");
	ASSERT_NE(mkdtemp(self->dir), NULL);
	snprintf(self->path, sizeof(self->path), "%s/stats", self->dir);
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	self->host = fds[0];
	self->s = malloc(sizeof(*self->s));
	ASSERT_NE(self->s, NULL);
	kt_guest_stats_init(self->s, fds[1], self->path);
}

FIXTURE_TEARDOWN(stats)
{
	kt_guest_stats_fini(self->s);
	free(self->s);
	kt_close(&self->host);
	kt_close(&self->listen);
	kt_close(&self->sched);
	kt_remove_tree(self->dir);
}

/* A scheduler's socket at @path. */
static int listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1))
		kt_close(&fd);
	return fd;
}

static const char *take(int fd, char *buf, size_t size)
{
	ssize_t n = recv(fd, buf, size - 1, MSG_DONTWAIT);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

#define TAKE(fd)	take(fd, self->text, sizeof(self->text))
#define SEND(fd, s)	ASSERT_EQ(write(fd, s, strlen(s)), strlen(s))

TEST_F(stats, bytes_both_ways)
{
	self->listen = listen_at(self->path);
	SEND(self->host, "{\"req\":\"stats\"}\n{\"half\"");
	kt_guest_stats_pump(self->s, 1);
	self->sched = accept(self->listen, NULL, NULL);
	EXPECT_STREQ(TAKE(self->sched), "{\"req\":\"stats\"}\n{\"half\"");
	SEND(self->sched, "{\"errno\":0}\n");
	SEND(self->host, ":1}\n");
	kt_guest_stats_pump(self->s, 1);
	EXPECT_STREQ(TAKE(self->host), "{\"errno\":0}\n");
	EXPECT_STREQ(TAKE(self->sched), ":1}\n");
	EXPECT_EQ(self->s->unanswered, 1);
}

TEST_F(stats, a_line_waits_for_the_socket)
{
	SEND(self->host, "early\n");
	kt_guest_stats_pump(self->s, 1);
	kt_guest_stats_pump(self->s, WAIT_NS);
	self->listen = listen_at(self->path);
	kt_guest_stats_pump(self->s, WAIT_NS + 2);
	self->sched = accept(self->listen, NULL, NULL);
	EXPECT_STREQ(TAKE(self->sched), "early\n");
	EXPECT_STREQ(TAKE(self->host), "");
}

TEST_F(stats, but_not_for_ever)
{
	char two[256];

	snprintf(two, sizeof(two), NOBODY(self->path));
	snprintf(two + strlen(two), sizeof(two) - strlen(two),
		 NOBODY(self->path));
	SEND(self->host, "one\ntwo\nthr");
	kt_guest_stats_pump(self->s, 1);
	kt_guest_stats_pump(self->s, WAIT_NS);
	EXPECT_STREQ(TAKE(self->host), "");
	kt_guest_stats_pump(self->s, WAIT_NS + 1);
	EXPECT_STREQ(TAKE(self->host), two);

	/* the third begins its own wait, and finds a scheduler */
	SEND(self->host, "ee\n");
	self->listen = listen_at(self->path);
	kt_guest_stats_pump(self->s, WAIT_NS + 2);
	self->sched = accept(self->listen, NULL, NULL);
	EXPECT_STREQ(TAKE(self->sched), "three\n");
}

TEST_F(stats, the_scheduler_ends)
{
	self->listen = listen_at(self->path);
	SEND(self->host, "one\ntwo\nthr");
	kt_guest_stats_pump(self->s, 1);
	self->sched = accept(self->listen, NULL, NULL);
	EXPECT_STREQ(TAKE(self->sched), "one\ntwo\nthr");
	SEND(self->sched, "an answer that breaks o");
	kt_close(&self->sched);
	kt_close(&self->listen);
	kt_guest_stats_pump(self->s, 1);
	kt_guest_stats_pump(self->s, 1);
	EXPECT_EQ(self->s->sock_fd, -1);
	EXPECT_STREQ(TAKE(self->host), "an answer that breaks o\n" CLOSED);

	/* what is left of the third line is no request to the next one */
	self->listen = listen_at(self->path);
	SEND(self->host, "ee\nfour\n");
	kt_guest_stats_pump(self->s, 1);
	self->sched = accept(self->listen, NULL, NULL);
	EXPECT_STREQ(TAKE(self->sched), "four\n");
	EXPECT_STREQ(TAKE(self->host), CLOSED);
}

TEST_F(stats, a_flood_stays_in_the_port)
{
	static char lines[4096];
	size_t sent = 0, got = 0, n;
	ssize_t ret;
	u64 now = 1;

	memset(lines, '\n', sizeof(lines));
	while ((ret = write(self->host, lines, sizeof(lines))) > 0) {
		sent += ret;
		kt_guest_stats_pump(self->s, now);
	}
	EXPECT_GT(sent, KT_GUEST_STATS_BYTES);
	EXPECT_EQ(self->s->to_sched.tail - self->s->to_sched.head,
		  KT_GUEST_STATS_BYTES);

	/* each empty line gets its answer, though they do not fit at once */
	while (got < sent && now < 100 * WAIT_NS) {
		now += WAIT_NS / 2;
		kt_guest_stats_pump(self->s, now);
		do {
			char buf[4096], *p;

			n = strlen(take(self->host, buf, sizeof(buf)));
			for (p = buf; (p = strchr(p, '\n')); p++)
				got++;
			kt_guest_stats_pump(self->s, now);
		} while (n);
	}
	EXPECT_EQ(got, sent);
	EXPECT_EQ(self->s->owed, 0);
}

TEST_F(stats, a_line_without_an_end)
{
	static char junk[KT_GUEST_STATS_BYTES];
	char one[128];

	memset(junk, 'x', sizeof(junk));
	ASSERT_EQ(write(self->host, junk, sizeof(junk)), sizeof(junk));
	while (self->s->to_sched.tail < sizeof(junk))
		kt_guest_stats_pump(self->s, 1);
	kt_guest_stats_pump(self->s, WAIT_NS + 1);
	EXPECT_EQ(self->s->to_sched.tail - self->s->to_sched.head, 0);
	EXPECT_STREQ(TAKE(self->host), "");
	SEND(self->host, "its end\n");
	kt_guest_stats_pump(self->s, WAIT_NS + 2);
	snprintf(one, sizeof(one), NOBODY(self->path));
	EXPECT_STREQ(TAKE(self->host), one);
}

TEST_F(stats, a_host_that_does_not_read)
{
	static char answers[4096];
	struct pollfd fds[KT_GUEST_STATS_FDS];
	int i;

	self->listen = listen_at(self->path);
	SEND(self->host, "one\n");
	kt_guest_stats_pump(self->s, 1);
	self->sched = accept(self->listen, NULL, NULL);
	kt_set_nonblock(self->sched, true);
	memset(answers, 'a', sizeof(answers));
	for (i = 0; i < 4096; i++) {
		if (write(self->sched, answers, sizeof(answers)) < 0)
			break;
		kt_guest_stats_pump(self->s, 1);
	}
	EXPECT_LT(i, 4096);		/* it waits for us, and we for the host */
	kt_guest_stats_fds(self->s, fds);
	EXPECT_TRUE(fds[0].fd >= 0 && fds[0].events & POLLOUT);
	EXPECT_EQ(fds[1].fd, -1);

	/* room for the end of the answer is kept */
	kt_close(&self->sched);
	SEND(self->host, "two\n");
	kt_guest_stats_pump(self->s, 1);
	EXPECT_EQ(self->s->sock_fd, -1);
	EXPECT_EQ(self->s->to_host.tail - self->s->to_host.head,
		  KT_GUEST_STATS_BYTES);
	EXPECT_EQ(self->s->owed, 0);	/* that answer was its only one */
}

TEST_F(stats, errors_do_not_break_into_an_answer)
{
	static char lines[16384], all[4 << 20];
	size_t got = 0;
	ssize_t n;

	memset(lines, '\n', sizeof(lines));
	ASSERT_EQ(write(self->host, lines, sizeof(lines)), sizeof(lines));
	kt_guest_stats_pump(self->s, 1);
	kt_guest_stats_pump(self->s, WAIT_NS + 1);
	ASSERT_GT(self->s->owed, 1000);

	self->listen = listen_at(self->path);
	SEND(self->host, "ask\n");
	kt_guest_stats_pump(self->s, WAIT_NS + 1);
	self->sched = accept(self->listen, NULL, NULL);
	SEND(self->sched, "an ");
	while ((n = recv(self->host, all + got, sizeof(all) - 1 - got,
			 MSG_DONTWAIT)) > 0) {
		got += n;
		kt_guest_stats_pump(self->s, WAIT_NS + 1);
	}
	SEND(self->sched, "answer\n");
	kt_guest_stats_pump(self->s, WAIT_NS + 1);
	n = recv(self->host, all + got, sizeof(all) - 1 - got, MSG_DONTWAIT);
	EXPECT_GT(n, 0);
	EXPECT_NE(strstr(all, "}\nan answer\n"), NULL);
}

TEST_F(stats, what_is_polled)
{
	struct pollfd fds[KT_GUEST_STATS_FDS];

	kt_guest_stats_pump(self->s, 1);
	kt_guest_stats_fds(self->s, fds);
	EXPECT_TRUE(fds[0].fd == self->s->port_fd && fds[0].events == POLLIN);
	EXPECT_EQ(fds[1].fd, -1);

	/* no host: poll() would return at once, again and again */
	kt_close(&self->host);
	kt_guest_stats_pump(self->s, 1);
	kt_guest_stats_fds(self->s, fds);
	EXPECT_EQ(fds[0].fd, -1);
}

TEST(no_port)
{
	struct kt_guest_stats *s = malloc(sizeof(*s));
	struct pollfd fds[KT_GUEST_STATS_FDS];

	ASSERT_NE(s, NULL);
	kt_guest_stats_init(s, -ENOENT, "/nowhere");
	kt_guest_stats_pump(s, 1);
	kt_guest_stats_fds(s, fds);
	EXPECT_EQ(fds[0].fd, -1);
	EXPECT_EQ(fds[1].fd, -1);
	kt_guest_stats_fini(s);
	free(s);
}

TEST_HARNESS_MAIN
