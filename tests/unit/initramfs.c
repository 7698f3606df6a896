// SPDX-License-Identifier: GPL-2.0-only
/*
 * The initramfs as the kernel would unpack it: where programs and libraries
 * lie, what the second archive adds, names that meet, sealing.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/initramfs.h"
#include "ktstr/wire/plan.h"
#include "mini_elf.h"
#include "newc.h"
#include "test_dir.h"

#define make(name, ...) \
	ASSERT_EQ(0, mini_elf_write(at(name), \
				    &(struct mini_elf){ __VA_ARGS__ }))

static bool write_text(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	return f && fputs(text, f) >= 0 && !fclose(f) && !chmod(path, mode);
}

FIXTURE(image)
{
	struct kt_initramfs *base;
	struct newc n;
	char *buf;
	u64 len;
	int fd;
};

/* Not below /tmp: a guest mounts over that. */
FIXTURE_SETUP(image)
{
	static const char *const dirs[] = { "bin", "a", "b" };
	size_t i;

	keep_log();
	self->base = NULL;
	self->buf = NULL;
	self->fd = -1;
	unsetenv("LD_LIBRARY_PATH");
	ASSERT_TRUE(make_root("/var/tmp"));
	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		ASSERT_EQ(0, mkdir(at(dirs[i]), 0755));
	make("bin/init", .needed = { 0 });
}

FIXTURE_TEARDOWN(image)
{
	kt_initramfs_free(self->base);
	kt_close(&self->fd);
	free(self->buf);
	EXPECT_EQ(0, kt_remove_tree(root));
}

static int build_extra(struct _test_data_image *self,
		       const struct kt_initramfs_extra *extra)
{
	int ret;

	kt_close(&self->fd);
	ret = kt_initramfs_build(self->base, extra, &self->fd, &self->len);
	if (ret)
		return ret;
	free(self->buf);
	self->buf = malloc(self->len + 1);
	/* Also: it ends where it says. */
	if (pread(self->fd, self->buf, self->len + 1, 0) != (ssize_t)self->len)
		return -EIO;
	return newc_parse(&self->n, self->buf, self->len) ? 0 : -EBADMSG;
}

static int build(struct _test_data_image *self, const char *sched,
		 const char *const *files)
{
	struct kt_initramfs_extra extra = { .sched = sched, .files = files };

	return build_extra(self, &extra);
}

/* The name in the archive of a path below the test's directory. */
static const struct newc_entry *entry_at(const struct newc *n, const char *name)
{
	return newc_find(n, at(name) + 1);
}

static bool holds(const struct newc_entry *e, const char *host)
{
	char *text = NULL;
	size_t len = 0;
	bool same;

	if (!e || !S_ISREG(e->mode) || kt_read_file(host, 1 << 28, &text, &len))
		return false;
	same = newc_data_is(e, text, len);
	free(text);
	return same;
}

/* What is loaded of the program @host, and nothing of sections. */
static bool begins(const struct newc_entry *e, const char *host)
{
	Elf64_Ehdr eh = {};
	char *text = NULL;
	size_t len = 0;
	bool same;

	if (!e || !S_ISREG(e->mode) || e->size < sizeof(eh) ||
	    kt_read_file(host, 1 << 28, &text, &len))
		return false;
	memcpy(&eh, e->data, sizeof(eh));
	same = e->size < len && !memcmp(e->data, text, EI_NIDENT) &&
	       !memcmp(e->data + sizeof(eh), text + sizeof(eh),
		       e->size - sizeof(eh)) &&
	       !eh.e_shoff && !eh.e_shnum && eh.e_phoff;
	free(text);
	return same;
}

