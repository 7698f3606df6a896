// SPDX-License-Identifier: GPL-2.0-only
/*
 * The QMP client against a peer that answers well, late, wrongly, too much or
 * not at all.
 */
#include <signal.h>
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/engine/qemu/qmp.h"
#include "nr_fds.h"

#define MS		KT_NSEC_PER_MSEC
#define LONG_NS		(20000 * MS)
#define GREETING	"{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
#define OK(id)		"{\"return\": {}, \"id\": " #id "}\r\n"
#define REFUSED(why, id) \
	"{\"error\": {\"class\": \"X\", \"desc\": \"" why "\"}, \"id\": " #id "}\r\n"
#define SHUTDOWN(why) \
	"{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"" why "\"}}\r\n"

FIXTURE(qmp)
{
	struct kt_qmp q;
	int peer, ours, fds_before;
};

FIXTURE_SETUP(qmp)
{
	int sv[2];

	keep_log();
	signal(SIGPIPE, SIG_IGN);
	self->fds_before = nr_fds();
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	self->ours = sv[0];
	self->peer = sv[1];
	ASSERT_EQ(0, kt_set_nonblock(self->ours, true));
}

FIXTURE_TEARDOWN(qmp)
{
	kt_qmp_close(&self->q);
	EXPECT_EQ(-1, self->q.fd);
	kt_close(&self->peer);
	EXPECT_EQ(self->fds_before, nr_fds());
}

static void say(int fd, const char *text)
{
	kt_write_all(fd, text, strlen(text), 0);
}

/* Opens with all that is needed for it, and @rest behind. */
static int open_with(struct kt_qmp *q, int ours, int peer, const char *rest)
{
	say(peer, GREETING OK(1));
	say(peer, rest);
	return kt_qmp_open(q, ours, kt_now_ns() + LONG_NS);
}

#define open_qmp(rest)	open_with(&self->q, self->ours, self->peer, rest)

static int cmd(struct kt_qmp *q, const char *command)
{
	return kt_qmp_cmd(q, command, kt_now_ns() + LONG_NS);
}

TEST_F(qmp, open_and_commands)
{
	char buf[256] = "";

	ASSERT_EQ(0, open_qmp(OK(2) OK(3)));
	EXPECT_EQ(0, cmd(&self->q, "stop"));
	EXPECT_EQ(0, cmd(&self->q, "cont"));
	ASSERT_LT(0, read(self->peer, buf, sizeof(buf) - 1));
	/* nothing behind the last brace that QEMU would leave unread */
	EXPECT_STREQ("{\"execute\":\"qmp_capabilities\",\"id\":1}"
		     "{\"execute\":\"stop\",\"id\":2}"
		     "{\"execute\":\"cont\",\"id\":3}", buf);
	EXPECT_EQ(0, nr_errors);
	EXPECT_FALSE(self->q.shutdown);
}

TEST_F(qmp, events_in_between)
{
	ASSERT_EQ(0, open_qmp("{\"event\": \"STOP\"}\n" SHUTDOWN("guest-reset")
			      OK(2)));
	EXPECT_EQ(0, cmd(&self->q, "stop"));
	EXPECT_TRUE(self->q.shutdown);
	EXPECT_STREQ("guest-reset", self->q.reason);
}

TEST_F(qmp, poll_takes_events)
{
	ASSERT_EQ(0, open_qmp(""));
	kt_qmp_poll(&self->q);
	EXPECT_FALSE(self->q.shutdown);
	EXPECT_FALSE(self->q.eof);
	say(self->peer, "{\"event\": \"RESUME\"}\n" SHUTDOWN("guest-shutdown"));
	shutdown(self->peer, SHUT_WR);
	kt_qmp_poll(&self->q);
	EXPECT_TRUE(self->q.shutdown);
	EXPECT_STREQ("guest-shutdown", self->q.reason);
	EXPECT_TRUE(self->q.eof);
}

TEST_F(qmp, reply_in_pieces)
{
	static const char reply[] = OK(2);
	size_t i;
	pid_t pid;

	ASSERT_EQ(0, open_qmp(""));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		for (i = 0; i < sizeof(reply) - 1; i++)
			kt_write_all(self->peer, reply + i, 1, 0);
		_exit(0);
	}
	EXPECT_EQ(0, cmd(&self->q, "stop"));
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
}

TEST_F(qmp, refusals)
{
	ASSERT_EQ(0, open_qmp(REFUSED("not now", 2) "{\"error\": {}}\n"
			      "{\"error\": 17, \"id\": 4}\n" OK(5)));
	EXPECT_EQ(-EPROTO, cmd(&self->q, "stop"));
	EXPECT_STREQ("QEMU refused \"stop\": not now", last_log);
	EXPECT_EQ(-EPROTO, cmd(&self->q, "stop"));
	EXPECT_EQ(-EPROTO, cmd(&self->q, "stop"));
	EXPECT_STREQ("QEMU refused \"stop\": no reason given", last_log);
	EXPECT_EQ(3, nr_errors);
	EXPECT_EQ(0, cmd(&self->q, "cont"));
}

