// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names close to one that is not there.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/near.h"
#include "mini_vmlinux.h"

#define LONG_NAME \
	"a_name_that_is_so_long_that_nobody_compares_it_with_anything_else_here"

FIXTURE(near)
{
	struct kt_symbols *syms;
	char buf[64];
};

FIXTURE_SETUP(near)
{
	const struct mini_symbol all[] = {
		{ "jiffies", 0xffffffff81000000 },
		{ "jiffies_64", 0xffffffff81000008 },
		{ "jiffies", 0xffffffff81000010 },
		{ "jiffies_65", 0xffffffff81000018 },
		{ "jiffies_66", 0xffffffff81000020 },
		{ "panic_timeout", 0xffffffff81000028 },
		{ "x", 0xffffffff81000030 },
		{ LONG_NAME, 0xffffffff81000038 },
	};
	struct mini_vmlinux im;

	mini_vmlinux_fill(&im, all, ARRAY_SIZE(all));
	ASSERT_EQ(0, mini_vmlinux_load(&im, sizeof(im), &self->syms));
}

FIXTURE_TEARDOWN(near)
{
	kt_symbols_free(self->syms);
}

#define near(name, size) ({						\
	kt_symbols_near(self->syms, name, self->buf, size);		\
	(const char *)self->buf;					\
})

TEST_F(near, the_closest_first)
{
	EXPECT_STREQ("panic_timeout", near("panic_timeuot", 64));
	EXPECT_STREQ("panic_timeout", near("panictimeouts", 64));
	EXPECT_STREQ("jiffies", near("jiffie", 64));
	EXPECT_STREQ("jiffies_64, jiffies_65, jiffies_66", near("jiffies_67", 64));
	EXPECT_STREQ("jiffies_66, jiffies_64, jiffies_65", near("jifies_66", 64));
}

TEST_F(near, none)
{
	EXPECT_STREQ("", near("nothing_like_it", 64));
	EXPECT_STREQ("", near("", 64));
	EXPECT_STREQ("", near("y", 64));	/* all names of one character are near */
	EXPECT_STREQ("", near(LONG_NAME "s", 64));
	EXPECT_STREQ("", near("PANIC_TIMEOUT", 64));
}

/* Names are whole, or not there. */
TEST_F(near, what_fits)
{
	EXPECT_STREQ("jiffies_64, jiffies_65", near("jiffies_67", 23));
	EXPECT_STREQ("jiffies_64", near("jiffies_67", 22));
	EXPECT_STREQ("jiffies_64", near("jiffies_67", 11));
	EXPECT_STREQ("", near("jiffies_67", 10));
}

TEST_HARNESS_MAIN
