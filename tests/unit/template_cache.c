// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cache of templates: whole or not at all, one maker at a time, and which
 * of them go.
 */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/host/template_cache.h"
#include "nr_fds.h"
#include "test_dir.h"

#define NAME	"0123456789abcdef"
#define DIR	"ktstr/templates"
#define DAY_S	(24 * 3600)

FIXTURE(cache)
{
	struct kt_template_draft draft;
	int fds_before;
};

FIXTURE_SETUP(cache)
{
	keep_log();
	self->fds_before = nr_fds();
	self->draft.fd = -1;
	ASSERT_TRUE(make_root("/tmp"));
	setenv("XDG_CACHE_HOME", root, 1);
}

FIXTURE_TEARDOWN(cache)
{
	kt_close(&self->draft.fd);
	EXPECT_EQ(0, kt_remove_tree(root));
	EXPECT_EQ(self->fds_before, nr_fds());
}

static int make(const char *name, const char *text)
{
	struct kt_template_draft d;
	int ret = kt_template_cache_begin(name, &d);

	if (!ret)
		ret = kt_write_all(d.fd, text, strlen(text), 0);
	return ret ? ret : kt_template_cache_commit(&d);
}

static const char *content(const char *name)
{
	static char buf[64];
	int fd;

	memset(buf, 0, sizeof(buf));
	if (kt_template_cache_open(name, &fd) ||
	    read(fd, buf, sizeof(buf) - 1) < 0)
		return "none";
	kt_close(&fd);
	return buf;
}

static u32 nr_files(void)
{
	struct kt_template_entry *all;
	u32 nr;

	if (kt_template_cache_list(&all, &nr))
		return 1000;
	free(all);
	return nr;
}

static int set_age(const char *name, time_t seconds)
{
	char path[PATH_MAX];
	struct timespec times[2] = {};

	snprintf(path, sizeof(path), "%s/" DIR "/%s.template", root, name);
	times[1].tv_sec = time(NULL) - seconds;
	times[0] = times[1];
	return utimensat(AT_FDCWD, path, times, 0);
}

TEST_F(cache, made_and_found)
{
	struct kt_template_entry *all;
	int fd;
	u32 nr;

	EXPECT_EQ(-ENOENT, kt_template_cache_open(NAME, &fd));
	ASSERT_EQ(0, make(NAME, "a machine"));
	EXPECT_STREQ("a machine", content(NAME));
	EXPECT_EQ(-EEXIST, make(NAME, "another"));
	EXPECT_STREQ("a machine", content(NAME));
	ASSERT_EQ(0, kt_template_cache_list(&all, &nr));
	ASSERT_EQ(1, nr);
	EXPECT_STREQ(NAME, all[0].name);
	EXPECT_EQ(0, access(all[0].path, R_OK));
	EXPECT_LT(0, all[0].size_bytes);
	free(all);
	kt_template_cache_remove(NAME);
	EXPECT_EQ(-ENOENT, kt_template_cache_open(NAME, &fd));
}

/* What it holds is the memory of a machine. */
TEST_F(cache, for_its_owner_only)
{
	struct stat st;

	ASSERT_EQ(0, make(NAME, "x"));
	ASSERT_EQ(0, stat(at(DIR "/" NAME ".template"), &st));
	EXPECT_EQ(0600, st.st_mode & 0777);
}

TEST_F(cache, one_maker)
{
	struct kt_template_draft second;

	ASSERT_EQ(0, kt_template_cache_begin(NAME, &self->draft));
	EXPECT_EQ(-EBUSY, kt_template_cache_begin(NAME, &second));
	EXPECT_EQ(-1, second.fd);
	/* another one is another matter */
	ASSERT_EQ(0, make("fedcba9876543210", "x"));
	EXPECT_EQ(0, nr_files() - 1);
	ASSERT_EQ(0, kt_template_cache_commit(&self->draft));
	EXPECT_EQ(2, nr_files());
}

TEST_F(cache, given_up)
{
	ASSERT_EQ(0, kt_template_cache_begin(NAME, &self->draft));
	kt_template_cache_abandon(&self->draft);
	EXPECT_EQ(-1, self->draft.fd);
	EXPECT_EQ(0, rmdir(at(DIR)));
}

