// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases that go wrong inside the machine, each in its own way; the script
 * "trouble-in-the-guest" looks at what the host says of each. Not a test
 * program by itself: none of its cases passes.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ktstr.h>

#define MIB	(1024 * 1024)

KTSTR_TEST(crashes, .desc = "the body dies of SIGSEGV", .duration_ms = 500)
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	raise(SIGSEGV);	/* as a bad pointer would */
}

KTSTR_TEST(loops, .desc = "the body never ends", .duration_ms = 500)
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	for (;;)
		pause();
}

KTSTR_TEST(leaves, .desc = "the body exits on its own", .duration_ms = 500)
{
	exit(3);
}

KTSTR_TEST(expects_nothing, .desc = "no expectation runs", .duration_ms = 500)
{
}

KTSTR_TEST(eats_memory, .desc = "more than the machine has", .duration_ms = 500,
	   .memory_mib = 192)
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	for (;;) {
		char *p = malloc(MIB);

		if (p)
			memset(p, 1, MIB);
	}
}

KTSTR_TEST(fills_tmp, .desc = "writes until /tmp is full", .duration_ms = 500)
{
	static char buf[MIB];
	int fd = open("/tmp/big", O_WRONLY | O_CREAT, 0600);

	KTSTR_ASSERT(t, fd >= 0);
	while (write(fd, buf, sizeof(buf)) > 0)
		;
}

KTSTR_TEST(panics, .desc = "the kernel is told to panic", .duration_ms = 500)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);

	KTSTR_ASSERT(t, fd >= 0);
	KTSTR_EXPECT(t, write(fd, "c", 1) == 1);
	pause();
}
