// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cache of kernels and the choice among them, on directories made here: no
 * kernel is built and none is booted.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/host/dir_lock.h"
#include "ktstr/host/kconfig.h"
#include "ktstr/host/kernel.h"
#include "ktstr/host/kernel_cache.h"
#include "ktstr/host/kernel_source.h"
#include "ktstr/host/pathf.h"
#include "test_dir.h"

/* Writes @text to @dir/@name, with the directories that needs. */
static bool put(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *f;

	if (kt_pathf(path, "%s/%s", dir, name))
		return false;
	*strrchr(path, '/') = '\0';
	if (kt_mkdirs(path, 0755))
		return false;
	kt_pathf(path, "%s/%s", dir, name);
	f = fopen(path, "we");
	if (!f)
		return false;
	fputs(text, f);
	return !fclose(f);
}

static bool there(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return !kt_pathf(path, "%s/%s", dir, name) && !access(path, F_OK);
}

/* A configuration with all that is required, and PVH. */
static void full_config(struct kt_strbuf *sb)
{
	struct kt_strbuf names;
	char *p;

	kt_strbuf_init(&names, 4096);
	kt_kconfig_missing("", &names);
	kt_strbuf_addf(sb, "# Linux/x86 6.12.1 Kernel Configuration\n"
			   "CONFIG_HZ=250\nCONFIG_PVH=y\n");
	for (p = strtok(names.str, ", "); p; p = strtok(NULL, ", "))
		kt_strbuf_addf(sb, "CONFIG_%s=y\n", p);
	kt_strbuf_fini(&names);
}

FIXTURE(cache)
{
	char kernels[96];
	char src[96];
	struct kt_strbuf config;
	struct kt_kernel k;
	char why[512];
};

FIXTURE_SETUP(cache)
{
	keep_log();
	ASSERT_TRUE(make_root("/tmp"));
	snprintf(self->kernels, sizeof(self->kernels), "%s/ktstr/kernels", root);
	snprintf(self->src, sizeof(self->src), "%s/src", root);
	setenv("XDG_CACHE_HOME", root, 1);
	unsetenv("KTSTR_KERNEL");
	unsetenv("KBUILD_OUTPUT");
	unsetenv("O");
	kt_strbuf_init(&self->config, 8192);
	full_config(&self->config);
}

FIXTURE_TEARDOWN(cache)
{
	kt_strbuf_fini(&self->config);
	EXPECT_EQ(0, kt_remove_tree(root));
}

/* An entry as a build on @base leaves it, with @config. */
static bool put_based(const char *kernels, const char *name, const char *base,
		      u64 built_at, const char *config)
{
	char dir[256], meta[128];

	snprintf(dir, sizeof(dir), "%s/%s", kernels, name);
	snprintf(meta, sizeof(meta),
		 "release=6.12.1-x\nkey=00112233aabbccdd\nbase=%s\nbuilt_at=%llu\n",
		 base, (unsigned long long)built_at);
	return put(dir, "meta", meta) && put(dir, "config", config) &&
	       put(dir, "vmlinux", "12345678") &&
	       put(dir, "vmlinux.boot", "1234");
}

static bool put_entry(const char *kernels, const char *name, u64 built_at,
		      const char *config)
{
	return put_based(kernels, name, "minimal", built_at, config);
}

static bool put_source(const char *src)
{
	return put(src, "Makefile",
		   "# x\nVERSION = 6\nPATCHLEVEL = 13\nSUBLEVEL = 0\n"
		   "EXTRAVERSION = -rc2\nNAME = x\n") &&
	       put(src, "Kbuild", "") && put(src, "kernel/sched/ext.c", "a\n") &&
	       put(src, "scripts/kconfig/merge_config.sh", "");
}

TEST_F(cache, empty)
{
	struct kt_kernel_entry *all, e;
	u32 nr;

	ASSERT_EQ(0, kt_kernel_list(&all, &nr));
	EXPECT_EQ(0, nr);
	free(all);
	EXPECT_EQ(-ENOENT, kt_kernel_find("6.12", &e));
}

