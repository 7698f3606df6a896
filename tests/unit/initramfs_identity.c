// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an initramfs would be, told without building it.
 */
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/initramfs.h"
#include "nr_fds.h"
#include "test_dir.h"

FIXTURE(identity)
{
	struct kt_initramfs *base;
	int fds_before;
};

static bool write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	return f && fputs(text, f) >= 0 && !fclose(f);
}

FIXTURE_SETUP(identity)
{
	keep_log();
	self->base = NULL;
	ASSERT_TRUE(make_root("/var/tmp"));
	self->fds_before = nr_fds();
	ASSERT_TRUE(write_text(at("a"), "one"));
	ASSERT_TRUE(write_text(at("b"), "one"));
	ASSERT_EQ(0, kt_initramfs_base_new("/proc/self/exe", &self->base));
}

FIXTURE_TEARDOWN(identity)
{
	kt_initramfs_free(self->base);
	EXPECT_EQ(self->fds_before, nr_fds());
	EXPECT_EQ(0, kt_remove_tree(root));
}

static u64 with(const struct kt_initramfs *base, const char *file)
{
	const char *const files[] = { file, NULL };
	struct kt_initramfs_extra extra = { .files = files };
	u64 id = 0;

	return kt_initramfs_identify(base, &extra, &id) ? 0 : id;
}

TEST_F(identity, the_same_again)
{
	struct kt_initramfs *again;

	EXPECT_NE(0, with(self->base, at("a")));
	EXPECT_EQ(with(self->base, at("a")), with(self->base, at("a")));
	ASSERT_EQ(0, kt_initramfs_base_new("/proc/self/exe", &again));
	EXPECT_EQ(with(self->base, at("a")), with(again, at("a")));
	kt_initramfs_free(again);
}

TEST_F(identity, another_file)
{
	u64 id = with(self->base, at("a"));

	EXPECT_NE(id, with(self->base, at("b")));
	EXPECT_NE(id, with(self->base, NULL));
}

/* Of the same size, in the same place, and even of the same time. */
TEST_F(identity, another_content)
{
	u64 id = with(self->base, at("a"));
	struct timespec times[2];
	struct stat st;

	ASSERT_EQ(0, stat(at("a"), &st));
	ASSERT_TRUE(write_text(at("a"), "two"));
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	ASSERT_EQ(0, utimensat(-1, at("a"), times, 0));
	EXPECT_NE(id, with(self->base, at("a")));
}

TEST_F(identity, another_mode)
{
	u64 id = with(self->base, at("a"));

	ASSERT_EQ(0, chmod(at("a"), 0755));
	EXPECT_NE(id, with(self->base, at("a")));
}

TEST_F(identity, another_program)
{
	u64 id = with(self->base, NULL);
	struct kt_initramfs *other;

	ASSERT_EQ(0, kt_initramfs_base_new("/bin/true", &other));
	EXPECT_NE(id, with(other, NULL));
	kt_initramfs_free(other);
}

TEST_F(identity, a_file_that_is_not_there)
{
	EXPECT_EQ(0, with(self->base, at("none")));
	EXPECT_EQ(1, nr_errors);
}

TEST_HARNESS_MAIN
