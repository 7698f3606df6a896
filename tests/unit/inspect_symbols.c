// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbols of ELF files made by hand: which are taken, which of a name is
 * found, what is at an address, and files that lie about themselves.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "mini_vmlinux.h"

static const struct mini_symbol symbols[] = {
	{ "twice", 0x3000, .local = true },
	{ "second", 0x2000, 16, .type = STT_FUNC },
	{ "first", 0x1000, 8 },
	{ "__first", 0x1000, .type = MINI_NOTYPE },
	{ "file.c", 0x1800, .type = STT_FILE },
	{ "a_section", 0x1900, .type = STT_SECTION },
	{ "undefined", 0x2800, .section = MINI_UNDEFINED },
	{ "common", 0x2900, .section = SHN_COMMON },
	{ "", 0x2a00 },
	{ "twice", 0x4000 },
	{ "twice", 0x5000, .local = true },
	{ "number", 0x77, .section = SHN_ABS },
};

FIXTURE(elf)
{
	struct mini_vmlinux im;
	struct kt_symbols *syms;
};

FIXTURE_SETUP(elf)
{
	mini_vmlinux_fill(&self->im, symbols, ARRAY_SIZE(symbols));
	self->syms = NULL;
	keep_log();
}

FIXTURE_TEARDOWN(elf)
{
	kt_symbols_free(self->syms);
}

#define LOAD()	mini_vmlinux_load(&self->im, sizeof(self->im), &self->syms)

static u64 value(const struct kt_symbols *syms, const char *name)
{
	const struct kt_symbol *s = kt_symbols_find(syms, name);

	return s && !strcmp(s->name, name) ? s->link_kva : UINT64_MAX;
}

TEST_F(elf, found_by_name)
{
	ASSERT_EQ(0, LOAD());
	EXPECT_EQ(0x1000, value(self->syms, "first"));
	EXPECT_EQ(0x1000, value(self->syms, "__first"));
	EXPECT_EQ(0x2000, value(self->syms, "second"));
	EXPECT_EQ(16, kt_symbols_find(self->syms, "second")->size_bytes);
	EXPECT_FALSE(kt_symbols_find(self->syms, "second")->absolute);
	EXPECT_EQ(0x77, value(self->syms, "number"));
	EXPECT_TRUE(kt_symbols_find(self->syms, "number")->absolute);
	EXPECT_EQ(0, nr_logged);
}

TEST_F(elf, a_global_before_locals)
{
	ASSERT_EQ(0, LOAD());
	EXPECT_EQ(0x4000, value(self->syms, "twice"));
}

TEST_F(elf, only_what_is_the_address_of_something)
{
	ASSERT_EQ(0, LOAD());
	EXPECT_EQ(NULL, kt_symbols_find(self->syms, "file.c"));
	EXPECT_EQ(NULL, kt_symbols_find(self->syms, "a_section"));
	EXPECT_EQ(NULL, kt_symbols_find(self->syms, "undefined"));
	EXPECT_EQ(NULL, kt_symbols_find(self->syms, "common"));
	EXPECT_EQ(NULL, kt_symbols_find(self->syms, ""));
	EXPECT_EQ(NULL, kt_symbols_find(self->syms, "nothing"));
}

TEST_F(elf, what_is_at_an_address)
{
	const struct kt_symbol *s;
	u64 off;

	ASSERT_EQ(0, LOAD());
	EXPECT_EQ(NULL, kt_symbols_at(self->syms, 0x76, &off));
	s = kt_symbols_at(self->syms, 0x1000, &off);
	ASSERT_NE(NULL, s);
	EXPECT_STREQ("first", s->name);
	EXPECT_EQ(0, off);
	s = kt_symbols_at(self->syms, 0x1fff, &off);
	ASSERT_NE(NULL, s);
	EXPECT_STREQ("first", s->name);
	EXPECT_EQ(0xfff, off);
	s = kt_symbols_at(self->syms, UINT64_MAX, &off);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0x5000, s->link_kva);
}