/* What is no reply is passed over, whatever it is. */
TEST_F(qmp, garbage_is_passed_over)
{
	static const char bytes[] = "\0\0\xff\xfe{\0}\n";
	char deep[8192];

	ASSERT_EQ(0, open_qmp("\n\n{\n}\n[]\n17\n\"return\"\n[\"return\"]\nnull\n"
			      "{\"return\n{\"event\": 5}\n{\"event\": \"SHUTDOWN\"}\n"
			      "{\"event\": \"SHUTDOWN\", \"data\": [1]}\n"));
	kt_write_all(self->peer, bytes, sizeof(bytes) - 1, 0);
	memset(deep, '[', sizeof(deep));
	deep[sizeof(deep) - 1] = '\n';
	kt_write_all(self->peer, deep, sizeof(deep), 0);
	say(self->peer, OK(2));
	EXPECT_EQ(0, cmd(&self->q, "stop"));
	EXPECT_TRUE(self->q.shutdown);
	EXPECT_STREQ("", self->q.reason);
}

TEST_F(qmp, long_reason_is_cut)
{
	ASSERT_EQ(0, open_qmp(SHUTDOWN("0123456789012345678901234567890123456789")));
	kt_qmp_poll(&self->q);
	EXPECT_STREQ("0123456789012345678901234567890", self->q.reason);
}

static void fill_line(int fd, size_t len)
{
	char block[1024];
	size_t n;

	memset(block, 'x', sizeof(block));
	for (; len; len -= n) {
		n = min(len, sizeof(block));
		kt_write_all(fd, block, n, 0);
	}
}

TEST_F(qmp, oversize_line)
{
	ASSERT_EQ(0, open_qmp(""));
	fill_line(self->peer, KT_QMP_LINE_MAX - 1);
	say(self->peer, "\n" OK(2));
	EXPECT_EQ(0, cmd(&self->q, "stop"));
	fill_line(self->peer, KT_QMP_LINE_MAX + 10);
	EXPECT_EQ(-EMSGSIZE, cmd(&self->q, "stop"));
	kt_qmp_poll(&self->q);
	EXPECT_EQ(-EMSGSIZE, cmd(&self->q, "stop"));
}

TEST_F(qmp, no_greeting)
{
	u64 from = kt_now_ns();

	EXPECT_EQ(-ETIMEDOUT, kt_qmp_open(&self->q, self->ours, from + 20 * MS));
	EXPECT_LE(from + 20 * MS, kt_now_ns());
}

TEST_F(qmp, end_instead_of_a_greeting)
{
	shutdown(self->peer, SHUT_WR);
	EXPECT_EQ(-EPIPE, kt_qmp_open(&self->q, self->ours, kt_now_ns() + LONG_NS));
}

TEST_F(qmp, end_instead_of_a_reply)
{
	ASSERT_EQ(0, open_qmp("{\"return\": {}, \"id\": 2}"));
	shutdown(self->peer, SHUT_WR);
	/* a line without its end is none */
	EXPECT_EQ(-EPIPE, cmd(&self->q, "stop"));
	EXPECT_TRUE(self->q.eof);
	kt_close(&self->peer);
	EXPECT_EQ(-EPIPE, cmd(&self->q, "stop"));
}

TEST_F(qmp, reply_ahead_of_the_end)
{
	ASSERT_EQ(0, open_qmp(OK(2)));
	shutdown(self->peer, SHUT_WR);
	EXPECT_EQ(0, cmd(&self->q, "quit"));
}

/* The reply to a command that was given up is not taken for the next one's. */
TEST_F(qmp, late_reply)
{
	ASSERT_EQ(0, open_qmp(""));
	EXPECT_EQ(-ETIMEDOUT, kt_qmp_cmd(&self->q, "stop", kt_now_ns() + 10 * MS));
	say(self->peer, OK(2));
	EXPECT_EQ(-ETIMEDOUT, kt_qmp_cmd(&self->q, "cont", kt_now_ns() + 10 * MS));
	say(self->peer, REFUSED("late", 3) OK(4));
	EXPECT_EQ(0, cmd(&self->q, "stop"));
	EXPECT_EQ(0, nr_errors);
}

static pid_t start_flood(int fd)
{
	static const char event[] = "{\"event\": \"RTC_CHANGE\"}\n";
	char block[sizeof(event) * 2000];
	size_t i, len = sizeof(event) - 1;
	pid_t pid = fork();

	if (pid)
		return pid;
	signal(SIGPIPE, SIG_DFL);
	for (i = 0; i < 2000; i++)
		memcpy(block + i * len, event, len);
	while (!kt_write_all(fd, block, 2000 * len, KT_NO_DEADLINE))
		;
	_exit(0);
}

