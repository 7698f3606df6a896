// SPDX-License-Identifier: GPL-2.0-only
/*
 * A dying kernel on its console: each sign, which of several counts, lines in
 * any pieces, and bytes that are no text.
 */
#include <kselftest_harness.h>

#include "ktstr/base/types.h"
#include "ktstr/coord/console.h"

FIXTURE(console)
{
	struct kt_console c;
};

FIXTURE_SETUP(console)
{
	memset(&self->c, 0, sizeof(self->c));
}

FIXTURE_TEARDOWN(console)
{
	kt_console_fini(&self->c);
}

static void feed(struct kt_console *c, const char *text)
{
	kt_console_feed(c, text, strlen(text));
}

/* As the kernel prints them. */
static const struct {
	const char *line;
	enum kt_console_event event;
} lines[] = {
	{ "[    0.000000] Linux version 6.12.0", KT_CONSOLE_QUIET },
	{ "[    1.2] Kernel panic - not syncing: Attempted to kill init!",
	  KT_CONSOLE_PANIC },
	{ "[    1.2] Kernel panic - not syncing: Fatal exception",
	  KT_CONSOLE_PANIC },
	{ "[    1.2] Oops: general protection fault, 0000 [#1] SMP",
	  KT_CONSOLE_OOPS },
	{ "[    1.2] BUG: kernel NULL pointer dereference, address: 0",
	  KT_CONSOLE_OOPS },
	{ "[    1.2] kernel BUG at kernel/sched/ext.c:123!", KT_CONSOLE_OOPS },
	{ "[    1.2] Out of memory: Killed process 42 (simple)",
	  KT_CONSOLE_OOM },
	{ "[    1.2] Memory cgroup out of memory: Killed process 42 (x)",
	  KT_CONSOLE_OOM },
	/* a stall although the line has "BUG: " as well */
	{ "[    1.2] watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [x:42]",
	  KT_CONSOLE_STALL },
	{ "[    1.2] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
	  KT_CONSOLE_STALL },
	{ "[    1.2] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {",
	  KT_CONSOLE_STALL },
	{ "[    1.2] rcu: INFO: rcu_preempt self-detected stall on CPU",
	  KT_CONSOLE_STALL },
	{ "[    1.2] INFO: task x:42 blocked for more than 120 seconds.",
	  KT_CONSOLE_STALL },
	{ "[    1.2] kernel panic mode, bug, oops", KT_CONSOLE_QUIET },
	{ "[    1.2] sched_ext: BPF scheduler \"simple\" enabled",
	  KT_CONSOLE_QUIET },
};

TEST_F(console, each_sign)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		feed(&self->c, "before\n");
		feed(&self->c, lines[i].line);
		feed(&self->c, "\r\nafter\n");
		EXPECT_EQ(lines[i].event, self->c.worst) {
			TH_LOG("%s", lines[i].line);
		}
		EXPECT_STREQ(lines[i].event ? lines[i].line : "", self->c.text);
		kt_console_fini(&self->c);
		memset(&self->c, 0, sizeof(self->c));
	}
}

TEST_F(console, worst_wins_and_of_equals_the_first)
{
	feed(&self->c, "soft lockup 1\nsoft lockup 2\n");
	EXPECT_EQ(KT_CONSOLE_STALL, self->c.worst);
	EXPECT_STREQ("soft lockup 1", self->c.text);
	feed(&self->c, "Out of memory: Killed process 1\n");
	EXPECT_EQ(KT_CONSOLE_OOM, self->c.worst);
	feed(&self->c, "Oops: 1\nBUG: 2\nblocked for more than\n");
	EXPECT_EQ(KT_CONSOLE_OOPS, self->c.worst);
	EXPECT_STREQ("Oops: 1", self->c.text);
	feed(&self->c, "Kernel panic - not syncing: A\nOops: 3\n");
	feed(&self->c, "Kernel panic - not syncing: B\n");
	EXPECT_EQ(KT_CONSOLE_PANIC, self->c.worst);
	EXPECT_STREQ("Kernel panic - not syncing: A", self->c.text);
}