TEST_F(cache, list_is_newest_first)
{
	struct kt_kernel_entry *all;
	u32 nr;

	ASSERT_TRUE(put_entry(self->kernels, "6.12.1-minimal-1", 100, ""));
	ASSERT_TRUE(put_entry(self->kernels, "6.12.2-minimal-2", 300, ""));
	ASSERT_TRUE(put_entry(self->kernels, "6.12.3-minimal-3", 200, ""));
	/* no entries: a build under way, something without a kernel */
	ASSERT_TRUE(put_entry(self->kernels, ".build-77", 900, ""));
	ASSERT_TRUE(put(self->kernels, "junk/meta", "release=1\n"));
	ASSERT_EQ(0, kt_kernel_list(&all, &nr));
	ASSERT_EQ(3, nr);
	EXPECT_STREQ("6.12.2-minimal-2", all[0].name);
	EXPECT_STREQ("6.12.3-minimal-3", all[1].name);
	EXPECT_STREQ("6.12.1-minimal-1", all[2].name);
	EXPECT_STREQ("6.12.1-x", all[0].release);
	EXPECT_STREQ("00112233aabbccdd", all[0].key);
	EXPECT_EQ(300, all[0].built_at_s);
	EXPECT_LE(12, all[0].size_bytes);
	free(all);
}

/* Newer ones that are not for ordinary tests are passed over. */
TEST_F(cache, newest_for_tests)
{
	struct kt_kernel_entry e;

	EXPECT_EQ(-ENOENT, kt_kernel_newest(&e));
	ASSERT_TRUE(put_based(self->kernels, "n", "nested", 900, ""));
	EXPECT_EQ(-ENOENT, kt_kernel_newest(&e));
	ASSERT_TRUE(put_based(self->kernels, "d", "defconfig", 800, ""));
	ASSERT_EQ(0, kt_kernel_newest(&e));
	EXPECT_STREQ("d", e.name);
	EXPECT_STREQ("defconfig", e.base);
	ASSERT_TRUE(put_based(self->kernels, "old", "minimal", 100, ""));
	ASSERT_TRUE(put_based(self->kernels, "new", "minimal", 200, ""));
	ASSERT_EQ(0, kt_kernel_newest(&e));
	EXPECT_STREQ("new", e.name);
}

TEST_F(cache, find_by_unique_prefix)
{
	struct kt_kernel_entry e;

	ASSERT_TRUE(put_entry(self->kernels, "6.12.1", 1, ""));
	ASSERT_TRUE(put_entry(self->kernels, "6.12.1-minimal", 2, ""));
	ASSERT_TRUE(put_entry(self->kernels, "6.13", 3, ""));
	EXPECT_EQ(-ENOTUNIQ, kt_kernel_find("6.12", &e));
	EXPECT_EQ(0, kt_kernel_find("6.12.1", &e));
	EXPECT_STREQ("6.12.1", e.name);
	EXPECT_EQ(0, kt_kernel_find("6.12.1-", &e));
	EXPECT_STREQ("6.12.1-minimal", e.name);
	EXPECT_EQ(0, kt_kernel_find("6.13", &e));
	EXPECT_EQ(-ENOENT, kt_kernel_find("6.14", &e));
}

TEST_F(cache, clean_by_name)
{
	u32 removed = 9;

	ASSERT_TRUE(put_entry(self->kernels, "one", 1, ""));
	ASSERT_TRUE(put_entry(self->kernels, "two", 2, ""));
	EXPECT_EQ(-ENOENT, kt_kernel_clean("three", &removed));
	EXPECT_EQ(-ENOENT, kt_kernel_clean("on", &removed));
	EXPECT_EQ(0, removed);
	EXPECT_EQ(0, kt_kernel_clean("one", &removed));
	EXPECT_EQ(1, removed);
	EXPECT_FALSE(there(self->kernels, "one"));
	EXPECT_TRUE(there(self->kernels, "two/vmlinux"));
}

