// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding files: by path, beside the program, in PATH, in this order; only
 * what is a file that can be read.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/find.h"
#include "nr_fds.h"

FIXTURE(find)
{
	char root[64], a[128], b[128], path[PATH_MAX], want[256];
	int fds_before;
};

/* Two directories of PATH. /tmp itself may be a link: compare real paths. */
FIXTURE_SETUP(find)
{
	char dirs[512], tmp[] = "/tmp/ktstr-find-XXXXXX";

	keep_log();
	self->fds_before = nr_fds();
	ASSERT_NE(NULL, mkdtemp(tmp));
	ASSERT_NE(NULL, realpath(tmp, self->path));
	snprintf(self->root, sizeof(self->root), "%.60s", self->path);
	snprintf(self->a, sizeof(self->a), "%s/a", self->root);
	snprintf(self->b, sizeof(self->b), "%s/b", self->root);
	ASSERT_EQ(0, mkdir(self->a, 0755));
	ASSERT_EQ(0, mkdir(self->b, 0755));
	snprintf(dirs, sizeof(dirs), "/nowhere::%s:%s:", self->a, self->b);
	setenv("PATH", dirs, 1);
}

FIXTURE_TEARDOWN(find)
{
	EXPECT_EQ(0, kt_remove_tree(self->root));
	EXPECT_EQ(self->fds_before, nr_fds());
}

static bool touch(const char *dir, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	kt_close(&fd);
	return true;
}

#define find(name)	kt_find_file(name, self->path, sizeof(self->path))

TEST_F(find, self)
{
	char dir[PATH_MAX], self_path[PATH_MAX];
	struct stat at_path, exe;

	ASSERT_EQ(0, kt_find_self(self_path, sizeof(self_path)));
	ASSERT_EQ(0, stat(self_path, &at_path));
	ASSERT_EQ(0, stat("/proc/self/exe", &exe));
	EXPECT_EQ(exe.st_ino, at_path.st_ino);
	ASSERT_EQ(0, kt_find_self_dir(dir, sizeof(dir)));
	EXPECT_EQ(0, strncmp(dir, self_path, strlen(dir)));
	EXPECT_EQ(strrchr(self_path, '/') - self_path, (long)strlen(dir));
}

TEST_F(find, in_path_the_first)
{
	ASSERT_TRUE(touch(self->b, "ktstr_only_b"));
	ASSERT_TRUE(touch(self->a, "ktstr_both"));
	ASSERT_TRUE(touch(self->b, "ktstr_both"));
	ASSERT_EQ(0, find("ktstr_only_b"));
	snprintf(self->want, sizeof(self->want), "%s/ktstr_only_b", self->b);
	EXPECT_STREQ(self->want, self->path);
	ASSERT_EQ(0, find("ktstr_both"));
	snprintf(self->want, sizeof(self->want), "%s/ktstr_both", self->a);
	EXPECT_STREQ(self->want, self->path);
	EXPECT_EQ(0, nr_errors);
}

/* The program's own directory comes before PATH. */
TEST_F(find, beside_the_program)
{
	char self_path[PATH_MAX], *name;

	ASSERT_EQ(0, kt_find_self(self_path, sizeof(self_path)));
	name = strrchr(self_path, '/') + 1;
	ASSERT_TRUE(touch(self->a, name));
	ASSERT_EQ(0, find(name));
	EXPECT_STREQ(self_path, self->path);
	unsetenv("PATH");
	EXPECT_EQ(0, find(name));
}

TEST_F(find, by_path)
{
	char given[256];

	ASSERT_TRUE(touch(self->a, "file"));
	snprintf(given, sizeof(given), "%s/../a/./file", self->b);
	ASSERT_EQ(0, find(given));
	snprintf(self->want, sizeof(self->want), "%s/file", self->a);
	EXPECT_STREQ(self->want, self->path);

	/* a name with a '/' is a path: PATH is not asked */
	EXPECT_EQ(-ENOENT, find("./file"));
	ASSERT_EQ(0, chdir(self->a));
	ASSERT_EQ(0, find("./file"));
	EXPECT_STREQ(self->want, self->path);
	/* and one without is none */
	setenv("PATH", "", 1);
	EXPECT_EQ(-ENOENT, find("file"));
}

TEST_F(find, links_are_followed)
{
	char link[256];

	ASSERT_TRUE(touch(self->a, "target"));
	snprintf(link, sizeof(link), "%s/ktstr_link", self->b);
	ASSERT_EQ(0, symlink("../a/target", link));
	ASSERT_EQ(0, find("ktstr_link"));
	snprintf(self->want, sizeof(self->want), "%s/target", self->a);
	EXPECT_STREQ(self->want, self->path);
}

TEST_F(find, what_is_no_file_is_passed_over)
{
	char dir[256];

	snprintf(dir, sizeof(dir), "%s/ktstr_thing", self->a);
	ASSERT_EQ(0, mkdir(dir, 0755));
	EXPECT_EQ(-ENOENT, find("ktstr_thing"));
	ASSERT_TRUE(touch(self->b, "ktstr_thing"));
	ASSERT_EQ(0, find("ktstr_thing"));
	EXPECT_EQ(-ENOENT, find(dir));
	EXPECT_NE(NULL, strstr(last_log, "Is a directory"));
	EXPECT_EQ(-ENOENT, find("/dev/null"));
}

TEST_F(find, nothing)
{
	char longest[PATH_MAX + 2];

	EXPECT_EQ(-ENOENT, find("ktstr_no_such_file"));
	EXPECT_NE(NULL, strstr(last_log, "ktstr_no_such_file: found neither beside "));
	EXPECT_NE(NULL, strstr(last_log, "build it or give its path"));
	EXPECT_EQ(-ENOENT, find("/no/such/file"));
	EXPECT_STREQ("/no/such/file: No such file or directory", last_log);
	EXPECT_EQ(-ENOENT, find(""));
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	EXPECT_EQ(-ENOENT, find(longest));
	longest[0] = '/';
	EXPECT_EQ(-ENOENT, find(longest));
	EXPECT_EQ(5, nr_errors);
}

TEST_HARNESS_MAIN
