// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths of a guest's root: resolved over its library links, parents once and
 * first, files that meet.
 */
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "ktstr/base/log.h"
#include "ktstr/host/cpio.h"
#include "ktstr/host/guest_tree.h"
#include "newc.h"

FIXTURE(tree)
{
	struct kt_cpio c;
	struct kt_guest_tree t;
	struct newc n;
	char buf[65536];
	int fd;
};

FIXTURE_SETUP(tree)
{
	self->fd = memfd_create("tree", MFD_CLOEXEC);
	ASSERT_LE(0, self->fd);
	kt_cpio_init(&self->c, self->fd);
	kt_guest_tree_init(&self->t, &self->c, NULL);
}

FIXTURE_TEARDOWN(tree)
{
	kt_guest_tree_fini(&self->t);
	close(self->fd);
}

static bool read_back(struct kt_cpio *c, char *buf, size_t size, struct newc *n)
{
	return !kt_cpio_finish(c) && c->len_bytes <= size &&
	       pread(c->fd, buf, size, 0) == (ssize_t)c->len_bytes &&
	       newc_parse(n, buf, c->len_bytes);
}

TEST(resolve)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "/", "/" },
		{ "/..", "/" },
		{ "//a/./b//c/", "/a/b/c" },
		{ "/a/b/../../../c", "/c" },
		{ "/a/...", "/a/..." },
		{ "/lib", "/usr/lib" },
		{ "/lib/x", "/usr/lib/x" },
		{ "/lib64/ld.so", "/usr/lib/ld.so" },
		{ "/usr/lib64/x", "/usr/lib/x" },
		{ "/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/libc.so.6" },
		{ "/usr/lib/x86_64-linux-gnu/a/b", "/usr/lib/a/b" },
		{ "/lib/../x", "/usr/x" },
		{ "/lib32/x", "/lib32/x" },
		{ "/libx/x", "/libx/x" },
	};
	char out[PATH_MAX], *path = malloc(3 * PATH_MAX);
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(0, kt_guest_tree_resolve(cases[i].path, out));
		EXPECT_STREQ(cases[i].want, out);
	}
	/* About the longest: refused or within bounds. */
	for (len = PATH_MAX - 20; len < PATH_MAX + 5; len++) {
		memset(path, 'x', len);
		memcpy(path, "/lib64/", 7);
		path[len] = '\0';
		if (!kt_guest_tree_resolve(path, out))
			EXPECT_GT(PATH_MAX, (int)strlen(out));
	}
	memset(path, '/', 3 * PATH_MAX - 1);
	path[3 * PATH_MAX - 1] = '\0';
	EXPECT_EQ(0, kt_guest_tree_resolve(path, out));
	free(path);
}

TEST_F(tree, parents_come_once_and_first)
{
	static const char *const want[] = {
		"a", "a/b", "a/b/x", "a/c", "a/d", "a/d/y",
	};
	int i;

	ASSERT_EQ(0, kt_guest_tree_add_symlink(&self->t, "/a/b/x", "/x"));
	ASSERT_EQ(0, kt_guest_tree_add_symlink(&self->t, "/a/b/x", "/y"));
	/* A guest's kernel walks through a/c to get to a/d. */
	ASSERT_EQ(0, kt_guest_tree_add_symlink(&self->t, "/a/c/../d/y", "/x"));
	ASSERT_EQ(0, kt_guest_tree_add_dir(&self->t, "/a/d", 0700));
	ASSERT_TRUE(read_back(&self->c, self->buf, sizeof(self->buf), &self->n));
	ASSERT_EQ((int)ARRAY_SIZE(want), self->n.nr);
	for (i = 0; i < self->n.nr; i++)
		EXPECT_STREQ(want[i], self->n.e[i].name);
	EXPECT_TRUE(newc_data_is(newc_find(&self->n, "a/b/x"), "/x", 2));
}

TEST_F(tree, files_that_meet)
{
	const struct kt_guest_entry *e;

	ASSERT_EQ(0, kt_guest_tree_add_file(&self->t, "/lib/f", 0644,
					    "/etc/passwd"));
	EXPECT_EQ(0, kt_guest_tree_add_file(&self->t, "/usr/lib64/f", 0644,
					    "/etc/./passwd"));
	EXPECT_EQ(-EEXIST, kt_guest_tree_add_file(&self->t, "/usr/lib/f", 0644,
						  "/proc/self/exe"));
	ASSERT_EQ(0, kt_guest_tree_add_dir(&self->t, "/d", 0755));
	EXPECT_EQ(-EEXIST, kt_guest_tree_add_file(&self->t, "/d", 0644,
						  "/etc/passwd"));
	e = kt_guest_tree_find(&self->t, "/lib64/f");
	ASSERT_NE(NULL, e);
	EXPECT_STREQ("/etc/passwd", e->host);
	ASSERT_TRUE(read_back(&self->c, self->buf, sizeof(self->buf), &self->n));
	EXPECT_NE(NULL, newc_find(&self->n, "usr/lib/f"));
	EXPECT_EQ(4, self->n.nr);
}

TEST_F(tree, what_lies_below_is_not_repeated)
{
	struct kt_guest_tree upper;

	kt_guest_tree_init(&upper, &self->c, &self->t);
	ASSERT_EQ(0, kt_guest_tree_add_dir(&self->t, "/a", 0755));
	EXPECT_EQ(0, kt_guest_tree_add_dir(&upper, "/a/b", 0755));
	EXPECT_EQ(1, upper.nr);
	EXPECT_EQ(NULL, kt_guest_tree_find(&self->t, "/a/b"));
	EXPECT_NE(NULL, kt_guest_tree_find(&upper, "/a"));
	kt_guest_tree_fini(&upper);
}

/* Every default directory leads to the one. */
TEST_F(tree, library_directories)
{
	static const char *const links[] = {
		"lib", "lib64", "usr/lib64", "usr/lib/x86_64-linux-gnu",
	};
	size_t i;

	ASSERT_EQ(0, kt_guest_tree_add_lib_dirs(&self->t));
	ASSERT_TRUE(read_back(&self->c, self->buf, sizeof(self->buf), &self->n));
	EXPECT_STREQ("usr", self->n.e[0].name);
	EXPECT_STREQ("usr/lib", self->n.e[1].name);
	for (i = 0; i < ARRAY_SIZE(links); i++) {
		const struct newc_entry *e = newc_find(&self->n, links[i]);

		ASSERT_NE(NULL, e);
		EXPECT_TRUE(S_ISLNK(e->mode));
	}
}

TEST_HARNESS_MAIN