TEST_F(cache, clean_leaves_builds_under_way_alone)
{
	char dir[128];
	u32 removed;
	int fd;

	ASSERT_TRUE(put(self->kernels, ".build-dead/out/x.o", ""));
	ASSERT_TRUE(put(self->kernels, ".build-live/out/x.o", ""));
	snprintf(dir, sizeof(dir), "%s/.build-live", self->kernels);
	ASSERT_EQ(0, kt_dir_lock(dir, 0, &fd));
	EXPECT_EQ(0, kt_kernel_clean(NULL, &removed));
	EXPECT_FALSE(there(self->kernels, ".build-dead"));
	EXPECT_TRUE(there(self->kernels, ".build-live/out/x.o"));
	close(fd);
}

TEST_F(cache, clean_leaves_nothing)
{
	const char *ours = at("ktstr");
	u32 removed;

	ASSERT_TRUE(put_entry(self->kernels, "one", 1, ""));
	ASSERT_TRUE(put_entry(self->kernels, "two", 2, ""));
	ASSERT_TRUE(put(self->kernels, ".build-dead/out/x.o", ""));
	ASSERT_TRUE(put(self->kernels, "failed.log", ""));
	ASSERT_TRUE(put(ours, "boot/vmlinux-1", ""));
	EXPECT_EQ(0, kt_kernel_clean(NULL, &removed));
	EXPECT_EQ(2, removed);
	EXPECT_FALSE(there(ours, "kernels"));
	EXPECT_FALSE(there(ours, "boot"));
}

TEST_F(cache, lock_follows_the_path)
{
	const char *dir = at("lock");
	int first, second;

	ASSERT_EQ(0, kt_dir_lock(dir, 0, &first));
	EXPECT_EQ(-EBUSY, kt_dir_lock(dir, 0, &second));
	ASSERT_EQ(0, rename(dir, at("aside")));
	EXPECT_EQ(0, kt_dir_lock(dir, 0, &second));
	close(first);
	close(second);
}

static int key_of(const char *src, const char *fragment,
		  struct kt_kernel_build_opts *opts, char *key)
{
	struct kt_source s;
	int ret;

	opts->fragment = fragment;
	ret = kt_source_open(src, &s);
	return ret ? ret : kt_source_key(&s, opts, key);
}

TEST_F(cache, key)
{
	struct kt_kernel_build_opts opts = {};
	char key[KT_KERNEL_KEY_SIZE], other[KT_KERNEL_KEY_SIZE];
	const char *fragment = at("config");

	ASSERT_TRUE(put(root, "config", "CONFIG_A=y\n"));
	ASSERT_TRUE(put_source(self->src));
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, key));
	EXPECT_EQ(16, strlen(key));

	/* what no build reads changes nothing */
	ASSERT_TRUE(put(self->src, "kernel/sched/ext.o", "x"));
	ASSERT_TRUE(put(self->src, "kernel/sched/.ext.o.cmd", "x"));
	ASSERT_TRUE(put(self->src, "Documentation/x.rst", "x"));
	ASSERT_TRUE(put(self->src, "arch/arm64/x.c", "x"));
	ASSERT_TRUE(put(self->src, "tools/testing/x.c", "x"));
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, other));
	EXPECT_STREQ(key, other);

	opts.base = KT_BASE_DEFCONFIG;
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, other));
	EXPECT_STRNE(key, other);
	opts.base = KT_BASE_MINIMAL;
	opts.llvm = true;
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, other));
	EXPECT_STRNE(key, other);
	opts.llvm = false;

	ASSERT_TRUE(put(root, "config", "CONFIG_A=n\n"));
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, other));
	EXPECT_STRNE(key, other);
	ASSERT_TRUE(put(root, "config", "CONFIG_A=y\n"));
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, other));
	EXPECT_STREQ(key, other);

	/* a second fragment is part of it */
	opts.base = KT_BASE_NESTED;
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, key));
	opts.extra = fragment;
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, other));
	EXPECT_STRNE(key, other);
	opts.extra = "/nonexistent";
	EXPECT_EQ(-ENOENT, key_of(self->src, fragment, &opts, other));
	opts.extra = NULL;

	ASSERT_TRUE(put(self->src, "kernel/sched/ext.c", "ab\n"));
	ASSERT_EQ(0, key_of(self->src, fragment, &opts, other));
	EXPECT_STRNE(key, other);
	EXPECT_EQ(-ENOENT, key_of(self->src, "/nonexistent", &opts, other));
}

