// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of library directories: ld.so.conf with globs and includes of all
 * kinds, and the parts of DT_RUNPATH and LD_LIBRARY_PATH.
 */
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/ld_paths.h"
#include "test_dir.h"

FIXTURE(paths)
{
	struct kt_ld_paths p;
};

FIXTURE_SETUP(paths)
{
	keep_log();
	memset(&self->p, 0, sizeof(self->p));
	ASSERT_TRUE(make_root("/tmp"));
}

FIXTURE_TEARDOWN(paths)
{
	kt_ld_paths_fini(&self->p);
	EXPECT_EQ(0, kt_remove_tree(root));
}

static bool write_conf(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "w");

	return f && fputs(text, f) >= 0 && !fclose(f);
}

TEST_F(paths, conf_with_includes)
{
	static const char *const want[] = {
		"/first", "/from/a", "/from/b", "/between", "/absolute", "/last",
	};
	char text[512];
	u32 i;

	ASSERT_EQ(0, mkdir(at("conf.d"), 0755));
	snprintf(text, sizeof(text),
		 "# a comment\n  /first  # and behind one\n\n"
		 "include conf.d/*.conf conf.d/none\n/between\t\n"
		 "include %s\nhwcap 1 nosegneg\nincluded\n/last",
		 at("conf.d/abs"));
	ASSERT_TRUE(write_conf("ld.so.conf", text));
	ASSERT_TRUE(write_conf("conf.d/b.conf", "/from/b\n"));
	ASSERT_TRUE(write_conf("conf.d/a.conf", "/from/a\n"));
	ASSERT_TRUE(write_conf("conf.d/c.txt", "/from/c\n"));
	ASSERT_TRUE(write_conf("conf.d/abs", "/absolute\n"));
	ASSERT_EQ(0, kt_ld_paths_add_conf(&self->p, at("ld.so.conf")));
	ASSERT_EQ(ARRAY_SIZE(want), self->p.nr);
	for (i = 0; i < self->p.nr; i++) {
		EXPECT_STREQ(want[i], self->p.dir[i].path);
		EXPECT_TRUE(self->p.dir[i].fixed);
	}
}

TEST_F(paths, no_conf_is_no_error)
{
	EXPECT_EQ(0, kt_ld_paths_add_conf(&self->p, at("ld.so.conf")));
	EXPECT_EQ(0, self->p.nr);
	EXPECT_EQ(0, nr_logged);
}

TEST_F(paths, a_conf_that_includes_itself_ends)
{
	ASSERT_TRUE(write_conf("ld.so.conf", "include ld.so.conf\n"));
	EXPECT_EQ(-ELOOP, kt_ld_paths_add_conf(&self->p, at("ld.so.conf")));
	EXPECT_EQ(1, nr_logged);
}

TEST_F(paths, parts_of_a_list)
{
	ASSERT_EQ(0, kt_ld_paths_add_list(&self->p, "/a:$ORIGIN/b;rel::/c$X",
					  ":;", "/here"));
	ASSERT_EQ(5, self->p.nr);
	EXPECT_STREQ("/a", self->p.dir[0].path);
	EXPECT_TRUE(self->p.dir[0].fixed);
	EXPECT_STREQ("/here/b", self->p.dir[1].path);
	EXPECT_FALSE(self->p.dir[1].fixed);
	EXPECT_STREQ("rel", self->p.dir[2].path);
	EXPECT_FALSE(self->p.dir[2].fixed);
	EXPECT_STREQ(".", self->p.dir[3].path);
	EXPECT_STREQ("/c$X", self->p.dir[4].path);
}

TEST_F(paths, tokens)
{
	ASSERT_EQ(0, kt_ld_paths_add_list(&self->p,
					  "/${ORIGIN}/x:/$LIB:/$PLATFORM/y:$ORIGIN_:/$LIBS",
					  ":", "here"));
	ASSERT_EQ(5, self->p.nr);
	EXPECT_STREQ("/here/x", self->p.dir[0].path);
	EXPECT_FALSE(self->p.dir[0].fixed);
	EXPECT_EQ(0, strncmp(self->p.dir[1].path, "/lib", 4));
	EXPECT_TRUE(self->p.dir[1].fixed);
	EXPECT_EQ(NULL, strchr(self->p.dir[2].path, '$'));
	EXPECT_STREQ("$ORIGIN_", self->p.dir[3].path);
	EXPECT_STREQ("/$LIBS", self->p.dir[4].path);
}

TEST_F(paths, an_unknown_origin_drops_the_part)
{
	ASSERT_EQ(0, kt_ld_paths_add_list(&self->p, "$ORIGIN/a:/b", ":", NULL));
	ASSERT_EQ(1, self->p.nr);
	EXPECT_STREQ("/b", self->p.dir[0].path);
}

TEST_F(paths, an_empty_list_is_none)
{
	EXPECT_EQ(0, kt_ld_paths_add_list(&self->p, "", ":", "/"));
	EXPECT_EQ(0, self->p.nr);
}

TEST_F(paths, bounds)
{
	char *list = malloc(65536);
	u32 i;

	ASSERT_NE(NULL, list);
	memset(list, 'x', 65535);
	list[65535] = '\0';
	/* Longer than any path: cannot be there. */
	EXPECT_EQ(0, kt_ld_paths_add_list(&self->p, list, ":", "/"));
	EXPECT_EQ(0, self->p.nr);
	for (i = 0; i < 65535; i += 2)
		list[i] = ':';
	EXPECT_EQ(-E2BIG, kt_ld_paths_add_list(&self->p, list, ":", "/"));
	EXPECT_EQ(KT_MAX_LD_DIRS, self->p.nr);
	free(list);
}

TEST_F(paths, the_default_directories)
{
	ASSERT_EQ(0, kt_ld_paths_add_defaults(&self->p));
	EXPECT_LT(2, self->p.nr);
	EXPECT_STREQ("/usr/lib", self->p.dir[self->p.nr - 1].path);
}

TEST_HARNESS_MAIN
