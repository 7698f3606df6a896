// SPDX-License-Identifier: GPL-2.0-only
/*
 * Libraries found as ld.so finds them, in a directory of ELF files made by
 * hand: order of the search, inheritance, $ORIGIN, files of other machines,
 * and what is said when one is missing or a file is broken.
 */
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/host/elf_deps.h"
#include "ktstr/host/elf_object.h"
#include "mini_elf.h"
#include "test_dir.h"

static bool log_begins_with(const char *text)
{
	return !strncmp(last_log, text, strlen(text));
}

static bool has(const struct kt_elf_deps *deps, const char *name)
{
	return kt_elf_deps_has(deps, at(name));
}

static void make_(struct __test_metadata *_metadata, const char *name,
		  struct mini_elf m)
{
	ASSERT_EQ(0, mini_elf_write(at(name), &m));
}

#define make(name, ...) \
	make_(_metadata, name, (struct mini_elf){ __VA_ARGS__ })

FIXTURE(walk)
{
	struct kt_elf_deps deps;
};

FIXTURE_SETUP(walk)
{
	static const char *const dirs[] = { "bin", "a", "b", "c" };
	size_t i;

	keep_log();
	memset(&self->deps, 0, sizeof(self->deps));
	unsetenv("LD_LIBRARY_PATH");
	ASSERT_TRUE(make_root("/tmp"));
	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		ASSERT_EQ(0, mkdir(at(dirs[i]), 0755));
}

FIXTURE_TEARDOWN(walk)
{
	kt_elf_deps_fini(&self->deps);
	EXPECT_EQ(0, kt_remove_tree(root));
}

TEST_F(walk, this_program)
{
	bool libc = false, interp = false;
	u32 i, nr;

	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, "/proc/self/exe"));
	for (i = 0; i < self->deps.nr; i++) {
		const struct kt_elf_dep *dep = &self->deps.dep[i];

		EXPECT_EQ(0, access(dep->path, R_OK));
		libc |= strstr(dep->path, "/libc.so") ||
			strstr(dep->path, "/ld-musl");
		interp |= dep->how == KT_DEP_BY_PATH;
	}
	EXPECT_TRUE(libc);
	EXPECT_TRUE(interp);
	nr = self->deps.nr;
	EXPECT_EQ(0, kt_elf_deps_add(&self->deps, "/proc/self/exe"));
	EXPECT_EQ(nr, self->deps.nr);
}

TEST_F(walk, runpath_with_origin)
{
	make("bin/prog", .runpath = "/nonexistent:$ORIGIN/../a",
	     .needed = { "libone.so" });
	make("a/libone.so", .runpath = "${ORIGIN}/../b",
	     .needed = { "libtwo.so" });
	make("b/libtwo.so", .needed = { 0 });
	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_EQ(2, self->deps.nr);
	EXPECT_TRUE(has(&self->deps, "bin/../a/libone.so"));
	EXPECT_TRUE(has(&self->deps, "bin/../a/../b/libtwo.so"));
	EXPECT_EQ(KT_DEP_BY_NAME, self->deps.dep[0].how);
}

TEST_F(walk, origin_of_a_linked_program_is_the_file)
{
	make("bin/prog", .runpath = "$ORIGIN", .needed = { "libone.so" });
	make("bin/libone.so", .needed = { 0 });
	ASSERT_EQ(0, symlink(at("bin/prog"), at("c/link")));
	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, at("c/link")));
	EXPECT_TRUE(has(&self->deps, "bin/libone.so"));
}

TEST_F(walk, only_whole_tokens_are_expanded)
{
	ASSERT_EQ(0, mkdir(at("bin/$ORIGINAL"), 0755));
	make("bin/$ORIGINAL/libone.so", .needed = { 0 });
	make("bin/prog", .runpath = "$ORIGIN/$ORIGINAL",
	     .needed = { "libone.so" });
	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_TRUE(has(&self->deps, "bin/$ORIGINAL/libone.so"));
}

TEST_F(walk, rpath_is_inherited)
{
	make("bin/prog", .rpath = at("a"), .needed = { "libone.so" });
	make("a/libone.so", .needed = { "libtwo.so" });
	make("a/libtwo.so", .needed = { 0 });
	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_TRUE(has(&self->deps, "a/libtwo.so"));
	EXPECT_EQ(KT_DEP_BY_RUNPATH, self->deps.dep[1].how);
}

