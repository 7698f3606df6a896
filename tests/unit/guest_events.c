// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is said of how many events there are and were.
 */
#include <kselftest_harness.h>

#include "ktstr/guest/events.h"

#define HEAD(numbers)							\
	"# tracer: nop\n#\n"						\
	"# entries-in-buffer/entries-written: " numbers "   #P:2\n#\n"

static char line[KT_EVENTS_HEAD_BYTES];

static const char *head(const char *text)
{
	size_t len = kt_events_head(text, 4096, line);

	return len == strlen(line) && line[len - 1] == '\n' ? line : "?";
}

TEST(all)
{
	EXPECT_STREQ("# 9836 events by CLOCK_MONOTONIC, all that there were\n",
		     head(HEAD("9836/9836")));
	EXPECT_STREQ("# 0 events by CLOCK_MONOTONIC, all that there were\n",
		     head(HEAD("0/0")));
}

TEST(lost)
{
	EXPECT_STREQ("# the last 7 events of 1000000, by CLOCK_MONOTONIC; the first 999993 did not fit into the 4096 KiB of the trace buffer\n",
		     head(HEAD("7/1000000")));
	head(HEAD("18446744073709551615/18446744073709551614"));
	EXPECT_GT(sizeof(line), strlen(line) + 1);
}

TEST(not_told)
{
	static const char said[] =
		"# events by CLOCK_MONOTONIC; the kernel does not say how many were lost\n";

	EXPECT_STREQ(said, head(""));
	EXPECT_STREQ(said, head("# tracer: nop\n"));
	EXPECT_STREQ(said, head(HEAD("")));
	EXPECT_STREQ(said, head(HEAD("7")));
}

TEST_HARNESS_MAIN