TEST_F(image, of_this_program)
{
	static const char *const dirs[] = {
		"proc", "sys", "dev", "run", "tmp", "etc", "sched", "files",
	};
	const struct newc_entry *e;
	size_t i;

	ASSERT_EQ(0, kt_initramfs_base_new("/proc/self/exe", &self->base));
	ASSERT_EQ(0, build(self, NULL, NULL));
	e = newc_find(&self->n, "init");
	EXPECT_TRUE(begins(e, "/proc/self/exe"));
	EXPECT_EQ(S_IFREG | 0755, e->mode);
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		e = newc_find(&self->n, dirs[i]);
		ASSERT_NE(NULL, e);
		EXPECT_TRUE(S_ISDIR(e->mode));
	}
	e = newc_find(&self->n, "dev/console");
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(S_ISCHR(e->mode) && e->rmajor == 5 && e->rminor == 1);
	e = newc_find(&self->n, "dev/null");
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(S_ISCHR(e->mode) && e->rmajor == 1 && e->rminor == 3);
	e = newc_find(&self->n, "etc/passwd");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0, memcmp(e->data, "root:x:0:0:", 11));
	/* The C library of the test itself. */
	EXPECT_TRUE(newc_find(&self->n, "usr/lib/libc.so.6") ||
		    newc_find(&self->n, "usr/lib/ld-musl-x86_64.so.1"));
}

TEST_F(image, no_entry_comes_twice_and_parents_come_first)
{
	const char *const files[] = { "/proc/self/exe", NULL };
	char parent[PATH_MAX];
	int i;

	ASSERT_EQ(0, kt_initramfs_base_new("/proc/self/exe", &self->base));
	ASSERT_EQ(0, build(self, "/proc/self/exe", files));
	for (i = 0; i < self->n.nr; i++) {
		const char *name = self->n.e[i].name;
		const char *slash = strrchr(name, '/');

		EXPECT_EQ(&self->n.e[i], newc_find(&self->n, name));
		if (!slash)
			continue;
		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - name),
			 name);
		EXPECT_NE(NULL, newc_find(&self->n, parent));
		EXPECT_GT(&self->n.e[i], newc_find(&self->n, parent));
	}
	/* Only the copies are new: the libraries are in the base. */
	EXPECT_EQ(2, self->n.trailers);
	EXPECT_TRUE(holds(newc_find(&self->n, "sched/exe"), "/proc/self/exe"));
	EXPECT_TRUE(holds(newc_find(&self->n, "files/exe"), "/proc/self/exe"));
	for (i = 0; i < self->n.nr; i++)
		if (self->n.e[i].archive)
			EXPECT_NE(NULL, strstr(self->n.e[i].name, "/exe"));
}

TEST_F(image, is_sealed_and_the_same_each_time)
{
	char *first;
	u64 len;

	ASSERT_EQ(0, kt_initramfs_base_new("/proc/self/exe", &self->base));
	ASSERT_EQ(0, build(self, "/proc/self/exe", NULL));
	EXPECT_EQ(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL,
		  fcntl(self->fd, F_GET_SEALS));
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->fd, F_GETFD));
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_CUR));
	first = self->buf;
	len = self->len;
	self->buf = NULL;
	kt_initramfs_free(self->base);
	self->base = NULL;
	ASSERT_EQ(0, kt_initramfs_base_new("/proc/self/exe", &self->base));
	ASSERT_EQ(0, build(self, "/proc/self/exe", NULL));
	ASSERT_EQ(len, self->len);
	EXPECT_EQ(0, memcmp(first, self->buf, len));
	free(first);
}

/* Half of what the run began with would be in the machine. */
TEST_F(image, a_program_that_changes_meanwhile)
{
	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	ASSERT_EQ(0, build(self, NULL, NULL));
	ASSERT_EQ(0, unlink(at("bin/init")));
	make("bin/init", .soname = "another", .needed = { 0 });
	EXPECT_EQ(-ESTALE, build(self, NULL, NULL));
	EXPECT_NE(NULL, strstr(last_log, at("bin/init")));
	EXPECT_NE(NULL, strstr(last_log, "run it again"));
}