TEST_F(walk, runpath_is_not_inherited)
{
	make("bin/prog", .runpath = at("a"), .needed = { "libone.so" });
	make("a/libone.so", .needed = { "libktstr-two.so" });
	make("a/libktstr-two.so", .needed = { 0 });
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
	/* Nor is a DT_RPATH beside it. */
	make("bin/prog", .runpath = at("a"), .rpath = at("a"),
	     .needed = { "libone.so" });
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
}

TEST_F(walk, runpath_puts_rpath_out_of_use)
{
	make("bin/prog", .rpath = at("a"), .runpath = at("b"),
	     .needed = { "libktstr-one.so" });
	make("a/libktstr-one.so", .needed = { 0 });
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
	make("b/libktstr-one.so", .needed = { 0 });
	EXPECT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_TRUE(has(&self->deps, "b/libktstr-one.so"));
}

TEST_F(walk, an_inherited_rpath_stops_at_a_runpath)
{
	make("bin/prog", .rpath = at("a"), .needed = { "libone.so" });
	make("a/libone.so", .runpath = at("b"), .needed = { "libktstr-2.so" });
	make("a/libktstr-2.so", .needed = { 0 });
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
}

TEST_F(walk, ld_library_path_lies_between_rpath_and_runpath)
{
	make("bin/rpath", .rpath = at("a"), .needed = { "libone.so" });
	make("bin/runpath", .runpath = at("a"), .needed = { "libone.so" });
	make("a/libone.so", .needed = { 0 });
	make("b/libone.so", .needed = { 0 });
	ASSERT_EQ(0, setenv("LD_LIBRARY_PATH", at("b"), 1));
	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/rpath")));
	EXPECT_TRUE(has(&self->deps, "a/libone.so"));
	EXPECT_FALSE(has(&self->deps, "b/libone.so"));
	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/runpath")));
	EXPECT_TRUE(has(&self->deps, "b/libone.so"));
	EXPECT_EQ(KT_DEP_BY_NAME, self->deps.dep[1].how);
}

TEST_F(walk, other_machines_and_broken_candidates_are_passed_over)
{
	char list[256];
	FILE *f;

	snprintf(list, sizeof(list), "%s:%s:%s:%s", at("bin"), at("a"),
		 at("b"), at("c"));
	make("prog", .runpath = list, .needed = { "libone.so" });
	make("bin/libone.so", .machine = EM_AARCH64);
	make("a/libone.so", .class = ELFCLASS32);
	f = fopen(at("b/libone.so"), "w");
	ASSERT_NE(NULL, f);
	fputs("GROUP ( libone.so.1 )\n", f);
	fclose(f);
	make("c/libone.so", .needed = { 0 });
	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, at("prog")));
	EXPECT_EQ(1, self->deps.nr);
	EXPECT_TRUE(has(&self->deps, "c/libone.so"));
}

TEST_F(walk, a_missing_library_is_explained)
{
	make("bin/prog", .runpath = at("a"), .needed = { "libone.so" });
	make("a/libone.so", .runpath = at("b"),
	     .needed = { "libktstr-gone.so.1" });
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_EQ(1, nr_logged);
	EXPECT_TRUE(log_begins_with("libktstr-gone.so.1, needed by "));
	EXPECT_NE(NULL, strstr(last_log, at("a/libone.so, not found in: ")));
	EXPECT_NE(NULL, strstr(last_log, at("b, ")));
	EXPECT_NE(NULL, strstr(last_log, "/usr/lib; install the package"));
}

TEST_F(walk, a_name_from_a_file_does_not_reach_the_terminal_raw)
{
	make("bin/prog", .needed = { "lib\x1b[2J.so" });
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_TRUE(log_begins_with("lib?[2J.so, needed by"));
}

TEST_F(walk, what_is_loaded_is_not_searched)
{
	make("bin/prog", .runpath = at("a"),
	     .needed = { "libone.so", "libone.so.1" });
	make("a/libone.so", .soname = "libone.so.1",
	     .needed = { "libtwo.so" }, .runpath = at("a"));
	/* A circle, and what only the program can find. */
	make("a/libtwo.so", .needed = { "libone.so", "libone.so.1" });
	ASSERT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_EQ(2, self->deps.nr);
}

TEST_F(walk, no_default_directories_when_so_linked)
{
	make("bin/prog", .needed = { "libc.so.6" });
	EXPECT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/prog")));
	make("bin/prog", .needed = { "libc.so.6" }, .flags_1 = DF_1_NODEFLIB);
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
}

