// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the kernel lies, from the text of /proc/iomem and /proc/kallsyms: with
 * and without KASLR, and without the privilege to see addresses.
 */
#include <kselftest_harness.h>

#include "ktstr/guest/kern_addrs.h"

#define IOMEM(code)							\
	"00000000-00000fff : Reserved\n"				\
	"00001000-0009fbff : System RAM\n"				\
	"00100000-0ffdffff : System RAM\n"				\
	"  " code "-023fffff : Kernel code\n"				\
	"  02400000-03161fff : Kernel rodata\n"				\
	"  03200000-034ebd3f : Kernel data\n"

#define KALLSYMS(text)							\
	"0000000000000000 A fixed_percpu_data\n"			\
	"0000000000000000 A __per_cpu_start\n"				\
	"0000000000001000 A cpu_debug_store\n"				\
	text " T startup_64\n"						\
	text " T not_text\n"						\
	text " T _text\n"						\
	text " T _stext\n"						\
	"ffffffffc0000000 t _text\t[module]\n"

static int parse(const char *iomem, const char *kallsyms,
		 struct kt_kern_addrs *k)
{
	FILE *a = iomem ? fmemopen((char *)iomem, strlen(iomem), "r") : NULL;
	FILE *b = kallsyms ? fmemopen((char *)kallsyms, strlen(kallsyms), "r") :
			     NULL;
	int ret = kt_kern_addrs_parse(a, b, k);

	if (a)
		fclose(a);
	if (b)
		fclose(b);
	return ret;
}

TEST(where_it_was_linked)
{
	struct kt_kern_addrs k;

	ASSERT_EQ(parse(IOMEM("01000000"), KALLSYMS("ffffffff81000000"), &k), 0);
	EXPECT_EQ(k.phys_base_biased, 1);
	EXPECT_EQ(k.text_kva_biased, 0xffffffff81000001ULL);
	EXPECT_EQ(k.page_offset_base_kva, 0);
}

TEST(moved_by_kaslr)
{
	struct kt_kern_addrs k;

	/* virtual and physical address are drawn apart */
	ASSERT_EQ(parse(IOMEM("07600000"), KALLSYMS("ffffffff9a200000"), &k), 0);
	EXPECT_EQ(k.phys_base_biased, 0x07600000 - 0x1a200000ULL + 1);
	EXPECT_EQ(k.text_kva_biased, 0xffffffff9a200001ULL);

	/* above 4 GiB */
	ASSERT_EQ(parse(IOMEM("12f000000"), KALLSYMS("ffffffff81000000"), &k), 0);
	EXPECT_EQ(k.phys_base_biased, 0x12e000001ULL);
}

TEST(addresses_withheld)
{
	struct kt_kern_addrs k;

	EXPECT_EQ(parse(IOMEM("00000000"), KALLSYMS("ffffffff81000000"), &k),
		  -ENOENT);
	EXPECT_EQ(k.phys_base_biased, 0);
	EXPECT_EQ(k.text_kva_biased, 0xffffffff81000001ULL);

	EXPECT_EQ(parse(IOMEM("01000000"), KALLSYMS("0000000000000000"), &k),
		  -ENOENT);
	EXPECT_EQ(k.phys_base_biased, 0);
	EXPECT_EQ(k.text_kva_biased, 0);
}

TEST(files_missing_or_strange)
{
	struct kt_kern_addrs k;

	EXPECT_EQ(parse(NULL, NULL, &k), -ENOENT);
	EXPECT_EQ(parse("\n", "\n", &k), -ENOENT);
	EXPECT_EQ(parse("Kernel code\n : Kernel code\n",
			" T _text\n_text\nffffffff81000000", &k), -ENOENT);
	EXPECT_EQ(k.phys_base_biased, 0);
	EXPECT_EQ(k.text_kva_biased, 0);
}

TEST_HARNESS_MAIN