/* Events without end do not hold a command beyond its time, nor a poll. */
TEST_F(qmp, flood)
{
	u64 from;
	pid_t pid;

	ASSERT_EQ(0, open_qmp(""));
	pid = start_flood(self->peer);
	ASSERT_LT(0, pid);
	from = kt_now_ns();
	EXPECT_EQ(-ETIMEDOUT, kt_qmp_cmd(&self->q, "stop", from + 30 * MS));
	kt_qmp_poll(&self->q);
	EXPECT_GT(from + LONG_NS, kt_now_ns());
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
}

#define PRINTED(text, id) "{\"return\": \"" text "\", \"id\": " #id "}\r\n"

static int hmp(struct kt_qmp *q, char *text, size_t size)
{
	return kt_qmp_hmp(q, "info registers", 3, text, size,
			  kt_now_ns() + LONG_NS);
}

TEST_F(qmp, the_human_monitor)
{
	char buf[512] = "", text[16];

	ASSERT_EQ(0, open_qmp("{\"event\": \"STOP\"}\n"
			      PRINTED("RIP=12\\r\\n", 2) OK(3)));
	EXPECT_EQ(0, hmp(&self->q, text, sizeof(text)));
	EXPECT_STREQ("RIP=12\r\n", text);
	ASSERT_LT(0, read(self->peer, buf, sizeof(buf) - 1));
	EXPECT_NE(NULL, strstr(buf, "{\"execute\":\"human-monitor-command\","
			       "\"arguments\":{\"command-line\":\"info registers\","
			       "\"cpu-index\":3},\"id\":2}"));
	EXPECT_EQ(0, cmd(&self->q, "cont"));
}

TEST_F(qmp, the_human_monitor_prints_something_else)
{
	char text[4];

	ASSERT_EQ(0, open_qmp(OK(2) PRINTED("four", 3) REFUSED("no", 4)
			      PRINTED("yes", 5)));
	EXPECT_EQ(-EPROTO, hmp(&self->q, text, sizeof(text)));
	EXPECT_EQ(-EMSGSIZE, hmp(&self->q, text, sizeof(text)));
	EXPECT_EQ(-EPROTO, hmp(&self->q, text, sizeof(text)));
	EXPECT_EQ(0, hmp(&self->q, text, sizeof(text)));
	EXPECT_STREQ("yes", text);
}

TEST_F(qmp, arguments_and_what_it_returns)
{
	json_t *value = NULL;
	char buf[512] = "", longest[600];

	ASSERT_EQ(0, open_qmp("{\"return\": {\"status\": \"active\"}, \"id\": 2}\r\n"
			      REFUSED("no", 3)));
	EXPECT_EQ(0, kt_qmp_ask(&self->q, "query-migrate", "\"a\":1", &value,
				kt_now_ns() + LONG_NS));
	EXPECT_STREQ("active",
		     json_string_value(json_object_get(value, "status")));
	json_decref(value);
	value = NULL;
	EXPECT_EQ(-EPROTO, kt_qmp_ask(&self->q, "migrate", "", &value,
				      kt_now_ns() + LONG_NS));
	EXPECT_EQ(NULL, value);
	memset(longest, ' ', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	EXPECT_EQ(-E2BIG, kt_qmp_ask(&self->q, "migrate", longest, &value,
				     kt_now_ns() + LONG_NS));
	ASSERT_LT(0, read(self->peer, buf, sizeof(buf) - 1));
	EXPECT_NE(NULL, strstr(buf, "{\"execute\":\"query-migrate\","
			       "\"arguments\":{\"a\":1},\"id\":2}"
			       "{\"execute\":\"migrate\",\"id\":3}"));
}

/* It comes with the command, and is the file that was given. */
TEST_F(qmp, a_descriptor)
{
	char control[CMSG_SPACE(sizeof(int))], buf[256] = "", byte = 0;
	struct iovec iov = { buf, sizeof(buf) - 1 };
	struct msghdr h = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int pipes[2], got;

	ASSERT_EQ(0, open_qmp(OK(2)));
	ASSERT_LT(0, read(self->peer, buf, sizeof(buf) - 1));
	ASSERT_EQ(0, pipe(pipes));
	memset(buf, 0, sizeof(buf));
	EXPECT_EQ(0, kt_qmp_give_fd(&self->q, "state", pipes[1],
				    kt_now_ns() + LONG_NS));
	ASSERT_LT(0, recvmsg(self->peer, &h, 0));
	EXPECT_STREQ("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"state\"},\"id\":2}",
		     buf);
	ASSERT_NE(NULL, CMSG_FIRSTHDR(&h));
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&h)), sizeof(got));
	EXPECT_EQ(1, write(got, "x", 1));
	EXPECT_EQ(1, read(pipes[0], &byte, 1));
	EXPECT_EQ('x', byte);
	close(got);
	close(pipes[0]);
	close(pipes[1]);
}

TEST_HARNESS_MAIN