TEST_F(elf, of_other_machines)
{
	self->im.eh.e_machine = EM_AARCH64;
	EXPECT_EQ(-ENOEXEC, LOAD());
	self->im.eh.e_machine = EM_X86_64;
	self->im.eh.e_ident[EI_CLASS] = ELFCLASS32;
	EXPECT_EQ(-ENOEXEC, LOAD());
	self->im.eh.e_ident[EI_CLASS] = ELFCLASS64;
	self->im.eh.e_ident[EI_DATA] = ELFDATA2MSB;
	EXPECT_EQ(-ENOEXEC, LOAD());
	self->im.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	self->im.eh.e_type = ET_REL;
	EXPECT_EQ(-ENOEXEC, LOAD());
	EXPECT_EQ(4, nr_logged);
}

TEST_F(elf, that_are_none)
{
	EXPECT_EQ(-ENOEXEC, mini_vmlinux_load("", 0, &self->syms));
	EXPECT_EQ(-ENOEXEC, mini_vmlinux_load("hello", 5, &self->syms));
	EXPECT_EQ(-ENOEXEC, kt_symbols_load("/dev/null", &self->syms));
	EXPECT_EQ(-ENOENT, kt_symbols_load("/nothing/here", &self->syms));
	EXPECT_EQ(4, nr_logged);
}

TEST_F(elf, stripped)
{
	self->im.sh[MINI_SH_SYMTAB].sh_type = SHT_PROGBITS;
	EXPECT_EQ(-ENODATA, LOAD());
	EXPECT_EQ(1, nr_logged);
}

TEST_F(elf, cut_short)
{
	size_t len;
	int ret;

	for (len = 0; len < offsetof(struct mini_vmlinux, str) + 8; len += 3) {
		ret = mini_vmlinux_load(&self->im, len, &self->syms);
		EXPECT_TRUE(ret == -ENOEXEC || ret == -EBADMSG ||
			    ret == -ENODATA) {
			TH_LOG("%zu bytes: %d", len, ret);
		}
	}
}

#define EXPECT_BROKEN(field, v) do {					\
	mini_vmlinux_fill(&self->im, symbols, ARRAY_SIZE(symbols));	\
	self->im.field = (v);						\
	EXPECT_EQ(-EBADMSG, LOAD());					\
} while (0)

TEST_F(elf, that_lie)
{
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_offset, UINT64_MAX - 8);
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_size, UINT64_MAX);
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_size, 0);
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_size, sizeof(self->im));
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_entsize, 16);
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_link, 0);
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_link, MINI_SH_DATA);
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_link, 9999);
	EXPECT_BROKEN(sh[MINI_SH_SYMTAB].sh_flags, SHF_COMPRESSED);
	EXPECT_BROKEN(sh[MINI_SH_STRTAB].sh_size, 5);
	EXPECT_BROKEN(sh[MINI_SH_STRTAB].sh_offset, sizeof(self->im));
	EXPECT_BROKEN(sym[1].st_name, 2048);
	EXPECT_BROKEN(sym[1].st_name, UINT32_MAX);
	EXPECT_BROKEN(sym[1].st_shndx, MINI_NR_SH);
	EXPECT_EQ(14, nr_logged);
}

TEST_F(elf, a_name_without_end)
{
	mini_vmlinux_fill(&self->im, symbols, 1);
	memset(self->im.str + 1, 'x', 1100);
	self->im.sh[MINI_SH_STRTAB].sh_size = 1102;
	EXPECT_EQ(-EBADMSG, LOAD());
	self->im.sh[MINI_SH_STRTAB].sh_size = 1000;
	EXPECT_EQ(-EBADMSG, LOAD());
	self->im.str[1000] = '\0';
	self->im.sh[MINI_SH_STRTAB].sh_size = 1001;
	EXPECT_EQ(0, LOAD());
}

TEST_HARNESS_MAIN