TEST_F(image, entries_of_the_program)
{
	const struct kt_initramfs_entry entries[] = {
		{ .path = "/tests", .host = at("a") },
		{ .path = "/bin", .link = "usr/bin" },
		{ .path = "/usr/bin/tool", .host = at("bin/init") },
		{ .path = "/etc/jobs", .text = "some text" },
		{ .path = NULL },
	};
	const struct newc_entry *e;

	make("b/libone.so", .needed = { 0 });
	make("a/prog", .runpath = at("b"), .needed = { "libone.so" });
	ASSERT_TRUE(write_text(at("a/data"), "data", 0644));
	ASSERT_EQ(0, symlink("prog", at("a/alias")));
	ASSERT_EQ(0, mkfifo(at("a/fifo"), 0600));
	ASSERT_EQ(0, mkdir(at("a/sub"), 0755));
	ASSERT_TRUE(write_text(at("a/sub/script"), "#!/bin/sh\n", 0755));
	ASSERT_EQ(0, kt_initramfs_base_with(at("bin/init"), entries, &self->base));
	ASSERT_EQ(0, build(self, NULL, NULL));
	EXPECT_TRUE(holds(newc_find(&self->n, "tests/prog"), at("a/prog")));
	EXPECT_TRUE(holds(newc_find(&self->n, "usr/lib/libone.so"), at("b/libone.so")));
	EXPECT_TRUE(holds(newc_find(&self->n, "usr/bin/tool"), at("bin/init")));
	e = newc_find(&self->n, "tests/sub/script");
	ASSERT_NE(NULL, e);
	EXPECT_EQ(S_IFREG | 0755, e->mode);
	e = newc_find(&self->n, "tests/alias");
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(S_ISLNK(e->mode));
	EXPECT_EQ(NULL, newc_find(&self->n, "tests/fifo"));
	e = newc_find(&self->n, "etc/jobs");
	ASSERT_NE(NULL, e);
	EXPECT_TRUE(newc_data_is(e, "some text", 9));
}

TEST_F(image, entries_that_cannot_be)
{
	struct kt_initramfs_entry entries[] = {
		{ .path = "/tests", .host = at("gone") }, { .path = NULL },
	};

	EXPECT_EQ(-ENOENT, kt_initramfs_base_with(at("bin/init"), entries, &self->base));
	entries[0] = (struct kt_initramfs_entry){ .path = "/init", .host = "/etc/passwd" };
	EXPECT_EQ(-EEXIST, kt_initramfs_base_with(at("bin/init"), entries, &self->base));
	/* neither file nor directory */
	entries[0] = (struct kt_initramfs_entry){ .path = "/x", .host = "/dev/null" };
	EXPECT_EQ(-EINVAL, kt_initramfs_base_with(at("bin/init"), entries, &self->base));
}

TEST_F(image, libraries_lie_where_ld_so_looks)
{
	const struct newc_entry *e;

	make("bin/init", .interp = at("a/ld.so"), .runpath = at("b"),
	     .needed = { "libone.so" });
	make("a/ld.so", .needed = { 0 });
	make("b/libone.so", .runpath = "$ORIGIN/../a", .needed = { "libtwo.so" });
	make("a/libtwo.so", .needed = { 0 });
	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	ASSERT_EQ(0, build(self, NULL, NULL));
	EXPECT_TRUE(holds(entry_at(&self->n, "a/ld.so"), at("a/ld.so")));
	EXPECT_TRUE(holds(newc_find(&self->n, "usr/lib/libone.so"),
			  at("b/libone.so")));
	EXPECT_TRUE(holds(newc_find(&self->n, "usr/lib/libtwo.so"),
			  at("a/libtwo.so")));
	e = entry_at(&self->n, "b/libone.so");
	EXPECT_TRUE(newc_data_is(e, "/usr/lib/libone.so", 18));
	EXPECT_TRUE(S_ISLNK(e->mode));
}