TEST_F(cache, source)
{
	struct kt_source s;

	EXPECT_EQ(-EINVAL, kt_source_open(self->src, &s));
	EXPECT_EQ(-EINVAL, kt_source_open(root, &s));
	ASSERT_TRUE(put_source(self->src));
	ASSERT_EQ(0, kt_source_open(self->src, &s));
	EXPECT_STREQ("6.13.0-rc2", s.version);
	EXPECT_FALSE(kt_source_is_built(&s));
	ASSERT_TRUE(put(self->src, ".config", ""));
	EXPECT_TRUE(kt_source_is_built(&s));
}

TEST_F(cache, refused_build_leaves_nothing)
{
	struct kt_kernel_build_opts opts = { .source = self->src };
	struct kt_kernel_entry e;

	opts.fragment = at("config");
	EXPECT_EQ(-EINVAL, kt_kernel_build(&opts, &e));
	ASSERT_TRUE(put_source(self->src));
	EXPECT_EQ(-ENOENT, kt_kernel_build(&opts, &e));
	ASSERT_TRUE(put(root, "config", "CONFIG_A=y\n"));
	ASSERT_TRUE(put(self->src, ".config", ""));
	EXPECT_EQ(-EINVAL, kt_kernel_build(&opts, &e));
	EXPECT_EQ(0, rmdir(self->kernels));
}

static int resolve(const char *spec, struct kt_kernel *k, char why[512])
{
	return kt_kernel_resolve(spec, k, why, 512);
}

TEST_F(cache, resolve_entry)
{
	ASSERT_TRUE(put_entry(self->kernels, "6.12.1-minimal-1", 1,
			      kt_strbuf_str(&self->config)));
	ASSERT_EQ(0, resolve("6.12", &self->k, self->why)) {
		TH_LOG("%s", self->why);
	}
	EXPECT_NE(NULL, strstr(self->k.boot, "6.12.1-minimal-1/vmlinux.boot"));
	EXPECT_NE(NULL, strstr(self->k.vmlinux, "6.12.1-minimal-1/vmlinux"));
	EXPECT_STREQ("6.12.1-x", self->k.release);
	EXPECT_STREQ("given as 6.12", self->k.why);
	EXPECT_EQ(250, self->k.hz);
	EXPECT_STREQ("", self->k.bzimage);
	EXPECT_FALSE(self->k.randomizes);

	setenv("KTSTR_KERNEL", "6.12.1", 1);
	ASSERT_EQ(0, resolve(NULL, &self->k, self->why));
	EXPECT_STREQ("KTSTR_KERNEL=6.12.1", self->k.why);
}

/* What KASLR takes, in an entry. */
TEST_F(cache, resolve_bzimage_of_an_entry)
{
	kt_strbuf_addf(&self->config, "CONFIG_RANDOMIZE_BASE=y\n");
	ASSERT_TRUE(put_entry(self->kernels, "with", 1, self->config.str));
	ASSERT_TRUE(put(self->kernels, "with/bzImage", "1"));
	ASSERT_EQ(0, resolve("with", &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->k.bzimage, "/with/bzImage"));
	EXPECT_NE(NULL, strstr(self->k.boot, "/with/vmlinux.boot"));
	EXPECT_TRUE(self->k.randomizes);
}

