// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names offered for one that is not there.
 */
#include <kselftest_harness.h>

#include "ktstr/base/near.h"

TEST(alike)
{
	char longest[80];

	EXPECT_TRUE(kt_near("weigth", "weight"));
	EXPECT_TRUE(kt_near("nr_runing", "nr_running"));
	EXPECT_TRUE(kt_near("dsq", "local_dsq"));
	EXPECT_TRUE(kt_near("local_dsq", "dsq"));
	EXPECT_TRUE(kt_near("pid", "pidx_"));
	EXPECT_FALSE(kt_near("weight", "vtime"));
	EXPECT_FALSE(kt_near("", "a"));
	EXPECT_FALSE(kt_near("a", ""));
	memset(longest, 'x', sizeof(longest));
	longest[79] = '\0';
	EXPECT_FALSE(kt_near(longest, "y"));
	EXPECT_FALSE(kt_near("y", longest));
}

static void list(const struct kt_name_list *l, const char *wanted,
		 struct kt_strbuf *text)
{
	kt_strbuf_reset(text);
	kt_name_list_text(l, wanted, text);
}

TEST(listed)
{
	struct kt_name_list names = {};
	struct kt_strbuf text;
	char more[KT_NAMES_MAX + 5][8];
	int i;

	kt_strbuf_init(&text, 4096);
	list(&names, "weigth", &text);
	EXPECT_STREQ("none", kt_strbuf_str(&text));
	kt_name_list_add(&names, "vtime");
	kt_name_list_add(&names, "weight");
	kt_name_list_add(&names, "vtime");
	list(&names, "weigth", &text);
	EXPECT_STREQ("weight, vtime", kt_strbuf_str(&text));
	for (i = 0; i < KT_NAMES_MAX + 5; i++) {
		snprintf(more[i], sizeof(more[i]), "n%d", i);
		kt_name_list_add(&names, more[i]);
	}
	EXPECT_EQ(KT_NAMES_MAX + 7, names.nr);
	list(&names, "weigth", &text);
	EXPECT_EQ(0, strncmp(kt_strbuf_str(&text), "weight, vtime, n0, ", 19));
	EXPECT_NE(NULL, strstr(kt_strbuf_str(&text), "n21, 495 more"));
	kt_strbuf_fini(&text);
}

TEST_HARNESS_MAIN