/* Its maker was killed: no lock is on it, and it is begun anew. */
TEST_F(cache, left_half_written)
{
	ASSERT_EQ(0, kt_template_cache_begin(NAME, &self->draft));
	ASSERT_EQ(0, kt_write_all(self->draft.fd, "much longer", 11, 0));
	kt_close(&self->draft.fd);
	EXPECT_STREQ("none", content(NAME));
	EXPECT_EQ(0, nr_files());
	ASSERT_EQ(0, make(NAME, "short"));
	EXPECT_STREQ("short", content(NAME));
}

TEST_F(cache, what_was_left_is_swept)
{
	struct kt_template_draft alive;
	u32 removed;

	ASSERT_EQ(0, kt_template_cache_begin(NAME, &self->draft));
	kt_close(&self->draft.fd);
	ASSERT_EQ(0, kt_template_cache_begin("fedcba9876543210", &alive));
	ASSERT_EQ(0, make("aaaaaaaaaaaaaaaa", "x"));
	EXPECT_NE(0, access(at(DIR "/.tmp-" NAME), F_OK));
	EXPECT_EQ(0, access(alive.tmp, F_OK));
	EXPECT_EQ(0, kt_template_cache_clean(&removed));
	EXPECT_EQ(1, removed);
	EXPECT_EQ(0, access(alive.tmp, F_OK));
	kt_template_cache_abandon(&alive);
	EXPECT_EQ(0, rmdir(at(DIR)));
}

TEST_F(cache, too_old)
{
	ASSERT_EQ(0, make(NAME, "old"));
	ASSERT_EQ(0, make("aaaaaaaaaaaaaaaa", "less old"));
	ASSERT_EQ(0, set_age(NAME, 15 * DAY_S));
	ASSERT_EQ(0, set_age("aaaaaaaaaaaaaaaa", 13 * DAY_S));
	ASSERT_EQ(0, make("bbbbbbbbbbbbbbbb", "new"));
	EXPECT_STREQ("none", content(NAME));
	EXPECT_STREQ("less old", content("aaaaaaaaaaaaaaaa"));
	EXPECT_STREQ("new", content("bbbbbbbbbbbbbbbb"));
}

/* 128 are kept; to open one is to use it. */
TEST_F(cache, too_many)
{
	char name[KT_TEMPLATE_NAME_SIZE];
	u32 i;

	for (i = 0; i < 128; i++) {
		snprintf(name, sizeof(name), "%016x", i);
		ASSERT_EQ(0, make(name, "x"));
		ASSERT_EQ(0, set_age(name, 1000 - i));
	}
	EXPECT_EQ(128, nr_files());
	EXPECT_STREQ("x", content("0000000000000000"));
	ASSERT_EQ(0, make(NAME, "one more"));
	EXPECT_EQ(128, nr_files());
	EXPECT_STREQ("x", content("0000000000000000"));
	EXPECT_STREQ("none", content("0000000000000001"));
	EXPECT_STREQ("one more", content(NAME));
}

/* Files of other names are nobody's business. */
TEST_F(cache, strange_files)
{
	u32 removed;

	ASSERT_EQ(0, make(NAME, "x"));
	ASSERT_EQ(0, mkdir(at(DIR "/aaaaaaaaaaaaaaaa.template"), 0700));
	ASSERT_EQ(0, symlink("/etc/passwd",
			     at(DIR "/bbbbbbbbbbbbbbbb.template")));
	kt_close(&self->draft.fd);
	self->draft.fd = open(at(DIR "/notes"), O_CREAT | O_WRONLY, 0600);
	EXPECT_EQ(1, nr_files());
	EXPECT_STREQ("none", content("bbbbbbbbbbbbbbbb"));
	EXPECT_EQ(0, kt_template_cache_clean(&removed));
	EXPECT_EQ(1, removed);
	EXPECT_EQ(0, access(at(DIR "/notes"), F_OK));
}

TEST_F(cache, no_place_for_it)
{
	setenv("XDG_CACHE_HOME", "/proc/self", 1);
	EXPECT_NE(0, kt_template_cache_begin(NAME, &self->draft));
	EXPECT_EQ(-1, self->draft.fd);
	EXPECT_LT(0, nr_logged);
}

TEST_HARNESS_MAIN