TEST_F(walk, libraries_by_path)
{
	make("bin/prog", .needed = { at("a/libone.so") });
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
	make("a/libone.so", .needed = { 0 });
	EXPECT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/prog")));
	ASSERT_EQ(1, self->deps.nr);
	EXPECT_STREQ(at("a/libone.so"), self->deps.dep[0].path);
	EXPECT_EQ(KT_DEP_BY_PATH, self->deps.dep[0].how);
	make("bin/prog", .needed = { "a/libone.so" });
	EXPECT_EQ(-EINVAL, kt_elf_deps_add(&self->deps, at("bin/prog")));
}

TEST_F(walk, the_interpreter)
{
	make("bin/prog", .interp = at("c/ld.so"), .needed = { "ld.so" });
	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_NE(NULL, strstr(last_log, at("c/ld.so")));
	make("c/ld.so", .needed = { 0 });
	EXPECT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_EQ(1, self->deps.nr);
	EXPECT_TRUE(has(&self->deps, "c/ld.so"));
}

TEST_F(walk, what_is_no_program)
{
	char interp[64];
	FILE *f;

	EXPECT_EQ(-ENOENT, kt_elf_deps_add(&self->deps, at("bin/gone")));
	EXPECT_NE(NULL, strstr(last_log, at("bin/gone")));
	EXPECT_EQ(-ENOEXEC, kt_elf_deps_add(&self->deps, root));
	f = fopen(at("bin/text"), "w");
	ASSERT_NE(NULL, f);
	fputs("text\n", f);
	fclose(f);
	EXPECT_EQ(-ENOEXEC, kt_elf_deps_add(&self->deps, at("bin/text")));
	make("bin/arm", .machine = EM_AARCH64);
	EXPECT_EQ(-ENOEXEC, kt_elf_deps_add(&self->deps, at("bin/arm")));
	f = fopen(at("bin/script"), "w");
	ASSERT_NE(NULL, f);
	fputs("#! /bin/sh -e\n", f);
	fclose(f);
	EXPECT_EQ(0, kt_elf_deps_add(&self->deps, at("bin/script")));
	EXPECT_EQ(1, kt_script_interp(at("bin/script"), interp, sizeof(interp)));
	EXPECT_STREQ("/bin/sh", interp);
	EXPECT_EQ(0, self->deps.nr);
	EXPECT_EQ(4, nr_logged);
}

TEST_F(walk, strings_outside_the_file)
{
	make("bin/prog", .needed = { "libc.so.6" }, .strsz_add = 1 << 20);
	EXPECT_EQ(-ENOEXEC, kt_elf_deps_add(&self->deps, at("bin/prog")));
	make("bin/prog", .needed = { "libc.so.6" }, .strsz_add = -2ULL);
	EXPECT_EQ(-ENOEXEC, kt_elf_deps_add(&self->deps, at("bin/prog")));
	make("bin/prog", .needed = { "libc.so.6" }, .strsz_add = -1000ULL);
	EXPECT_EQ(-ENOEXEC, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_EQ(0, self->deps.nr);
}

/* A file cut at every length is refused or understood, and that is all. */
TEST_F(walk, a_file_cut_short)
{
	struct stat st;
	off_t len;

	make("bin/prog", .interp = "/lib64/ld-linux-x86-64.so.2",
	     .needed = { "libc.so.6" });
	ASSERT_EQ(0, stat(at("bin/prog"), &st));
	for (len = st.st_size - 1; len >= 0; len -= 7) {
		ASSERT_EQ(0, truncate(at("bin/prog"), len));
		kt_elf_deps_add(&self->deps, at("bin/prog"));
	}
	ASSERT_EQ(0, truncate(at("bin/prog"), sizeof(Elf64_Ehdr)));
	EXPECT_EQ(-ENOEXEC, kt_elf_deps_add(&self->deps, at("bin/prog")));
}

TEST_F(walk, too_many_libraries)
{
	char name[32], next[32];
	int i;

	make("bin/prog", .rpath = at("a"), .needed = { "lib0.so" });
	for (i = 0; i <= KT_MAX_DEPS; i++) {
		snprintf(name, sizeof(name), "a/lib%d.so", i);
		snprintf(next, sizeof(next), "lib%d.so", i + 1);
		make(name, .needed = { next });
	}
	EXPECT_EQ(-E2BIG, kt_elf_deps_add(&self->deps, at("bin/prog")));
	EXPECT_EQ(KT_MAX_DEPS, self->deps.nr);
}

TEST_HARNESS_MAIN
