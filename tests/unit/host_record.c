// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run directories: what is in one, what happens when none can be made, and
 * which are pruned.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/record.h"
#include "nr_fds.h"
#include "test_dir.h"

#define KEPT	200

FIXTURE(record)
{
	struct kt_record r;
	char runs[128];
	int fds_before;
};

FIXTURE_SETUP(record)
{
	keep_log();
	self->fds_before = nr_fds();
	memset(&self->r, 0, sizeof(self->r));
	self->r.stream_fd = -1;
	self->r.console_fd = -1;
	self->r.hvc_fd = -1;
	ASSERT_TRUE(make_root("/tmp"));
	snprintf(self->runs, sizeof(self->runs), "%s/the/runs", root);
}

FIXTURE_TEARDOWN(record)
{
	kt_record_close(&self->r);
	EXPECT_EQ(0, kt_remove_tree(root));
	EXPECT_EQ(self->fds_before, nr_fds());
}

static const char *content(const struct kt_record *r, const char *name)
{
	static char buf[64];
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	return kt_read_line(path, buf, sizeof(buf)) ? "none" : buf;
}

TEST_F(record, a_run)
{
	char name[128];
	u32 year;
	int pid, nr;

	kt_record_open(&self->r, self->runs, "prog", "some_case");
	ASSERT_EQ(0, strncmp(self->r.dir, self->runs, strlen(self->runs)));
	nr = sscanf(self->r.dir + strlen(self->runs), "/%4u%*4uT%*6u-%d-%100s",
		    &year, &pid, name);
	ASSERT_EQ(3, nr);
	EXPECT_LE(2020, year);
	EXPECT_EQ(getpid(), pid);
	EXPECT_STREQ("prog-some_case", name);
	ASSERT_EQ(0, kt_write_all(self->r.stream_fd, "bytes", 5, 0));
	ASSERT_EQ(0, kt_write_all(self->r.console_fd, "said", 4, 0));
	ASSERT_EQ(0, kt_write_all(self->r.hvc_fd, "hvc0", 4, 0));
	kt_record_text(&self->r, "outcome", "pass");
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->r.stream_fd, F_GETFD));
	kt_record_close(&self->r);
	EXPECT_EQ(-1, self->r.stream_fd);
	EXPECT_STREQ("bytes", content(&self->r, "frames"));
	EXPECT_STREQ("said", content(&self->r, "console"));
	EXPECT_STREQ("hvc0", content(&self->r, "hvc"));
	EXPECT_EQ(-1, self->r.hvc_fd);
	EXPECT_STREQ("pass", content(&self->r, "outcome"));
	EXPECT_EQ(0, nr_logged);
	/* nothing that is there is written over */
	kt_record_text(&self->r, "outcome", "fail");
	EXPECT_STREQ("pass", content(&self->r, "outcome"));
	EXPECT_EQ(1, nr_logged);
}

TEST_F(record, default_place)
{
	const char *want = at("ktstr/runs/");

	setenv("XDG_STATE_HOME", root, 1);
	kt_record_open(&self->r, NULL, "p", "t");
	EXPECT_EQ(0, strncmp(want, self->r.dir, strlen(want)));
	kt_record_close(&self->r);
	/* set and empty is as good as not set */
	kt_record_open(&self->r, "", "p", "u");
	EXPECT_EQ(0, strncmp(want, self->r.dir, strlen(want)));
}

/* A run without a record is a run all the same. */
TEST_F(record, none)
{
	char longest[PATH_MAX + 10];
	static const char *const bases[] = { "/dev/null", "/dev/null/x", "/proc/x" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		kt_record_open(&self->r, bases[i], "p", "t");
		EXPECT_STREQ("", self->r.dir);
		EXPECT_EQ(-1, self->r.stream_fd);
		EXPECT_EQ(-1, self->r.console_fd);
		EXPECT_EQ(i + 1, nr_logged);
		kt_record_text(&self->r, "outcome", "pass");
		kt_record_close(&self->r);
		EXPECT_EQ(i + 1, nr_logged);
	}
	memset(longest, '/', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	kt_record_open(&self->r, longest, "p", "t");
	EXPECT_STREQ("", self->r.dir);
	kt_record_prune("/dev/null/x");
}

static void make_run(const char *runs, const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", runs, name);
	kt_mkdirs(path, 0755);
	strcat(path, "/frames");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	kt_close(&fd);
}

static u32 make_runs(const char *runs, u32 nr)
{
	char name[64];
	u32 i;

	/* made in an order that is not theirs */
	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "20260101T%06u-1-p-t",
			 (i * 7 + 3) % nr);
		make_run(runs, name);
	}
	return nr;
}