TEST_F(image, a_runpath_library_gives_way)
{
	make("bin/sched", .runpath = at("b"), .needed = { "libone.so" });
	make("bin/init", .runpath = "$ORIGIN/../a", .needed = { "libone.so" });
	make("a/libone.so", .needed = { 0 });
	make("b/libone.so", .soname = "other");
	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	ASSERT_EQ(0, build(self, at("bin/sched"), NULL));
	EXPECT_TRUE(holds(newc_find(&self->n, "usr/lib/libone.so"),
			  at("a/libone.so")));
	EXPECT_TRUE(holds(entry_at(&self->n, "b/libone.so"),
			  at("b/libone.so")));
}

TEST_F(image, two_libraries_that_only_a_name_tells_apart)
{
	make("bin/sched", .runpath = "$ORIGIN/../b", .needed = { "libone.so" });
	make("bin/init", .runpath = "$ORIGIN/../a", .needed = { "libone.so" });
	make("a/libone.so", .needed = { 0 });
	make("b/libone.so", .needed = { 0 });
	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	EXPECT_EQ(-EEXIST, build(self, at("bin/sched"), NULL));
	EXPECT_NE(NULL, strstr(last_log, at("bin/../a/libone.so")));
	EXPECT_NE(NULL, strstr(last_log, at("bin/../b/libone.so")));
}