TEST_F(cache, resolve_names_missing_options)
{
	char *p = strstr(self->config.str, "CONFIG_VIRTIO_CONSOLE=y");

	ASSERT_NE(NULL, p);
	p[strlen("CONFIG_VIRTIO_CONSOLE=")] = 'm';
	p = strstr(self->config.str, "CONFIG_SCHED_CLASS_EXT=y");
	ASSERT_NE(NULL, p);
	p[strlen("CONFIG_SCHED_CLASS_EXT=")] = 'n';
	p = strstr(self->config.str, "CONFIG_PVH");
	p[strlen("CONFIG_P")] = 'X';
	ASSERT_TRUE(put_entry(self->kernels, "old", 1, self->config.str));
	EXPECT_EQ(-EINVAL, resolve("old", &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->why, "VIRTIO_CONSOLE (is m, must be y)"));
	EXPECT_NE(NULL, strstr(self->why, "SCHED_CLASS_EXT"));
	EXPECT_NE(NULL, strstr(self->why, "PVH"));
	EXPECT_NE(NULL, strstr(self->why, "ktstr kernel build"));
	EXPECT_EQ(NULL, strstr(self->why, "CPUSETS"));
}

TEST_F(cache, resolve_refuses)
{
	ASSERT_TRUE(put_entry(self->kernels, "6.12.1", 1, ""));
	ASSERT_TRUE(put_entry(self->kernels, "6.12.2", 1, ""));
	EXPECT_EQ(-EINVAL, resolve("6.12", &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->why, "several"));
	EXPECT_EQ(-EINVAL, resolve("6.99", &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->why, "6.99"));
	EXPECT_EQ(-EINVAL, resolve("/nonexistent/vmlinux", &self->k,
				   self->why));
	EXPECT_NE(NULL, strstr(self->why, "/nonexistent/vmlinux"));
	EXPECT_EQ(-EINVAL, resolve(root, &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->why, "no kernel build directory"));
	ASSERT_TRUE(put_source(self->src));
	EXPECT_EQ(-EINVAL, resolve(self->src, &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->why, "no vmlinux in it"));
	ASSERT_TRUE(put(root, "text", "hello"));
	EXPECT_EQ(-EINVAL, resolve(at("text"), &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->why, "no kernel image"));
}

/* A build directory whose vmlinux is a mere header, hence no strip for it. */
TEST_F(cache, resolve_build_directory)
{
	static const struct timespec long_ago[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
	};
	const char *vmlinux = at("vmlinux");
	FILE *f;

	f = fopen(vmlinux, "we");
	ASSERT_NE(NULL, f);
	ASSERT_EQ(1, fwrite(&eh, sizeof(eh), 1, f));
	ASSERT_EQ(0, fclose(f));
	EXPECT_EQ(-EINVAL, resolve(vmlinux, &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->why, "configuration is not to be found"));

	ASSERT_TRUE(put(root, ".config", self->config.str));
	ASSERT_TRUE(put(root, "include/config/kernel.release", "6.12.1-rel\n"));
	setenv("KBUILD_OUTPUT", root, 1);
	ASSERT_EQ(0, resolve(NULL, &self->k, self->why)) {
		TH_LOG("%s", self->why);
	}
	EXPECT_STREQ(vmlinux, self->k.vmlinux);
	EXPECT_STRNE("", self->k.boot);
	EXPECT_STREQ("the tree's build output", self->k.why);
	EXPECT_STREQ("6.12.1-rel", self->k.release);
	EXPECT_EQ(0, resolve(root, &self->k, self->why));
	EXPECT_STREQ("", self->k.bzimage);
	EXPECT_EQ(0, resolve(vmlinux, &self->k, self->why));
	EXPECT_STREQ("6.12.1", self->k.release);

	/* made of that vmlinux, or of an older one */
	ASSERT_TRUE(put(root, "arch/x86/boot/bzImage", "1"));
	EXPECT_EQ(0, resolve(root, &self->k, self->why));
	EXPECT_NE(NULL, strstr(self->k.bzimage, "/arch/x86/boot/bzImage"));
	EXPECT_STRNE(self->k.bzimage, self->k.boot);
	ASSERT_EQ(0, utimensat(AT_FDCWD, self->k.bzimage, long_ago, 0));
	EXPECT_EQ(0, resolve(vmlinux, &self->k, self->why));
	EXPECT_STREQ("", self->k.bzimage);
}

TEST_HARNESS_MAIN