static bool exists(const char *runs, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", runs, name);
	return !access(path, F_OK);
}

static u32 count(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	u32 nr = 0;

	while (d && (e = readdir(d)))
		nr += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return nr;
}

TEST_F(record, prune_keeps_the_newest)
{
	make_runs(self->runs, KEPT);
	kt_record_prune(self->runs);
	EXPECT_EQ(KEPT, count(self->runs));
	make_run(self->runs, "20250101T000000-9-p-older");
	make_run(self->runs, "20270101T000000-9-p-newer");
	make_run(self->runs, "20270101T000001-9-p-newest");
	kt_record_prune(self->runs);
	EXPECT_EQ(KEPT, count(self->runs));
	EXPECT_FALSE(exists(self->runs, "20250101T000000-9-p-older"));
	EXPECT_FALSE(exists(self->runs, "20260101T000000-1-p-t"));
	EXPECT_FALSE(exists(self->runs, "20260101T000001-1-p-t"));
	EXPECT_TRUE(exists(self->runs, "20260101T000002-1-p-t"));
	EXPECT_TRUE(exists(self->runs, "20270101T000001-9-p-newest"));
}

/* What is not ours stays, and does not count. */
TEST_F(record, prune_leaves_other_things)
{
	static const char *const others[] = {
		"notes", "2", "20260101T000000", "20260101t000000-x",
		"20260101T00000x-x", "2026010aT000000-x", "20260101T000000_x",
		"a20260101T000000-x",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		make_run(self->runs, others[i]);
	make_runs(self->runs, KEPT + 1);
	kt_record_prune(self->runs);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		EXPECT_TRUE(exists(self->runs, others[i])) {
			TH_LOG("%s", others[i]);
		}
	}
	EXPECT_EQ(KEPT + ARRAY_SIZE(others), count(self->runs));
}

/* A link with a run's name goes, what it leads to stays. */
TEST_F(record, prune_follows_no_link)
{
	const char *link = at("the/runs/20000101T000000-1-p-t");
	struct stat st;

	make_runs(self->runs, KEPT);
	make_run(root, "precious");
	ASSERT_EQ(0, symlink("../../precious", link));
	kt_record_prune(self->runs);
	EXPECT_EQ(-1, lstat(link, &st));
	EXPECT_TRUE(exists(root, "precious/frames"));
}

/* One that is written as it comes. */
TEST_F(record, a_file)
{
	FILE *f;

	EXPECT_EQ(NULL, kt_record_file(&self->r, "x.json"));
	kt_record_open(&self->r, self->runs, "/opt/prog", "case");
	f = kt_record_file(&self->r, "x.json");
	ASSERT_NE(NULL, f);
	fputs("[]\n", f);
	kt_record_file_end(&self->r, "x.json", f);
	EXPECT_STREQ("[]", content(&self->r, "x.json"));
	EXPECT_EQ(0, nr_logged);
	/* a name is taken once */
	EXPECT_EQ(NULL, kt_record_file(&self->r, "x.json"));
	EXPECT_EQ(1, nr_logged);
	/* and what does not reach the disk is told */
	f = fopen("/dev/full", "w");
	ASSERT_NE(NULL, f);
	fputs("x", f);
	kt_record_file_end(&self->r, "full", f);
	EXPECT_EQ(2, nr_logged);
	EXPECT_NE(NULL, strstr(last_log, "/full: No space left on device"));
}

TEST_HARNESS_MAIN