/* Wherever the bytes are cut, the same is found. */
TEST_F(console, cut_anywhere)
{
	static const char text[] =
		"first\r\n[ 1.0] Kernel panic - not syncing: x\r\nlast\n";
	size_t cut, len = sizeof(text) - 1, i;

	for (cut = 0; cut <= len; cut++) {
		kt_console_feed(&self->c, text, cut);
		kt_console_feed(&self->c, text + cut, len - cut);
		EXPECT_EQ(KT_CONSOLE_PANIC, self->c.worst);
		EXPECT_STREQ("[ 1.0] Kernel panic - not syncing: x", self->c.text);
		kt_console_fini(&self->c);
		memset(&self->c, 0, sizeof(self->c));
	}
	for (i = 0; i < len; i++)
		kt_console_feed(&self->c, text + i, 1);
	EXPECT_EQ(KT_CONSOLE_PANIC, self->c.worst);
}

/* A line counts once it is whole, and starts anew behind each newline. */
TEST_F(console, whole_lines)
{
	feed(&self->c, "Kernel panic - not\n syncing: x\n");
	EXPECT_EQ(KT_CONSOLE_QUIET, self->c.worst);
	feed(&self->c, "Oops: ");
	EXPECT_EQ(KT_CONSOLE_QUIET, self->c.worst);
	feed(&self->c, "\n");
	EXPECT_EQ(KT_CONSOLE_OOPS, self->c.worst);
}

/* A line without an end takes no more room, and the next one is read. */
TEST_F(console, endless_line)
{
	char block[1000];
	int i;

	memset(block, 'x', sizeof(block));
	feed(&self->c, "Oops: ");
	for (i = 0; i < 1000; i++)
		kt_console_feed(&self->c, block, sizeof(block));
	EXPECT_GT(sizeof(self->c.line), self->c.line_len);
	feed(&self->c, "\n");
	EXPECT_EQ(KT_CONSOLE_OOPS, self->c.worst);
	EXPECT_EQ(KT_CONSOLE_LINE_MAX - 1, strlen(self->c.text));
	feed(&self->c, "Kernel panic - not syncing: x\n");
	EXPECT_EQ(KT_CONSOLE_PANIC, self->c.worst);
	EXPECT_STREQ("Kernel panic - not syncing: x", self->c.text);
}

/* Every byte there is, and NULs before a sign: found, and fit to print. */
TEST_F(console, binary)
{
	char every[256];
	size_t i;

	for (i = 0; i < sizeof(every); i++)
		every[i] = i;
	for (i = 0; i < 100; i++)
		kt_console_feed(&self->c, every, sizeof(every));
	EXPECT_EQ(KT_CONSOLE_QUIET, self->c.worst);
	kt_console_feed(&self->c, "\n\0\033[1mOops: \0x\n", 15);
	EXPECT_EQ(KT_CONSOLE_OOPS, self->c.worst);
	EXPECT_STREQ("??[1mOops: ?x", self->c.text);
	EXPECT_EQ(100 * 256 + 15, self->c.tail.total_bytes);
}

TEST_F(console, keeps_the_end)
{
	char *text;

	feed(&self->c, "one\r\ntwo");
	text = kt_tail_text(&self->c.tail, 100);
	EXPECT_STREQ("one\ntwo", text);
	free(text);
}

TEST_F(console, words)
{
	EXPECT_EQ(NULL, kt_console_event_str(KT_CONSOLE_QUIET));
	EXPECT_NE(NULL, strstr(kt_console_event_str(KT_CONSOLE_PANIC), "panicked"));
	EXPECT_NE(NULL, strstr(kt_console_event_str(KT_CONSOLE_OOPS), "crashed"));
	EXPECT_NE(NULL, strstr(kt_console_event_str(KT_CONSOLE_OOM), "memory"));
	EXPECT_NE(NULL, strstr(kt_console_event_str(KT_CONSOLE_STALL), "stall"));
}

TEST_HARNESS_MAIN
