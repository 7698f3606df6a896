// SPDX-License-Identifier: GPL-2.0-only
/*
 * numa_maps: which lines are a worker's own memory, in whatever pieces they
 * come.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/work/pages.h"

static u32 pages[KT_MAX_NODES];

static int read_text(const char *text)
{
	int fd = memfd_create("numa_maps", MFD_CLOEXEC), ret;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    lseek(fd, 0, SEEK_SET))
		return -1;
	memset(pages, 0, sizeof(pages));
	ret = kt_pages_read(fd, pages);
	close(fd);
	return ret;
}

TEST(own_memory_alone)
{
	static const char text[] =
		"00400000 default file=/init mapped=90 N0=90 kernelpagesize_kB=4\n"
		"006d1000 default file=/init anon=7 dirty=7 N0=7 kernelpagesize_kB=4\n"
		"01a2c000 default heap anon=40 dirty=40 mapmax=3 N0=40 kernelpagesize_kB=4\n"
		"7f0000000000 default\n"
		"7f6c00000000 bind:1 anon=512 dirty=500 active=0 N0=384 N1=128 kernelpagesize_kB=4\n"
		"7f7c00000000 default anon=3 dirty=3 N1=2 N63=1 kernelpagesize_kB=4\n"
		"7ffc00000000 default stack anon=5 dirty=5 N0=5 kernelpagesize_kB=4";

	ASSERT_EQ(0, read_text(text));
	EXPECT_EQ(384, pages[0]);	/* a line without an end is none */
	EXPECT_EQ(130, pages[1]);
	EXPECT_EQ(1, pages[63]);
}

TEST(long_lines)
{
	static char text[64 << 10];
	size_t len, i;

	/* one whose end looks like memory of its own */
	len = sprintf(text, "7f0000000000 default file=/");
	memset(text + len, 'x', 5000);
	len += 5000;
	len += sprintf(text + len, " anon=4 N0=4\n");
	for (i = 0; i < 500; i++)
		len += sprintf(text + len, "7f%zu default anon=2 N%zu=2\n", i,
			       i % 2);
	ASSERT_EQ(0, read_text(text));
	EXPECT_EQ(500, pages[0]);
	EXPECT_EQ(500, pages[1]);
}

TEST(odd_lines)
{
	ASSERT_EQ(0, read_text("\n"
			       "1 default anon=1 N64=5 N99999999999=5 N=5 N1 N\n"
			       "2 default anon=1 N0=99999999999\n"
			       "3 default anon=1 N0=1\n"));
	EXPECT_EQ(UINT32_MAX, pages[0]);
	EXPECT_EQ(0, pages[1]);
}

TEST(the_kernels_own)
{
	const size_t bytes = 64 * 4096;
	int fd = open("/proc/self/numa_maps", O_RDONLY | O_CLOEXEC);
	u32 before[KT_MAX_NODES] = {}, after[KT_MAX_NODES] = {}, i, more = 0;
	void *mem;

	if (fd < 0)
		SKIP(return, "no numa_maps in this kernel");
	ASSERT_EQ(0, kt_pages_read(fd, before));
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	memset(mem, 1, bytes);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	ASSERT_EQ(0, kt_pages_read(fd, after));
	for (i = 0; i < KT_MAX_NODES; i++)
		more += after[i] - before[i];
	EXPECT_GE(more, 64);
	close(fd);
}

TEST(lists_of_nodes)
{
	EXPECT_FALSE(kt_pages_many_nodes("0"));
	EXPECT_FALSE(kt_pages_many_nodes("12"));
	EXPECT_TRUE(kt_pages_many_nodes("0-1"));
	EXPECT_TRUE(kt_pages_many_nodes("0,2"));
}

TEST_HARNESS_MAIN