TEST_F(image, what_a_mount_would_hide)
{
	char dir[] = "/tmp/ktstr-img-XXXXXX", path[64];

	ASSERT_NE(NULL, mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/libone.so", dir);
	ASSERT_EQ(0, mini_elf_write(path, &(struct mini_elf){ 0 }));
	make("bin/init", .needed = { path });
	EXPECT_EQ(-EINVAL, kt_initramfs_base_new(at("bin/init"), &self->base));
	EXPECT_NE(NULL, strstr(last_log, path));
	make("bin/init", .runpath = dir, .needed = { "libone.so" });
	EXPECT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	ASSERT_NE(NULL, self->base);
	ASSERT_EQ(0, build(self, NULL, NULL));
	EXPECT_EQ(0, kt_remove_tree(dir));
	EXPECT_NE(NULL, newc_find(&self->n, "usr/lib/libone.so"));
	EXPECT_EQ(NULL, newc_find(&self->n, path + 1));
}

TEST_F(image, scheduler_and_files)
{
	const char *const files[] = { at("data"), at("run.sh"), at("bin/tool"), NULL };

	make("bin/sched", .needed = { 0 });
	make("bin/tool", .runpath = at("a"), .needed = { "libtool.so" });
	make("a/libtool.so", .needed = { 0 });
	ASSERT_TRUE(write_text(at("data"), "data\n", 0600));
	ASSERT_TRUE(write_text(at("run.sh"), "#!/bin/sh\n", 0700));
	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	ASSERT_EQ(0, build(self, at("bin/sched"), files));
	EXPECT_TRUE(holds(newc_find(&self->n, "sched/sched"), at("bin/sched")));
	EXPECT_TRUE(holds(newc_find(&self->n, "files/tool"), at("bin/tool")));
	EXPECT_NE(NULL, newc_find(&self->n, "usr/lib/libtool.so"));
	ASSERT_TRUE(holds(newc_find(&self->n, "files/data"), at("data")));
	EXPECT_EQ(S_IFREG | 0644, newc_find(&self->n, "files/data")->mode);
	ASSERT_TRUE(holds(newc_find(&self->n, "files/run.sh"), at("run.sh")));
	EXPECT_EQ(S_IFREG | 0755, newc_find(&self->n, "files/run.sh")->mode);
	EXPECT_EQ(1, newc_find(&self->n, "files/run.sh")->archive);
}

TEST_F(image, executables_that_are_none_for_us_are_just_packed)
{
	const char *const files[] = { at("bin/arm"), at("text"), NULL };

	make("bin/arm", .machine = EM_AARCH64, .needed = { "libarm.so" });
	ASSERT_TRUE(write_text(at("text"), "text\n", 0755));
	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	EXPECT_EQ(0, build(self, NULL, files));
	EXPECT_TRUE(holds(newc_find(&self->n, "files/arm"), at("bin/arm")));
	EXPECT_STREQ("", last_log);
}

TEST_F(image, two_files_of_one_name)
{
	const char *const files[] = { at("a/data"), at("b/data"), NULL };
	const char *const same[] = { at("a/data"), at("b/../a/data"), NULL };

	ASSERT_TRUE(write_text(at("a/data"), "a", 0644));
	ASSERT_TRUE(write_text(at("b/data"), "b", 0644));
	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	EXPECT_EQ(-EEXIST, build(self, NULL, files));
	EXPECT_NE(NULL, strstr(last_log, at("a/data")));
	EXPECT_NE(NULL, strstr(last_log, at("b/data")));
	EXPECT_EQ(0, build(self, NULL, same));
}

TEST_F(image, further_schedulers_by_their_own_names)
{
	struct kt_initramfs_sched scheds[] = {
		{ (char *)at("bin/sched"), "sched" },	/* the first one again */
		{ (char *)at("bin/other-1.2"), "other" },
		{},
	};
	struct kt_initramfs_extra extra = {
		.sched = at("bin/sched"), .scheds = scheds,
	};

	make("bin/sched", .needed = { 0 });
	make("bin/other-1.2", .needed = { "libother.so" },
	     .runpath = at("a"));
	make("a/libother.so", .needed = { 0 });
	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	ASSERT_EQ(0, build_extra(self, &extra));
	EXPECT_TRUE(holds(newc_find(&self->n, "sched/sched"), at("bin/sched")));
	EXPECT_TRUE(holds(newc_find(&self->n, "sched/other"),
			  at("bin/other-1.2")));
	EXPECT_NE(NULL, newc_find(&self->n, "usr/lib/libother.so"));
	/* two of one name */
	scheds[1].name = "sched";
	EXPECT_EQ(-EEXIST, build_extra(self, &extra));
	EXPECT_NE(NULL, strstr(last_log, "rename one"));
}

TEST_F(image, what_cannot_be_a_scheduler)
{
	const char *const files[] = { at("gone"), NULL };
	const char *const dirs[] = { at("a"), NULL };

	ASSERT_EQ(0, kt_initramfs_base_new(at("bin/init"), &self->base));
	ASSERT_TRUE(write_text(at("sched.py"), "#!/usr/bin/env python3\n", 0755));
	EXPECT_EQ(-ENOEXEC, build(self, at("sched.py"), NULL));
	EXPECT_NE(NULL, strstr(last_log, "\"/usr/bin/env\""));
	EXPECT_EQ(-ENOENT, build(self, at("gone"), NULL));
	EXPECT_NE(NULL, strstr(last_log, at("gone")));
	EXPECT_EQ(-ENOENT, build(self, NULL, files));
	EXPECT_NE(NULL, strstr(last_log, at("gone")));
	EXPECT_EQ(-EINVAL, build(self, NULL, dirs));
	EXPECT_NE(NULL, strstr(last_log, at("a")));
	EXPECT_EQ(-1, self->fd);
	/* A base is as good as before after all that. */
	EXPECT_EQ(0, build(self, at("bin/init"), NULL));
}

TEST_F(image, a_base_that_cannot_be)
{
	EXPECT_EQ(-ENOENT, kt_initramfs_base_new(at("gone"), &self->base));
	make("bin/init", .needed = { "libktstr-gone.so" });
	EXPECT_EQ(-ENOENT, kt_initramfs_base_new(at("bin/init"), &self->base));
	EXPECT_NE(NULL, strstr(last_log, "libktstr-gone.so, needed by"));
	EXPECT_EQ(NULL, self->base);
}

TEST_HARNESS_MAIN
