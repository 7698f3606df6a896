// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probe's guest as a PVH loader reads it, and the verdict on what it says.
 */
#include <elf.h>
#include <fcntl.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/payload.h"
#include "nr_fds.h"

FIXTURE(image)
{
	int fds_before, fd;
	u8 buf[16384];
	size_t len;
	Elf64_Ehdr ehdr;
	Elf64_Phdr load, note;
};

FIXTURE_SETUP(image)
{
	ssize_t n;

	self->fds_before = nr_fds();
	ASSERT_EQ(0, kt_payload_open(&self->fd));
	n = pread(self->fd, self->buf, sizeof(self->buf), 0);
	ASSERT_LT((ssize_t)(sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr)), n);
	ASSERT_GT((ssize_t)sizeof(self->buf), n);
	self->len = n;
	memcpy(&self->ehdr, self->buf, sizeof(self->ehdr));
	memcpy(&self->load, self->buf + self->ehdr.e_phoff, sizeof(self->load));
	memcpy(&self->note, self->buf + self->ehdr.e_phoff + sizeof(self->load),
	       sizeof(self->note));
}

FIXTURE_TEARDOWN(image)
{
	kt_close(&self->fd);
	EXPECT_EQ(self->fds_before, nr_fds());
}

TEST_F(image, header)
{
	const Elf64_Ehdr *e = &self->ehdr;

	EXPECT_EQ(0, memcmp(e->e_ident, ELFMAG, SELFMAG));
	EXPECT_EQ(ELFCLASS64, e->e_ident[EI_CLASS]);
	EXPECT_EQ(ELFDATA2LSB, e->e_ident[EI_DATA]);
	EXPECT_EQ(ET_EXEC, e->e_type);
	EXPECT_EQ(EM_X86_64, e->e_machine);
	EXPECT_EQ(sizeof(*e), e->e_ehsize);
	EXPECT_EQ(sizeof(Elf64_Phdr), e->e_phentsize);
	EXPECT_EQ(2, e->e_phnum);
	EXPECT_GE(self->len, e->e_phoff + 2 * sizeof(Elf64_Phdr));
	EXPECT_EQ(KT_PAYLOAD_GPA, e->e_entry);
}

TEST_F(image, segment)
{
	const Elf64_Phdr *p = &self->load;

	EXPECT_EQ(PT_LOAD, p->p_type);
	EXPECT_EQ(KT_PAYLOAD_GPA, p->p_paddr);
	EXPECT_LT(0, p->p_filesz);
	EXPECT_EQ(p->p_filesz, p->p_memsz);
	/* the file ends where the segment does */
	EXPECT_EQ(self->len, p->p_offset + p->p_filesz);
	/* it must not reach the page tables it makes at 2 MiB */
	EXPECT_GE(0x200000, p->p_paddr + p->p_memsz);
	/* its first instruction is cli */
	EXPECT_EQ(0xfa, self->buf[p->p_offset]);
}

/* XEN_ELFNOTE_PHYS32_ENTRY: name "Xen", type 18, the entry. */
TEST_F(image, note)
{
	u32 note[5];

	EXPECT_EQ(PT_NOTE, self->note.p_type);
	ASSERT_EQ(sizeof(note), self->note.p_filesz);
	ASSERT_GE(self->len, self->note.p_offset + sizeof(note));
	memcpy(note, self->buf + self->note.p_offset, sizeof(note));
	EXPECT_EQ(4, note[0]);
	EXPECT_EQ(4, note[1]);
	EXPECT_EQ(18, note[2]);
	EXPECT_EQ(0, memcmp("Xen", &note[3], 4));
	EXPECT_EQ(KT_PAYLOAD_GPA, note[4]);
}

/* What our own engine loads is the segment, and nothing else. */
TEST_F(image, code)
{
	size_t len_bytes;
	const void *code = kt_payload_code(&len_bytes);

	ASSERT_EQ(self->load.p_filesz, len_bytes);
	EXPECT_EQ(0, memcmp(code, self->buf + self->load.p_offset, len_bytes));
	EXPECT_GE(KT_PAYLOAD_MEM_BYTES, KT_PAYLOAD_GPA + len_bytes);
	EXPECT_GE(KT_PAYLOAD_MEM_BYTES, KT_PAYLOAD_WATCHED + 4);
}

TEST_F(image, descriptor)
{
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->fd, F_GETFD));
}

TEST(verdict)
{
	EXPECT_TRUE(kt_payload_passed("picxstmhw!"));
	EXPECT_TRUE(kt_payload_passed("SeaBIOS\r\npicxstmhw!"));
	EXPECT_FALSE(kt_payload_passed(""));
	EXPECT_FALSE(kt_payload_passed("picxst"));
	EXPECT_FALSE(kt_payload_passed("pi?"));
	EXPECT_FALSE(kt_payload_passed("pi?picxst!"));
}

TEST(where_it_stopped)
{
	static const struct {
		const char *said, *step;
	} want[] = {
		{ "", "its first instruction" },
		{ "?", "its first instruction" },
		{ "p", "paging and long mode" },
		{ "pi?", "int3 through an IDT" },
		{ "pic?", "popcnt" },
		{ "picx", "cmpxchg16b" },
		{ "picxs?", "xsave" },
		{ "picxst?", "the TSC" },
		{ "picxstm", "a device's register" },
		{ "picxstmh", "HLT with a timer interrupt" },
		{ "picxstmhw", "a store" },
		{ "noise\n", "its first instruction" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++)
		EXPECT_STREQ(want[i].step, kt_payload_step(want[i].said));
}

TEST_HARNESS_MAIN
